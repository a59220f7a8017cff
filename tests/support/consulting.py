"""Readers and cards for tests of consultations: cards are made once, and move as a test wants."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from tests.support.vitale_card import ROOT, VITALE, SoftVitale, encoded, number, person

from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator import persona
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

A, B, C = "Lecteur A 00 00", "Lecteur B 00 00", "Lecteur C 00 00"


@cache
def card(kind: str, who: str) -> VirtualCard:
    """One card of each persona for the whole test run; its state is that of a card in a drawer."""
    return make(kind, who)


def cps(who: str = "medecin") -> VirtualCard:
    return card("cps3", who)


def vitale(who: str = "famille") -> VirtualCard:
    return card("vitale2", who)


@cache
def real_cps() -> VirtualCard:
    """A CPS whose category is that of real cards; all the rest is invented."""
    medecin = persona.load("medecin")
    return Card(cps3.image(replace(medecin, category=0, card_number="2909821718")), IAS_ECC)


class UnmarkedVitale:
    """A Vitale without any mark of a test card: the months of its NIRs are months."""

    serial = "unmarked"

    def __init__(self) -> None:
        people = encoded(person(b"SANS-MARQUE", b"ALIX", b"19851201"))
        numbers = encoded(number(b"285127599001285"))
        self._card = SoftVitale({ROOT: {0x2002: people}, VITALE: {0x2002: numbers}})

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def reset(self) -> None:
        """It has no state."""

    def transmit(self, command: bytes) -> bytes:
        return self._card.transmit(command)


class Swapped:
    """`first` until `swap`, then `second`: without any event (facts: pcsc_vpcd.md §0.5)."""

    def __init__(self, first: VirtualCard, second: VirtualCard) -> None:
        self.atr = first.atr
        self._now, self._then = first, second

    @property
    def serial(self) -> str:
        return self._now.serial

    def swap(self) -> None:
        self._now = self._then
        self._now.reset()

    def reset(self) -> None:
        self._now.reset()

    def transmit(self, command: bytes) -> bytes:
        return self._now.transmit(command)


class Table:
    """Readers by name, a workstation that sees them, and hands that move cards."""

    def __init__(self, *names: str, **cards: VirtualCard) -> None:
        self.bench = Bench(names or (A, B))
        self.workstation = Workstation(EmulatedResourceManager(self.bench))

    def put(self, reader: str, one: VirtualCard) -> None:
        self.bench.reader(reader).insert(one)

    def take(self, reader: str) -> VirtualCard:
        return self.bench.reader(reader).remove()

    def swap(self, reader: str, one: VirtualCard) -> None:
        self.take(reader)
        self.put(reader, one)

    def reset(self, reader: str) -> None:
        """Another program resets the card."""
        other = self.bench.reader(reader).connect()
        other.reset()
        other.close()


@contextmanager
def table(*names: str) -> Iterator[Table]:
    """A table whose workstation ends with the `with` block, and all its threads with it."""
    before = set(threading.enumerate())
    made = Table(*names)
    with made.workstation:
        yield made
    left = [one for one in threading.enumerate() if one not in before]
    for thread in left:
        thread.join(timeout=2)
    assert not [one for one in left if one.is_alive()], "a thread is left"


class Hands:
    """`on_prompt` of a consultation: does the next of `steps` at each prompt, then nothing."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)
        self.asked: list[object] = []

    def __call__(self, prompt: object) -> None:
        self.asked.append(prompt)
        if self.steps:
            self.steps.pop(0)()
