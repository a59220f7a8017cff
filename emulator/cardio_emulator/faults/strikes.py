"""Something happens to the reader, or to the service behind it, while the card is at work.

The card never gets the command.
"""

from dataclasses import dataclass

from cardio_emulator.faults.rule import Ruled, When
from cardio_emulator.faults.seam import Ask, Moment, Strike, Struck


@dataclass(frozen=True, slots=True)
class ResetByAnother(Ruled):
    """Another program resets the card: what was verified and selected is lost."""

    at: When

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        raise Struck(Strike.RESET)


@dataclass(frozen=True, slots=True)
class HeldByAnother(Ruled):
    """Another program holds the card: a sharing violation, while the rule lasts."""

    at: When

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        raise Struck(Strike.HELD)


@dataclass(frozen=True, slots=True)
class ReaderGone(Ruled):
    """The reader is unplugged, its card still in, until it is plugged in again."""

    at: When

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        raise Struck(Strike.READER_GONE)


@dataclass(frozen=True, slots=True)
class ServiceGone(Ruled):
    """The PC/SC service ends, for every reader, until it is started again."""

    at: When

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        raise Struck(Strike.SERVICE_GONE)
