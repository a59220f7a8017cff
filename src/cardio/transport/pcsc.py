"""Readers and cards over PC/SC (pcsc-lite, winscard). The only module that imports pyscard.

Importing it raises `PcscMissing` where pyscard or the PC/SC library is not installed.
"""

import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from time import monotonic, sleep
from typing import Self, TypeVar, TypeVarTuple

from cardio.errors import (
    AccessRefused,
    CardMute,
    CardRemoved,
    NoCard,
    PcscMissing,
    ServiceUnavailable,
    SharingViolation,
    TransmitTimeout,
    TransportError,
    UnsupportedByReader,
    Where,
)
from cardio.transport import pcsclite
from cardio.transport.base import (
    CardPresence,
    Disposition,
    ReaderStatus,
    ShareMode,
    TransmissionProtocol,
)
from cardio.transport.deadline import CutOff, Deadline, HandOver
from cardio.transport.pcsc_errors import (
    CANCELLED,
    IS_PCSC_LITE,
    NO_READERS_AVAILABLE,
    PROTO_MISMATCH,
    TIMEOUT,
    UNSUPPORTED_CONTROL,
    is_muddled,
    pcsc_error,
    unsigned,
)

try:
    from smartcard import scard
except ImportError as error:
    raise PcscMissing(f"no PC/SC support in this Python: {error}") from error

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CALL_LIMIT = 30.0
"""Seconds after which a card counts as mute: a choice, no standard names a figure for all."""

_PNP = r"\\?PnP?\Notification"
"""The name under which PC/SC tells of readers plugged in (winscard; pcsc-lite since 1.4)."""

_HAS_PNP = sys.platform != "darwin"
_LONGEST_WAIT = 3600.0 if _HAS_PNP else 1.0
"""Seconds; macOS does not tell of new readers, so they are looked for each second there."""

_FULL = 16
"""Readers that pcsc-lite up to 2.4 holds; to watch them and `_PNP` in one call is an error."""

_CANCEL_AGAIN = 0.005
_PAUSES = (0.005, 0.02, 0.08)
"""Seconds before a refusal is believed, see `_unless_dying`."""

_SHARE = {
    ShareMode.SHARED: scard.SCARD_SHARE_SHARED,
    ShareMode.EXCLUSIVE: scard.SCARD_SHARE_EXCLUSIVE,
}
_DISPOSITION = {
    Disposition.LEAVE: scard.SCARD_LEAVE_CARD,
    Disposition.RESET: scard.SCARD_RESET_CARD,
    Disposition.UNPOWER: scard.SCARD_UNPOWER_CARD,
    Disposition.EJECT: scard.SCARD_EJECT_CARD,
}
_T0_OR_T1 = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
_STATUS_BYTE = (0x6, 0x9)
"""High half of every SW1 (ISO/IEC 7816-3 §12.1.2): anything else is not the end of an answer."""

_State = tuple[str, int, bytes]
"""Reader name, state flags with the event count above bit 16, ATR."""

_contexts = threading.RLock()
"""One context is made or released at a time: so each one's socket can be told, and no card is left
meanwhile, whose context libpcsclite looks for without a lock (it crashed under load, seen once).
"""


class _Muddled(Exception):
    """A look at the readers failed for no reason of theirs, or one of them just went.

    libpcsclite 2.5 takes an event that comes with the table of readers for a part of it, and
    refuses for good a table shorter than one before (`getReaderStates` in its winscard_clnt.c;
    seen with 2.5.1).
    """


class _Context:
    """One SCARDCONTEXT: pcsc-lite wants one for each thread, so each connection has its own.

    None is kept beyond the call or connection it serves, so none outlives a restarted service.
    """

    def __init__(self) -> None:
        with _contexts:
            code, self.handle = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        _check(code)

    def release(self) -> None:
        with _contexts:
            scard.SCardReleaseContext(self.handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def states(self) -> tuple[_State, ...]:
        """Every reader as it is now. Raises `_Muddled` when another context may see better."""
        code, names = scard.SCardListReaders(self.handle, [])
        if unsigned(code) == NO_READERS_AVAILABLE:
            return ()
        _check_look(code)
        code, states = self.status_change(0, [(name, scard.SCARD_STATE_UNAWARE) for name in names])
        _check_look(code)
        there = tuple(state for state in states if not state[1] & scard.SCARD_STATE_UNKNOWN)
        if IS_PCSC_LITE and len(there) < len(states):
            raise _Muddled
        return there

    def arrivals(self) -> int:
        """What `_PNP` gives as known, to be asked before the look it goes with; 0 if nothing.

        Since pcsc-lite 2.3 it counts there, above bit 16, how often a reader came or went.
        """
        if not IS_PCSC_LITE:
            return 0
        code, found = self.status_change(0, [(_PNP, 0)])
        _check_wait(code)  # what is muddled would muddle up the look
        return found[0][1] >> 16 << 16

    def wait_for_change(self, states: Sequence[_State], arrivals: int, seconds: float) -> None:
        """Block until something differs from `states`, or `seconds`, or until cancelled."""
        known = [(name, flags & ~scard.SCARD_STATE_CHANGED) for name, flags, _ in states]
        if len(known) == _FULL:
            seconds = min(seconds, 1.0)
        elif _HAS_PNP:
            known.append((_PNP, arrivals or len(states) << 16))  # winscard wants the number
        elif not known:
            sleep(seconds)
            return
        code, _ = self.status_change(int(seconds * 1000), known)
        with suppress(_Muddled):
            _check_wait(code)

    def status_change(
        self, milliseconds: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[_State]]:
        if library := pcsclite.library():
            return pcsclite.status_change(library, self.handle, milliseconds, states)
        # pyscard aborts the whole process on a name beyond ASCII: such a reader is left out.
        ascii_only = [state for state in states if state[0].isascii()]
        code, found = scard.SCardGetStatusChange(self.handle, milliseconds, ascii_only)
        return code, [(name, flags, bytes(atr)) for name, flags, atr in found]


class PcscConnection:
    """A `Connection` to a card in a PC/SC reader.

    Once it has failed in a way that may mean another card, a lost security status or no card at
    all, it stays failed: each later call raises that error again, without talking to the card
    (facts: pcsc_vpcd.md §0.5, a swap that nothing tells of).
    """

    def __init__(
        self, context: _Context, deadline: Deadline, reader: str, card: int, protocol: int
    ) -> None:
        code, _, _, _, atr = scard.SCardStatus(card)
        _check(code, reader)
        self._context, self._deadline, self._card = context, deadline, card
        self._reader, self._atr = reader, bytes(atr)
        self._protocol = (
            TransmissionProtocol.T0
            if protocol == scard.SCARD_PROTOCOL_T0
            else TransmissionProtocol.T1
        )
        self._send = _sender(card, protocol)
        self._failure: TransportError | None = None
        self._is_closed = False

    @property
    def reader(self) -> str:
        return self._reader

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def protocol(self) -> TransmissionProtocol:
        return self._protocol

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`. A service's word alone is not taken for success.

        A card torn out in the middle is reported as a success of no byte, or of half an answer
        (facts: pcsc_vpcd.md §0.8): what does not end in a status word is `CardRemoved`.
        """
        if self._failure:
            raise self._failure.with_traceback(None)
        try:  # not by `_call`: its two more calls cost 5 % of an exchange here
            code, answer = self._deadline(self._send, command)
        except TransmitTimeout as error:
            raise self._failed(error.at(self._reader)) from None
        if code:
            raise self._failed(pcsc_error(code, self._reader))
        if len(answer) < 2 or answer[-2] >> 4 not in _STATUS_BYTE:
            message = "the card was taken out while it answered"
            raise self._failed(CardRemoved(message, where=Where(self._reader)))
        return answer

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`; `limit` is that of any call where none is given."""
        result, answer = self._call(scard.SCardControl, self._card, code, list(data), limit=limit)
        if unsigned(result) in UNSUPPORTED_CONTROL:
            message = "the reader does not know this command"
            raise UnsupportedByReader(message, where=Where(self._reader))
        if result:
            raise self._failed(pcsc_error(result, self._reader))
        return bytes(answer)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """See `Connection.transaction`. Waits for another program's to end.

        Raises `SharingViolation` when it has not ended within the limit of a call. Windows
        resets a card left idle in a transaction for 5 seconds.
        """
        try:
            code = self._call(scard.SCardBeginTransaction, self._card)
        except TransmitTimeout:
            message = "another program keeps its transaction"
            raise self._failed(SharingViolation(message, where=Where(self._reader))) from None
        if code:
            raise self._failed(pcsc_error(code, self._reader))
        try:
            yield
        finally:
            if not self._failure:  # its own failure ends a transaction as well
                self._call(scard.SCardEndTransaction, self._card, scard.SCARD_LEAVE_CARD)

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        """See `Connection.close`; never raises for a card or service that is gone."""
        if self._is_closed:
            return
        self._is_closed = True
        is_quick = disposition is Disposition.LEAVE  # a reset waits for other programs
        with suppress(TransmitTimeout), _contexts if is_quick else nullcontext():
            self._deadline(scard.SCardDisconnect, self._card, _DISPOSITION[disposition])
        self._failure = self._failure or TransportError("the connection is closed")
        self._deadline.close(self._context.release)

    def _call(self, function: Callable[[*Ts], T], *arguments: *Ts, limit: float | None = None) -> T:
        if self._failure:
            raise self._failure.with_traceback(None)
        try:
            return self._deadline(function, *arguments, limit=limit)
        except TransmitTimeout as error:
            raise self._failed(error.at(self._reader)) from None

    def _failed(self, error: TransportError) -> TransportError:
        """Keep it. No card where there was one is a card taken out, as drivers see it at once."""
        if isinstance(error, NoCard):
            error = CardRemoved("the card was taken out", where=error.where)
        self._failure = error
        return error


class PcscResourceManager:
    """The `ResourceManager` of this machine, for any number of threads.

    `limit` is the time in seconds that one call to a card may take. Connections live on after
    `close`, which ends waits.
    """

    def __init__(self, *, limit: float = CALL_LIMIT) -> None:
        self._limit = limit
        self._waiting: set[int] = set()
        self._cancels = 0
        self._is_closed = False

    def readers(self) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.readers`. Raises `ServiceUnavailable`, `AccessRefused`."""
        return _unless_dying(self._readers)

    def wait(
        self, known: Sequence[ReaderStatus], timeout: float | None = None
    ) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.wait`. Raises `ServiceUnavailable` when the service goes."""
        end = monotonic() + timeout if timeout is not None else float("inf")
        cancels = self._cancels
        while (seen := _unless_dying(self._wait, tuple(known), end, cancels)) is None:
            pass
        return seen

    def connect(self, reader: str, share: ShareMode = ShareMode.SHARED) -> PcscConnection:
        """See `ResourceManager.connect`; T=0 or T=1, as the card offers.

        pcsc-lite waits here for another program's transaction, or for a mute card that one is
        speaking to, to end: `SharingViolation` when it does not within the limit of a call.
        """
        return _unless_dying(self._connect, reader, share)

    def cancel(self) -> None:
        """See `ResourceManager.cancel`."""
        self._cancels += 1
        for handle in tuple(self._waiting):
            scard.SCardCancel(handle)

    def close(self) -> None:
        """See `ResourceManager.close`."""
        self._is_closed = True
        while self._waiting:
            self.cancel()
            sleep(_CANCEL_AGAIN)

    def _readers(self) -> tuple[ReaderStatus, ...]:
        with _Context() as context:
            return _statuses(context.states())

    def _wait(
        self, known: tuple[ReaderStatus, ...], end: float, cancels: int
    ) -> tuple[ReaderStatus, ...] | None:
        """Once: what `wait` gives, or None to wait again; `cancels` is how many there were."""
        with _Context() as context, self._cancellable(context):
            if self._is_closed:  # `close` sees to all that can be cancelled
                raise TransportError("the readers were closed")
            arrivals = context.arrivals()
            states = context.states()
            left = end - monotonic()
            if _statuses(states) != known or left <= 0 or self._cancels != cancels:
                return _statuses(states)
            context.wait_for_change(states, arrivals, min(left, _LONGEST_WAIT))
        return None

    def _connect(self, reader: str, share: ShareMode) -> PcscConnection:
        context, deadline = _bounded_context(self._limit)
        try:
            code, card, protocol = deadline(
                scard.SCardConnect, context.handle, reader, _SHARE[share], _T0_OR_T1
            )
            if unsigned(code) == PROTO_MISMATCH:  # both were offered
                raise CardMute("the card's answer to reset makes no sense", where=Where(reader))
            _check(code, reader)
            return PcscConnection(context, deadline, reader, card, protocol)
        except TransmitTimeout:
            deadline.close(context.release)
            raise SharingViolation("the reader is kept busy", where=Where(reader)) from None
        except BaseException:
            deadline.close(context.release)
            raise

    @contextmanager
    def _cancellable(self, context: _Context) -> Generator[None]:
        self._waiting.add(context.handle)
        try:
            yield
        finally:
            self._waiting.discard(context.handle)


def _unless_dying(function: Callable[[*Ts], T], *arguments: *Ts) -> T:
    """Call it again when refused: a pcsc-lite service refuses everything while it dies."""
    for pause in _PAUSES:
        try:
            return function(*arguments)
        except (AccessRefused, _Muddled):
            sleep(pause)
    try:
        return function(*arguments)
    except _Muddled:
        message = "the readers cannot be listed: once the service came back with fewer of them, "
        raise ServiceUnavailable(f"{message}libpcsclite 2.5 needs a new process") from None


def _bounded_context(limit: float) -> tuple[_Context, Deadline]:
    """A context and what bounds its calls: cutting its socket where there is one to cut."""
    if not pcsclite.library():
        return _Context(), HandOver(limit)
    with _contexts:
        before = pcsclite.sockets()
        context = _Context()
        line = pcsclite.service_socket(before)
    return context, CutOff(line, limit) if line else HandOver(limit)


def _sender(card: int, protocol: int) -> Callable[[bytes], tuple[int, bytes]]:
    if library := pcsclite.library():
        return pcsclite.sender(library, card, protocol)
    pci = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1

    def send(command: bytes) -> tuple[int, bytes]:
        code, answer = scard.SCardTransmit(card, pci, list(command))
        return code, b"" if code else bytes(answer)

    return send


def _check_look(code: int) -> None:
    """As `_check`, of a call that reads the table of readers."""
    if is_muddled(code):
        raise _Muddled
    _check(code)


def _check_wait(code: int) -> None:
    if unsigned(code) not in (TIMEOUT, CANCELLED):
        _check_look(code)


def _check(code: int, reader: str | None = None) -> None:
    if code:
        raise pcsc_error(code, reader)


def _statuses(states: Sequence[_State]) -> tuple[ReaderStatus, ...]:
    return tuple(_status(*state) for state in states)


def _status(name: str, flags: int, atr: bytes) -> ReaderStatus:
    presence = CardPresence.ABSENT
    if flags & scard.SCARD_STATE_PRESENT:
        mute = flags & scard.SCARD_STATE_MUTE
        presence = CardPresence.MUTE if mute else CardPresence.PRESENT
    return ReaderStatus(
        name=name,
        presence=presence,
        atr=atr if presence is CardPresence.PRESENT else b"",
        in_use=bool(flags & (scard.SCARD_STATE_INUSE | scard.SCARD_STATE_EXCLUSIVE)),
        exclusive=bool(flags & scard.SCARD_STATE_EXCLUSIVE),
        event_count=flags >> 16 & 0xFFFF,
    )
