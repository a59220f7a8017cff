"""Virtual readers, in process: a card goes in and out, programs connect to it.

Rules of PC/SC part 5 as pcsc-lite keeps them: a session ends for good with the card it was
opened on, a reset by one session tells every other, an exclusive session keeps others out, and
a transaction makes another session's commands fail while it lasts.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from cardio.errors import (
    CardMute,
    CardRemoved,
    CardReset,
    ConfigurationError,
    NoCard,
    ProtocolMismatch,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransmitTimeout,
    TransportError,
    UnsupportedByReader,
)
from cardio.iso7816.atr import MAX_SIZE, Convention
from cardio_emulator import strikes
from cardio_emulator.clock import Clock, RealClock
from cardio_emulator.control import Answered, BenchControl
from cardio_emulator.faults import Fault, FaultyCard, Struck, TornOut, fits
from cardio_emulator.pad import EmulatedPad
from cardio_emulator.virtual_card import VirtualCard

_STATUS_SIZE = 2
_CONVENTIONS = {convention.value for convention in Convention}


@dataclass(frozen=True, slots=True)
class ReaderState:
    """What a reader shows. `atr` is empty without a card, or with one that is `mute`.

    `event_count` grows by one with each insertion and removal.
    """

    name: str
    has_card: bool
    mute: bool
    atr: bytes
    in_use: bool
    exclusive: bool
    event_count: int


class VirtualReader:
    """One reader; `changed` is notified of everything its `state` shows.

    `pad` is its PIN pad, None where it has none. `card` is the card as it was put in, `shown`
    what programs talk to: the card with the `faults` of the reader, which take their time from
    `clock` and their chances from `seed`. `bench` is the one the reader stands in, None for a
    reader on its own. `on_answer` is told of every APDU before its answer is given back. The name
    goes into `stale` whenever the `state` changes.
    """

    def __init__(
        self,
        name: str,
        *,
        changed: threading.Condition | None = None,
        pad: EmulatedPad | None = None,
        clock: Clock | None = None,
        seed: int = 0,
        bench: BenchControl | None = None,
        stale: set[str] | None = None,
    ) -> None:
        self.name = name
        self.pad = pad
        self.changed = changed or threading.Condition()
        self.clock = clock or RealClock()
        self.seed = seed
        self.bench = bench
        self.card: VirtualCard | None = None
        self.shown: VirtualCard | None = None
        self.faults: tuple[Fault, ...] = ()
        self.event_count = 0
        self.plugged = True
        self.in_service = True
        self.exchanging = threading.RLock()
        self.sessions: list[Session] = []
        self.in_transaction: Session | None = None
        self.reset_count = 0
        self.on_answer: Answered | None = None
        self._stale = set[str]() if stale is None else stale
        self._state: ReaderState | None = None

    @property
    def state(self) -> ReaderState:
        """What it shows now; the same object until something changes."""
        with self.changed:
            if self._state is None:
                self._state = self._look()
            return self._state

    def insert(self, card: VirtualCard) -> None:
        """Put a card in and power it on. Raises `ConfigurationError` if there is one already."""
        with self.changed:
            if self.card is not None:
                raise ConfigurationError(f"reader {self.name!r} already holds a card")
            fitting = [fault for fault in self.faults if fits(fault, card)]
            self.shown = self._faulty(card, *fitting) if fitting else card
            self.card = card
            self._power_on()
            self.event_count += 1
            self._tell()

    def remove(self) -> VirtualCard:
        """Take the card out, whatever is under way. Raises `NoCard` if there is none."""
        with self.changed:
            card = self._present()
            self.card = self.shown = None
            self.event_count += 1
            self._end_sessions(CardRemoved, "the card was removed")
            return card

    def swap(self, card: VirtualCard) -> VirtualCard:
        """Another card in its place; two events are counted, so that everybody notices."""
        with self.changed:
            before = self.remove()
            self.insert(card)
            return before

    def reset(self) -> None:
        """Reset the card as a program would that has no session here; each session is told.

        Raises `NoCard`, and `SharingViolation` while a session keeps the card to itself.
        """
        with self.exchanging, self.changed:
            self._present()
            if self.in_transaction or self.state.exclusive:
                raise SharingViolation("a program keeps the card to itself").at(self.name)
            self._power_on()
            self.count_reset()

    def count_reset(self) -> None:
        """The card was reset: every session gets `CardReset` from now on."""
        with self.changed:
            self.reset_count += 1
            self._tell()

    def fault(self, fault: Fault) -> None:
        """Have the card, and later ones that it fits, show this fault from now on too.

        Raises `ConfigurationError` where the card that is in has nothing to act on.
        """
        with self.changed:
            if isinstance(self.shown, FaultyCard) and self.shown is not self.card:
                self.shown.add(fault)
            elif self.shown is not None:
                self.shown = self._faulty(self.shown, fault)
            self.faults += (fault,)
            self._tell()

    def clear_faults(self) -> None:
        """The card as it was put in, and later ones, without the faults of the reader."""
        with self.changed:
            self.faults = ()
            if isinstance(self.shown, FaultyCard) and self.shown is not self.card:
                self.shown.show()
            self._tell()

    def unplug(self) -> None:
        """The reader itself goes away, with every session on it."""
        with self.changed:
            self.plugged = False
            self._end_sessions(ReaderUnavailable, "the reader is gone")

    def plug(self) -> None:
        """It is back, with its card powered on anew; the event count starts anew, too."""
        with self.changed:
            self.plugged = True
            self._start_anew()

    def lose_service(self) -> None:
        """The PC/SC service is gone, with every session."""
        with self.changed:
            self.in_service = False
            self._end_sessions(ServiceUnavailable, "the PC/SC service went away")

    def regain_service(self) -> None:
        """A new service has found the reader; as `plug`."""
        with self.changed:
            self.in_service = True
            self._start_anew()

    def connect(self, *, exclusive: bool = False) -> "Session":
        """Open a session on the card that is in.

        Raises `ServiceUnavailable`, `ReaderUnavailable`, `NoCard`, `CardMute`,
        `ProtocolMismatch` (facts: pcsc_vpcd.md §2 "ATR") or `SharingViolation`.
        """
        with self.changed:
            self._check_connectable(exclusive)
            session = Session(self, exclusive=exclusive)
            self.sessions.append(session)
            self._tell()
            return session

    def leave(self, session: "Session") -> None:
        """A session is over."""
        with self.changed:
            if session in self.sessions:
                self.sessions.remove(session)
                self._tell()

    def tell_answer(self, answer: bytes) -> None:
        """The card has answered an APDU."""
        if self.on_answer:
            self.on_answer(self.name, answer[-_STATUS_SIZE:])

    def _look(self) -> ReaderState:
        atr = self.shown.atr if self.shown else b""
        mute = len(atr) > MAX_SIZE
        return ReaderState(
            name=self.name,
            has_card=self.card is not None,
            mute=mute,
            atr=b"" if mute else atr,
            in_use=bool(self.sessions),
            exclusive=any(session.exclusive for session in self.sessions),
            event_count=self.event_count,
        )

    def _check_connectable(self, exclusive: bool) -> None:
        state = self.state
        if not self.in_service:
            raise ServiceUnavailable("the PC/SC service does not run").at(self.name)
        if not self.plugged:
            raise ReaderUnavailable("the reader is gone").at(self.name)
        if not state.has_card:
            raise NoCard("the reader is empty").at(self.name)
        if state.mute:
            raise CardMute("the card does not answer its reset").at(self.name)
        if state.atr[0] not in _CONVENTIONS:
            raise ProtocolMismatch("the answer to reset makes no sense").at(self.name)
        if state.exclusive or (exclusive and state.in_use):
            raise SharingViolation("another program is connected to the card").at(self.name)

    def _present(self) -> VirtualCard:
        if self.card is None:
            raise NoCard("the reader is empty").at(self.name)
        return self.card

    def _faulty(self, card: VirtualCard, *faults: Fault) -> FaultyCard:
        return FaultyCard(card, *faults, reader=self.name, seed=self.seed, clock=self.clock)

    def _power_on(self) -> None:
        if self.shown is not None:
            self.shown.reset()

    def _start_anew(self) -> None:
        self._power_on()
        self.event_count = 0 if self.card is None else 1
        self._tell()

    def _end_sessions(self, error: type[TransportError], why: str) -> None:
        for session in self.sessions:
            session.end_with(error, why)
        self.sessions.clear()
        self.in_transaction = None
        self._tell()

    def _tell(self) -> None:
        self._state = None
        self._stale.add(self.name)
        self.changed.notify_all()


class Session:
    """One program's connection to the card of one reader."""

    def __init__(self, reader: VirtualReader, *, exclusive: bool) -> None:
        self.exclusive = exclusive
        self._reader = reader
        self._reset_count = reader.reset_count
        self._ended: tuple[type[TransportError], str] | None = None

    def transmit(self, command: bytes) -> bytes:
        """One APDU. Raises `CardRemoved`, `CardReset`, `SharingViolation`, `TransmitTimeout`."""
        answer = self._exchange(lambda card: card.transmit(command))
        self._reader.tell_answer(answer)
        return answer

    def control(self, code: int, data: bytes) -> bytes:
        """One command to the reader, which it keeps busy. Raises `UnsupportedByReader`, too."""
        pad = self._reader.pad
        if pad is None:
            raise UnsupportedByReader("the reader has no PIN pad").at(self._reader.name)
        answers: list[bytes] = []

        def work(card: VirtualCard) -> bytes:
            def transmit(command: bytes) -> bytes:
                answers.append(card.transmit(command))
                return answers[-1]

            return pad.control(code, data, transmit)

        answer = self._exchange(work)
        for passed in answers:
            self._reader.tell_answer(passed)
        return answer

    def _exchange(self, work: Callable[[VirtualCard], bytes]) -> bytes:
        card = self._card()
        with self._reader.exchanging:
            try:
                answer = work(card)
            except Struck as struck:
                raise strikes.apply(struck.strike, self._reader) from None
            except TornOut as torn:
                self._take_out(card)
                if torn.is_whole:
                    return torn.sent
                raise CardRemoved("the card was removed").at(self._reader.name) from None
            except TransmitTimeout as error:
                raise error.at(self._reader.name) from None
        self._check_open()
        return answer

    def reset(self) -> None:
        """Warm reset; every other session on the card gets `CardReset` from now on."""
        card = self._card()
        with self._reader.exchanging:
            card.reset()
            self._reader.count_reset()
            self._reset_count = self._reader.reset_count

    def begin(self) -> None:
        """Start a transaction, waiting for another session's to end."""
        reader = self._reader
        with reader.changed:
            reader.changed.wait_for(lambda: reader.in_transaction in (None, self))
            self._card()
            reader.in_transaction = self

    def end(self) -> None:
        """End the transaction, if this session's is under way."""
        with self._reader.changed:
            if self._reader.in_transaction is self:
                self._reader.in_transaction = None
                self._reader.changed.notify_all()

    def close(self, *, reset: bool = False) -> None:
        """End the session, after a reset if asked; a second call does nothing."""
        if reset:
            with suppress(TransportError):
                self.reset()
        self.end()
        self.end_with(TransportError, "the connection is closed")
        self._reader.leave(self)

    def end_with(self, error: type[TransportError], why: str) -> None:
        """Every use from now on raises this; the first end counts."""
        self._ended = self._ended or (error, why)

    def _check_open(self) -> None:
        if self._ended is not None:
            error, why = self._ended
            raise error(why).at(self._reader.name)

    def _card(self) -> VirtualCard:
        """The card, if this session may use it now."""
        reader = self._reader
        shown = reader.shown
        self._check_open()
        if shown is None:
            raise CardRemoved("the card was removed").at(reader.name)
        if self._reset_count != reader.reset_count:
            raise CardReset("another program reset the card").at(reader.name)
        if reader.in_transaction not in (None, self):
            raise SharingViolation("another program's transaction").at(reader.name)
        return shown

    def _take_out(self, card: VirtualCard) -> None:
        with self._reader.changed:
            if self._reader.shown is card:
                self._reader.remove()
