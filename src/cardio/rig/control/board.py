"""What the readers of a bench show, numbered, and what happens to them as lines.

Several clients of one bench look at one board: it waits for changes once for all of them.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic, time_ns
from typing import Self

from cardio.errors import ServiceUnavailable, TransportError
from cardio.rig.control.tally import Tallies
from cardio.transport import monitor
from cardio.transport.base import ReaderStatus, ResourceManager
from cardio.transport.json_line import Message

SERVICE_RETRY = 0.1
"""Seconds between two looks for a service that is gone: nothing can tell of its return."""

_CANCEL_AGAIN = 0.005

Readers = tuple[ReaderStatus, ...] | None
"""None while the service is gone."""

_WORDS: Mapping[type[monitor.Event], str] = {
    monitor.ReaderAdded: "reader_added",
    monitor.ReaderRemoved: "reader_removed",
    monitor.CardInserted: "inserted",
    monitor.CardRemoved: "removed",
}


class Board:
    """The readers as last seen; `version` grows with each change. It does not own `manager`.

    Versions are never those of another board, one before a restart included.
    """

    def __init__(self, manager: ResourceManager) -> None:
        self._manager = manager
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._readers: Readers = None
        self._version = time_ns()
        self._thread = threading.Thread(target=self._watch, name="bench board", daemon=True)

    def start(self) -> Self:
        self.look()
        self._thread.start()
        return self

    def look(self) -> tuple[int, Readers]:
        """The readers as they are now."""
        with self._changed:
            try:
                now: Readers = self._manager.readers()
            except ServiceUnavailable:
                now = None
            if now != self._readers:
                self._readers = now
                self._version += 1
                self._changed.notify_all()
            return self._version, now

    def wait(self, version: int, seconds: float) -> tuple[int, Readers]:
        """The readers once they differ from those of `version`, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._version != version or self._closed.is_set(), seconds
            )
            return self._version, self._readers

    def close(self) -> None:
        """End every `wait`, now and later."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
        while self._thread.is_alive():
            with suppress(TransportError):
                self._manager.cancel()
            self._thread.join(_CANCEL_AGAIN)

    def _watch(self) -> None:
        while not self._closed.is_set():
            try:
                _, known = self.look()
                if known is not None:
                    self._manager.wait(known)
                    continue
            except TransportError:
                pass
            self._closed.wait(SERVICE_RETRY)


class EventFeed:
    """What happens on a board, as one reader of it sees it, and what the cards were asked.

    `at` counts seconds from `since`, a moment of `time.monotonic`.
    """

    def __init__(self, board: Board, tallies: Tallies, *, since: float) -> None:
        self._board, self._tallies, self._since = board, tallies, since
        self._version: int | None = None
        self._seen: Readers = ()
        self._counts: dict[str, int] = {}

    def next(self, seconds: float) -> list[Message]:
        """What happened since the last call, waiting for something at most `seconds`.

        The first call tells at once of the readers and cards that are there.
        """
        if self._version is None:
            self._version, now = self._board.look()
        else:
            self._version, now = self._board.wait(self._version, seconds)
        events = self._changes(self._seen, now)
        self._seen = now
        return [{**event, "at": self.now()} for event in [*events, *self._apdus()]]

    def now(self) -> float:
        """Seconds since the bench began."""
        return round(monotonic() - self._since, 3)

    def _changes(self, before: Readers, after: Readers) -> list[Message]:
        if before == after:
            return []
        events = [_told(event) for event in monitor.changes(before or (), after or ())]
        if after is None:
            return [*events, {"event": "service_lost"}]
        return [{"event": "service_back"}, *events] if before is None else events

    def _apdus(self) -> Sequence[Message]:
        """One line for each reader whose card was asked something since the last call."""
        told: list[Message] = []
        for reader, tally in self._tallies.all().items():
            if tally.apdus != self._counts.get(reader, 0):
                told.append({"event": "apdus", "reader": reader, **tally.message()})
            self._counts[reader] = tally.apdus
        return told


def _told(event: monitor.Event) -> Message:
    message: Message = {"event": _WORDS[type(event)]}
    if not isinstance(event, monitor.ServiceLost | monitor.ServiceBack):
        message["reader"] = event.reader
    if isinstance(event, monitor.CardInserted):
        message["atr"] = event.atr.hex().upper()
    return message
