"""Ends a TLS session the moment its card leaves the reader."""

from threading import Thread, current_thread

from cardio import errors
from cardio.authentication.tls_guard import TlsGuard
from cardio.errors import CardioError
from cardio.transport.base import CardPresence, ResourceManager
from cardio.transport.monitor import CardRemoved, Event, Monitor, ReaderRemoved, ServiceLost


class CardWatch:
    """A thread that waits for events of one reader, from `start` to `stop`."""

    def __init__(self, manager: ResourceManager, reader: str, guard: TlsGuard) -> None:
        self._manager = manager
        self._reader = reader
        self._guard = guard
        self._monitor = Monitor(manager)
        self._thread = Thread(target=self._run, name="cardio-tls-watch", daemon=True)

    def start(self) -> None:
        """Begin; a card that has left before ends the session at once."""
        there = {one.name for one in self._manager.readers() if one.presence is not _ABSENT}
        if self._reader not in there:
            self._guard.end(errors.CardRemoved("the card has left the reader").at(self._reader))
        self._thread.start()

    def stop(self) -> None:
        """End the thread; may be called from within it."""
        self._monitor.stop()
        if self._thread is not current_thread() and self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            reasons = (_reason(event, self._reader) for event in self._monitor)
            reason = next(filter(None, reasons), None)
        except CardioError as error:
            reason = error
        if reason:
            self._guard.end(reason)


_ABSENT = CardPresence.ABSENT


def _reason(event: Event, reader: str) -> CardioError | None:
    """Why this event ends the session of the card in this reader; None where it does not."""
    match event:
        case CardRemoved(reader=name) if name == reader:
            return errors.CardRemoved("the card was taken out").at(reader)
        case ReaderRemoved(reader=name) if name == reader:
            return errors.ReaderUnavailable("the reader was unplugged").at(reader)
        case ServiceLost():
            return errors.ServiceUnavailable("the PC/SC service is gone").at(reader)
        case _:
            return None
