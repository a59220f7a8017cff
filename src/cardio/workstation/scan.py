"""Look into every reader at once: which card is where."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cardio.cards.identify import Match, identify
from cardio.errors import CardioError, CardMute, TransmitTimeout
from cardio.transport.base import CardPresence, Connection, ReaderStatus
from cardio.transport.channel import Channel

Connect = Callable[[str], Connection]

SCAN_LIMIT = 10.0
"""Seconds a reader has to tell its card; a real card needs well under one."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One reader and what is in it.

    With a card, `match` says which kind it is, or `error` why that could not be told; both where
    the kind is known and the card could not be read.
    """

    status: ReaderStatus
    match: Match | None = None
    error: CardioError | None = None


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A reader whose card is known, with the connection that told it; whoever scans closes it."""

    status: ReaderStatus
    match: Match
    connection: Connection

    def close(self) -> Slot:
        """End the connection, leaving the card as it is; what was found out stays."""
        self.connection.close()
        return Slot(self.status, self.match)


Looked = Slot | OpenSlot
"""What a scan says of one reader."""

Then = Callable[[OpenSlot], Looked]


def as_it_is(slot: OpenSlot) -> Looked:
    """Read nothing more of a card that is known."""
    return slot


def scan(
    readers: Sequence[ReaderStatus],
    connect: Connect,
    *,
    limit: float = SCAN_LIMIT,
    then: Then = as_it_is,
) -> tuple[Looked, ...]:
    """Identify the card of every reader, all readers side by side, one thread each.

    `then` reads more of each card, in the same thread; an error it raises becomes the slot's.
    Takes as long as the slowest reader, at most `limit` seconds: a reader that does not come
    back by then holds a `TransmitTimeout` and keeps its (daemon) thread to itself.
    """
    visits = [_Visit(status, connect, then) for status in readers]
    end = time.monotonic() + limit
    return tuple(visit.result(max(0.0, end - time.monotonic()), limit) for visit in visits)


def close_all(slots: Iterable[Looked]) -> tuple[Slot, ...]:
    """End the connections of the open slots, leaving the cards as they are."""
    return tuple(slot.close() if isinstance(slot, OpenSlot) else slot for slot in slots)


class _Visit(threading.Thread):
    """One reader being looked at; a late one closes what it opened."""

    def __init__(self, status: ReaderStatus, connect: Connect, then: Then) -> None:
        super().__init__(name=f"scan {status.name}", daemon=True)
        self._status, self._connect, self._then = status, connect, then
        self._slot: Looked | None = None
        self._late = False
        self._lock = threading.Lock()
        self.start()

    def run(self) -> None:
        slot = _look(self._status, self._connect, self._then)
        with self._lock:
            self._slot = slot
            late = self._late
        if late:
            close_all((slot,))

    def result(self, seconds: float, limit: float) -> Looked:
        self.join(seconds)
        with self._lock:
            if self._slot is None:
                self._late = True
                error = TransmitTimeout(f"the card was not identified within {limit:g} s")
                return Slot(self._status, error=error.at(self._status.name))
            return self._slot


def _look(status: ReaderStatus, connect: Connect, then: Then) -> Looked:
    if status.presence is CardPresence.ABSENT:
        return Slot(status)
    if status.presence is CardPresence.MUTE:
        return Slot(status, error=CardMute("the card does not answer its reset").at(status.name))
    try:
        connection = connect(status.name)
    except CardioError as error:
        return Slot(status, error=error.at(status.name))
    match = None
    try:
        match = identify(Channel(connection))
        return then(OpenSlot(status, match, connection))
    except CardioError as error:
        connection.close()
        return Slot(status, match, error.at(status.name))
