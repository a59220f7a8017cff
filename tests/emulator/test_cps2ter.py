"""The CPS2ter part: as the ANS library reads it on a CPS3, and the card that has nothing else.

Byte for byte: facts: cps.md §2.3, vendor_library.md §2 "CPS2ter" and §4. What is a stand-in is
told by docs/reference/emulated-cps2ter.md.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.apdu_client import send

from cardio_emulator.card_os import Card
from cardio_emulator.cards import cps2ter, cps3, cps4
from cardio_emulator.kinds import make

_PIN, _WRONG = "31323334FFFFFFFF", "39393939FFFFFFFF"
_PUK, _WRONG_PUK = "3132333435363738", "3939393939393939"
_STATUS, _VERIFY = "A020000100", f"A020000108{_PIN}"


@pytest.fixture
def card() -> Card:
    return cps2ter.make()


@pytest.fixture
def ias() -> Card:
    """A CPS3, whose IAS part takes the PIN."""
    return cps3.make()


def _go(card: Card, *fids: str) -> None:
    for fid in fids:
        assert send(card, f"A0A4000002{fid}") == "9F07"


class TestPartOfACps3:
    def test_billing_data_as_the_library_reads_them(self, ias: Card) -> None:
        send(ias, "00A4020C023F00")
        assert send(ias, "002000010431323334") == "9000"
        _go(ias, "3F00", "7F01", "4000")
        assert send(ias, "A0C0000007") == "850501FB4000049000"
        first, second = send(ias, "A0B00000E7"), send(ias, "A0B000E7E7")
        third = send(ias, "A0B001CE2D")
        assert first.startswith("53495446414354000102")
        assert first.endswith("DEDF9000")
        assert second.startswith("E0E1E2")
        assert third.endswith("F8F99000")
        assert len(first + second + third) == 2 * (507 + 6)

    def test_activities_as_the_library_reads_them(self, ias: Card) -> None:
        send(ias, "002000010431323334")
        for fid in ("4010", "4011"):
            _go(ias, "3F00", fid)
            assert send(ias, "A0C0000007") == f"8505003C{fid}049000"
            answer = send(ias, "A0B000003C")
            assert (answer[:2], len(answer), answer[-4:]) == ("EE", 2 * 62, "9000")
        assert send(ias, "A0A40000024012") == "9404"

    def test_is_closed_before_the_pin_and_after_a_reset(self, ias: Card) -> None:
        _go(ias, "3F00", "4010")
        assert send(ias, "A0B000003C") == "9802"
        send(ias, "002000010431323334")
        assert send(ias, "A0B000003C").endswith("9000")
        ias.reset()
        assert send(ias, "A0B000003C") == "9408"
        _go(ias, "3F00", "4010")
        assert send(ias, "A0B000003C") == "9802"

    def test_each_side_keeps_its_own_current_file(self, ias: Card) -> None:
        send(ias, "00A4090C043F00D003")
        _go(ias, "3F00", "7F01")
        assert send(ias, "00B000000C").startswith("5A0A8025000001")
        _go(ias, "4000")

    def test_takes_no_pin_of_its_own(self, ias: Card) -> None:
        for command in (_STATUS, _VERIFY, f"A024000110{_PIN}{_PIN}", f"A02C000110{_PUK}{_PIN}"):
            assert send(ias, command) == "6D00"
        assert ias.pins[1].tries_left == 3

    def test_has_no_free_files(self, ias: Card) -> None:
        _go(ias, "3F00")
        assert send(ias, "A0A40000024001") == "9404"


class TestFiles:
    def test_kinds_of_files(self, card: Card) -> None:
        for fid, answer in (("3F00", "850500003F0001"), ("7F01", "850500007F0102")):
            _go(card, fid)
            assert send(card, "A0C0000007") == answer + "9000"
        _go(card, "3F00", "4001")
        assert send(card, "A0C0000007") == "85050011400104" + "9000"
        assert send(card, "A0B0000011") == cps2ter.ATR.hex().upper() + "9000"

    @pytest.mark.parametrize(
        ("fid", "size", "content"),
        [
            ("4002", "3C", "E319"),
            ("4003", "0C", "5A0A8025000001098217000F"),
            ("4004", "3C", "E40A80011F84054A554C4553"),
            ("4005", "3C", "E50480026672"),
            ("4006", "3C", "ED2F800100810C383939373030393832313738"),
            ("4007", "3C", b"STAND-IN".hex().upper()),
        ],
    )
    def test_free_ones(self, card: Card, fid: str, size: str, content: str) -> None:
        _go(card, "3F00", fid)
        answer = send(card, f"A0B00000{size}")
        assert answer.startswith(content)
        assert answer.endswith("9000")

    @pytest.mark.parametrize("fid", ["4000", "4008", "400F", "4012", "7F02", "2F00", "D003"])
    def test_others_are_not_found(self, card: Card, fid: str) -> None:
        assert send(card, f"A0A4000002{fid}") == "9404"

    def test_a_path_goes_one_step_at_a_time(self, card: Card) -> None:
        assert send(card, "A0A40000043F007F01") == "6700"
        _go(card, "7F01", "4000")
        assert send(card, "A0A40000024001") == "9404"
        _go(card, "3F00", "4001")

    def test_a_failed_select_leaves_the_current_file(self, card: Card) -> None:
        _go(card, "4001")
        assert send(card, "A0A40000024008") == "9404"
        assert send(card, "A0B0000001") == "3B9000"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("A0B0000011", "9408"),
            ("A0B00000", "6700"),
            ("A0B000000100", "6700"),
            ("A0A4040002 4001", "6B00"),
            ("A0A4000001 40", "6700"),
            ("A0C0000007", "6F00"),
            ("A0D600000100", "6D00"),
            ("A0840000 08", "6D00"),
            ("00A40000023F00", "6E00"),
            ("0020000100", "6E00"),
            ("80CA9F7F00", "6E00"),
            ("01A4040C088025000001FF0100", "6E00"),
            ("00A4040C088025000001FF0002", "6E00"),
            ("A0", "6700"),
            ("A0B00000000000", "6700"),
        ],
    )
    def test_refusals(self, card: Card, command: str, status: str) -> None:
        assert send(card, command.replace(" ", "")) == status

    def test_reading_past_the_end(self, card: Card) -> None:
        _go(card, "4001")
        assert send(card, "A0B0001001") == "009000"
        for command in ("A0B0001002", "A0B0001101", "A0B0000000", "A0B0FFFF01"):
            assert send(card, command) == "9402"

    def test_get_response_fetches_all_of_it_once(self, card: Card) -> None:
        _go(card, "4001")
        assert send(card, "A0C0000006") == "6700"
        assert send(card, "A0C0000007").endswith("9000")
        assert send(card, "A0C0000007") == "6F00"


class TestPin:
    """All of it a stand-in."""

    def test_opens_the_protected_files(self, card: Card) -> None:
        _go(card, "4010")
        assert send(card, "A0B000003C") == "9802"
        assert send(card, _STATUS) == "9802"
        assert send(card, _VERIFY) == "9000"
        assert send(card, _STATUS) == "9000"
        assert send(card, "A0200001") == "9000"
        assert send(card, "A0B000003C").endswith("9000")
        _go(card, "3F00", "7F01", "4000")
        assert send(card, "A0B00000FA").endswith("9000")

    def test_wrong_ones_count_down_untold(self, card: Card) -> None:
        assert [send(card, f"A020000108{_WRONG}") for _ in range(2)] == ["9804", "9804"]
        assert send(card, _STATUS) == "9802"
        assert card.pins[1].tries_left == 1
        assert [send(card, f"A020000108{_WRONG}") for _ in range(2)] == ["9840", "9840"]
        assert send(card, _VERIFY) == "9840"
        assert send(card, _STATUS) == "9840"
        card.reset()
        assert send(card, _STATUS) == "9840"

    def test_a_right_one_gives_the_tries_back(self, card: Card) -> None:
        send(card, f"A020000108{_WRONG}")
        send(card, _VERIFY)
        assert card.pins[1].tries_left == 3

    def test_a_wrong_one_ends_the_verification(self, card: Card) -> None:
        send(card, _VERIFY)
        send(card, f"A020000108{_WRONG}")
        assert send(card, _STATUS) == "9802"

    def test_change(self, card: Card) -> None:
        new = "34333231FFFFFFFF"
        assert send(card, f"A024000110{_WRONG}{new}") == "9804"
        assert card.pins[1].tries_left == 2
        assert send(card, f"A024000110{_PIN}{new}") == "9000"
        assert send(card, _STATUS) == "9000"
        assert send(card, _VERIFY) == "9804"
        assert send(card, f"A020000108{new}") == "9000"

    def test_unblock(self, card: Card) -> None:
        for _ in range(3):
            send(card, f"A020000108{_WRONG}")
        new = "34333231FFFFFFFF"
        assert send(card, f"A02C000110{_WRONG_PUK}{new}") == "9804"
        assert send(card, f"A02C000110{_PUK}{new}") == "9000"
        assert send(card, _STATUS) == "9802"
        assert card.verified == frozenset()
        assert send(card, f"A020000108{new}") == "9000"

    def test_an_exhausted_puk(self, card: Card) -> None:
        wrong = f"A02C000110{_WRONG_PUK}{_PIN}"
        assert [send(card, wrong) for _ in range(11)] == ["9804"] * 9 + ["9808"] * 2
        assert send(card, f"A02C000110{_PUK}{_PIN}") == "9808"

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("A02000010431323334", "6700"),
            ("A0200001093132333431323334FF", "6700"),
            ("A020000108313233FFFFFFFFFF", "6B00"),
            ("A020000108313233FF34FFFFFF", "6B00"),
            ("A0200001080000000000000000", "6B00"),
            ("A020000208" + _PIN, "6B00"),
            ("A020010108" + _PIN, "6B00"),
            ("A024000108" + _PIN, "6700"),
            ("A024000110" + _PIN + "3132333435FFFFFF", "6B00"),
            ("A02C000110" + _PUK + "3132333435FFFFFF", "6B00"),
        ],
    )
    def test_what_cannot_be_a_pin_costs_no_try(self, card: Card, command: str, status: str) -> None:
        assert send(card, command) == status
        assert (card.pins[1].tries_left, card.pins[2].tries_left) == (3, 10)


def test_same_activities_everywhere() -> None:
    for make_card, verify in (
        (cps3.make, "002000010431323334"),
        (cps4.make, "012000010431323334"),
        (cps2ter.make, _VERIFY),
    ):
        made = make_card()
        send(made, "01A4040C088025000001FF0100")
        assert send(made, verify) == "9000"
        _go(made, "3F00", "4010")
        assert send(made, "A0B0000004") == "EE3180019000"


@given(st.lists(st.binary(max_size=24).map(lambda tail: b"\xa0" + tail), max_size=20))
def test_whatever_is_sent_gets_a_status(commands: list[bytes]) -> None:
    for kind in ("cps2ter", "cps3"):
        card = make(kind)
        for command in commands:
            assert 2 <= len(card.transmit(command)) <= 258
        assert all(0 <= pin.tries_left <= pin.image.tries for pin in card.pins.values())
