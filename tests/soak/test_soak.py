"""Sixteen readers, cards that come and go, faults, a service that dies, programs that read.

    CARDIO_NIGHTLY=1 python -m pytest tests/soak          # five minutes instead of thirty seconds
    CARDIO_SOAK_SEED=7 python -m pytest tests/soak        # what the hands do, once more

A third of the time each: in process, over a real pcscd with vpcd, behind our own driver. What must
hold: every operation comes back, no program is shown a card that was not in the reader, no PIN try
is spent, nothing is left over.
"""

import gc
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from tests.soak.soaking import Soak, pool, who_is

from cardio.cards.identify import identify
from cardio.rig.benches.own_driver import OwnDriverBench
from cardio.rig.benches.service import ServiceBench
from cardio.rig.driver import library
from cardio.rig.pcscd.host import service_unavailable
from cardio.rig.pcscd.own_socket import own_directory
from cardio.rig.pcscd.private import unavailable
from cardio.transport.base import ResourceManager
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.control import BenchControl

NIGHTLY = os.environ.get("CARDIO_NIGHTLY", "") not in ("", "0")
SECONDS = 100.0 if NIGHTLY else 10.0
WARM_UP = 1.0
READERS = tuple(f"Reader {number:X} 00 {slot:02}" for number in range(8) for slot in (0, 1))
CARDS = 40
HUNG_AFTER = 60.0
GONE_WITHIN = 20.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 300)]

OpenManager = Callable[[], ResourceManager]
Place = Callable[[], AbstractContextManager[tuple[BenchControl, OpenManager]]]


@pytest.fixture(scope="module")
def names() -> dict[Card, str]:
    """The pool, each card with what tells it from the others, as a program reads it."""
    bench = Bench(["Reader"])
    told: dict[Card, str] = {}
    for card in pool(CARDS):
        bench.insert("Reader", card)
        channel = Channel(stack(EmulatedResourceManager(bench).connect("Reader")))
        told[card] = str(who_is(channel, identify(channel)))
        bench.remove("Reader")
    assert len(set(told.values())) == CARDS
    return told


@contextmanager
def in_process() -> Iterator[tuple[BenchControl, OpenManager]]:
    with Bench(READERS) as bench:
        yield bench, lambda: EmulatedResourceManager(bench)


@contextmanager
def over_pcscd() -> Iterator[tuple[BenchControl, OpenManager]]:
    from cardio.transport.pcsc import PcscResourceManager

    with ServiceBench(READERS) as bench:
        yield bench, lambda: PcscResourceManager(limit=10)


@contextmanager
def behind_our_driver() -> Iterator[tuple[BenchControl, OpenManager]]:
    from cardio.transport.pcsc import PcscResourceManager

    with OwnDriverBench(READERS, directory=own_directory()) as bench:
        bench.start()
        yield bench, lambda: PcscResourceManager(limit=10)


def test_in_process(names: dict[Card, str]) -> None:
    soak(in_process, names, hands=4)


@pytest.mark.pcscd
def test_over_a_real_service(names: dict[Card, str]) -> None:
    if reason := unavailable():
        pytest.skip(reason)
    soak(over_pcscd, names, hands=2)


@pytest.mark.pcscd
def test_behind_our_own_driver(names: dict[Card, str]) -> None:
    if reason := service_unavailable() or library.unavailable():
        pytest.skip(reason)
    soak(behind_our_driver, names, hands=2)


def soak(
    place: Place,
    names: dict[Card, str],
    hands: int,
) -> None:
    seed = int(os.environ.get("CARDIO_SOAK_SEED") or (secrets.randbits(31) if NIGHTLY else 1))
    print(f"CARDIO_SOAK_SEED={seed}")
    for_a_while(place, names, hands, seed, WARM_UP)
    before = left_open()
    found = for_a_while(place, names, hands, seed, SECONDS)
    print(*sorted(found.counts.items()), f"longest: {found.longest}", sep="\n")
    assert found.counts["read"] > SECONDS
    assert found.counts["done: insert"] > SECONDS
    end = time.monotonic() + GONE_WITHIN
    while (left := left_open() - before) and time.monotonic() < end:
        time.sleep(0.05)  # a thread that ends tells nobody
    assert not left


def for_a_while(
    place: Place,
    names: dict[Card, str],
    hands: int,
    seed: int,
    seconds: float,
) -> Soak:
    tries = {card: tries_left(card) for card in names}
    with place() as (bench, open_manager):
        found = Soak(bench, open_manager, names, seed, HUNG_AFTER)
        hung = found.run(seconds, hands)
        assert hung == []
        assert found.broken == []
        found.check_every_card()
    assert found.wrong == []
    assert {card: tries_left(card) for card in names} == tries
    return found


def tries_left(card: Card) -> dict[int, int]:
    return {reference: pin.tries_left for reference, pin in card.pins.items()}


def left_open() -> Counter[str]:
    """Threads and processes of ours by name, and file descriptors."""
    gc.collect()
    found = Counter(thread.name.partition("-")[0] for thread in threading.enumerate())
    found["file descriptor"] = sum(1 for _ in Path("/proc/self/fd").iterdir())
    return found + Counter(our_processes())


def our_processes() -> list[str]:
    """Children, and services of this process's folder whoever their parent is."""
    folder, ours = os.fsencode(own_directory()), list[str]()
    for entry in Path("/proc").iterdir():
        with suppress(OSError, IndexError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text("ascii").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() or any(folder in word for word in words):
                ours.append(words[0].decode())
    return sorted(ours)
