"""A recorded trace: connections to cards, and the exchanges on them, already redacted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cardio.errors import TraceError
from cardio.trace.masked import MaskedBytes
from cardio.trace.redaction import (
    mask_answer,
    pin_structure_size,
    redact_command,
    redact_control,
)

__all__ = ["Entry", "Exchange", "MaskedBytes", "Trace", "TraceHeader", "TracedConnection"]

_BY_THE_PAD = (b"\x64", b"\x6b")
"""First status bytes of what a PIN pad answers by itself (PC/SC part 10): nothing was typed,
it was cancelled, or the pad does not know the structure."""


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """When recording began, with its time zone."""

    created: datetime


@dataclass(frozen=True, slots=True)
class TracedConnection:
    """A card that was connected to, `at` seconds after recording began; `protocol` is T=0 or 1."""

    number: int
    reader: str
    atr: bytes
    protocol: int
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and its answer, on the connection of that number; times in seconds.

    It cannot be built with data that must be masked: that raises `TraceError`. `at` counts from
    the beginning of recording, `seconds` is how long the card took. `control` is the code of a
    command to the reader itself (its PIN pad), whose data are then `command`.
    """

    connection: int
    command: MaskedBytes
    answer: MaskedBytes
    at: float = 0.0
    seconds: float = 0.0
    control: int | None = None

    def __post_init__(self) -> None:
        redact = redact_command if self.control is None else redact_control
        if not self.command.hides(redact(self.command.blanked())):
            raise TraceError("command data that must be masked is in clear")
        if self.command.hidden and not self.answer.hides(mask_answer(self.answer.blanked())):
            raise TraceError("the answer to a masked command is in clear")

    @property
    def card_command(self) -> MaskedBytes | None:
        """The command as it reached the card: what was sent, or what the reader's PIN pad made.

        None where nothing reached it. Of the pad's only header and length are known.
        """
        if self.control is None:
            return self.command
        size = pin_structure_size(self.command.blanked())
        if size is None or not len(self.answer) or self.answer.blanked()[:1] in _BY_THE_PAD:
            return None
        return MaskedBytes(self.command.before[size:], self.command.hidden, self.command.after)


Entry = TraceHeader | TracedConnection | Exchange


@dataclass(frozen=True, slots=True)
class Trace:
    """What a recorder saw: every connection, and every exchange in the order of its end."""

    created: datetime
    connections: tuple[TracedConnection, ...] = ()
    exchanges: tuple[Exchange, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """Put entries together. Raises `TraceError` without a header, or on a wrong number."""
        headers: list[TraceHeader] = []
        connections: list[TracedConnection] = []
        exchanges: list[Exchange] = []
        for entry in entries:
            match entry:
                case TraceHeader():
                    headers.append(entry)
                case TracedConnection():
                    _check(entry.number == len(connections), "connections are numbered from 0 up")
                    connections.append(entry)
                case Exchange():
                    _check(entry.connection < len(connections), "exchange on no connection")
                    exchanges.append(entry)
        _check(len(headers) == 1, "a trace has one header")
        return cls(headers[0].created, tuple(connections), tuple(exchanges))

    def exchanges_of(self, connection: int) -> tuple[Exchange, ...]:
        """The exchanges on the connection of this number."""
        return tuple(found for found in self.exchanges if found.connection == connection)


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise TraceError(message)
