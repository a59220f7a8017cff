"""One rule of ISO/IEC 7816-3/-4, one small wrapper: each is a `Connection` around another.

They are put together in `cardio.transport.stack`. Except for `Locking`, a transaction and the
end of the connection pass through untouched.
"""

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter
from typing import Protocol

from cardio.errors import CommunicationFailed
from cardio.iso7816.apdu import CHAINING_BIT, SHORT_MAX_DATA, SHORT_MAX_LE, CommandApdu
from cardio.transport.base import Connection, Disposition, TransmissionProtocol, control

_HEADER = 4
_LC = 4
"""Offset of Lc in a command of cases 3 and 4."""

_GET_RESPONSE = b"\xc0\x00\x00"
_MORE_DATA = b"\x61"
_WRONG_LE = 0x6C
_SUCCESS = b"\x90\x00"
_MAX_ANSWER = 65536
"""No answer is longer (ISO/IEC 7816-3 §12.1)."""


class ExchangeRecorder(Protocol):
    """What `Tracing` tells of each exchange; it redacts before it keeps anything."""

    def record(self, command: bytes, response: bytes, seconds: float) -> None: ...

    def record_control(self, code: int, data: bytes, response: bytes, seconds: float) -> None: ...


class Layer:
    """A `Connection` that passes everything on; each rule overrides `transmit`."""

    def __init__(self, inner: Connection) -> None:
        self._inner = inner
        self._send = inner.transmit

    @property
    def reader(self) -> str:
        return self._inner.reader

    @property
    def atr(self) -> bytes:
        return self._inner.atr

    @property
    def protocol(self) -> TransmissionProtocol:
        return self._inner.protocol

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        return self._send(command)

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`."""
        return control(self._inner, code, data, limit=limit)

    def transaction(self) -> AbstractContextManager[None]:
        """See `Connection.transaction`."""
        return self._inner.transaction()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        """See `Connection.close`."""
        self._inner.close(disposition)


class Tracing(Layer):
    """Tells a recorder of every exchange; of one that failed too, with an empty answer."""

    def __init__(self, inner: Connection, recorder: ExchangeRecorder) -> None:
        super().__init__(inner)
        self._recorder = recorder

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        began, answer = perf_counter(), b""
        try:
            answer = self._send(command)
            return answer
        finally:
            self._recorder.record(command, answer, perf_counter() - began)

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`."""
        began, answer = perf_counter(), b""
        try:
            answer = super().control(code, data, limit=limit)
            return answer
        finally:
            self._recorder.record_control(code, data, answer, perf_counter() - began)


class WithoutLe(Layer):
    """T=0 has no case 4: its Le stays away and GET RESPONSE fetches (ISO/IEC 7816-3 §12.2.4)."""

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        # A short command of case 4 is one byte longer than its header, Lc and data.
        if len(command) > _LC + 2 and command[_LC] and len(command) == _LC + 2 + command[_LC]:
            command = command[:-1]
        return self._send(command)


class ExactLe(Layer):
    """6CXX: the same command once more, with the Le the card names (ISO/IEC 7816-4 §5.6)."""

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        answer = self._send(command)
        if len(answer) != 2 or answer[0] != _WRONG_LE:
            return answer
        le = answer[1] or SHORT_MAX_LE
        return self._send(CommandApdu.decode(command).with_le(le).encode())


class GetResponse(Layer):
    """61XX: fetch what the card announces until it has told all (ISO/IEC 7816-4 §5.6).

    6100 announces 256 bytes or more. Raises `CommunicationFailed` when it does not end.
    """

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        answer = self._send(command)
        if answer[-2:-1] != _MORE_DATA:
            return answer
        return self._fetch(_response_class(command[0]), answer)

    def _fetch(self, cla: int, answer: bytes) -> bytes:
        data = bytearray(answer[:-2])
        while answer[-2:-1] == _MORE_DATA:
            answer = self._send(bytes((cla,)) + _GET_RESPONSE + answer[-1:])
            data += answer[:-2]
            nothing_new = len(answer) == 2 and answer[:1] == _MORE_DATA
            if nothing_new or len(data) > _MAX_ANSWER:
                raise CommunicationFailed("the card announces data that it does not give")
        return bytes(data) + answer[-2:]


class ShortLength(Layer):
    """For a card without extended length: Le of 256 at most, where the data are short enough."""

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        if len(command) <= _HEADER + 1 or command[_LC]:
            return self._send(command)
        apdu = CommandApdu.decode(command)
        if len(apdu.data) > SHORT_MAX_DATA:
            return self._send(command)
        le = apdu.le and min(apdu.le, SHORT_MAX_LE)
        return self._send(CommandApdu(apdu.cla, apdu.ins, apdu.p1, apdu.p2, apdu.data, le).encode())


class CommandChaining(Layer):
    """More than 255 data bytes go in several commands (ISO/IEC 7816-4 §5.4.1, CLA bit 5).

    All but the last must be answered 9000; anything else ends the chain and is the answer.
    Proprietary classes are not chained.
    """

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        if len(command) <= _HEADER + 1 + SHORT_MAX_DATA + 1 or command[0] & 0x80:
            return self._send(command)
        apdu = CommandApdu.decode(command)
        last_at = (len(apdu.data) - 1) // SHORT_MAX_DATA * SHORT_MAX_DATA
        for at in range(0, last_at, SHORT_MAX_DATA):
            answer = self._send(_block(apdu, at, CHAINING_BIT, None))
            if answer != _SUCCESS:
                return answer
        return self._send(_block(apdu, last_at, 0, apdu.le and min(apdu.le, SHORT_MAX_LE)))


class Locking(Layer):
    """Lets threads share a connection: one exchange, or one transaction, at a time."""

    def __init__(self, inner: Connection) -> None:
        super().__init__(inner)
        self._lock = threading.RLock()
        self._in_transaction = False

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        with self._lock:
            return self._send(command)

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`; the reader is busy for the other threads meanwhile."""
        with self._lock:
            return super().control(code, data, limit=limit)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """See `Connection.transaction`; the other threads of this program wait as well.

        One inside another changes nothing: the outermost lasts to its end.
        """
        with self._lock:
            if self._in_transaction:
                yield
                return
            self._in_transaction = True
            try:
                with self._inner.transaction():
                    yield
            finally:
                self._in_transaction = False

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        """See `Connection.close`; waits for the exchange under way."""
        with self._lock:
            self._inner.close(disposition)


def _response_class(cla: int) -> int:
    """CLA of the GET RESPONSE after a command of class `cla`: on the same logical channel.

    Interindustry classes keep their channel bits and lose chaining and secure messaging
    (ISO/IEC 7816-4 §5.4.1); proprietary ones stay (CPS2ter has A0, facts: cps.md).
    """
    if cla & 0x80:
        return cla
    return cla & (0x4F if cla & 0x40 else 0x03)


def _block(apdu: CommandApdu, at: int, chaining: int, le: int | None) -> bytes:
    data = apdu.data[at : at + SHORT_MAX_DATA]
    return CommandApdu(apdu.cla | chaining, apdu.ins, apdu.p1, apdu.p2, data, le).encode()
