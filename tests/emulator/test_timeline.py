"""Timelines: what happens when, on the real clock, the virtual one, and by APDUs."""

import threading
from pathlib import Path

import pytest

from cardio.errors import CardRemoved, ConfigurationError, NoCard, ServiceUnavailable
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.bench_plan import Act, BenchPlan, CardPlan, OfKind, ReaderPlan, Step, Time
from cardio_emulator.cards import vitale2
from cardio_emulator.clock import Clock, RealClock, VirtualClock, woken_by
from cardio_emulator.control import BenchControl
from cardio_emulator.faults import Rule, SlowAnswer, WrongStatus
from cardio_emulator.timeline import Played, Timeline

SELECT_ROOT = bytes.fromhex("00A4000C023F00")
VITALE = CardPlan(OfKind("vitale2", "famille"))
SOON = 20.0


def plan(*steps: Step, time: Time = Time.VIRTUAL, seed: int = 0) -> BenchPlan:
    return BenchPlan((ReaderPlan("A", VITALE), ReaderPlan("B")), steps, seed, time)


def slept(bench: Bench, seconds: float) -> Bench:
    bench.clock.sleep(seconds)
    return bench


def cards_in(bench: Bench) -> list[bool]:
    return [state.has_card for state in bench.states]


def acts(bench: Bench) -> list[tuple[Act, float]]:
    assert bench.timeline
    return [(played.step.act, played.seconds) for played in bench.timeline.played]


def test_virtual_seconds_play_steps_on_their_way() -> None:
    bench = Bench.of(
        plan(
            Step(Act.INSERT, "A", at=3.0),
            Step(Act.REMOVE, "A", at=1.0),
            Step(Act.INSERT, "B", at=2.0, card=VITALE),
        )
    )
    assert cards_in(bench) == [True, False]
    assert cards_in(slept(bench, 1.5)) == [False, False]
    assert cards_in(slept(bench, 10.0)) == [True, True]
    assert acts(bench) == [(Act.REMOVE, 1.0), (Act.INSERT, 2.0), (Act.INSERT, 3.0)]
    assert bench.clock.now() == 11.5
    assert bench.timeline
    assert bench.timeline.is_over


def test_a_slow_card_lets_virtual_time_pass() -> None:
    slow = CardPlan(OfKind("vitale2", "famille"), (SlowAnswer(0.5),))
    bench = Bench.of(
        BenchPlan(
            (ReaderPlan("A", slow), ReaderPlan("B")),
            (Step(Act.INSERT, "B", at=1.2, card=VITALE),),
            time=Time.VIRTUAL,
        )
    )
    connection = EmulatedResourceManager(bench).connect("A")
    seen: list[bool] = []
    for _ in range(4):
        connection.transmit(SELECT_ROOT)
        seen.append(cards_in(bench)[1])
    assert seen == [False, False, True, True]
    assert bench.clock.now() == 2.0


def test_every_act() -> None:
    manager = EmulatedResourceManager(
        Bench.of(
            plan(
                Step(Act.SWAP, "A", at=1.0, card=VITALE),
                Step(Act.RESET, "A", at=2.0),
                Step(Act.FAULT, "A", at=3.0, faults=(WrongStatus(None, 0x6F00),)),
                Step(Act.CLEAR_FAULTS, "A", at=4.0),
                Step(Act.UNPLUG_READER, "A", at=5.0),
                Step(Act.PLUG_READER, "A", at=6.0),
                Step(Act.KILL_SERVICE, at=7.0),
                Step(Act.RESTART_SERVICE, at=8.0),
            )
        )
    )
    bench = manager.bench
    first = bench.reader("A").card
    assert slept(bench, 1.0).reader("A").card is not first
    assert slept(bench, 1.0).reader("A").reset_count == 1
    slept(bench, 1.0)
    assert manager.connect("A").transmit(SELECT_ROOT) == bytes.fromhex("6F00")
    slept(bench, 1.0)
    assert manager.connect("A").transmit(SELECT_ROOT) != bytes.fromhex("6F00")
    assert [reader.name for reader in slept(bench, 1.0).states] == ["B"]
    assert [reader.name for reader in slept(bench, 1.0).states] == ["A", "B"]
    slept(bench, 1.0)
    with pytest.raises(ServiceUnavailable):
        manager.readers()
    slept(bench, 1.0)
    assert len(manager.readers()) == 2
    assert bench.timeline
    assert [played.error for played in bench.timeline.played] == [None] * 8


def test_apdus_are_counted_and_the_step_is_done_before_the_answer_is_back() -> None:
    bench = Bench.of(
        plan(
            Step(Act.INSERT, "B", after=2, counted="A", card=VITALE),
            Step(Act.REMOVE, "A", after=3, counted="A"),
            time=Time.REAL,
        )
    )
    connection = EmulatedResourceManager(bench).connect("A")
    assert (connection.transmit(SELECT_ROOT), cards_in(bench)) == (b"\x90\x00", [True, False])
    assert (connection.transmit(SELECT_ROOT), cards_in(bench)) == (b"\x90\x00", [True, True])
    assert (connection.transmit(SELECT_ROOT), cards_in(bench)) == (b"\x90\x00", [False, True])
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT_ROOT)
    assert bench.timeline
    assert bench.timeline.is_over


def test_apdus_count_over_every_card_of_the_reader() -> None:
    bench = Bench.of(plan(Step(Act.KILL_SERVICE, after=4, counted="A")))
    manager = EmulatedResourceManager(bench)
    for _ in range(4):
        bench.swap("A", vitale2.make())
        manager.connect("A").transmit(SELECT_ROOT)
    with pytest.raises(ServiceUnavailable):
        manager.readers()


def test_the_real_clock_needs_a_thread_and_stop_ends_it() -> None:
    bench = Bench.of(
        plan(
            Step(Act.INSERT, "B", at=0.01, card=VITALE),
            Step(Act.REMOVE, "B", at=3600.0),
            time=Time.REAL,
        )
    )
    with bench.changed:
        assert bench.changed.wait_for(lambda: cards_in(bench)[1], SOON)
    before = {thread.name for thread in threading.enumerate()}
    bench.close()
    after = {thread.name for thread in threading.enumerate()}
    assert "timeline" in before - after
    assert cards_in(bench) == [True, True]
    assert bench.timeline
    assert bench.timeline.is_over


def test_without_steps_there_is_no_timeline() -> None:
    assert Bench.of(plan()).timeline is None


def test_a_step_that_fails_is_told_and_stops_nothing() -> None:
    told: list[Played] = []
    bench = Bench(("A",), clock=VirtualClock())
    steps = (
        Step(Act.INSERT, "A", at=1.0, place="bench.toml, line 7"),
        Step(Act.REMOVE, "A", at=2.0),
        Step(Act.INSERT, "A", at=3.0, card=VITALE),
    )
    with Timeline(steps, bench, bench.clock, told=told.append) as timeline:
        bench.clock.sleep(5.0)
    first, second, third = timeline.played
    assert isinstance(first.error, ConfigurationError)
    assert str(first.error).startswith("bench.toml, line 7: no step took a card out of 'A'")
    assert isinstance(second.error, NoCard)
    assert third.error is None
    assert told == list(timeline.played)


def test_after_stop_nothing_is_played() -> None:
    bench = Bench.of(plan(Step(Act.REMOVE, "A", at=1.0)))
    assert bench.timeline
    bench.timeline.stop()
    assert cards_in(slept(bench, 2.0)) == [True, False]


def test_wrong_cards_are_told_before_anything_starts() -> None:
    missing = CardPlan(OfKind("vitale2", Path("nowhere.toml")), place="bench.toml, line 9")
    with pytest.raises(ConfigurationError, match=r"bench\.toml, line 9: nowhere\.toml"):
        Bench.of(plan(Step(Act.SWAP, "A", at=1.0, card=missing)))


def test_a_bench_that_counts_no_apdus_says_so() -> None:
    class Bare:
        """A `BenchControl` and no more; what is not called is not there."""

    step = Step(Act.KILL_SERVICE, after=1, counted="A", place="line 3")
    bare: BenchControl = Bare()  # type: ignore[assignment]
    with pytest.raises(ConfigurationError, match="line 3: 'after': this bench does not count"):
        Timeline([step], bare, RealClock())


def test_a_bench_that_cannot_wait_gets_its_steps_from_the_thread() -> None:
    bench = Bench(("A",))
    bench.insert("A", vitale2.make())
    step = Step(Act.REMOVE, "A", after=1, counted="A")
    with Timeline([step], bench, bench.clock, at_once=False) as timeline:
        EmulatedResourceManager(bench).connect("A").transmit(SELECT_ROOT)
        with bench.changed:
            assert bench.changed.wait_for(lambda: not cards_in(bench)[0], SOON)
    assert [played.error for played in timeline.played] == [None]


def history(seed: int) -> list[bytes]:
    """What a card with a fault left to chance answers."""
    chance = WrongStatus(Rule(probability=0.5), 0x6F00)
    steps = (Step(Act.FAULT, "A", at=0.0, faults=(chance,)),)
    bench = Bench.of(plan(*steps, seed=seed))
    connection = EmulatedResourceManager(bench).connect("A")
    return [connection.transmit(SELECT_ROOT) for _ in range(40)]


def test_chance_is_the_seed() -> None:
    assert history(1) == history(1)
    assert history(1) != history(2)
    assert {b"\x90\x00", b"\x6f\x00"} == set(history(1))


def test_two_readers_do_not_share_their_chance() -> None:
    bench = Bench(("A", "B"), seed=1)
    answers: list[list[bytes]] = []
    for name in bench.readers:
        bench.insert(name, vitale2.make())
        bench.fault(name, WrongStatus(Rule(probability=0.5), 0x6F00))
        connection = EmulatedResourceManager(bench).connect(name)
        answers.append([connection.transmit(SELECT_ROOT) for _ in range(40)])
    assert answers[0] != answers[1]


def test_virtual_time_adds_up_over_threads() -> None:
    clock = VirtualClock()
    rung: list[float] = []
    for when in range(1, 101):
        clock.call_at(when / 10, lambda: rung.append(clock.now()))
    threads = [threading.Thread(target=sleep_often, args=(clock,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert clock.now() == pytest.approx(16.0)
    assert rung == [pytest.approx(when / 10) for when in range(1, 101)]


def sleep_often(clock: Clock) -> None:
    for _ in range(200):
        clock.sleep(0.01)


def test_what_rings_may_sleep_and_fail() -> None:
    clock = VirtualClock()
    clock.call_at(1.0, lambda: clock.sleep(5.0))

    def fail() -> None:
        raise ValueError("rung")

    clock.call_at(2.0, fail)
    with pytest.raises(ValueError, match="rung"):
        clock.sleep(1.0)
    clock.sleep(0.0)
    assert clock.now() == 6.0


def test_the_real_clock_goes_on() -> None:
    clock = RealClock()
    before = clock.now()
    clock.sleep(0.001)
    assert clock.now() > before


def test_who_sleeps_in_real_time_may_be_woken() -> None:
    clock, event = RealClock(), threading.Event()
    began = clock.now()
    with woken_by(event):
        clock.sleep(0.001)
        threading.Timer(0.01, event.set).start()
        clock.sleep(3600.0)
        with woken_by(threading.Event()):
            clock.sleep(0.001)
        clock.sleep(3600.0)
    assert clock.now() - began < SOON
    clock.sleep(0.001)


def test_a_whole_visit_in_virtual_time(tmp_path: Path) -> None:
    """The practice's day of the documentation: it takes an hour and no time at all."""
    file = tmp_path / "bench.toml"
    file.write_text(
        """
[bench]
seed = 7
clock = "virtual"

[[reader]]
name = "Gemalto PC Twin Reader 00 00"
card = "cps3"
ms_per_apdu = 20

[[reader]]
model = "kapelse-kap-link"

[[timeline]]
at = 600
do = "insert"
reader = "KAP-LINK 1"
card = "vitale2"

[[timeline]]
at = 3600
do = "remove"
reader = "PC Twin"
""",
        encoding="utf-8",
    )
    bench = Bench.load(file)
    with Workstation(EmulatedResourceManager(bench, owns_bench=True)) as workstation:
        assert workstation.cps().holder.family_name
        assert 0.2 < bench.clock.now() < 60
        bench.clock.sleep(600)
        assert workstation.vitale().beneficiaries
        bench.clock.sleep(3600)
        assert [slot.match and slot.match.kind.name for slot in workstation.scan()] == [
            None,
            None,
            "VITALE2",
        ]
