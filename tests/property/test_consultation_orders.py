"""A CPS and a Vitale in 2, 4 and 8 readers, in every order, either taken out at any moment."""

import itertools
from collections.abc import Iterator

import pytest
from tests.support.consulting import Table, cps, table, vitale

from cardio.errors import CardioError, SelectionError, TransportError
from cardio_emulator.faults import FaultyCard, Removed
from cardio_emulator.virtual_card import VirtualCard

SIZES = (2, 4, 8)
FAMILY = ["CARDIOLINE", "NOÉ", "ZOÉLIE"]


def readers(size: int) -> list[str]:
    """Single readers and units of two slots, as pcsc-lite names them."""
    return [f"Lecteur {number // 2} {number // 2:02X} {number % 2:02X}" for number in range(size)]


def placements(size: int) -> Iterator[tuple[str, str]]:
    """Every reader for the CPS with every other one for the Vitale."""
    yield from itertools.permutations(readers(size), 2)


def use(desk: Table) -> list[str | None]:
    """Begin, and check; whose the CPS is is checked here."""
    with desk.workstation.consultation() as consultation:
        assert str(consultation.cps.holder.ps_idnat) == "899700982178"
        return [person.given_name for person in consultation.check().beneficiaries]


def run(size: int, at: tuple[str, str], one: VirtualCard, other: VirtualCard) -> list[str | None]:
    with table(*readers(size)) as desk:
        desk.put(at[0], one)
        desk.put(at[1], other)
        return use(desk)


@pytest.mark.parametrize("size", SIZES)
def test_every_order(size: int) -> None:
    for at in placements(size):
        assert run(size, at, cps(), vitale()) == FAMILY


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("role", ["cps", "vitale"])
def test_a_removal_at_every_moment(size: int, role: str) -> None:
    """All moments with two readers; with more, every moment in some of the orders."""
    counting = {"cps": FaultyCard(cps()), "vitale": FaultyCard(vitale())}
    run(2, next(placements(2)), counting["cps"], counting["vitale"])
    moments = counting[role].count
    stride = {2: 1, 4: 1, 8: 8}[size]
    for number, at in enumerate(placements(size)):
        for moment in range(number % stride, moments, stride):
            torn = FaultyCard(cps() if role == "cps" else vitale(), Removed(moment))
            told = attempt(size, at, (torn, vitale()) if role == "cps" else (cps(), torn))
            if isinstance(told, SelectionError):
                assert isinstance(told.__cause__, TransportError), (at, moment)
            elif isinstance(told, TransportError):
                assert told.where.reader in at, (at, moment)
            else:
                assert told == FAMILY, (at, moment)


def attempt(
    size: int, at: tuple[str, str], cards: tuple[VirtualCard, VirtualCard]
) -> list[str | None] | CardioError:
    try:
        return run(size, at, *cards)
    except CardioError as error:
        return error
