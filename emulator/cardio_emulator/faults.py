"""Faults of a card, as data, and a wrapper that makes any card show them.

`at` counts the APDUs a client sends since the card was made, from 0, GET RESPONSE included and
resets not; a fault without `at` shows on every APDU. The same wrapped card works in process and
over vpcd (facts: pcsc_vpcd.md §2 "Faults as a pyscard user sees them").
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cardio.errors import CardRemoved, ConfigurationError, TransmitTimeout
from cardio_emulator.virtual_card import VirtualCard

Ask = Callable[[], bytes]
"""Has the card carry the command out and gives its answer."""

MAX_SECONDS = 60.0
"""Longest silence: a mute card blocks its reader for as long (facts: pcsc_vpcd.md §0.7)."""
MIN_SENT = 2
"""Fewest bytes sent: a lone byte can crash pcscd, none hangs it (facts: pcsc_vpcd.md §0.6)."""


class TornOut(CardRemoved):
    """The card left during the command: `sent` got out, of an answer of `announced` bytes."""

    def __init__(self, sent: bytes = b"", announced: int = 0) -> None:
        super().__init__("the card was taken out during the command")
        self.sent = sent
        self.announced = announced


@dataclass(frozen=True, slots=True)
class Removed:
    """The card is taken out while it should answer; `executed` when it did the work before."""

    at: int
    executed: bool = False

    def answer(self, ask: Ask) -> bytes:
        if self.executed:
            ask()
        raise TornOut


@dataclass(frozen=True, slots=True)
class Mute:
    """No answer for `seconds`, then a time-out; over vpcd the card leaves at that moment."""

    at: int
    seconds: float = 1.0

    def __post_init__(self) -> None:
        _check_seconds(self.seconds)

    def answer(self, _ask: Ask) -> bytes:
        time.sleep(self.seconds)
        raise TransmitTimeout(f"the card was silent for {self.seconds:g} s")


@dataclass(frozen=True, slots=True)
class SlowAnswer:
    """The right answer, `seconds` late."""

    seconds: float
    at: int | None = None

    def __post_init__(self) -> None:
        _check_seconds(self.seconds)

    def answer(self, ask: Ask) -> bytes:
        time.sleep(self.seconds)
        return ask()


@dataclass(frozen=True, slots=True)
class CutAnswer:
    """The card is taken out while it answers: `size` bytes get out, never the last one."""

    at: int
    size: int = 4

    def __post_init__(self) -> None:
        if self.size < MIN_SENT:
            raise ConfigurationError(f"size: at least {MIN_SENT} bytes, not {self.size}")

    def answer(self, ask: Ask) -> bytes:
        whole = ask()
        raise TornOut(whole[: min(self.size, len(whole) - 1)], announced=len(whole))


@dataclass(frozen=True, slots=True)
class WrongStatus:
    """The command is not carried out; `status` (SW1-SW2) is all the answer."""

    at: int
    status: int = 0x6F00

    def __post_init__(self) -> None:
        if not 0x6000 <= self.status <= 0x9FFF:
            raise ConfigurationError(f"status: 0x6000 to 0x9FFF, not {self.status:#x}")

    def answer(self, _ask: Ask) -> bytes:
        return self.status.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class GarbageAtr:
    """Another answer to reset; the default starts with neither 3B nor 3F."""

    atr: bytes = bytes.fromhex("FF00A5A5")

    def __post_init__(self) -> None:
        if len(self.atr) < MIN_SENT:
            raise ConfigurationError(f"atr: at least {MIN_SENT} bytes, not {len(self.atr)}")


ExchangeFault = Removed | Mute | SlowAnswer | CutAnswer | WrongStatus
Fault = ExchangeFault | GarbageAtr


class FaultyCard:
    """`card`, showing `faults`; of two faults at one APDU the later one shows outermost.

    `transmit` raises `TornOut` or `TransmitTimeout` where no answer comes: whatever holds the
    card takes it out, or reports the silence.
    """

    def __init__(self, card: VirtualCard, *faults: Fault) -> None:
        self.card = card
        self.count = 0
        self._atr = next((f.atr for f in faults if isinstance(f, GarbageAtr)), None)
        self._faults = [fault for fault in faults if not isinstance(fault, GarbageAtr)]

    @property
    def atr(self) -> bytes:
        return self.card.atr if self._atr is None else self._atr

    @property
    def serial(self) -> str:
        return self.card.serial

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        index, self.count = self.count, self.count + 1
        ask: Ask = partial(self.card.transmit, command)
        for fault in self._faults:
            if fault.at in (None, index):
                ask = partial(fault.answer, ask)
        return ask()


def _check_seconds(seconds: float) -> None:
    if not 0 <= seconds <= MAX_SECONDS:
        raise ConfigurationError(f"seconds: 0 to {MAX_SECONDS:g}, not {seconds:g}")
