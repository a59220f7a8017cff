"""The two threads of a consultation."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from cardio.errors import CardioError
from cardio.transport.base import ReaderStatus, ResourceManager
from cardio.transport.monitor import Event, Monitor

_ENDS_WITHIN = 1.0
"""Seconds to wait for each thread at the end. Only a mute card, a callback that does not return,
or a caller that ends a consultation in the middle of a transaction keeps one longer."""


class Watch:
    """Tells of every change since `known` by `told`, and calls `ended` at the very end.

    Both are called from one thread, which talks to no card, so that no mute card holds it up.
    After each change the other thread calls `look`, which reads what is new.
    """

    def __init__(
        self,
        manager: ResourceManager,
        known: Sequence[ReaderStatus],
        *,
        told: Callable[[Event], None],
        look: Callable[[], object],
        ended: Callable[[], None],
    ) -> None:
        self._monitor = Monitor(manager, known=known)
        self._told, self._look, self._ended = told, look, ended
        self._to_look = threading.Event()
        self._is_over = False
        self._watcher = threading.Thread(target=self._watch, name="cardio watch", daemon=True)
        self._looker = threading.Thread(target=self._look_on, name="cardio look", daemon=True)

    def start(self) -> None:
        self._looker.start()
        self._watcher.start()

    def stop(self) -> None:
        """Make an end, from any thread; what is under way is finished by the threads."""
        self._monitor.stop()

    def join(self) -> None:
        """Wait for the end, for 2 seconds at most; not from a callback, which is part of it."""
        for thread in (self._watcher, self._looker):
            if thread is not threading.current_thread():
                thread.join(_ENDS_WITHIN)

    def _watch(self) -> None:
        try:
            with suppress(CardioError):  # the service refuses: an end like any other
                for event in self._monitor:
                    self._told(event)
                    self._to_look.set()
        finally:
            self._is_over = True
            self._to_look.set()
            self._ended()

    def _look_on(self) -> None:
        while self._to_look.wait():
            self._to_look.clear()
            if self._is_over:
                return
            with suppress(CardioError):  # the next use of a card says the same
                self._look()
