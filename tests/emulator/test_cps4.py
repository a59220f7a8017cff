"""The emulated CPS4: channel 1, PIN by empty VERIFY, PSS, and the CPS2ter part at power-up.

facts: cps.md §2.1, §3, §7 and the CPS4 row of vendor_library.md §2.
"""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given
from hypothesis import strategies as st
from tests.support.apdu_client import send

from cardio.iso7816 import tlv
from cardio_emulator.card_os import Card
from cardio_emulator.cards import cps4

_SELECT = "01A4040C088025000001FF0100"
_CARD_MANAGER = "01A4040C07A0000001510000"
_CPS2TER = "00A4040C088025000001FF0002"
_VERIFY = "012000010431323334"
_VERIFY_PUK = "01200002083132333435363738"
_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


@pytest.fixture
def card() -> Card:
    made = cps4.make()
    assert send(made, _SELECT) == "9000"
    return made


@pytest.fixture
def ready(card: Card) -> Card:
    assert send(card, _VERIFY) == "9000"
    return card


def _public_key(card: Card, role: str) -> RSAPublicKey:
    key = load_der_x509_certificate(card.image.certificates[role]).public_key()
    assert isinstance(key, RSAPublicKey)
    return key


def _read(card: Card, path: str) -> bytes:
    answer = send(card, f"01A40800{len(path) // 2:02X}{path}00")
    assert answer.endswith("9000"), answer
    size = tlv.parse(bytes.fromhex(answer[:-4])).get(0x80)
    assert size is not None
    wanted, content = int.from_bytes(size, "big"), b""
    while len(content) < wanted:
        block = min(256, wanted - len(content))
        answer = send(card, f"01B0{len(content):04X}{block & 0xFF:02X}")
        assert answer.endswith("9000"), answer
        content += bytes.fromhex(answer[:-4])
    return content


class TestChannel:
    def test_cps2ter_answers_at_power_up(self) -> None:
        card = cps4.make()
        assert send(card, "A0A40000023F00") == "9F07"
        assert send(card, "00A4090404 3F00D003".replace(" ", "")) == "6E00"
        assert send(card, "00B000000C") == "6E00"

    @pytest.mark.parametrize(
        "command",
        [
            "01A4080002D003",
            "01B000000C",
            "01200001",
            _VERIFY,
            "01240101043132 3334".replace(" ", ""),
            "012C0381",
            "012281B60491022890",
            "012A9E9A20" + "00" * 32,
            "0184000008",
        ],
    )
    def test_nothing_before_chipdoc_is_selected(self, command: str) -> None:
        card = cps4.make()
        assert send(card, command) == "6985"
        assert card.pins[1].tries_left == 3

    def test_a_reset_closes_it(self, ready: Card) -> None:
        ready.reset()
        assert send(ready, "01200001") == "6985"
        assert send(ready, _SELECT) == "9000"
        assert send(ready, "01200001") == "63C3"

    def test_beginning_anew_as_the_library_does(self, ready: Card) -> None:
        """Card manager on 1, CPS2ter on 0, ChipDoc on 1."""
        assert send(ready, _CARD_MANAGER) == "9000"
        assert send(ready, "0120000100") == "6985"
        assert send(ready, _CPS2TER) == "9000"
        assert send(ready, "01B000000C") == "6985"
        assert send(ready, _SELECT) == "9000"
        assert send(ready, "0120000100") == "9000"

    def test_cps2ter_leaves_it_alone(self, card: Card) -> None:
        send(card, "01A4080C02D003")
        send(card, _CPS2TER)
        send(card, "A0A40000023F00")
        assert send(card, "01B000000C").startswith("5A0A8025000001")

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("02A4040C088025000001FF0100", "6E00"),
            ("80CA9F7F00", "6E00"),
            ("0DA4040C088025000001FF0100", "6882"),
            ("01A4040C07A0000001510001", "6A82"),
            ("00A4040C088025000001FF0100", "6E00"),
            ("00700000 01", "6E00"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command.replace(" ", "")) == status


class TestSelect:
    def test_serial_number_as_the_library_reads_it(self, card: Card) -> None:
        assert send(card, "01A4080002D00300") == "6F0B8002000C8201018302D0039000"
        assert send(card, "01B000000C") == "5A0A8025000001098217000F9000"

    def test_dfs_have_a_flat_template_too(self, card: Card) -> None:
        assert send(card, "01A4080002000100") == "6F07820138830200019000"
        assert send(card, "01A40000023F0000") == "6F078201388302 3F009000".replace(" ", "")
        assert send(card, "01A4080C020001") == "9000"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("01A40800043F00D00300", "6A82"),
            ("01A4080002D010", "6A82"),
            ("01A4090402D003", "6A86"),
            ("01A4090C02D003", "6A86"),
            ("01A4080402D003", "6A86"),
            ("01A4080003D00300", "6700"),
            ("01A4080C", "6700"),
            ("01A4000C02D003", "6A82"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command) == status

    def test_a_read_of_256_gives_what_there_is(self, card: Card) -> None:
        send(card, "01A4080C040001C001")
        whole = send(card, "01B0000000")
        assert (len(whole), whole[-4:]) == (2 * 258, "9000")
        send(card, "01A4080C040001D102")
        assert send(card, "01B0000000") == "E40A80011F84054A554C4553" + "9000"


class TestObjects:
    def test_token_label_and_algorithms(self, card: Card) -> None:
        info = tlv.parse(_read(card, "00015032"))
        assert info.get(0x80) == b"CPS4v1-2909821700"
        algorithms = info.find(0xA2)
        assert algorithms is not None
        octets = [entry.children[-1].value[-1] for entry in algorithms.children]
        assert octets == [0x0A, 0x28, 0x15, 0x2C, 0, 0]

    def test_keys_are_10_and_20(self, card: Card) -> None:
        signature, authentication = tlv.parse_all(_read(card, "00017002"))
        assert signature.children[1].get(0x04) == b"\x10"
        assert signature.children[1].get(0x02) == b"\x10"
        assert authentication.children[1].get(0x04) == b"\x20"

    def test_data_objects(self, card: Card) -> None:
        entries = tlv.parse_all(_read(card, "00017006"))
        labels = [entry.children[0].children[0].value.decode() for entry in entries]
        free = ("ATR", "ID", "ICC", "NAME", "LANG", "PSINFO", "DIRAMO")
        assert labels[0] == "CPS_DATA"
        assert {f"CPS2TER_{label}" for label in free} < set(labels)
        assert {"CPS_SIT_FACT", "CPS_ACTIVITY_02_PS", "CPS2TER_ACTIVITY_02_PS"} < set(labels)
        assert _read(card, "0001D131") == cps4.ATR

    @pytest.mark.parametrize("path", ["0001D120", "0001D140", "0001D150"])
    def test_private_ones_want_the_pin(self, card: Card, path: str) -> None:
        send(card, f"01A4080C04{path}")
        assert send(card, "01B0000000") == "6982"
        send(card, _VERIFY)
        assert len(_read(card, path)) >= 51

    def test_pin_opens_the_cps2ter_part(self, ready: Card) -> None:
        for fid in ("3F00", "7F01", "4000"):
            assert send(ready, f"A0A4000002{fid}") == "9F07"
        assert send(ready, "A0B0000007") == "53495446414354" + "9000"
        assert send(ready, "A020000108" + "31323334FFFFFFFF") == "6D00"

    def test_cps_data_is_written_after_the_pin(self, card: Card) -> None:
        value = bytes(range(64)).hex().upper()
        send(card, "01A4080C040001D107")
        assert send(card, "01D6000040" + value) == "6982"
        send(card, _VERIFY)
        assert send(card, "01D6000040" + value) == "9000"
        card.reset()
        send(card, _SELECT)
        assert _read(card, "0001D107").hex().upper() == value

    def test_nothing_else_is_written(self, ready: Card) -> None:
        send(ready, "01A4080C040001D101")
        assert send(ready, "01D600000100") == "6982"


class TestPin:
    @pytest.mark.parametrize("command", ["01200001", "0120000100"])
    def test_status_by_empty_verify(self, card: Card, command: str) -> None:
        assert [send(card, command) for _ in range(5)] == ["63C3"] * 5
        assert send(card, "01200002") == "63CA"
        send(card, _VERIFY)
        assert send(card, command) == "9000"

    def test_wrong_ones_count_down_to_blocked(self, card: Card) -> None:
        answers = [send(card, "012000010439393939") for _ in range(4)]
        assert answers == ["63C2", "63C1", "63C0", "6983"]
        assert send(card, "01200001") == "6983"
        assert send(card, _VERIFY) == "6983"

    def test_change_gives_the_new_one_alone(self, card: Card) -> None:
        change = "012401010434333231"
        assert send(card, change) == "6982"
        send(card, _VERIFY)
        assert send(card, change) == "9000"
        assert send(card, _VERIFY) == "63C2"
        assert send(card, "012000010434333231") == "9000"
        assert send(card, "0124010105" + "3132333435") == "6700"
        assert send(card, "01240001083132333434333231") == "6A86"
        assert send(card, "0124010208" + "31" * 8) == "6982"

    def test_unblock_then_change(self, card: Card) -> None:
        for _ in range(3):
            send(card, "012000010439393939")
        assert send(card, "012C0381") == "6982"
        assert send(card, _VERIFY_PUK) == "9000"
        assert send(card, "012C0381") == "9000"
        assert send(card, "01200001") == "63C3"
        assert send(card, "012401010434333231") == "9000"
        assert send(card, "012000010434333231") == "9000"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("012C0301", "6A86"),
            ("012C0281", "6A86"),
            ("012C0383", "6A88"),
            ("012C0381" + "0431323334", "6700"),
            ("012C0382", "6982"),
            ("012000010531323334 35".replace(" ", ""), "6700"),
            ("0120000300", "6A88"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        send(card, _VERIFY_PUK)
        assert send(card, command) == status
        assert card.pins[1].tries_left == 3

    def test_puk_has_tries_and_no_uses(self, card: Card) -> None:
        assert send(card, "0120000208" + "39" * 8) == "63C9"
        for _ in range(120):
            assert send(card, _VERIFY_PUK) == "9000"

    def test_there_is_no_data_object(self, card: Card) -> None:
        assert send(card, "01CB3FFF0A4D087006BF810102A080") == "6D00"


class TestSignature:
    @pytest.mark.parametrize(
        ("octet", "name", "is_pss"),
        [
            ("0A", "sha1", False),
            ("28", "sha256", False),
            ("15", "sha1", True),
            ("2C", "sha256", True),
        ],
    )
    def test_signs_a_hash(self, ready: Card, octet: str, name: str, is_pss: bool) -> None:
        digest = hashlib.new(name, b"text").digest()
        assert send(ready, f"012281B6049102{octet}90") == "9000"
        answer = send(ready, f"012A9E9A{len(digest):02X}{digest.hex()}00")
        assert (len(answer), answer[-4:]) == (2 * 258, "9000")
        function = hashes.SHA1() if name == "sha1" else hashes.SHA256()
        scheme = (
            padding.PSS(padding.MGF1(function), function.digest_size)
            if is_pss
            else padding.PKCS1v15()
        )
        signature = bytes.fromhex(answer[:-4])
        _public_key(ready, "signature").verify(signature, b"text", scheme, function)

    def test_signs_what_pso_hash_left(self, ready: Card) -> None:
        send(ready, "012281B60491022890")
        assert send(ready, "012A90A0069000800161 62".replace(" ", ""))[:2] == "6A"
        assert send(ready, "012A90A00690008002 6162".replace(" ", "")) == "9000"
        signature = bytes.fromhex(send(ready, "012A9E9A00")[:-4])
        key = _public_key(ready, "signature")
        key.verify(signature, b"ab", padding.PKCS1v15(), hashes.SHA256())
        assert send(ready, "012A9E9A00") == "6985"

    def test_refusals(self, card: Card) -> None:
        hashed = "20" + "00" * 32
        assert send(card, f"012A9E9A{hashed}") == "6985"
        assert send(card, "012A90A0059000800161") == "6985"
        send(card, "012281B60491022890")
        assert send(card, f"012A9E9A{hashed}") == "6982"
        send(card, _VERIFY)
        assert send(card, "012A9E9A14" + "00" * 20) == "6A80"
        assert send(card, "012A000000") == "6A86"
        send(card, "012281B604910228A0")
        assert send(card, f"012A9E9A{hashed}") == "6982"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("012241B60491022890", "6A86"),
            ("012281A403800102", "6A86"),
            ("012281B60491022990", "6A80"),
            ("012281B60491022810", "6A80"),
            ("012281B604920228 90".replace(" ", ""), "6A80"),
            ("012281B603910228", "6A80"),
            ("012281B60491022891", "6A88"),
            ("012241B803830121", "6A88"),
            ("012241B803840120", "6A80"),
            ("012241B8", "6A80"),
        ],
    )
    def test_environments_refused(self, ready: Card, command: str, status: str) -> None:
        assert send(ready, command) == status


class TestBareOperation:
    def _apply(self, card: Card, block: bytes) -> bytes:
        assert send(card, "012241B803830120") == "9000"
        assert send(card, f"112A8086FF{block[:255].hex()}") == "9000"
        answer = send(card, f"012A808601{block[255:].hex()}00")
        assert (len(answer), answer[-4:]) == (2 * 258, "9000")
        return bytes.fromhex(answer[:-4])

    def test_authentication_padded_by_the_client(self, ready: Card) -> None:
        content = _DIGEST_INFO + hashlib.sha256(b"text").digest()
        block = b"\x00\x01" + b"\xff" * (253 - len(content)) + b"\x00" + content
        key = _public_key(ready, "authentication")
        key.verify(self._apply(ready, block), b"text", padding.PKCS1v15(), hashes.SHA256())

    def test_deciphering_stripped_by_the_client(self, ready: Card) -> None:
        key = _public_key(ready, "authentication")
        block = self._apply(ready, key.encrypt(b"hello CPS4", padding.PKCS1v15()))
        assert block[:2] == b"\x00\x02"
        assert block.endswith(b"\x00hello CPS4")

    def test_refusals(self, card: Card) -> None:
        assert send(card, "012A80860100") == "6985"
        send(card, "012241B803830120")
        assert send(card, "012A80860100") == "6982"
        send(card, _VERIFY)
        assert send(card, "012A80860100") == "6A80"
        send(card, "112A8086FF" + "FF" * 255)
        assert send(card, "012A808601FF") == "6A80"
        assert send(card, "0188000033" + "00" * 51) == "6D00"

    def test_signature_key_refuses_it(self, ready: Card) -> None:
        send(ready, "012241B803830110")
        assert send(ready, "012A80860100") == "6982"


class TestT0:
    @pytest.fixture
    def card(self) -> Card:
        made = cps4.make_t0()
        assert send(made, _SELECT) == "9000"
        return made

    def test_answers_come_in_steps(self, card: Card) -> None:
        assert card.atr == bytes.fromhex("3BDC18FF00001225006480000401009000")
        assert send(card, "01A4080002D003") == "610D"
        assert send(card, "01C000000D") == "6F0B8002000C8201018302D0039000"
        assert send(card, "01B000000D") == "6C0C"
        assert send(card, "01200001") == "63C3"

    def test_a_signature(self, card: Card) -> None:
        send(card, _VERIFY)
        send(card, "012281B60491022C90")
        assert send(card, "012A9E9A20" + "11" * 32) == "6100"
        assert len(send(card, "01C0000000")) == 2 * 258


_COMMAND = st.builds(
    lambda cla, ins, p, data: bytes((cla, ins)) + p + bytes((len(data),)) + data,
    st.sampled_from([0x00, 0x01, 0x11, 0xA0]),
    st.sampled_from([0x20, 0x22, 0x24, 0x2A, 0x2C, 0x84, 0x88, 0xA4, 0xB0, 0xC0, 0xD6]),
    st.one_of(
        st.binary(min_size=2, max_size=2),
        st.sampled_from(
            [bytes.fromhex(p) for p in ("81B6", "41B8", "9E9A", "8086", "0800", "0101", "0381")]
        ),
    ),
    st.binary(max_size=255),
)


@given(st.lists(st.one_of(_COMMAND, st.binary(max_size=40)), max_size=25), st.booleans())
def test_whatever_is_sent_gets_two_bytes_or_more(commands: list[bytes], verified: bool) -> None:
    card = cps4.make()
    if verified:
        send(card, _SELECT)
        send(card, _VERIFY)
    for command in commands:
        assert 2 <= len(card.transmit(command)) <= 258
    assert all(pin.tries_left >= 0 for pin in card.pins.values())
