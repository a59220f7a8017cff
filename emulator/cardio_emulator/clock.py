"""Time as emulated cards take it: the real one, or one that waits for nothing."""

import heapq
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol


class Clock(Protocol):
    """Seconds since some moment, and a way to let them pass. Safe to use from several threads."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's own, which never goes back. Who sleeps may be `woken_by` something."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if _HERE.waker is None:
            time.sleep(seconds)
        else:
            _HERE.waker.wait(seconds)


@contextmanager
def woken_by(event: threading.Event) -> Generator[None, None, None]:
    """Within the block, `RealClock.sleep` in this thread ends as soon as `event` is set."""
    before, _HERE.waker = _HERE.waker, event
    try:
        yield
    finally:
        _HERE.waker = before


class _Thread(threading.local):
    waker: threading.Event | None = None


_HERE = _Thread()


class VirtualClock:
    """Starts at 0 and moves only by what is slept: at once, and added up over all threads.

    What `call_at` asked for happens on the way, in the thread that sleeps, one after the other;
    another thread that sleeps meanwhile goes on, and its time is added.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._now = self._goal = 0.0
        self._alarms: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._is_ringing = False

    def now(self) -> float:
        with self._guard:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._guard:
            self._goal += max(0.0, seconds)
            if self._is_ringing:
                return
            self._is_ringing = True
        try:
            while (alarm := self._next_alarm()) is not None:
                alarm()
        finally:
            self._is_ringing = False

    def call_at(self, when: float, action: Callable[[], None]) -> None:
        """Have this happen at that moment, or at the next sleep if that is past."""
        with self._guard:
            self._count += 1
            heapq.heappush(self._alarms, (when, self._count, action))

    def _next_alarm(self) -> Callable[[], None] | None:
        """The next one on the way; without one the clock has arrived."""
        with self._guard:
            if self._alarms and self._alarms[0][0] <= self._goal:
                when, _, action = heapq.heappop(self._alarms)
                self._now = max(self._now, when)
                return action
            self._now = self._goal
            self._is_ringing = False
            return None
