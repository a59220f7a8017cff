"""`VitaleCard` over a soft card: commands sent, both ways to the lists, refusals."""

from datetime import date

import pytest
from tests.support.vitale_card import (
    MAP,
    MATCH,
    MF_VITALE,
    NUMBERS,
    PEOPLE,
    ROOT,
    VITALE,
    SoftVitale,
    encoded,
    family,
    map_of,
    number,
    person,
)

from cardio.cards.identify import CardKind, Interface, Match, Reason, identify
from cardio.cards.layout import Confidence
from cardio.cards.vitale.beneficiary import ProblemCode
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import CardRemoved, FileNotFound, SecurityStatusNotSatisfied, UnsupportedCard
from cardio.iso7816.tlv import Tlv
from cardio.transport.channel import Channel

RUFUS = [
    "00A40000023F00",
    "00B0820000",
    "00A404000BD250000002564954414C45",
    "00B0820000",
]
"""The sequence of facts vitale_readers.md §3."""


def open_card(soft: SoftVitale) -> VitaleCard:
    return VitaleCard(Channel(soft), MATCH)


def sent(soft: SoftVitale) -> list[str]:
    return [command.hex().upper() for command in soft.sent]


def codes(card: VitaleCard) -> set[ProblemCode]:
    return {problem.code for problem in card.problems}


def without_short_ids(soft: SoftVitale) -> SoftVitale:
    """The lists under other file identifiers, which only the map tells."""
    table = {b"\x00\x01": MF_VITALE, b"\x00\x02": VITALE}
    soft.applications[ROOT][0x2010] = soft.applications[ROOT].pop(0x2002)
    soft.applications[VITALE][0x2011] = soft.applications[VITALE].pop(0x2002)
    soft.applications[VITALE][0x2001] = map_of(
        table,
        ("FERME", b"\x00\x02", 0x2004),
        ("PHOTO", b"\x00\x02", 0x2005),
        ("ABSENT", b"\x00\x02", 0x2006),
        ("BENEF", b"\x00\x01", 0x2010),
        ("NIR", b"\x00\x02", 0x2011),
        ("CARTE", b"\x00\x01", 0x2003),
    )
    soft.applications[VITALE][0x2005] = bytes(1000)
    return soft


def test_nothing_is_read_before_it_is_asked_for() -> None:
    soft = family()
    card = open_card(soft)
    assert (card.reader, card.atr, soft.sent) == (soft.reader, soft.atr, [])


def test_the_lists_take_four_commands_and_are_read_once() -> None:
    soft = family()
    card = open_card(soft)
    assert [one.given_name for one in card.beneficiaries] == ["ZOÉ", "LEO"]
    assert card.problems == ()
    assert card.beneficiaries is card.beneficiaries
    assert sent(soft) == RUFUS


def test_five_commands_with_identification() -> None:
    soft = family()
    channel = Channel(soft)
    card = VitaleCard(channel, identify(channel))
    assert len(card.beneficiaries) == 2
    assert channel.exchanged == 5


def test_valid_from_walks_the_map_up_to_it() -> None:
    soft = family()
    card = open_card(soft)
    assert len(card.beneficiaries) == 2
    assert card.valid_from == date(2020, 1, 15)
    assert card.valid_from == date(2020, 1, 15)
    assert sent(soft)[4:] == [
        "00A404000BD250000002564954414C45",
        "00A4020002200100",
        "00B0000000",
        "00A404000ED2500000024D465F564954414C45",
        "00A4020002200200",
        "00B0000000",
        "00A4020002200300",
        "00B0000000",
    ]


def test_valid_from_in_the_lists_takes_no_walk() -> None:
    soft = family()
    soft.applications[ROOT][0x2002] = PEOPLE + bytes.fromhex("660A80083230323030313135")
    card = open_card(soft)
    assert card.valid_from == date(2020, 1, 15)
    assert sent(soft) == RUFUS


@pytest.mark.parametrize("content", [None, b"", bytes.fromhex("66028000"), b"\x66\x0a\x80"])
def test_valid_from_that_is_not_told(content: bytes | None) -> None:
    soft = family()
    soft.applications[ROOT][0x2003] = content
    assert open_card(soft).valid_from is None


def test_the_map_leads_to_lists_without_short_id() -> None:
    soft = without_short_ids(family())
    card = open_card(soft)
    assert [one.given_name for one in card.beneficiaries] == ["ZOÉ", "LEO"]
    assert all(one.nir for one in card.beneficiaries)
    assert card.problems == ()


def test_the_walk_goes_on_where_it_stopped() -> None:
    soft = without_short_ids(family())
    card = open_card(soft)
    assert len(card.beneficiaries) == 2
    before = len(soft.sent)
    assert card.valid_from == date(2020, 1, 15)
    assert sent(soft)[before:] == [
        "00A404000ED2500000024D465F564954414C45",
        "00A4020002200300",
        "00B0000000",
    ]


def test_a_walk_broken_off_is_taken_up_again() -> None:
    class Leaving(SoftVitale):
        is_leaving = False

        def transmit(self, command: bytes) -> bytes:
            if self.is_leaving and command == bytes.fromhex("00A4020002200300"):
                self.is_leaving = False
                raise CardRemoved("gone")
            return super().transmit(command)

    soft = Leaving(family().applications)
    card = open_card(soft)
    assert len(card.beneficiaries) == 2
    soft.is_leaving = True
    with pytest.raises(CardRemoved):
        _ = card.valid_from
    assert card.valid_from == date(2020, 1, 15)


def test_only_the_first_block_of_other_files_is_read() -> None:
    soft = without_short_ids(family())
    assert open_card(soft).beneficiaries
    assert "00B0010000" not in sent(soft)


def test_files_longer_than_a_block() -> None:
    people = [person(f"TEST-{index:02}".encode(), b"LEO", b"20121901") for index in range(12)]
    nirs = [number(b"112196296516618") for _ in range(12)]
    soft = family()
    soft.applications[ROOT][0x2002] = encoded(*people)
    soft.applications[VITALE][0x2002] = encoded(*nirs)
    card = open_card(soft)
    assert [one.family_name for one in card.beneficiaries] == [f"TEST-{i:02}" for i in range(12)]
    assert len(soft.sent) == 6


def test_a_file_of_exactly_one_block() -> None:
    soft = family()
    soft.applications[ROOT][0x2002] = PEOPLE.ljust(256, b"\xff")
    card = open_card(soft)
    assert len(card.beneficiaries) == 2
    assert card.problems == ()
    assert len(soft.sent) == 5


def test_numbers_that_are_closed() -> None:
    soft = family()
    soft.applications[VITALE][0x2002] = None
    card = open_card(soft)
    assert [one.given_name for one in card.beneficiaries] == ["ZOÉ", "LEO"]
    assert all(one.nir is None for one in card.beneficiaries)
    assert codes(card) == {ProblemCode.REFUSED_FILE, ProblemCode.COUNTS_DIFFER}


def test_one_number_too_many() -> None:
    soft = family()
    soft.applications[VITALE][0x2002] = NUMBERS + number(b"112196296516618").encode()
    card = open_card(soft)
    assert all(one.nir is None for one in card.beneficiaries)
    assert codes(card) == {ProblemCode.COUNTS_DIFFER}


def test_an_empty_template_keeps_its_place() -> None:
    soft = family()
    soft.applications[ROOT][0x2002] = Tlv.of(0x65).encode() + PEOPLE
    soft.applications[VITALE][0x2002] = Tlv.of(0x65).encode() + NUMBERS
    first, second, _ = open_card(soft).beneficiaries
    assert (first.given_name, first.nir) == (None, None)
    assert second.given_name == "ZOÉ"
    assert second.nir is not None
    assert second.nir.value.startswith("285")


def test_the_same_list_twice_gives_no_number() -> None:
    """A card whose root is not left when VITALE is selected must not pair names with names."""
    soft = family()
    soft.applications[VITALE] = soft.applications[ROOT]
    card = open_card(soft)
    assert all(one.nir is None for one in card.beneficiaries)
    assert ProblemCode.COUNTS_DIFFER in codes(card)


def test_a_damaged_list_is_read_up_to_the_damage() -> None:
    soft = family()
    soft.applications[ROOT][0x2002] = PEOPLE[:-2]
    card = open_card(soft)
    assert [one.given_name for one in card.beneficiaries] == ["ZOÉ"]
    assert codes(card) == {ProblemCode.DAMAGED_FILE, ProblemCode.COUNTS_DIFFER}


def test_empty_lists_name_nobody() -> None:
    soft = family()
    soft.applications = {ROOT: {0x2002: b""}, VITALE: {0x2002: b"", 0x2001: b"\x00" * 16}}
    card = open_card(soft)
    assert card.beneficiaries == ()
    assert ProblemCode.NO_BENEFICIARY in codes(card)


@pytest.mark.parametrize(
    ("applications", "error"),
    [
        ({}, FileNotFound),
        ({ROOT: {}, VITALE: {}}, FileNotFound),
        ({ROOT: {0x2002: None}, VITALE: {0x2002: None}}, SecurityStatusNotSatisfied),
        ({ROOT: {0x2002: None}, VITALE: {0x2001: MAP}}, SecurityStatusNotSatisfied),
    ],
)
def test_a_card_that_gives_no_list_is_an_error(
    applications: dict[bytes, dict[int, bytes | None]], error: type[FileNotFound]
) -> None:
    soft = SoftVitale(applications)
    with pytest.raises(error) as caught:
        _ = open_card(soft).beneficiaries
    assert caught.value.where.reader == soft.reader
    assert caught.value.where.apdu_index is not None


def test_other_kinds_are_not_read() -> None:
    match = Match(CardKind.VITALE1, "1", Interface.CONTACT, Confidence.INFERRED, Reason.ATR_ONLY)
    with pytest.raises(UnsupportedCard):
        VitaleCard(Channel(family()), match)
