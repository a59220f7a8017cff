"""The card leaves in the middle of a command, or takes its time."""

from dataclasses import dataclass

from cardio.errors import ConfigurationError, TransmitTimeout
from cardio_emulator.faults.rule import Ruled, When
from cardio_emulator.faults.seam import MIN_SENT, Ask, Moment, TornOut, check_range

MAX_SECONDS = 60.0
"""Longest silence: a mute card blocks its reader for as long (facts: pcsc_vpcd.md §0.7)."""
CHARACTER_ETUS = 12
"""Bit times of one byte: 10 bits and a guard time of 2 (ISO/IEC 7816-3:2006 §7.2, §8.3)."""


@dataclass(frozen=True, slots=True)
class Removed(Ruled):
    """The card is taken out while it should answer; `executed` when it did the work before."""

    at: When
    executed: bool = False

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        if self.executed:
            ask()
        raise TornOut


@dataclass(frozen=True, slots=True)
class CutAnswer(Ruled):
    """The card is taken out while it answers: `size` bytes get out, never the last one."""

    at: When
    size: int = 4

    def __post_init__(self) -> None:
        if self.size < MIN_SENT:
            raise ConfigurationError(f"size: at least {MIN_SENT} bytes, not {self.size}")

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        whole = ask()
        sent = whole[: min(self.size, len(whole) - 1)]
        raise TornOut(sent, announced=len(whole)) if len(sent) >= MIN_SENT else TornOut


@dataclass(frozen=True, slots=True)
class RemovedAfter(Ruled):
    """The whole answer gets out, then the card is taken out."""

    at: When

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        whole = ask()
        raise TornOut(whole, announced=len(whole))


@dataclass(frozen=True, slots=True)
class Mute(Ruled):
    """No answer for `seconds`, then a time-out; over vpcd the card leaves at that moment.

    `executed` when it did the work all the same.
    """

    at: When
    seconds: float = 1.0
    executed: bool = False

    def __post_init__(self) -> None:
        check_range("seconds", self.seconds, 0, MAX_SECONDS)

    def answer(self, ask: Ask, moment: Moment) -> bytes:
        if self.executed:
            ask()
        moment.clock.sleep(self.seconds)
        raise TransmitTimeout(f"the card was silent for {self.seconds:g} s")


@dataclass(frozen=True, slots=True)
class SlowAnswer(Ruled):
    """The right answer, late: by `seconds`, and by the time its bytes take at `bit_rate`.

    `bit_rate` is in bits per second, None for no time; a card starts at 9600 or so, with bytes
    of 12 bit times both ways. At most 60 s in all.
    """

    seconds: float
    at: When = None
    bit_rate: int | None = None

    def __post_init__(self) -> None:
        check_range("seconds", self.seconds, 0, MAX_SECONDS)
        if self.bit_rate is not None:
            check_range("bit_rate", self.bit_rate, 300, 10_000_000)

    def answer(self, ask: Ask, moment: Moment) -> bytes:
        answer = ask()
        seconds = self.seconds
        if self.bit_rate:
            seconds += (len(moment.command) + len(answer)) * CHARACTER_ETUS / self.bit_rate
        moment.clock.sleep(min(seconds, MAX_SECONDS))
        return answer
