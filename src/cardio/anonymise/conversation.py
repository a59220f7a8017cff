"""A recorded connection told by commands, not by transmissions: chains joined, answers gathered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cardio.errors import ApduError
from cardio.iso7816.apdu import CommandApdu
from cardio.trace.trace import Exchange

GET_RESPONSE = 0xC0
_STATUS_SIZE = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an exchange's command or answer: where in it, and how long."""

    exchange: int
    at: int
    size: int


@dataclass(slots=True)
class Told:
    """A command with all its data, and all that came of it.

    `sent` and `got` are the pieces `data` and `answer` were put together from; `exchange` is the
    index of the first transmission, `status` the last status word.
    """

    command: CommandApdu
    exchange: int
    sent: list[Piece] = field(default_factory=list[Piece])
    got: list[Piece] = field(default_factory=list[Piece])
    data: bytes = b""
    answer: bytes = b""
    status: bytes = b""

    @property
    def is_success(self) -> bool:
        """9000, or the end of a file, or an answer that waits to be fetched."""
        return self.status in (b"\x90\x00", b"\x62\x82") or self.status[:1] in (b"\x61", b"\x9f")


def conversation(exchanges: Iterable[tuple[int, Exchange]]) -> Iterator[Told]:
    """The commands of one connection in order; those whose data are hidden are left out.

    With each exchange comes its index in the trace.
    """
    current: Told | None = None
    for index, exchange in exchanges:
        if exchange.control is not None or exchange.command.hidden or exchange.answer.hidden:
            if current:
                yield current
            current = None
            continue
        raw, answer = exchange.command.before, exchange.answer.before
        command = _decoded(raw)
        if command is None or not _goes_on(current, command):
            if current:
                yield current
            current = Told(command, index) if command else None
        if current and command:
            _add(current, index, command, answer)
    if current:
        yield current


def _decoded(raw: bytes) -> CommandApdu | None:
    try:
        return CommandApdu.decode(raw)
    except ApduError:
        return None


def _goes_on(current: Told | None, command: CommandApdu) -> bool:
    """Whether this fetches more of the answer, or adds to the chain."""
    if current is None:
        return False
    if command.ins == GET_RESPONSE:
        return True
    chained = current.command.is_chained and current.command.header[1:] == command.header[1:]
    return chained and not current.answer


def _add(told: Told, index: int, command: CommandApdu, answer: bytes) -> None:
    if command.ins != GET_RESPONSE and command.data:
        told.sent.append(Piece(index, 7 if command.extended else 5, len(command.data)))
        told.data += command.data
    told.status = answer[-_STATUS_SIZE:]
    size = len(answer) - _STATUS_SIZE
    if size > 0:
        told.got.append(Piece(index, 0, size))
        told.answer += answer[:size]
