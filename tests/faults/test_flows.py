"""Every flow, with every fault at every APDU: a typed error or an honest result, and no try spent.

Each flow runs once to count the APDUs its card sees, then again for each index and fault.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from cardio.errors import CardioError, SelectionError, TransportError
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import CutAnswer, Fault, FaultyCard, Mute, Removed, WrongStatus
from cardio_emulator.kinds import make

READER = "Lecteur 00 00"
Told = tuple[object, ...]


@dataclass(frozen=True)
class Flow:
    """What a program does with one card: `run` gives all it was told."""

    kind: str
    run: Callable[[Workstation], Told]


def identify(workstation: Workstation) -> Told:
    (slot,) = workstation.scan()
    if slot.error:
        raise slot.error
    return (slot.match and slot.match.kind,)


def holder(workstation: Workstation) -> Told:
    card = workstation.cps()
    return card.holder, card.card, _codes(card.problems)


def everything_free(workstation: Workstation) -> Told:
    card = workstation.cps()
    told = card.full_holder, card.full_card, card.free_data_objects, card.certificates
    return *told, card.token_info, card.differences, _codes(card.problems)


def tries(workstation: Workstation) -> Told:
    card = workstation.cps()
    return card.tries_left(), card.puk_counters().tries_left


def beneficiaries(workstation: Workstation) -> Told:
    card = workstation.vitale()
    return card.beneficiaries, card.valid_from, _codes(card.problems)


def _codes(problems: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(repr(problem) for problem in problems)


FLOWS = {
    "identify CPS": Flow("cps3", identify),
    "identify Vitale": Flow("vitale2", identify),
    "holder": Flow("cps3", holder),
    "everything free": Flow("cps3", everything_free),
    "tries": Flow("cps3", tries),
    "beneficiaries": Flow("vitale2", beneficiaries),
}

FAULTS: dict[str, Callable[[int], Fault]] = {
    "removed": Removed,
    "removed after the work": lambda at: Removed(at, executed=True),
    "cut answer": lambda at: CutAnswer(at, 3),
    "mute": lambda at: Mute(at, 0.0),
    "6F00": WrongStatus,
    "6982": lambda at: WrongStatus(at, 0x6982),
    "9000 without data": lambda at: WrongStatus(at, 0x9000),
    "6100 again and again": lambda at: WrongStatus(at, 0x6100),
    "6C00": lambda at: WrongStatus(at, 0x6C00),
}


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return {kind: make(kind) for kind in ("cps3", "vitale2")}


def run(flow: Flow, card: Card, *faults: Fault) -> tuple[Told | CardioError, int]:
    """What the flow was told, or the error it ended with; and how many APDUs the card saw."""
    faulty = FaultyCard(card, *faults)
    bench = Bench([READER])
    bench.reader(READER).insert(faulty)
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        try:
            return flow.run(workstation), faulty.count
        except CardioError as error:
            return error, faulty.count


def places(flow: Flow, card: Card) -> Iterator[tuple[str, int]]:
    told, count = run(flow, card)
    assert not isinstance(told, CardioError), f"the flow fails without a fault: {told}"
    yield from ((fault, at) for fault in FAULTS for at in range(count))


@pytest.mark.parametrize("name", FLOWS)
def test_every_fault_at_every_apdu(name: str, cards: dict[str, Card]) -> None:
    flow, right = FLOWS[name], run(FLOWS[name], cards[FLOWS[name].kind])[0]
    card = cards[flow.kind]
    tries_before = {number: pin.tries_left for number, pin in card.pins.items()}
    for fault, at in places(flow, card):
        told, _ = run(flow, card, FAULTS[fault](at))
        _check(fault, at, told, right)
        assert {number: pin.tries_left for number, pin in card.pins.items()} == tries_before
    assert run(flow, card)[0] == right, "the card is no longer usable"


def _check(fault: str, at: int, told: Told | CardioError, right: Told | CardioError) -> None:
    """A lost card raises a transport error; anything else raises, or degrades and says so.

    What was not told is None; anything else that differs is told in the problems, last.
    """
    place = f"{fault} at APDU {at}"
    if fault.startswith(("removed", "cut", "mute")):
        cause = told.__cause__ if isinstance(told, SelectionError) else told
        assert isinstance(cause, TransportError), f"{place}: {told!r}"
        assert cause.where.reader == READER, place
    elif isinstance(told, tuple) and isinstance(right, tuple):
        wrong = [got for got, want in zip(told, right, strict=True) if got not in (want, None)]
        assert not wrong or told[-1] != (), f"{place}: wrong, and does not say so: {wrong!r}"


def test_the_reader_is_usable_after_a_removal(cards: dict[str, Card]) -> None:
    bench = Bench([READER])
    bench.reader(READER).insert(FaultyCard(cards["cps3"], Removed(5)))
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        with pytest.raises(TransportError):
            workstation.cps().holder  # noqa: B018
        bench.reader(READER).insert(cards["cps3"])
        assert workstation.cps().tries_left() == 3
