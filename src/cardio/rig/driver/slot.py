"""One reader behind a slot of cardio's own driver: its commands, and what the driver is told.

`driver/ifd_cardio.c` tells the messages.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum

from cardio.errors import (
    CardioError,
    CardMute,
    CardRemoved,
    NoCard,
    ProtocolMismatch,
    ReaderUnavailable,
    TransmitTimeout,
    UnsupportedByReader,
)
from cardio_emulator.reader import Session, VirtualReader

_COMMAND_SIZE, _CODE_SIZE = 5, 4
_LONGEST = 65548 + _COMMAND_SIZE + _CODE_SIZE
"""pcscd's longest APDU (MAX_BUFFER_SIZE_EXTENDED), and what stands before it."""


class _What(IntEnum):
    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    TRANSMIT = 3
    CONTROL = 4


class _Outcome(IntEnum):
    DONE = 0
    NO_CARD = 1
    SILENT = 2
    UNSUPPORTED = 3
    FAILED = 4


_OUTCOMES: tuple[tuple[tuple[type[CardioError], ...], _Outcome], ...] = (
    ((CardRemoved, NoCard, ReaderUnavailable), _Outcome.NO_CARD),
    ((TransmitTimeout, CardMute), _Outcome.SILENT),
    ((UnsupportedByReader,), _Outcome.UNSUPPORTED),
)


class BadMessage(Exception):
    """The other side breaks the rules."""


class ReaderSlot:
    """One reader, and what the driver's slot was told of it."""

    def __init__(self, reader: VirtualReader) -> None:
        self.reader = reader
        self.events: socket.socket | None = None
        self.told: int | None = None
        self._session: Session | None = None

    @property
    def insertion(self) -> int:
        """A number for each card that is put in; 0 without one."""
        return self.reader.event_count if self.reader.card is not None else 0

    @property
    def has_news(self) -> bool:
        return self.events is not None and (self.told != self.insertion or not self.reader.plugged)

    def news(self) -> list[bytes]:
        """Messages to send: a card that took another's place is a removal and an insertion.

        None for a reader that is gone.
        """
        if not self.reader.plugged:
            self.events = None
            return []
        before, self.told = self.told, self.insertion
        seen = [0, self.told] if before and self.told else [self.told]
        return [number.to_bytes(4, "big") for number in seen]

    def serve(self, line: socket.socket) -> None:
        """Carry out commands until the line ends. Raises `OSError` and `BadMessage`."""
        try:
            while message := line.recv(_LONGEST + 1):
                line.sendall(self._answer(message))
        finally:
            self._power_off()

    def _answer(self, message: bytes) -> bytes:
        """Outcome and body."""
        if not _COMMAND_SIZE <= len(message) <= _LONGEST or message[0] not in tuple(_What):
            raise BadMessage
        what, insertion = _What(message[0]), int.from_bytes(message[1:_COMMAND_SIZE], "big")
        work = self._work(what, insertion, message[_COMMAND_SIZE:])
        try:
            return bytes((_Outcome.DONE,)) + work()
        except CardioError as error:
            return bytes((self._outcome(what, error),))

    def _outcome(self, what: _What, error: CardioError) -> _Outcome:
        """What the error is to the driver.

        On "no card" for an APDU pcscd marks the reader as empty, while its other thread may have
        found the next card already: that card would never be seen. So it is told once none is in.
        """
        outcome = next((o for kinds, o in _OUTCOMES if isinstance(error, kinds)), _Outcome.FAILED)
        is_next_in = self.reader.plugged and self.reader.card is not None
        is_at_risk = what is _What.TRANSMIT and outcome is _Outcome.NO_CARD
        return _Outcome.FAILED if is_at_risk and is_next_in else outcome

    def _work(self, what: _What, insertion: int, body: bytes) -> Callable[[], bytes]:
        match what:
            case _What.POWER_OFF:
                return self._power_off
            case _What.POWER_ON | _What.RESET:
                return lambda: self._power_on(insertion)
            case _What.TRANSMIT:
                return lambda: self._powered(insertion).transmit(body)
            case _What.CONTROL:
                return lambda: self._control(insertion, body)

    def _power_off(self) -> bytes:
        session, self._session = self._session, None
        if session:
            session.close()
        return b""

    def _power_on(self, insertion: int) -> bytes:
        """The answer to reset, the card reset."""
        self._power_off()
        with self.reader.changed:
            self._check(insertion)
            # A card whose answer to reset makes no sense is shown as it is; pcscd refuses it.
            with suppress(ProtocolMismatch):
                self._session = self.reader.connect()
        if self._session:
            self._session.reset()
        return self.reader.state.atr

    def _powered(self, insertion: int) -> Session:
        with self.reader.changed:
            self._check(insertion)
            if self._session is None:
                raise NoCard("the card has no power").at(self.reader.name)
            return self._session

    def _control(self, insertion: int, body: bytes) -> bytes:
        """What a reader is asked; it can answer some of it without a card."""
        if len(body) < _CODE_SIZE:
            raise BadMessage
        code, data = int.from_bytes(body[:_CODE_SIZE], "big"), body[_CODE_SIZE:]
        if insertion and self._session:
            return self._powered(insertion).control(code, data)
        if self.reader.pad is None:
            raise UnsupportedByReader("the reader has no PIN pad").at(self.reader.name)
        return self.reader.pad.control(code, data, self._no_card)

    def _no_card(self, _command: bytes) -> bytes:
        raise NoCard("the reader is empty").at(self.reader.name)

    def _check(self, insertion: int) -> None:
        if not insertion or insertion != self.insertion:
            raise CardRemoved("the card was removed").at(self.reader.name)
