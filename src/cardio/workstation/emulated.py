"""Emulated readers as a workstation: a bench of virtual readers behind the transport's seam."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from cardio.errors import AtrError, TransportError
from cardio.iso7816.atr import Atr
from cardio.transport.base import (
    CardPresence,
    Disposition,
    ReaderStatus,
    ShareMode,
    TransmissionProtocol,
)
from cardio_emulator.bench import Bench
from cardio_emulator.reader import ReaderState, Session

_PROTOCOLS = {protocol.value: protocol for protocol in TransmissionProtocol}


def demo() -> "EmulatedResourceManager":
    """Two readers: a doctor's CPS3 and a family's Vitale 2, all invented."""
    return EmulatedResourceManager(Bench.demo())


def from_file(path: Path) -> "EmulatedResourceManager":
    """The readers a bench file describes. Raises `ConfigurationError`."""
    return EmulatedResourceManager(Bench.load(path))


class EmulatedConnection:
    """A `Connection` to an emulated card."""

    def __init__(self, reader: str, atr: bytes, session: Session) -> None:
        self._reader = reader
        self._atr = atr
        self._session = session
        self._protocol = _protocol(atr)
        self.transmit = session.transmit

    @property
    def reader(self) -> str:
        return self._reader

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def protocol(self) -> TransmissionProtocol:
        return self._protocol

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:  # noqa: ARG002
        """See `ReaderControl.control`; an emulated person types at once."""
        return self._session.control(code, data)

    def transaction(self) -> AbstractContextManager[None]:
        """See `Connection.transaction`; it waits for another program's to end."""
        return _transaction(self._session)

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        """See `Connection.close`; all but LEAVE reset the card."""
        self._session.close(reset=disposition is not Disposition.LEAVE)


class EmulatedResourceManager:
    """A `ResourceManager` over a bench; closing it closes the connections it gave."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._connections: list[EmulatedConnection] = []
        self._cancelled = 0
        self._closed = False

    def readers(self) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.readers`."""
        return tuple(_status(state) for state in self.bench.states)

    def wait(
        self, known: Sequence[ReaderStatus], timeout: float | None = None
    ) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.wait`."""
        seen = tuple(known)
        with self.bench.changed:
            cancelled = self._cancelled
            self.bench.changed.wait_for(
                lambda: self._closed or self._cancelled != cancelled or self.readers() != seen,
                timeout,
            )
            if self._closed:
                raise TransportError("the readers were closed")
            return self.readers()

    def cancel(self) -> None:
        """See `ResourceManager.cancel`."""
        with self.bench.changed:
            self._cancelled += 1
            self.bench.changed.notify_all()

    def connect(self, reader: str, share: ShareMode = ShareMode.SHARED) -> EmulatedConnection:
        """See `ResourceManager.connect`."""
        with self.bench.changed:
            virtual = self.bench.reader(reader)
            session = virtual.connect(exclusive=share is ShareMode.EXCLUSIVE)
            connection = EmulatedConnection(reader, virtual.state.atr, session)
        self._connections.append(connection)
        return connection

    def close(self) -> None:
        """See `ResourceManager.close`."""
        with self.bench.changed:
            self._closed = True
            self.bench.changed.notify_all()
        while self._connections:
            self._connections.pop().close()


@contextmanager
def _transaction(session: Session) -> Generator[None, None, None]:
    session.begin()
    try:
        yield
    finally:
        session.end()


def _status(state: ReaderState) -> ReaderStatus:
    return ReaderStatus(
        name=state.name,
        presence=_presence(state),
        atr=state.atr,
        in_use=state.in_use,
        exclusive=state.exclusive,
        event_count=state.event_count,
    )


def _presence(state: ReaderState) -> CardPresence:
    if not state.has_card:
        return CardPresence.ABSENT
    return CardPresence.MUTE if state.mute else CardPresence.PRESENT


def _protocol(atr: bytes) -> TransmissionProtocol:
    """T=1 where the card offers both, as pcscd chooses (facts: pcsc_vpcd.md §2)."""
    try:
        offered = Atr.parse(atr).protocols
    except AtrError:
        return TransmissionProtocol.T0
    known = (_PROTOCOLS[number] for number in offered if number in _PROTOCOLS)
    return max(known, key=lambda protocol: protocol.value, default=TransmissionProtocol.T0)
