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
    SharingViolation,
    TransportError,
    UnsupportedByReader,
)
from cardio.iso7816.atr import MAX_SIZE, Convention
from cardio_emulator.faults import TornOut
from cardio_emulator.pad import EmulatedPad
from cardio_emulator.virtual_card import VirtualCard

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

    `pad` is its PIN pad, None where it has none.
    """

    def __init__(
        self,
        name: str,
        *,
        changed: threading.Condition | None = None,
        pad: EmulatedPad | None = None,
    ) -> None:
        self.name = name
        self.pad = pad
        self.changed = changed or threading.Condition()
        self.card: VirtualCard | None = None
        self.event_count = 0
        self.plugged = True
        self.exchanging = threading.Lock()
        self.sessions: list[Session] = []
        self.in_transaction: Session | None = None
        self.reset_count = 0

    @property
    def state(self) -> ReaderState:
        with self.changed:
            atr = self.card.atr if self.card else b""
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

    def insert(self, card: VirtualCard) -> None:
        """Put a card in and power it on. Raises `ConfigurationError` if there is one already."""
        with self.changed:
            if self.card is not None:
                raise ConfigurationError(f"reader {self.name!r} already holds a card")
            card.reset()
            self.card = card
            self._count_event()

    def remove(self) -> VirtualCard:
        """Take the card out, whatever is under way. Raises `NoCard` if there is none."""
        with self.changed:
            if self.card is None:
                raise NoCard("the reader is empty").at(self.name)
            card, self.card = self.card, None
            self._drop_sessions()
            self._count_event()
            return card

    def unplug(self) -> None:
        """The reader itself goes away, with every session on it."""
        with self.changed:
            self.plugged = False
            self._drop_sessions()

    def connect(self, *, exclusive: bool = False) -> "Session":
        """Open a session on the card that is in.

        Raises `ReaderUnavailable`, `NoCard`, `CardMute`, `ProtocolMismatch` (facts:
        pcsc_vpcd.md §2 "ATR") or `SharingViolation`.
        """
        with self.changed:
            self._check_connectable(exclusive)
            session = Session(self, exclusive=exclusive)
            self.sessions.append(session)
            self.changed.notify_all()
            return session

    def _check_connectable(self, exclusive: bool) -> None:
        state = self.state
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

    def _drop_sessions(self) -> None:
        self.sessions.clear()
        self.in_transaction = None
        self.changed.notify_all()

    def _count_event(self) -> None:
        self.event_count += 1
        self.changed.notify_all()


class Session:
    """One program's connection to the card of one reader."""

    def __init__(self, reader: VirtualReader, *, exclusive: bool) -> None:
        self.exclusive = exclusive
        self._reader = reader
        self._event_count = reader.event_count
        self._reset_count = reader.reset_count
        self._closed = False

    def transmit(self, command: bytes) -> bytes:
        """One APDU. Raises `CardRemoved`, `CardReset`, `SharingViolation`, `TransmitTimeout`."""
        return self._exchange(lambda card: card.transmit(command))

    def control(self, code: int, data: bytes) -> bytes:
        """One command to the reader, which it keeps busy. Raises `UnsupportedByReader`, too."""
        pad = self._reader.pad
        if pad is None:
            raise UnsupportedByReader("the reader has no PIN pad").at(self._reader.name)
        return self._exchange(lambda card: pad.control(code, data, card.transmit))

    def _exchange(self, work: Callable[[VirtualCard], bytes]) -> bytes:
        card = self._card()
        with self._reader.exchanging:
            try:
                answer = work(card)
            except TornOut:
                self._take_out(card)
                raise CardRemoved("the card was removed").at(self._reader.name) from None
        if self._event_count != self._reader.event_count:
            raise CardRemoved("the card was removed").at(self._reader.name)
        return answer

    def reset(self) -> None:
        """Warm reset; every other session on the card gets `CardReset` from now on."""
        card = self._card()
        with self._reader.exchanging:
            card.reset()
        self._reader.reset_count += 1
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
        with self._reader.changed:
            self._closed = True
            if self in self._reader.sessions:
                self._reader.sessions.remove(self)
                self._reader.changed.notify_all()

    def _card(self) -> VirtualCard:
        """The card, if this session may use it now."""
        reader = self._reader
        with reader.changed:
            if self._closed:
                raise TransportError("the connection is closed").at(reader.name)
            if not reader.plugged:
                raise ReaderUnavailable("the reader is gone").at(reader.name)
            if reader.card is None or self._event_count != reader.event_count:
                raise CardRemoved("the card was removed").at(reader.name)
            if self._reset_count != reader.reset_count:
                raise CardReset("another program reset the card").at(reader.name)
            if reader.in_transaction not in (None, self):
                raise SharingViolation("another program's transaction").at(reader.name)
            return reader.card

    def _take_out(self, card: VirtualCard) -> None:
        with self._reader.changed:
            if self._reader.card is card:
                self._reader.remove()
