"""What a fault is: three ways to act on a card, and what comes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias, runtime_checkable

from cardio.errors import CardRemoved, ConfigurationError
from cardio_emulator.clock import Clock
from cardio_emulator.faults.rule import Rule
from cardio_emulator.virtual_card import VirtualCard

Ask: TypeAlias = Callable[[], bytes]
"""Has the card carry the command out and gives its answer."""

MIN_SENT = 2
"""Fewest bytes sent: a lone byte can crash pcscd, none hangs it (facts: pcsc_vpcd.md §0.6)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a fault may look at: the command as it was sent, and the time that passes."""

    command: bytes
    clock: Clock


@runtime_checkable
class ExchangeFault(Protocol):
    """Acts on one command and its answer, where its rule says so."""

    @property
    def rule(self) -> Rule: ...

    def answer(self, ask: Ask, moment: Moment) -> bytes:
        """At least 2 bytes. Raises `TornOut`, `Struck` or `TransmitTimeout` in their place."""
        ...


@runtime_checkable
class AtrFault(Protocol):
    """Acts on the answer to reset."""

    def atr_of(self, atr: bytes, resets: int) -> bytes:
        """The answer after `resets` resets of the card in use, in place of `atr`."""
        ...


@runtime_checkable
class StateFault(Protocol):
    """Acts on the card itself, before it is put in."""

    def fits(self, card: VirtualCard) -> bool:
        """Whether there is something to act on."""
        ...

    def prepare(self, card: VirtualCard) -> VirtualCard:
        """The card in that state. Raises `ConfigurationError` where it does not fit."""
        ...


Fault: TypeAlias = ExchangeFault | AtrFault | StateFault


class TornOut(CardRemoved):
    """The card left during the command: `sent` got out, of an answer of `announced` bytes."""

    def __init__(self, sent: bytes = b"", announced: int = 0) -> None:
        super().__init__("the card was taken out during the command")
        self.sent = sent
        self.announced = announced

    @property
    def is_whole(self) -> bool:
        """Whether the whole answer got out before the card left."""
        return bool(self.sent) and len(self.sent) == self.announced


class Strike(Enum):
    """What can happen to a reader while a program waits for the card's answer."""

    RESET = "another program resets the card"
    HELD = "another program holds the card"
    READER_GONE = "the reader is unplugged"
    SERVICE_GONE = "the PC/SC service ends"


class Struck(TornOut):
    """The reader was struck before the card got the command: `strike` says how.

    Whoever holds the card has it happen (in process `cardio_emulator.strikes.apply`); a holder
    that can't takes the card out, as for any `TornOut`.
    """

    def __init__(self, strike: Strike) -> None:
        super().__init__()
        self.strike = strike


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raises `ConfigurationError` unless `low` <= `value` <= `high`."""
    if not low <= value <= high:
        raise ConfigurationError(f"{name}: {low:g} to {high:g}, not {value:g}")
