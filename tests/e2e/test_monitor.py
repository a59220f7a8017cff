"""The monitor on a real, private pcscd."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest
from tests.conftest import StartPcscd
from tests.support.soft_card import CPS3_ATR, SoftCard

from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.monitor import (
    CardInserted,
    CardRemoved,
    Event,
    Monitor,
    ReaderAdded,
    ReaderRemoved,
    ServiceBack,
    ServiceLost,
)
from cardio.transport.pcsc import PcscResourceManager

pytestmark = pytest.mark.pcscd


@pytest.fixture
def service(start_pcscd: StartPcscd) -> PrivatePcscd:
    return start_pcscd(["CPS", "Lecteur santé"])


@pytest.fixture
def events(service: PrivatePcscd) -> Iterator[SimpleQueue[Event]]:
    """What a running monitor tells, readers already there included."""
    found: SimpleQueue[Event] = SimpleQueue()
    with Monitor(PcscResourceManager(), service_retry=0.02) as monitor:
        thread = threading.Thread(target=lambda: [found.put(event) for event in monitor])
        thread.start()
        yield found
    thread.join(timeout=5)
    assert not thread.is_alive()


def take(events: SimpleQueue[Event], count: int) -> list[Event]:
    return [events.get(timeout=10) for _ in range(count)]


def readers_of(service: PrivatePcscd) -> set[str]:
    return {*service.reader_names, *service.spare_names}


def test_cards_come_and_go(service: PrivatePcscd, events: SimpleQueue[Event]) -> None:
    assert set(take(events, 4)) == {ReaderAdded(name) for name in readers_of(service)}
    for name in service.reader_names:
        with SoftCard(service.ports[name]):
            assert take(events, 1) == [CardInserted(name, CPS3_ATR)]
        assert take(events, 1) == [CardRemoved(name)]
    assert events.empty()


def test_it_lives_through_a_crash_of_the_service(
    service: PrivatePcscd, events: SimpleQueue[Event]
) -> None:
    take(events, 4)
    name = service.reader_names[1]
    with SoftCard(service.ports[name]):
        take(events, 1)
        service.kill()
        lost = take(events, 6)
    assert lost[-1] == ServiceLost()
    assert set(lost[:-1]) == {
        CardRemoved(name),
        *(ReaderRemoved(reader) for reader in readers_of(service)),
    }
    service.restart()
    back = take(events, 5)
    assert back[0] == ServiceBack()
    assert set(back[1:]) == {ReaderAdded(reader) for reader in readers_of(service)}
    with SoftCard(service.ports[name]):
        assert take(events, 1) == [CardInserted(name, CPS3_ATR)]
