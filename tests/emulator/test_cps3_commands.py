"""PINs, data objects and keys of an emulated CPS3, as OpenSC and the ANS library use them.

Each row of vendor_library.md §2 about the contact card has a test here or in `test_cps3_files`.
"""

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given
from hypothesis import strategies as st
from tests.support.apdu_client import ask, send

from cardio_emulator.card_os import Card
from cardio_emulator.card_os.hash_state import BLOCK, SHA1, SHA256, HashFunction
from cardio_emulator.cards import cps3

_VERIFY = "002000010431323334"
_VERIFY_PUK = "00200002083132333435363738"
_PIN_OBJECT = "00CB3FFF0A4D087006BF810102A080"
_PUK_OBJECT = "00CB3FFF0A4D087006BF810202A080"
_KEYS_DF = "00A4090C043F000001"
_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


@pytest.fixture
def card() -> Card:
    return cps3.make()


@pytest.fixture
def ready(card: Card) -> Card:
    """PIN verified, DF of the keys current."""
    send(card, _VERIFY)
    send(card, _KEYS_DF)
    return card


def _public_key(card: Card, role: str) -> RSAPublicKey:
    key = load_der_x509_certificate(card.image.certificates[role]).public_key()
    assert isinstance(key, RSAPublicKey)
    return key


class TestSelect:
    def test_root_by_path_is_silent_as_on_a_real_card(self, card: Card) -> None:
        assert send(card, "00A40904023F00") == "9000"
        assert send(card, "00A4090C023F00") == "9000"
        assert send(card, "00A4020C023F00") == "9000"

    def test_root_by_identifier_or_name_gives_its_fcp(self, card: Card) -> None:
        fcp = "621A82013883023F0084088025000001FF0100A1048C0202FF8A0105"
        for command in ("00A40204023F00", "00A40404088025000001FF0100"):
            assert send(card, command) == "611C"
            assert send(card, "00C000001C") == fcp + "9000"

    def test_p2_00_is_for_the_name_of_the_root_only(self, card: Card) -> None:
        assert send(card, "00A40400088025000001FF0100") == "9000"
        for last in ("10", "20"):
            assert send(card, f"00A404000DE828BD080F8025000001FF00{last}") == "6A86"
            assert send(card, f"00A4040C0DE828BD080F8025000001FF00{last}") == "9000"

    def test_path_not_from_the_root_is_relative(self, card: Card) -> None:
        send(card, _KEYS_DF)
        assert send(card, "00A40904022F00") == "6A82"
        assert send(card, "00A4020402C001") == "6126"

    def test_serial_number_by_short_identifier(self, card: Card) -> None:
        send(card, "00A40404088025000001FF0100")
        assert send(card, "00B09C00C0") == "6C0C"
        assert send(card, "00B09C000C") == "5A0A8025000001098217000F9000"

    @pytest.mark.parametrize("command", ["01A4040C088025000001FF0100", "01A4080002D003"])
    def test_logical_channels_are_refused(self, card: Card, command: str) -> None:
        assert send(card, command) == "6881"

    @pytest.mark.parametrize(
        "command", ["00CB3FFF035C017E", "00CADF3005", "00A4040009A00000030800001000"]
    )
    def test_probes_of_other_drivers_are_refused(self, card: Card, command: str) -> None:
        assert send(card, command)[:2] in ("6A", "6D")


class TestPin:
    def test_status_costs_no_try(self, card: Card) -> None:
        for _ in range(5):
            assert send(card, "0020000100") == "63C3"
        assert send(card, "00200001") == "63C3"
        assert send(card, "0020000200") == "63CA"

    def test_right_pin(self, card: Card) -> None:
        assert send(card, _VERIFY) == "9000"
        assert send(card, "0020000100") == "9000"

    def test_selecting_the_root_keeps_it(self, card: Card) -> None:
        send(card, _VERIFY)
        send(card, "00A40404088025000001FF0100")
        assert send(card, "0020000100") == "9000"

    def test_reset_forgets_it_but_keeps_the_counter(self, card: Card) -> None:
        send(card, "002000010439393939")
        send(card, _VERIFY)
        send(card, "002000010439393939")
        card.reset()
        assert send(card, "0020000100") == "63C2"

    def test_wrong_pin_counts_down_to_blocked(self, card: Card) -> None:
        answers = [send(card, "002000010439393939") for _ in range(4)]
        assert answers == ["63C2", "63C1", "63C0", "6983"]
        assert send(card, _VERIFY) == "6983"
        assert send(card, "0020000100") == "6983"
        assert card.pins[1].tries_left == 0

    def test_wrong_pin_ends_an_earlier_verification(self, card: Card) -> None:
        send(card, _VERIFY)
        send(card, "002000010439393939")
        assert card.verified == frozenset()

    def test_wrong_length_costs_no_try(self, card: Card) -> None:
        assert send(card, "00200001053132333435") == "6700"
        assert card.pins[1].tries_left == 3

    def test_change(self, card: Card) -> None:
        assert send(card, "00240001083132333434333231") == "9000"
        assert send(card, _VERIFY) == "63C2"
        assert send(card, "002000010434333231") == "9000"

    def test_change_with_a_wrong_old_pin_costs_a_try(self, card: Card) -> None:
        assert send(card, "00240001083939393934333231") == "63C2"
        assert send(card, "002400010431323334") == "6700"

    def test_puk_cannot_be_changed(self, card: Card) -> None:
        assert send(card, "0024000210" + "3132333435363738" * 2) == "6982"

    def test_unblock(self, card: Card) -> None:
        for _ in range(3):
            send(card, "002000010439393939")
        assert send(card, "002C02010431313131") == "6982"
        assert send(card, _VERIFY_PUK) == "9000"
        assert send(card, "002C0201053131313131") == "6700"
        assert send(card, "002C02010431313131") == "9000"
        assert send(card, "0020000100") == "63C3"
        assert send(card, "002000010431313131") == "9000"

    def test_unblock_keeping_the_pin(self, card: Card) -> None:
        send(card, "002000010439393939")
        send(card, _VERIFY_PUK)
        assert send(card, "002C0301") == "9000"
        assert send(card, "0020000100") == "63C3"

    def test_puk_has_tries_and_uses(self, card: Card) -> None:
        assert send(card, "00200002083939393939393939") == "63C9"
        assert send(card, _VERIFY_PUK) == "9000"
        assert (card.pins[2].tries_left, card.pins[2].usage_left) == (10, 99)
        for _ in range(99):
            send(card, _VERIFY_PUK)
        assert send(card, _VERIFY_PUK) == "6983"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("0020010100", "6A86"),
            ("0020000300", "6A88"),
            ("0020008100", "6A88"),
            ("002401010431323334", "6A86"),
            ("002C00010C313233343536373831313131", "6A86"),
            ("002C02030431313131", "6A88"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command) == status


class TestDataObjects:
    def test_pin(self, card: Card) -> None:
        data, _ = ask(card, _PIN_OBJECT)
        assert data.hex().upper() == "7016BF810112A0109A01039B0103A1088C06F3000013FF00"
        data, _ = ask(card, "00CB3FFF0B4D097007BF8101037F4180")
        assert data.hex().upper() == "700DBF8101097F4106800104810104"

    def test_puk(self, card: Card) -> None:
        data, _ = ask(card, _PUK_OBJECT)
        assert data.hex().upper() == "701ABF810216A0149A010A9B010AA1088C06F3FF00FFFF009D020064"
        data, _ = ask(card, "00CB3FFF0B4D097007BF8102037F4180")
        assert data.hex().upper() == "700DBF8102097F4106800108810108"

    def test_tries_left_show(self, card: Card) -> None:
        send(card, "002000010439393939")
        assert bytes.fromhex("9B0102") in ask(card, _PIN_OBJECT)[0]
        send(card, _VERIFY_PUK)
        assert ask(card, _PUK_OBJECT)[0].endswith(bytes.fromhex("9D020063"))

    def test_keys(self, card: Card) -> None:
        send(card, _KEYS_DF)
        data, _ = ask(card, "00CB3FFF0A4D087006BF900202A080")
        assert data.hex().upper() == "7016BF900212A010A1078C053311110000800201009E0100"
        data, _ = ask(card, "00CB3FFF0A4D087006BF900102A080")
        assert data.hex().upper() == "7015BF900111A00FA1068C0443110000800201009E0101"

    def test_looked_up_in_the_current_df(self, card: Card) -> None:
        assert send(card, "00CB3FFF0A4D087006BF900202A080") == "6A88"
        send(card, _KEYS_DF)
        assert send(card, _PIN_OBJECT) == "6A88"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("00CB3FFF0A4D087006BF810302A080", "6A88"),
            ("00CB3FFF0A4D087006BFFB01027B80", "6A88"),
            ("00CB3FFF0A4D087006BF810102A280", "6A80"),
            ("00CB3FFF0A4D087006BF810103A080", "6A80"),
            ("00CB3FFF0A4E087006BF810102A080", "6A80"),
            ("00CB3FFF00", "6A80"),
            ("00CB3FFF044D027000", "6A80"),
            ("00CB3FFF064D047002BF81", "6A80"),
            ("00CB3F000A4D087006BF810102A080", "6A86"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command) == status

    def test_key_itself_cannot_be_read(self, card: Card) -> None:
        send(card, _KEYS_DF)
        assert send(card, "00CB3FFF0B4D097007BF9001037F4880") == "6A80"


class TestAuthentication:
    @pytest.mark.parametrize("template", ["840182800102", "800102840182"])
    def test_signs_a_digest_info(self, ready: Card, template: str) -> None:
        digest_info = _DIGEST_INFO + hashlib.sha256(b"text").digest()
        assert send(ready, f"002241A406{template}") == "9000"
        assert send(ready, "0088000033" + digest_info.hex()) == "6100"
        first = send(ready, "00C00000E7")
        assert first.endswith("6119")
        second = send(ready, "00C0000019")
        assert second.endswith("9000")
        signature = bytes.fromhex(first[:-4] + second[:-4])
        _public_key(ready, "authentication").verify(
            signature, b"text", padding.PKCS1v15(), hashes.SHA256()
        )

    def test_takes_102_bytes_and_no_more(self, ready: Card) -> None:
        send(ready, "002241A406840182800102")
        assert len(ask(ready, "0088000066" + "5A" * 102)[0]) == 256
        assert send(ready, "0088000067" + "5A" * 103) == "6A80"
        assert send(ready, "00880000") == "6A80"
        assert send(ready, "00880100015A") == "6A86"

    def test_wants_environment_and_pin(self, card: Card) -> None:
        send(card, _KEYS_DF)
        assert send(card, "00880000015A") == "6985"
        send(card, "002241A406840182800102")
        assert send(card, "00880000015A") == "6982"
        send(card, _VERIFY)
        assert send(card, "00880000015A") == "6100"

    def test_signature_key_refuses_it(self, ready: Card) -> None:
        send(ready, "002241A406840181800102")
        assert send(ready, "00880000015A") == "6982"

    def test_pin_is_lost_when_another_program_resets_the_card(self, ready: Card) -> None:
        ready.reset()
        send(ready, _KEYS_DF)
        send(ready, "002241A406840182800102")
        assert send(ready, "00880000015A") == "6982"


class TestEnvironment:
    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("002241A4", "6A80"),
            ("002241A4028001", "6A80"),
            ("002241A403800103", "6A80"),
            ("002241A40480020202", "6A80"),
            ("002241A403990102", "6A80"),
            ("002241B606800142840183", "6A88"),
            ("002241B606800142840101", "6A88"),
            ("002241B003800142", "6A86"),
            ("002201B603800142", "6A86"),
            ("0022F301", "9000"),
            ("002241A403830101", "9000"),
        ],
    )
    def test_set(self, ready: Card, command: str, status: str) -> None:
        assert send(ready, command) == status

    def test_keys_are_local_to_their_df(self, card: Card) -> None:
        assert send(card, "002241A406840182800102") == "6A88"

    def test_is_forgotten_with_the_df_and_by_restore(self, ready: Card) -> None:
        send(ready, "002241A406840182800102")
        send(ready, "00A4090C063F000001C001")
        assert send(ready, "00880000015A") == "6100"
        send(ready, "00A4090C023F00")
        send(ready, _KEYS_DF)
        assert send(ready, "00880000015A") == "6985"
        send(ready, "002241A406840182800102")
        send(ready, "0022F301")
        assert send(ready, "00880000015A") == "6985"


def _hash_input(function: HashFunction, message: bytes) -> str:
    """What the ANS library sends: the last block is 1 to 64 bytes (vendor_library.md §2)."""
    cut = max(len(message) - 1, 0) // BLOCK * BLOCK
    state = function.state_after(message[:cut]) + (8 * cut).to_bytes(8, "big") if cut else b""
    last = message[cut:]
    body = bytes((0x90, len(state))) + state + bytes((0x80, len(last))) + last
    return f"{len(body):02X}{body.hex()}"


class TestSignature:
    @pytest.mark.parametrize("length", [0, 1, 5, 64, 65, 119, 128, 150, 5000])
    @pytest.mark.parametrize(
        ("function", "hashing", "signing", "reference"),
        [(SHA1, "10", "12", hashes.SHA1()), (SHA256, "40", "42", hashes.SHA256())],
    )
    def test_partial_hash_route(
        self,
        ready: Card,
        length: int,
        function: HashFunction,
        hashing: str,
        signing: str,
        reference: hashes.HashAlgorithm,
    ) -> None:
        message = b"x" * length
        assert send(ready, f"002241AA038001{hashing}") == "9000"
        assert send(ready, "002A90A0" + _hash_input(function, message)) == "9000"
        assert send(ready, f"002241B6068001{signing}840181") == "9000"
        answer = send(ready, "002A9E9A00")
        assert (len(answer), answer[-4:]) == (2 * 258, "9000")
        _public_key(ready, "signature").verify(
            bytes.fromhex(answer[:-4]), message, padding.PKCS1v15(), reference
        )

    @pytest.mark.parametrize(("signing", "name"), [("12", "sha1"), ("42", "sha256")])
    def test_hash_given_with_the_command(self, ready: Card, signing: str, name: str) -> None:
        digest = hashlib.new(name, b"text").digest()
        send(ready, f"002241B6068001{signing}840181")
        assert send(ready, f"002A9E9A{len(digest):02X}{digest.hex()}") == "6100"
        signature = bytes.fromhex(send(ready, "00C00000E7")[:-4] + send(ready, "00C0000019")[:-4])
        reference = hashes.SHA1() if name == "sha1" else hashes.SHA256()
        key = _public_key(ready, "signature")
        key.verify(signature, b"text", padding.PKCS1v15(), reference)
        with pytest.raises(InvalidSignature):
            key.verify(signature, b"other", padding.PKCS1v15(), reference)

    def test_hash_made_outside(self, ready: Card) -> None:
        digest = hashlib.sha256(b"text").digest()
        send(ready, "002241AA03800140")
        assert send(ready, "002A90A0229020" + digest.hex()) == "9000"
        send(ready, "002241B606800142840181")
        answer = send(ready, "002A9E9A00")
        _public_key(ready, "signature").verify(
            bytes.fromhex(answer[:-4]), b"text", padding.PKCS1v15(), hashes.SHA256()
        )

    def test_a_hash_serves_once_and_for_its_algorithm(self, ready: Card) -> None:
        send(ready, "002241AA03800140")
        send(ready, "002A90A0059000800161")
        send(ready, "002241B606800112840181")
        assert send(ready, "002A9E9A00") == "6985"
        send(ready, "002A90A0059000800161")
        send(ready, "002241B606800142840181")
        assert send(ready, "002A9E9A00").endswith("9000")
        assert send(ready, "002A9E9A00") == "6985"

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "90",
            "9000",
            "900080",
            "9900",
            "90018001",
            "90008041" + "00" * 65,
            "9020" + "00" * 32 + "800161",
            "9028" + "00" * 40 + "800161",
            "9028" + "00" * 32 + "0000000000000201" + "800161",
            "9028" + "00" * 32 + "0000000000000200" + "8000",
        ],
    )
    def test_refused_hash_input(self, ready: Card, body: str) -> None:
        send(ready, "002241AA03800140")
        data = bytes.fromhex(body)
        assert send(ready, f"002A90A0{len(data):02X}{data.hex()}") == "6A80"

    def test_refusals(self, card: Card) -> None:
        send(card, _KEYS_DF)
        assert send(card, "002A90A0059000800161") == "6985"
        assert send(card, "002A9E9A00") == "6985"
        send(card, "002241B606800142840181")
        assert send(card, "002A9E9A00") == "6982"
        send(card, _VERIFY)
        assert send(card, "002A9E9A00") == "6985"
        assert send(card, "002A9E9A14" + "00" * 20) == "6A80"
        assert send(card, "002A000000") == "6A86"

    def test_authentication_key_refuses_it(self, ready: Card) -> None:
        send(ready, "002241B606800142840182")
        assert send(ready, "002A9E9A20" + "00" * 32) == "6982"


class TestDecipher:
    @pytest.mark.parametrize("algorithm", ["0A", "1A"])
    def test_chained(self, ready: Card, algorithm: str) -> None:
        key = _public_key(ready, "authentication")
        block = b"\x81" + key.encrypt(b"hello CPS", padding.PKCS1v15())
        assert send(ready, f"002241B8068001{algorithm}840182") == "9000"
        assert send(ready, "102A8086FF" + block[:255].hex()) == "9000"
        assert send(ready, "002A808602" + block[255:].hex()) == "6109"
        assert send(ready, "00C0000009") == b"hello CPS".hex().upper() + "9000"

    @pytest.mark.parametrize(
        "block", [b"\x00" + bytes(256), b"\x81" + bytes(256), b"\x81" + b"\xff" * 256, b"\x81"]
    )
    def test_refused_blocks(self, ready: Card, block: bytes) -> None:
        send(ready, "002241B80680010A840182")
        send(ready, f"102A8086{len(block[:255]):02X}{block[:255].hex()}")
        assert send(ready, f"002A8086{len(block[255:]):02X}{block[255:].hex()}") == "6A80"

    def test_wants_the_pin(self, card: Card) -> None:
        send(card, _KEYS_DF)
        send(card, "002241B80680010A840182")
        assert send(card, "002A80860181") == "6982"


def test_challenge_has_8_bytes(card: Card) -> None:
    first, second = send(card, "0084000008"), send(card, "0084000008")
    assert (len(first), first[-4:]) == (20, "9000")
    assert first != second
    assert send(card, "0084000000") == "6C08"
    assert send(card, "00840000") == "6700"


def test_cps_data_is_written_after_the_pin_and_stays(card: Card) -> None:
    value = bytes(range(1, 6)) + bytes(59)
    send(card, "00A4090C063F000001D107")
    assert send(card, "00D6000040" + value.hex()) == "6982"
    send(card, _VERIFY)
    assert send(card, "00D6000040" + value.hex()) == "9000"
    card.reset()
    send(card, "00A4090C063F000001D107")
    assert send(card, "00B0000040") == value.hex().upper() + "9000"
    assert send(cps3.make(), "0020000100") == "63C3"


def test_certificates_are_read_in_blocks_of_231(card: Card) -> None:
    send(card, "00A4090C063F000001C001")
    whole = card.image.certificates["signature"]
    read = b""
    while len(read) < len(whole):
        size = min(0xE7, len(whole) - len(read))
        answer = send(card, f"00B0{len(read):04X}{size:02X}")
        assert answer.endswith("9000")
        read += bytes.fromhex(answer[:-4])
    assert read == whole


_INSTRUCTIONS = st.sampled_from(
    [0x20, 0x22, 0x24, 0x2A, 0x2C, 0x84, 0x88, 0xA4, 0xB0, 0xC0, 0xCB, 0xD6]
)
_KNOWN_P1_P2 = ("41A4", "41B6", "41AA", "90A0", "9E9A", "8086", "3FFF", "0904", "0001")
_APDU = st.builds(
    lambda cla, ins, p, data: bytes((cla, ins)) + p + bytes((len(data),)) + data,
    st.sampled_from([0x00, 0x10]),
    _INSTRUCTIONS,
    st.one_of(
        st.binary(min_size=2, max_size=2),
        st.sampled_from(
            [
                bytes.fromhex(p)
                for p in ("41A4", "41B6", "41AA", "90A0", "9E9A", "8086", "3FFF", "0904", "0001")
            ]
        ),
    ),
    st.binary(max_size=255),
)


@given(st.lists(st.one_of(_APDU, st.binary(max_size=262)), max_size=25), st.booleans())
def test_whatever_is_sent_gets_two_bytes_or_more(commands: list[bytes], verified: bool) -> None:
    card = cps3.make()
    if verified:
        send(card, _VERIFY)
        send(card, _KEYS_DF)
    for command in commands:
        assert 2 <= len(card.transmit(command)) <= 258
    assert all(pin.tries_left >= 0 for pin in card.pins.values())
