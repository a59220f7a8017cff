"""Calls that end: a mute card blocks a PC/SC call for ever (facts: pcsc_vpcd.md §0.7).

Two ways, both measured in docs/decisions/0002-bounded-transmit.md.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Protocol, TypeVar, TypeVarTuple

from cardio.errors import TransmitTimeout

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_LOOKS = 10
"""How often in one limit the watch looks: a call ends within 1.1 times its limit."""


class Deadline(Protocol):
    """Runs calls of one connection, one at a time, each for a limited time."""

    def __call__(
        self, function: Callable[[*Ts], T], *arguments: *Ts, limit: float | None = None
    ) -> T:
        """Call and give the result; `limit` seconds are for this call only.

        Raises `TransmitTimeout`; nothing can be called after it.
        """
        ...

    def close(self, last: Callable[[], object]) -> None:
        """Make one last call, as soon as no other is under way, and end."""
        ...


class CutOff:
    """Calls in the thread of the caller; after `limit` seconds a watch shuts `line` down.

    `line` is the socket on which the call waits for its result: shut down, it makes the call
    return, whatever the result. This costs a call next to nothing. `line` is closed at the end.
    """

    def __init__(self, line: socket, limit: float) -> None:
        self._line = line
        self._limit = limit
        self._end: float | None = None
        self._expired = False
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="cardio deadline", daemon=True).start()

    def __call__(
        self, function: Callable[[*Ts], T], *arguments: *Ts, limit: float | None = None
    ) -> T:
        """See `Deadline`."""
        seconds = limit or self._limit
        self._end = monotonic() + seconds
        try:
            result = function(*arguments)
        finally:
            self._end = None
        if self._expired:
            raise _too_late(seconds)
        return result

    def close(self, last: Callable[[], object]) -> None:
        """See `Deadline`."""
        self._closed.set()
        self._line.close()
        last()

    def _watch(self) -> None:
        while not self._closed.wait(self._limit / _LOOKS):
            end = self._end
            if end is not None and monotonic() > end:
                self._expired = True
                with suppress(OSError):  # the other side was quicker
                    self._line.shutdown(SHUT_RDWR)
                return


class HandOver:
    """Calls in a thread of its own, left behind (it is a daemon) after `limit` seconds.

    Works everywhere, and costs each call two changes of thread.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._stuck = False
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        threading.Thread(target=self._serve, name="cardio calls", daemon=True).start()

    def __call__(
        self, function: Callable[[*Ts], T], *arguments: *Ts, limit: float | None = None
    ) -> T:
        """See `Deadline`; what the function raises is raised here."""
        seconds = limit or self._limit
        if self._stuck:
            raise _too_late(seconds)
        results: SimpleQueue[T | Exception] = SimpleQueue()

        def call() -> None:
            try:
                results.put(function(*arguments))
            except (ValueError, TypeError, ArithmeticError, OSError) as error:
                results.put(error)

        self._calls.put(call)
        try:
            result = results.get(timeout=seconds)
        except Empty:
            self._stuck = True
            raise _too_late(seconds) from None
        if isinstance(result, Exception):
            raise result
        return result

    def close(self, last: Callable[[], object]) -> None:
        """See `Deadline`; what is left behind makes the last call itself, when it can."""
        if self._stuck:
            self._calls.put(last)
        else:
            self(last)
        self._calls.put(None)

    def _serve(self) -> None:
        while call := self._calls.get():
            call()


def _too_late(limit: float) -> TransmitTimeout:
    return TransmitTimeout(f"the card did not answer within {limit:g} s")
