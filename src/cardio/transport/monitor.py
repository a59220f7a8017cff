"""What happens to readers and cards, as it happens.

A card swapped for one of the same kind between two looks of the service may go by without an
event (facts: pcsc_vpcd.md §0.5). It is found where a card is used again: `Workstation.reopen`
compares ATR and serial.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event as Flag
from time import sleep
from typing import Self

from cardio.errors import ServiceUnavailable
from cardio.transport.base import CardPresence, ReaderStatus, ResourceManager

SERVICE_RETRY = 0.5
"""Seconds between two looks for a service that is gone: nothing can tell of its return."""

_CANCEL_AGAIN = 0.005


@dataclass(frozen=True, slots=True)
class ReaderAdded:
    reader: str


@dataclass(frozen=True, slots=True)
class ReaderRemoved:
    reader: str


@dataclass(frozen=True, slots=True)
class CardInserted:
    """`atr` is empty for a card that does not answer its reset."""

    reader: str
    atr: bytes


@dataclass(frozen=True, slots=True)
class CardRemoved:
    reader: str


@dataclass(frozen=True, slots=True)
class ServiceLost:
    """The PC/SC service is gone, and all readers with it."""


@dataclass(frozen=True, slots=True)
class ServiceBack:
    """The service runs again; the events of its readers follow."""


Event = ReaderAdded | ReaderRemoved | CardInserted | CardRemoved | ServiceLost | ServiceBack


class Monitor:
    """Iterates over events for ever: those of what is there at the start come first.

    Of what the caller has looked at himself, and gives as `known`, only the changes since are told.
    Blocks between events without polling, except for the service itself while it is away.
    `stop`, from any thread, ends the iteration; so does the end of the `with` block. The manager
    stays open; once somebody closes it, the iteration raises `TransportError`.
    """

    def __init__(
        self,
        manager: ResourceManager,
        *,
        known: Sequence[ReaderStatus] = (),
        service_retry: float = SERVICE_RETRY,
    ) -> None:
        self._manager = manager
        self._known = tuple(known)
        self._service_retry = service_retry
        self._stopped = Flag()
        self._is_waiting = False

    def stop(self) -> None:
        """End the iteration; returns once it blocks no more."""
        self._stopped.set()
        while self._is_waiting:
            self._manager.cancel()
            sleep(_CANCEL_AGAIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __iter__(self) -> Iterator[Event]:
        known = self._known
        while not self._stopped.is_set():
            try:
                now = self._wait(known)
            except ServiceUnavailable:
                yield from changes(known, ())
                known = ()
                yield ServiceLost()
                if self._wait_for_service():
                    yield ServiceBack()
            else:
                yield from changes(known, now)
                known = now

    def _wait(self, known: tuple[ReaderStatus, ...]) -> tuple[ReaderStatus, ...]:
        self._is_waiting = True  # before the look at `_stopped`: `stop` does it the other way
        try:
            return known if self._stopped.is_set() else self._manager.wait(known)
        finally:
            self._is_waiting = False

    def _wait_for_service(self) -> bool:
        while not self._stopped.wait(self._service_retry):
            try:
                self._manager.readers()
            except ServiceUnavailable:
                continue
            return True
        return False


def changes(before: tuple[ReaderStatus, ...], after: tuple[ReaderStatus, ...]) -> list[Event]:
    """The events that lead from one look at the readers to the next; their order is no matter."""
    old = {reader.name: reader for reader in before}
    new = {reader.name: reader for reader in after}
    events: list[Event] = []
    for reader in before:
        if reader.name not in new:
            events += _card_changes(reader, ReaderStatus(reader.name))
            events.append(ReaderRemoved(reader.name))
    for reader in after:
        if reader.name not in old:
            events.append(ReaderAdded(reader.name))
        events += _card_changes(old.get(reader.name, ReaderStatus(reader.name)), reader)
    return events


def _card_changes(before: ReaderStatus, after: ReaderStatus) -> list[Event]:
    """What became of the card; a card there both times was swapped if the service counted."""
    was, is_now = (look.presence is not CardPresence.ABSENT for look in (before, after))
    same = (before.presence, before.atr, before.event_count) == (
        after.presence,
        after.atr,
        after.event_count,
    )
    if same or not (was or is_now):
        return []
    removed: list[Event] = [CardRemoved(after.name)] if was else []
    return removed + ([CardInserted(after.name, after.atr)] if is_now else [])
