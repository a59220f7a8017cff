"""A card played from a recorded trace, as a `Connection`."""

from contextlib import AbstractContextManager, nullcontext

from cardio.errors import CardRemoved, ReplayMismatch, UnsupportedByReader
from cardio.trace.masked import MaskedBytes
from cardio.trace.redaction import redact_command, redact_control
from cardio.trace.trace import Exchange, Trace
from cardio.transport.base import Disposition, TransmissionProtocol


class ReplayConnection:
    """Gives the recorded answers of one connection of a trace, to the same commands in order.

    A masked stretch of a command matches any bytes of that length, so any PIN is "right" where
    the recorded one was. Nothing is slept: recorded times are not replayed.
    """

    def __init__(self, trace: Trace, connection: int = 0) -> None:
        """Raises `ReplayMismatch` where the trace has no connection of this number."""
        if not 0 <= connection < len(trace.connections):
            raise ReplayMismatch(f"the trace has no connection #{connection}")
        self._card = trace.connections[connection]
        self._exchanges = trace.exchanges_of(connection)
        self._next = 0
        self._closed = False

    @property
    def reader(self) -> str:
        return self._card.reader

    @property
    def atr(self) -> bytes:
        return self._card.atr

    @property
    def protocol(self) -> TransmissionProtocol:
        return TransmissionProtocol(self._card.protocol)

    @property
    def remaining(self) -> int:
        """Recorded exchanges not asked for yet."""
        return len(self._exchanges) - self._next

    def transmit(self, command: bytes) -> bytes:
        """The recorded answer. Raises `ReplayMismatch` unless `command` is the next recorded one.

        Raises `CardRemoved` where the recorded card gave no whole answer.
        """
        answer = self._answer(command, redact_command(command), to_reader=False)
        if len(answer) < 2:
            raise CardRemoved("the recorded card did not answer").at(self.reader, self._next - 1)
        return answer

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:  # noqa: ARG002
        """See `ReaderControl.control`; codes depend on the system and are not compared.

        Raises `UnsupportedByReader` where the recorded reader gave no answer.
        """
        answer = self._answer(data, redact_control(data), to_reader=True)
        if not answer:
            raise UnsupportedByReader("the recorded reader did not answer").at(self.reader)
        return answer

    def _answer(self, sent: bytes, shown: MaskedBytes, *, to_reader: bool) -> bytes:
        answer = self._expect(sent, shown, to_reader=to_reader).answer
        if answer.hidden:
            raise self._mismatch("the trace holds no data for this answer")
        self._next += 1
        return answer.before

    def _expect(self, sent: bytes, shown: MaskedBytes, *, to_reader: bool) -> Exchange:
        if self._closed:
            raise self._mismatch("the connection is closed")
        if not self.remaining:
            raise self._mismatch(f"the trace ends before {_named(shown)}")
        exchange = self._exchanges[self._next]
        if to_reader is (exchange.control is None) or not exchange.command.matches(sent):
            recorded = _named(exchange.command)
            raise self._mismatch(f"the trace has {recorded} where {_named(shown)} was sent")
        return exchange

    def _mismatch(self, message: str) -> ReplayMismatch:
        return ReplayMismatch(message).at(self.reader, self._next)

    def transaction(self) -> AbstractContextManager[None]:
        """Nothing to lock: nobody else has this card."""
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:  # noqa: ARG002
        """End the connection; a second call does nothing."""
        self._closed = True


def _named(command: MaskedBytes) -> str:
    """A command in a message: its header and length, never its data."""
    header = command.before[:4].hex(" ").upper() or "unreadable bytes"
    return f"{header} ({len(command)} bytes)"
