"""A card swapped or reset at every APDU of a consultation: an error or the right two people.

The faults of cards and readers are in the matrix, of which a consultation is a flow.

Whatever happens, nobody else's data are given, no thread is left, and no try is spent.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.support.consulting import A, B, Table, cps, table, vitale

from cardio.errors import CardioError
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.workstation.consultation_patient import VitaleRead
from cardio_emulator.faults import FaultyCard
from cardio_emulator.virtual_card import VirtualCard

People = tuple[tuple[str | None, ...], ...]
Told = tuple[str, People, People]

_PLACES = {"cps": A, "vitale": B}
_CARDS: dict[str, Callable[[], VirtualCard]] = {"cps": cps, "vitale": vitale}
_OTHERS: dict[str, Callable[[], VirtualCard]] = {
    "cps": lambda: cps("infirmiere"),
    "vitale": lambda: vitale("famille-voisine"),
}


class AtApdu:
    """`card`, with something that happens in its reader after the answer to APDU `at`."""

    def __init__(self, card: VirtualCard, at: int, happens: Callable[[], object]) -> None:
        self._card, self._at, self._happens = card, at, happens
        self.count = 0

    @property
    def atr(self) -> bytes:
        return self._card.atr

    @property
    def serial(self) -> str:
        return self._card.serial

    def reset(self) -> None:
        self._card.reset()

    def become(self, other: VirtualCard) -> None:
        self._card = other
        other.reset()

    def transmit(self, command: bytes) -> bytes:
        answer, at = self._card.transmit(command), self.count
        self.count += 1
        if at == self._at:
            self._happens()
        return answer


@dataclass(frozen=True)
class Place:
    """Where a fault is: which card, and after how many APDUs."""

    desk: Table
    role: str
    at: int

    @property
    def reader(self) -> str:
        return _PLACES[self.role]

    @property
    def card(self) -> VirtualCard:
        return _CARDS[self.role]()

    @property
    def other(self) -> VirtualCard:
        return _OTHERS[self.role]()


def swapped(place: Place) -> VirtualCard:
    return AtApdu(place.card, place.at, lambda: place.desk.swap(place.reader, place.other))


def swapped_unseen(place: Place) -> VirtualCard:
    made = AtApdu(place.card, place.at, lambda: made.become(place.other))
    return made


def reset(place: Place) -> VirtualCard:
    def by_another_program() -> None:
        reader = place.desk.bench.reader(place.reader)
        reader.reset_count += 1
        place.card.reset()

    return AtApdu(place.card, place.at, by_another_program)


FAULTS: dict[str, Callable[[Place], VirtualCard]] = {
    "reset": reset,
    "swapped": swapped,
    "swapped unseen": swapped_unseen,
}


def people(read: VitaleRead) -> People:
    return tuple(
        (p.family_name, p.given_name, p.birth_date_as_written, p.nir.value if p.nir else None)
        for p in read.beneficiaries
    )


def flow(desk: Table) -> Told:
    """What a client does: both cards, the PIN, and a check before a service is called."""
    with desk.workstation.consultation() as consultation:
        seen = people(consultation.vitale)
        outcome = consultation.cps.verify_pin(Pin.of("1234"))
        if not isinstance(outcome, Verified):
            raise CardioError(f"no PIN: {outcome}")
        checked = people(consultation.check())
        return str(consultation.cps.holder.ps_idnat), seen, checked


def run(made: Callable[[Place], VirtualCard], role: str, at: int) -> Told | CardioError:
    with table(A, B) as desk:
        faulty = made(Place(desk, role, at))
        for one, reader in _PLACES.items():
            desk.put(reader, faulty if one == role else _CARDS[one]())
        try:
            return flow(desk)
        except CardioError as error:
            return error


@pytest.fixture(scope="module")
def right() -> Told:
    told = run(lambda place: place.card, "cps", 0)
    assert isinstance(told, tuple)
    return told


@pytest.fixture(scope="module")
def wrong_people() -> People:
    with table(A, B) as desk:
        desk.put(A, cps())
        desk.put(B, _OTHERS["vitale"]())
        return flow(desk)[1]


@pytest.mark.parametrize("role", ["cps", "vitale"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_at_every_apdu(
    fault: str, role: str, right: Told, wrong_people: People
) -> None:
    counted: list[FaultyCard] = []

    def count(place: Place) -> FaultyCard:
        counted.append(FaultyCard(place.card))
        return counted[0]

    assert run(count, role, 0) == right
    assert counted[0].count > 10
    for at in range(counted[0].count):
        told = run(FAULTS[fault], role, at)
        where = f"{fault} at APDU {at} of the {role}"
        if isinstance(told, tuple):
            whole = (
                wrong_people if fault == "swapped unseen" and told[1] == wrong_people else right[1]
            )
            assert told[0] == right[0], where
            assert told[1] == whole or _says_less(told[1], whole), where
            assert told[2] == told[1] or _says_less(told[1], told[2]), where
        else:
            assert not set(_texts(wrong_people)) & set(str(told).split()), where
    _no_try_was_spent()


def _says_less(told: People, right: People) -> bool:
    """What a card refused is missing; nothing else differs."""
    pairs = [pair for t, r in zip(told, right, strict=True) for pair in zip(t, r, strict=True)]
    return all(one in (None, other) for one, other in pairs)


def _texts(told: People) -> list[str]:
    return [text for person in told for text in person if text]


def _no_try_was_spent() -> None:
    with table(A, B) as desk:
        desk.put(A, cps())
        desk.put(B, vitale())
        with desk.workstation.consultation() as consultation:
            assert consultation.cps.tries_left() == 3
