"""A workstation finds cards by what they are, says why it cannot, and notices a swap."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from cardio.cards.identify import CardKind
from cardio.errors import CardChanged, CardMute, SelectionError, SharingViolation, TransmitTimeout
from cardio.transport.base import ShareMode
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.selection import SelectionReason
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import FaultyCard, GarbageAtr, SlowAnswer
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

LEFT, RIGHT = "Lecteur A 00 00", "Lecteur B 00 00"


@dataclass
class Desk:
    """A bench of readers and the workstation that sees it."""

    bench: Bench = field(default_factory=Bench)

    def __post_init__(self) -> None:
        self.workstation = Workstation(EmulatedResourceManager(self.bench))

    def put(self, **cards: VirtualCard | None) -> None:
        for side, card in cards.items():
            self.bench.add_reader({"left": LEFT, "right": RIGHT}[side], card)

    def reason(self) -> str:
        with pytest.raises(SelectionError) as refused:
            self.workstation.cps()
        return refused.value.reason


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    with made.workstation:
        yield made


@pytest.fixture(scope="module")
def cps() -> Card:
    return make("cps3")


@pytest.fixture(scope="module")
def vitale() -> Card:
    return make("vitale2")


def test_each_card_is_found_in_either_reader(desk: Desk, cps: Card, vitale: Card) -> None:
    desk.put(left=vitale, right=cps)
    assert desk.workstation.cps().reader == RIGHT
    assert desk.workstation.vitale().reader == LEFT
    assert desk.workstation.cps(reader="lecteur b").reader == RIGHT


def test_why_no_cps_was_chosen(desk: Desk, vitale: Card) -> None:
    assert desk.reason() == SelectionReason.NO_READER
    desk.put(left=None)
    assert desk.reason() == SelectionReason.NO_CARD
    desk.put(right=vitale)
    assert desk.reason() == SelectionReason.NOT_FOUND


def test_of_two_cps_none_is_taken(desk: Desk, cps: Card) -> None:
    desk.put(left=cps, right=make("cps3"))
    assert desk.reason() == SelectionReason.SEVERAL
    assert desk.workstation.cps(reader=LEFT).reader == LEFT


def test_a_mute_card_may_be_the_one(desk: Desk, cps: Card) -> None:
    desk.put(left=FaultyCard(cps, GarbageAtr(bytes.fromhex("3B" + "00" * 33))))
    with pytest.raises(SelectionError) as refused:
        desk.workstation.cps()
    assert refused.value.reason == SelectionReason.NOT_READABLE
    assert isinstance(refused.value.__cause__, CardMute)


def test_a_reader_held_by_another_program_is_told(desk: Desk, cps: Card) -> None:
    desk.put(left=cps)
    held = desk.workstation.manager.connect(LEFT, ShareMode.EXCLUSIVE)
    (slot,) = desk.workstation.scan()
    assert isinstance(slot.error, SharingViolation)
    held.close()
    (slot,) = desk.workstation.scan()
    assert slot.match is not None
    assert slot.match.kind is CardKind.CPS3


def test_readers_are_looked_into_side_by_side_and_for_a_limited_time(
    desk: Desk, cps: Card, vitale: Card
) -> None:
    desk.put(left=FaultyCard(cps, SlowAnswer(6.0)), right=vitale)
    begun = time.monotonic()
    slow, quick = desk.workstation.scan(limit=1.0)
    assert time.monotonic() - begun < 6.0
    assert isinstance(slow.error, TransmitTimeout)
    assert quick.match is not None


def test_the_same_card_is_opened_again(desk: Desk, cps: Card) -> None:
    desk.put(left=cps)
    card = desk.workstation.cps()
    reader = desk.bench.reader(LEFT)
    reader.remove()
    reader.insert(cps)
    assert desk.workstation.reopen(card).tries_left() == 3


def test_another_card_of_the_same_kind_is_noticed(desk: Desk, cps: Card) -> None:
    desk.put(left=cps)
    card = desk.workstation.cps()
    reader = desk.bench.reader(LEFT)
    reader.remove()
    reader.insert(make("cps3", "secretaire"))
    with pytest.raises(CardChanged) as changed:
        desk.workstation.reopen(card)
    assert changed.value.where.reader == LEFT


def test_nothing_stays_connected_after_the_workstation(cps: Card) -> None:
    bench = Bench()
    reader = bench.add_reader(LEFT, cps)
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        workstation.cps().tries_left()
        assert reader.state.in_use
    assert not reader.state.in_use
