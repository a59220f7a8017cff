"""The card OS on a small image of its own: files, selection, delivery, classes, access."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.apdu_client import ask, send

from cardio.iso7816.path import ROOT
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.image import (
    EF_MODES,
    FREE_READING,
    NO_ACCESS,
    Access,
    AccessRule,
    CardImage,
    DedicatedFile,
    Delivery,
    ElementaryFile,
    Interface,
    Manners,
    Mode,
    PinImage,
    PlainSelect,
)

_PIN_RULE = AccessRule(0xF3, bytes.fromhex("000013FF00"))
_AFTER_PIN = AccessRule(EF_MODES, bytes.fromhex("FFFFFFFF1111"))
_SECURED = AccessRule(EF_MODES, bytes.fromhex("FFFFFFFFFF45"))


def _image(
    *,
    plain: PlainSelect = PlainSelect.NAME,
    delivery: Delivery = Delivery.STEPWISE,
    interface: Interface = Interface.CONTACT,
) -> CardImage:
    root = DedicatedFile(
        0x3F00,
        b"ROOT",
        (
            ElementaryFile(0x2001, b"content", sfi=2),
            ElementaryFile(0x2004, b"secret", Access(NO_ACCESS, FREE_READING)),
            ElementaryFile(0x2005, bytes(4), Access(_AFTER_PIN)),
            ElementaryFile(0x2006, b""),
            ElementaryFile(0x2007, bytes(range(256)) * 2),
            ElementaryFile(0x2008, b"x", Access(_SECURED)),
            DedicatedFile(
                0x0001,
                b"APPLICATION 1",
                (
                    ElementaryFile(0x2001, b"of the application", sfi=2),
                    DedicatedFile(0x0011, b"DEEP"),
                ),
            ),
            DedicatedFile(0x0002, b"APPLICATION 2"),
            DedicatedFile(0x0003),
        ),
    )
    return CardImage(
        kind="sample",
        atr=bytes.fromhex("3B00"),
        serial="SAMPLE-1",
        root=root,
        manners=Manners(plain, delivery, security_environments={1: 1, 3: 2}),
        interface=interface,
        pins=(PinImage(1, b"1234", 3, _PIN_RULE, df=ROOT),),
    )


@pytest.fixture
def card() -> Card:
    return Card(_image(), IAS_ECC)


class TestSelect:
    def test_by_identifier_gives_the_name_alone(self, card: Card) -> None:
        assert send(card, "00A40000023F00") == "6108"
        assert send(card, "00C0000008") == "6F068404524F4F549000"

    def test_with_le_it_still_goes_by_get_response(self, card: Card) -> None:
        assert send(card, "00A40000023F0000") == "6108"

    @pytest.mark.parametrize(
        ("command", "content"),
        [
            ("00A4020C022001", b"content"),
            ("00A4000C022001", b"content"),
            ("00A4080C0400012001", b"of the application"),
            ("00A4080C063F0000012001", b"of the application"),
            ("00A4090C0400012001", b"of the application"),
            ("00A4090C063F0000012001", b"of the application"),
        ],
    )
    def test_every_form_reaches_the_file(self, card: Card, command: str, content: bytes) -> None:
        assert send(card, command) == "9000"
        assert ask(card, "00B0000000") == (content, "9000")

    def test_path_from_the_df_is_relative(self, card: Card) -> None:
        send(card, "00A4010C020001")
        assert send(card, "00A4090C022001") == "9000"
        assert ask(card, "00B0000000")[0] == b"of the application"
        assert send(card, "00A4090C0400012001") == "6A82"

    def test_name_may_be_partial_and_exact_wins(self, card: Card) -> None:
        assert ask(card, "00A4040404" + b"DEEP".hex())[0][7:9] == b"\x00\x11"
        assert ask(card, "00A404040B" + b"APPLICATION".hex())[0][7:9] == b"\x00\x01"
        assert ask(card, "00A404040D" + b"APPLICATION 2".hex())[0][7:9] == b"\x00\x02"

    def test_parent(self, card: Card) -> None:
        send(card, "00A4080C0400010011")
        send(card, "00A4030C")
        assert ask(card, "00B0820000") == (b"of the application", "9000")
        assert send(card, "00A4030C") == "9000"
        assert send(card, "00A4030C") == "9000"
        assert ask(card, "00B0820000") == (b"content", "9000")

    def test_ef_form_wants_an_ef_and_df_form_a_df(self, card: Card) -> None:
        assert send(card, "00A4020C020001") == "6A82"
        assert send(card, "00A4010C022001") == "6A82"
        assert send(card, "00A4020C023F00") == "9000"

    def test_of_nothing_keeps_the_current_file(self, card: Card) -> None:
        send(card, "00A4020C022001")
        assert send(card, "00A4020C02FFFF") == "6A82"
        assert ask(card, "00B0000000") == (b"content", "9000")

    def test_df_without_a_name_is_found_by_identifier_only(self, card: Card) -> None:
        assert ask(card, "00A40100020003") == (bytes.fromhex("6F00"), "9000")
        assert send(card, "00A40400") == "6A82"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("00A4050C023F00", "6A86"),
            ("00A40001023F00", "6A86"),
            ("00A4000C013F", "6700"),
            ("00A4080C033F0000", "6700"),
            ("00A4080C", "6700"),
            ("00A4020C", "6700"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command) == status

    def test_ef_answer_has_size_kind_identifier_and_sfi(self, card: Card) -> None:
        assert ask(card, "00A4020002200100")[0].hex().upper() == (
            "621180020007820101830220018801108A0105"
        )

    def test_cps_manner_refuses_p2_00_but_for_the_name_of_the_root(self) -> None:
        card = Card(_image(plain=PlainSelect.ROOT_ONLY))
        assert send(card, "00A4040004" + b"ROOT".hex()) == "9000"
        assert send(card, "00A404000D" + b"APPLICATION 1".hex()) == "6A86"
        assert send(card, "00A40000023F00") == "6A86"


class TestReadBinary:
    def test_exact_length(self, card: Card) -> None:
        assert send(card, "00B0820007") == b"content".hex().upper() + "9000"

    def test_longer_le_is_corrected(self, card: Card) -> None:
        assert send(card, "00B0820000") == "6C07"
        assert send(card, "00B0820507") == "6C02"

    def test_beyond_the_end(self, card: Card) -> None:
        assert send(card, "00B0820701") == "6B00"
        send(card, "00A4020C022007")
        assert send(card, "00B0010000") == bytes(range(256)).hex().upper() + "9000"
        assert send(card, "00B0020000") == "6B00"

    def test_short_identifier_makes_the_file_current(self, card: Card) -> None:
        assert send(card, "00B0000007") == "6986"
        send(card, "00B0820007")
        assert send(card, "00B0000007").endswith("9000")

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("00B0800001", "6A86"),
            ("00B0FF0001", "6A86"),
            ("00B0830001", "6A82"),
            ("00B08200", "6700"),
            ("00B082000101", "6700"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command) == status

    def test_empty_file(self, card: Card) -> None:
        send(card, "00A4020C022006")
        assert send(card, "00B0000000") == "6282"


class TestAccess:
    def test_never_and_secure_messaging_are_6982(self, card: Card) -> None:
        for fid in ("2004", "2008"):
            send(card, f"00A4020C02{fid}")
            assert send(card, "00B0000001") == "6982"

    def test_contactless_has_its_own_rule(self) -> None:
        card = Card(_image(interface=Interface.CONTACTLESS))
        send(card, "00A4020C022004")
        assert ask(card, "00B0000000") == (b"secret", "9000")

    def test_pin_opens_reading_and_writing_until_reset(self, card: Card) -> None:
        send(card, "00A4020C022005")
        assert send(card, "00B0000004") == "6982"
        assert send(card, "00D600000401020304") == "6982"
        assert send(card, "002000010431323334") == "9000"
        assert card.verified == {1}
        assert send(card, "00D60001020A0B") == "9000"
        assert send(card, "00B0000004") == "000A0B009000"
        assert send(card, "00D60003020A0B") == "6A84"
        assert send(card, "00D60000") == "6700"
        card.reset()
        send(card, "00A4020C022005")
        assert send(card, "00B0000004") == "6982"
        send(card, "002000010431323334")
        assert send(card, "00B0000004") == "000A0B009000"

    def test_rule_gives_each_mode_its_byte(self) -> None:
        rule = AccessRule(0x33, bytes.fromhex("11121314"))
        assert rule.condition(Mode.INTERNAL_AUTHENTICATE) == 0x11
        assert rule.condition(Mode.DECIPHER) == 0x12
        assert rule.condition(Mode.UPDATE) == 0x13
        assert rule.condition(Mode.READ) == 0x14
        assert rule.condition(Mode.SIGN) == 0xFF

    def test_rule_of_the_wrong_length_is_refused(self) -> None:
        with pytest.raises(ValueError, match="one security byte"):
            AccessRule(0x7B, b"\x00")


class TestDelivery:
    def test_get_response_in_slices(self, card: Card) -> None:
        answer = ask(card, "00A4040404" + b"ROOT".hex())[0]
        assert send(card, "00A4040404" + b"ROOT".hex()) == f"61{len(answer):02X}"
        assert send(card, "00C0000005") == answer[:5].hex().upper() + f"61{len(answer) - 5:02X}"
        assert send(card, "00C00000FF") == f"6C{len(answer) - 5:02X}"
        assert send(card, f"00C00000{len(answer) - 5:02X}") == answer[5:].hex().upper() + "9000"
        assert send(card, "00C0000001") == "6985"

    def test_another_command_forgets_what_waits(self, card: Card) -> None:
        send(card, "00A4040404" + b"ROOT".hex())
        send(card, "00B0820007")
        assert send(card, "00C0000001") == "6985"

    def test_at_once(self) -> None:
        card = Card(_image(delivery=Delivery.AT_ONCE))
        assert send(card, "00A40000023F0000") == "6F068404524F4F549000"
        assert send(card, "00A40000023F00") == "6F068404524F4F549000"
        assert send(card, "00A40000023F0003") == "6F06846105"
        assert send(card, "00C0000005") == "04524F4F549000"
        assert send(card, "00B0820000") == b"content".hex().upper() + "9000"


class TestClassesAndLengths:
    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("", "6700"),
            ("00", "6700"),
            ("00A4", "6700"),
            ("00A400", "6700"),
            ("00A40000053F00", "6700"),
            ("00A4000000023F00", "6700"),
            ("00B08200000010", "6700"),
            ("80A40000023F00", "6E00"),
            ("A0A40000023F00", "6E00"),
            ("FFA40000023F00", "6E00"),
            ("20B0820007", "6E00"),
            ("01A40000023F00", "6881"),
            ("0CA40000023F00", "6882"),
            ("10A40000023F00", "6884"),
            ("00FF0000", "6D00"),
            ("00B10000", "6D00"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command) == status

    def test_chain_that_grows_too_long(self, card: Card) -> None:
        part = "102A8086FF" + "00" * 255
        answers = [send(card, part) for _ in range(5)]
        assert answers == ["9000"] * 4 + ["6700"]

    def test_chain_is_forgotten_by_another_command(self, card: Card) -> None:
        assert send(card, "102A90A0029000") == "9000"
        assert send(card, "00B0820007").endswith("9000")
        assert send(card, "002A90A000") == "6985"


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_whatever_is_sent_gets_two_bytes_or_more(commands: list[bytes]) -> None:
    card = Card(_image(), IAS_ECC)
    for command in commands:
        assert len(card.transmit(command)) >= 2


def test_image_must_start_at_the_root() -> None:
    with pytest.raises(ValueError, match="3F00"):
        CardImage("x", b"", "", DedicatedFile(0x0001), Manners(PlainSelect.NAME))
