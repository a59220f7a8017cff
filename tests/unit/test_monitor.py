"""Events from looks at the readers; the real service is in tests/e2e/test_monitor.py."""

import threading
from collections.abc import Callable, Sequence

import pytest

from cardio.errors import ServiceUnavailable
from cardio.transport.base import CardPresence, Connection, ReaderStatus, ShareMode
from cardio.transport.monitor import (
    CardInserted,
    CardRemoved,
    Event,
    Monitor,
    ReaderAdded,
    ReaderRemoved,
    ServiceBack,
    ServiceLost,
    changes,
)

A, B = ReaderStatus("A"), ReaderStatus("B")


def full(
    name: str, atr: bytes = b"\x3b\x00", count: int = 1, *, mute: bool = False
) -> ReaderStatus:
    presence = CardPresence.MUTE if mute else CardPresence.PRESENT
    return ReaderStatus(name, presence, b"" if mute else atr, event_count=count)


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        ((), (A, B), [ReaderAdded("A"), ReaderAdded("B")]),
        ((A, B), (B,), [ReaderRemoved("A")]),
        ((A, B), (B, A), []),
        ((A,), (full("A"),), [CardInserted("A", b"\x3b\x00")]),
        ((full("A"),), (A,), [CardRemoved("A")]),
        ((full("A"),), (), [CardRemoved("A"), ReaderRemoved("A")]),
        ((), (full("A"),), [ReaderAdded("A"), CardInserted("A", b"\x3b\x00")]),
        (
            (full("A"),),
            (full("A", count=3),),
            [CardRemoved("A"), CardInserted("A", b"\x3b\x00")],
        ),
        (
            (full("A"),),
            (full("A", b"\x3b\x01"),),
            [CardRemoved("A"), CardInserted("A", b"\x3b\x01")],
        ),
        ((A,), (full("A", mute=True),), [CardInserted("A", b"")]),
        ((full("A"),), (ReaderStatus("A", CardPresence.PRESENT, b"\x3b\x00", True, True, 1),), []),
    ],
)
def test_changes(
    before: tuple[ReaderStatus, ...], after: tuple[ReaderStatus, ...], events: list[Event]
) -> None:
    assert changes(before, after) == events


class ScriptedManager:
    """Gives these looks one after the other (None: the service is gone), then blocks."""

    def __init__(self, *looks: tuple[ReaderStatus, ...] | None) -> None:
        self.looks = list(looks)
        self.cancelled = threading.Event()

    def readers(self) -> tuple[ReaderStatus, ...]:
        if self.looks and self.looks[0] is None:
            self.looks.pop(0)
            raise ServiceUnavailable("gone")
        return ()

    def wait(
        self, known: Sequence[ReaderStatus], timeout: float | None = None
    ) -> tuple[ReaderStatus, ...]:
        if not self.looks:
            self.cancelled.wait()
            return tuple(known)
        look = self.looks.pop(0)
        if look is None:
            raise ServiceUnavailable("gone")
        return look

    def cancel(self) -> None:
        self.cancelled.set()

    def connect(self, reader: str, share: ShareMode = ShareMode.SHARED) -> Connection:
        raise NotImplementedError

    def close(self) -> None: ...


def collect(manager: ScriptedManager, stop_when: Callable[[list[Event]], bool]) -> list[Event]:
    events: list[Event] = []
    with Monitor(manager, service_retry=0.01) as monitor:
        for event in monitor:
            events.append(event)
            if stop_when(events):
                break
    return events


def test_a_lost_service_takes_its_readers_along_and_brings_them_back() -> None:
    manager = ScriptedManager((full("A"),), None, None, None, (A,))
    assert collect(manager, lambda events: len(events) == 7) == [
        ReaderAdded("A"),
        CardInserted("A", b"\x3b\x00"),
        CardRemoved("A"),
        ReaderRemoved("A"),
        ServiceLost(),
        ServiceBack(),
        ReaderAdded("A"),
    ]


def test_another_thread_stops_it() -> None:
    manager = ScriptedManager((A,))
    monitor = Monitor(manager)
    events: list[Event] = []
    thread = threading.Thread(target=lambda: events.extend(monitor))
    thread.start()
    while manager.looks:
        threading.Event().wait(0.001)
    monitor.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert events == [ReaderAdded("A")]


def test_stopped_before_it_began_it_gives_nothing() -> None:
    monitor = Monitor(ScriptedManager((A,)))
    monitor.stop()
    assert list(monitor) == []


def test_it_can_be_stopped_while_the_service_is_away() -> None:
    manager = ScriptedManager(None, *[None] * 10_000)
    monitor = Monitor(manager, service_retry=0.01)
    events: list[Event] = []
    thread = threading.Thread(target=lambda: events.extend(monitor))
    thread.start()
    while not events:
        threading.Event().wait(0.001)
    monitor.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert events == [ServiceLost()]
