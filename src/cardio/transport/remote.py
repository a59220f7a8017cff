"""The readers of another process or machine, through the control socket of its bench.

`cardio emulate --control` and the labgrid exporter offer one: see docs/how-to/labgrid.md.
"""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic
from typing import Any, TypeVar, cast

from cardio import errors
from cardio.errors import (
    BenchUnreachable,
    CardioError,
    ServiceUnavailable,
    TransmitTimeout,
    TransportError,
)
from cardio.transport.base import (
    CardPresence,
    Disposition,
    ReaderStatus,
    ShareMode,
    TransmissionProtocol,
)
from cardio.transport.json_line import Endpoint, JsonLine, Message, NoMessage, decode

CONNECT_WITHIN = 5.0
"""Seconds to reach the bench."""
ANSWER_WITHIN = 30.0
"""Seconds one answer may take: that of a call to a card (`transport.pcsc.CALL_LIMIT`)."""
LONGEST_WAIT = 2.0
"""Seconds after which a bench answers a `wait` though nothing changed: it is alive."""

T = TypeVar("T")

_KEPT = 8
"""Idle lines kept for the next question."""


class RemoteLine:
    """One line to a bench: a question, its answer. For one thread at a time."""

    def __init__(self, endpoint: Endpoint, *, answer_within: float = ANSWER_WITHIN) -> None:
        self.endpoint = endpoint
        self.answer_within = answer_within
        self._line = JsonLine(endpoint.connect(CONNECT_WITHIN))
        self.is_broken = False
        self.is_cancelled = False

    def ask(self, do: str, *, within: float | None = None, **keys: object) -> Message:
        """The answer. Raises the error it tells of, and `ServiceUnavailable` for a lost line.

        Raises `TimeoutError` when none comes in time. The line is of no use after either.
        """
        self.send({"do": do, **keys})
        answer = self.receive(self.answer_within if within is None else within)
        if "error" in answer:
            raise told_error(answer)
        return answer

    def send(self, message: Mapping[str, object]) -> None:
        """Raises `ServiceUnavailable`."""
        try:
            self._line.send(message)
        except OSError as error:
            raise self._lost() from error

    def receive(self, within: float | None = None) -> Message:
        """Raises `ServiceUnavailable`, and `TimeoutError` after `within` seconds."""
        try:
            line = self._line.receive(within)
            if line is None:
                raise self._lost()
            return decode(line)
        except TimeoutError:
            self.is_broken = True
            raise
        except (OSError, NoMessage) as error:
            raise self._lost() from error

    def close(self) -> None:
        """End it, from any thread: a `receive` under way raises `ServiceUnavailable`."""
        self.is_broken = True
        self._line.close()

    def _lost(self) -> BenchUnreachable:
        self.is_broken = True
        return BenchUnreachable(f"the bench at {self.endpoint} is gone")


class RemoteManager:
    """A `ResourceManager` whose readers are behind a control socket; for any number of threads.

    Every call raises `ServiceUnavailable` while the bench cannot be reached, within
    `CONNECT_WITHIN` or `answer_within` seconds; a later call tries anew.
    """

    def __init__(self, endpoint: Endpoint, *, answer_within: float = ANSWER_WITHIN) -> None:
        self.endpoint = endpoint
        self._answer_within = answer_within
        self._guard = threading.Lock()
        self._idle: list[RemoteLine] = []
        self._waiting: set[RemoteLine] = set()
        self._connections: list[RemoteConnection] = []
        self._is_closed = False

    def readers(self) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.readers`."""
        return _statuses(self.ask("readers"))

    def wait(
        self, known: Sequence[ReaderStatus], timeout: float | None = None
    ) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.wait`. Raises `ServiceUnavailable` when the bench goes."""
        seen, end = tuple(known), monotonic() + (inf if timeout is None else timeout)
        with self._line() as line:
            answer = self._ask_on(line, "readers")
            while _statuses(answer) == seen and (left := end - monotonic()) > 0:
                version, seconds = answer.get("version"), min(left, LONGEST_WAIT)
                with self._cancellable(line):
                    try:
                        answer = self._ask_on(line, "wait", version=version, seconds=seconds)
                    except ServiceUnavailable:
                        if not line.is_cancelled:
                            raise
                        break
        if self._is_closed:
            raise TransportError("the readers were closed")
        return _statuses(answer)

    def cancel(self) -> None:
        """See `ResourceManager.cancel`."""
        with self._guard:
            for line in self._waiting:
                line.is_cancelled = True
                line.close()

    def connect(self, reader: str, share: ShareMode = ShareMode.SHARED) -> "RemoteConnection":
        """See `ResourceManager.connect`."""
        line = self._new_line()
        try:
            answer = self._ask_on(line, "connect", reader=reader, share=share.value)
            connection = RemoteConnection(line, reader, answer)
        except BaseException:
            line.close()
            raise
        with self._guard:
            self._connections = [one for one in self._connections if not one.is_over]
            self._connections.append(connection)
        return connection

    def ask(self, do: str, *, within: float | None = None, **keys: object) -> Message:
        """One command of docs/reference/bench-commands.md. Raises the error it is answered by."""
        with self._line() as line:
            return self._ask_on(line, do, within=within, **keys)

    def close(self) -> None:
        """See `ResourceManager.close`; ends the connections it gave, too."""
        self._is_closed = True
        self.cancel()
        with self._guard:
            idle, self._idle = self._idle, []
            connections, self._connections = self._connections, []
        for line in idle:
            line.close()
        for connection in connections:
            connection.close()

    def _ask_on(
        self, line: RemoteLine, do: str, *, within: float | None = None, **keys: object
    ) -> Message:
        try:
            return line.ask(do, within=within, **keys)
        except TimeoutError:
            raise BenchUnreachable(f"the bench at {self.endpoint} does not answer") from None

    @contextmanager
    def _line(self) -> Generator[RemoteLine]:
        """A line that nobody else uses meanwhile."""
        with self._guard:
            line = self._idle.pop() if self._idle else None
        line = line or self._new_line()
        try:
            yield line
        finally:
            self._keep(line)

    def _new_line(self) -> RemoteLine:
        if self._is_closed:
            raise TransportError("the readers were closed")
        return RemoteLine(self.endpoint, answer_within=self._answer_within)

    def _keep(self, line: RemoteLine) -> None:
        with self._guard:
            is_kept = not (line.is_broken or self._is_closed or len(self._idle) >= _KEPT)
            if is_kept:
                self._idle.append(line)
            dropped = [] if is_kept else [line]
            if line.is_broken:  # the bench may be a new one: the others are of the old one
                dropped += self._idle
                self._idle = []
        for one in dropped:
            one.close()

    @contextmanager
    def _cancellable(self, line: RemoteLine) -> Generator[None]:
        with self._guard:
            self._waiting.add(line)
        try:
            yield
        finally:
            with self._guard:
                self._waiting.discard(line)


class RemoteConnection:
    """A `Connection` to a card of that bench; the end of its line ends it."""

    def __init__(self, line: RemoteLine, reader: str, opened: Message) -> None:
        self._line = line
        self._reader = reader
        self._atr = _read(opened, "atr", bytes.fromhex)
        self._protocol = _read(opened, "protocol", TransmissionProtocol)
        self._failure: TransportError | None = None

    @property
    def reader(self) -> str:
        return self._reader

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def protocol(self) -> TransmissionProtocol:
        return self._protocol

    @property
    def is_over(self) -> bool:
        """Whether nothing can be sent by it any more."""
        return self._line.is_broken

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        return _read(self._ask("transmit", apdu=command.hex()), "answer", bytes.fromhex)

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`."""
        within = self._line.answer_within if limit is None else limit + ANSWER_WITHIN
        asked = self._ask("control", within=within, code=code, data=data.hex(), limit=limit)
        return _read(asked, "answer", bytes.fromhex)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """See `Connection.transaction`."""
        self._ask("begin")
        try:
            yield
        finally:
            if not self._failure:
                self._ask("end")

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        """See `Connection.close`."""
        if not self._line.is_broken:
            with suppress(TransportError):
                self._ask("disconnect", disposition=disposition.value)
        self._line.close()
        self._failure = self._failure or TransportError("the connection is closed")

    def _ask(self, do: str, *, within: float | None = None, **keys: object) -> Message:
        if self._failure:
            raise self._failure.with_traceback(None)
        try:
            return self._line.ask(do, within=within, **keys)
        except TimeoutError:
            self._failure = TransmitTimeout("the card does not answer").at(self._reader)
            raise self._failure from None
        except ServiceUnavailable as error:
            self._failure = error.at(self._reader)
            raise


def status_message(status: ReaderStatus) -> Message:
    """A reader's status as it goes over a line."""
    return {
        "reader": status.name,
        "presence": status.presence.value,
        "atr": status.atr.hex().upper(),
        "in_use": status.in_use,
        "exclusive": status.exclusive,
        "event_count": status.event_count,
    }


def told_error(answer: Message) -> CardioError:
    """The error that an answer tells of, as its own class where a message makes one."""
    kind = _CLASSES.get(str(answer.get("code")), TransportError)
    return kind(str(answer["error"])).at(cast(str | None, answer.get("reader")))


def _statuses(answer: Message) -> tuple[ReaderStatus, ...]:
    return _read(answer, "readers", lambda found: tuple(_status(message) for message in found))


def _status(message: Message) -> ReaderStatus:
    return ReaderStatus(
        name=_read(message, "reader", str),
        presence=_read(message, "presence", CardPresence),
        atr=_read(message, "atr", bytes.fromhex),
        in_use=_read(message, "in_use", bool),
        exclusive=_read(message, "exclusive", bool),
        event_count=_read(message, "event_count", int),
    )


def _read(answer: Message, key: str, kind: Callable[[Any], T]) -> T:
    try:
        return kind(answer[key])
    except (KeyError, TypeError, ValueError):
        raise ServiceUnavailable(f"the bench answers without a good {key!r}") from None


_CLASSES: dict[str, type[CardioError]] = {
    kind.code: kind
    for kind in (
        errors.AccessRefused,
        errors.CardMute,
        errors.CardRemoved,
        errors.CardReset,
        errors.CommunicationFailed,
        errors.ConfigurationError,
        errors.HeldExclusively,
        errors.HeldInTransaction,
        errors.NoCard,
        errors.NoReader,
        errors.ProtocolMismatch,
        errors.ReaderUnavailable,
        errors.ServiceUnavailable,
        errors.SharingViolation,
        errors.TransmitTimeout,
        errors.UnsupportedByReader,
    )
}
