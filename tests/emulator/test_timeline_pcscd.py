"""Timelines and chance on the real service: the same file, by the machine's clock, over pcscd."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cardio.rig.benches.service import ServiceBench
from cardio.rig.pcscd.private import unavailable
from cardio.transport.base import CardPresence, ResourceManager
from cardio.transport.pcsc import PcscResourceManager
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import read_bench
from cardio_emulator.bench_plan import BenchPlan
from cardio_emulator.faults import RemovedAfter, Rule, WrongStatus

pytestmark = pytest.mark.pcscd

FILE = """
[bench]
seed = 5

[[reader]]
name = "Left 00 00"
card = "cps3"

[[reader]]
name = "Right"

[[timeline]]
at = 0.05
do = "insert"
reader = "Right"
card = "vitale2"

[[timeline.fault]]
kind = "status"
probability = 0.5

[[timeline]]
after = 40
apdus_of = "Right"
do = "remove"
reader = "Left"

[[timeline]]
after = 41
apdus_of = "Right"
do = "kill_service"
"""
LEFT, RIGHT = "Left 00 00", "Right 00 00"
SELECT_ROOT = bytes.fromhex("00A4000C023F00")
HALF = WrongStatus(Rule(probability=0.5))
SOON = 30.0


@pytest.fixture
def plan(tmp_path: Path) -> BenchPlan:
    if reason := unavailable():
        pytest.skip(reason)
    file = tmp_path / "bench.toml"
    file.write_text(FILE, encoding="utf-8")
    return read_bench(file)


@pytest.fixture
def manager() -> Iterator[PcscResourceManager]:
    with closing(PcscResourceManager(limit=SOON)) as manager:
        yield manager


def wait_until(manager: ResourceManager, holds: Callable[[set[str]], bool]) -> None:
    """Until the readers with a card in are as wanted."""
    known = manager.readers()
    while not holds({one.name for one in known if one.presence is not CardPresence.ABSENT}):
        seen = manager.wait(known, SOON)
        assert seen != known, known
        known = seen


def asked(manager: ResourceManager, reader: str, times: int) -> list[bytes]:
    connection = manager.connect(reader)
    answers = [connection.transmit(SELECT_ROOT) for _ in range(times)]
    connection.close()
    return answers


def test_the_timeline_of_a_file_is_played(plan: BenchPlan, manager: PcscResourceManager) -> None:
    with ServiceBench.of(plan) as bench:
        timeline = bench.timeline
        assert timeline
        wait_until(manager, lambda filled: filled == {LEFT, RIGHT})
        before = asked(manager, RIGHT, 39)
        assert len(timeline.played) == 1
        asked(manager, RIGHT, 1)
        wait_until(manager, lambda filled: filled == {RIGHT})
        asked(manager, RIGHT, 1)
    assert [step.step.after for step in timeline.played][:2] == [None, 40]
    assert not any(step.error for step in timeline.played)
    assert "timeline" not in {thread.name for thread in threading.enumerate()}
    assert set(before) == {b"\x90\x00", b"\x6f\x00"}


def test_chance_is_the_same_in_process(plan: BenchPlan, manager: PcscResourceManager) -> None:
    told: list[list[bytes]] = []
    with Bench.of(plan) as bench, bench.changed:
        assert bench.changed.wait_for(lambda: bench.reader("Right").card, SOON)
        bench.fault(LEFT, HALF)
        bench.fault(LEFT, HALF)
        in_process = EmulatedResourceManager(bench)
        told.append([*asked(in_process, "Right", 39), *asked(in_process, LEFT, 39)])
    with ServiceBench.of(plan) as service:
        wait_until(manager, lambda filled: RIGHT in filled)
        service.fault(LEFT, HALF)
        service.fault(LEFT, HALF)
        told.append([*asked(manager, RIGHT, 39), *asked(manager, LEFT, 39)])
    assert told[0] == told[1]
    assert set(told[0]) == {b"\x90\x00", b"\x6f\x00"}


def test_answers_are_told_once_they_are_sent(plan: BenchPlan, manager: PcscResourceManager) -> None:
    told: list[tuple[str, bytes]] = []
    heard = threading.Condition()

    def tell(reader: str, status: bytes) -> None:
        with heard:
            told.append((reader, status))
            heard.notify_all()

    with ServiceBench.of(BenchPlan(plan.readers)) as bench:
        bench.listen(tell)
        bench.fault(LEFT, WrongStatus(at=1, status=0x6A82))
        bench.fault(LEFT, RemovedAfter(at=2))
        asked(manager, LEFT, 3)
        with heard:
            assert heard.wait_for(lambda: len(told) == 3, SOON)
    assert told == [(LEFT, b"\x90\x00"), (LEFT, b"\x6a\x82"), (LEFT, b"\x90\x00")]
