"""Emulated readers as a workstation: a bench of virtual readers behind the transport's seam."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from cardio.errors import AtrError, ServiceUnavailable, TransportError
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
from cardio_emulator.recorded.bench import TRACE_SUFFIX, load_recorded

_PROTOCOLS = {protocol.value: protocol for protocol in TransmissionProtocol}


def demo() -> "EmulatedResourceManager":
    """Two readers: a doctor's CPS3 and a family's Vitale 2, all invented."""
    return EmulatedResourceManager(Bench.demo(), owns_bench=True)


def from_file(path: Path) -> "EmulatedResourceManager":
    """The readers a bench file describes, or those of a trace. Raises `ConfigurationError`."""
    load = load_recorded if path.suffix == TRACE_SUFFIX else Bench.load
    return EmulatedResourceManager(load(path), owns_bench=True)


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
    """A `ResourceManager` over a bench; closing it closes the connections it gave.

    It closes the bench too if it `owns_bench`.
    """

    def __init__(self, bench: Bench, *, owns_bench: bool = False) -> None:
        self.bench = bench
        self._owns_bench = owns_bench
        self._connections: list[EmulatedConnection] = []
        self._states: tuple[ReaderState, ...] = ()
        self._shown: tuple[ReaderStatus, ...] = ()
        self._cancelled = 0
        self._closed = False

    def readers(self) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.readers`. Raises `ServiceUnavailable` once the bench killed it."""
        with self.bench.changed:
            self._check_service(self.bench.service_starts)
            return self._statuses(self.bench.states)

    def wait(
        self, known: Sequence[ReaderStatus], timeout: float | None = None
    ) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.wait`."""
        seen = tuple(known)
        with self.bench.changed:
            cancelled, life = self._cancelled, self.bench.service_starts
            self.bench.changed.wait_for(
                lambda: (
                    self._closed
                    or self._cancelled != cancelled
                    or not self._serves(life)
                    or self.readers() != seen
                ),
                timeout,
            )
            if self._closed:
                raise TransportError("the readers were closed")
            self._check_service(life)
            return self.readers()

    def cancel(self) -> None:
        """See `ResourceManager.cancel`."""
        with self.bench.changed:
            self._cancelled += 1
            self.bench.changed.notify_all()

    def connect(self, reader: str, share: ShareMode = ShareMode.SHARED) -> EmulatedConnection:
        """See `ResourceManager.connect`."""
        with self.bench.changed:
            self._check_service(self.bench.service_starts)
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
        if self._owns_bench:
            self.bench.close()

    def _serves(self, life: int) -> bool:
        return self.bench.service_runs and self.bench.service_starts == life

    def _check_service(self, life: int) -> None:
        """As pcscd does, which tells nobody that it starts anew (facts: pcsc_vpcd.md §3f)."""
        if not self._serves(life):
            raise ServiceUnavailable("the PC/SC service went away")

    def _statuses(self, states: tuple[ReaderState, ...]) -> tuple[ReaderStatus, ...]:
        """The same object for the same state: of a thousand readers few change at a time."""
        if len(states) == len(self._states):
            pairs = zip(states, self._states, self._shown, strict=True)
            shown = tuple(known if new is old else _status(new) for new, old, known in pairs)
        else:
            shown = tuple(_status(state) for state in states)
        self._states, self._shown = states, shown
        return shown


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
