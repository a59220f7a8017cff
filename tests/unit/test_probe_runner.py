import threading
import time
from typing import NoReturn

from tests.support.probe_facts import CPS_READER, GOOD, VITALE_READER

from cardio.probe.check import Check, Finding, Status, passed
from cardio.probe.facts import WorkstationFacts
from cardio.probe.registry import CHECKS
from cardio.probe.runner import run_checks, side_by_side
from cardio.probe.subjects import each_reader, the_workstation


def test_outcomes_keep_the_order_of_the_tasks_and_errors_become_values() -> None:
    def slow() -> str:
        time.sleep(0.05)
        return "slow"

    def broken() -> str:
        raise ZeroDivisionError

    told: list[int] = []
    outcomes = side_by_side([slow, lambda: "quick", broken], 5, told.append)
    assert [outcome.value for outcome in outcomes] == ["slow", "quick", None]
    assert isinstance(outcomes[2].error, ZeroDivisionError)
    assert told == [1, 2, 3]


def test_many_slow_tasks_take_as_long_as_one() -> None:
    """None ends before all have begun."""
    outcomes = side_by_side([threading.Barrier(16, timeout=30).wait] * 16, 30)
    assert [outcome.error for outcome in outcomes] == [None] * 16


def test_a_hung_task_is_cut_off_and_the_others_are_kept() -> None:
    release = threading.Event()
    hung, quick = side_by_side([release.wait, lambda: True], 0.5)
    assert isinstance(hung.error, TimeoutError)
    assert quick.value is True
    release.set()


def test_no_task_at_all() -> None:
    assert side_by_side([], 1) == ()


def broken(_facts: WorkstationFacts) -> NoReturn:
    raise RuntimeError("TEST-FICTIF ANATOLE")


def test_a_broken_check_is_unknown_says_nothing_of_its_data_and_stops_no_other() -> None:
    checks = (
        Check("pcsc.library", the_workstation, broken),
        Check("reader.present", the_workstation, lambda _facts: passed()),
        Check("reader.state", each_reader, lambda _reader: passed(), ("pcsc.library",)),
    )
    first, second, third = run_checks(GOOD, checks)
    assert (first.status, first.cause) == (Status.UNKNOWN, "broken")
    assert first.evidence == {"error": "RuntimeError"}
    assert second.status is Status.PASS
    assert (third.status, third.reader) == (Status.SKIP, None)


def test_a_hung_check_is_cut_off() -> None:
    release = threading.Event()

    def hang(_facts: WorkstationFacts) -> Finding:
        release.wait()
        return passed()

    checks = (
        Check("pcsc.library", the_workstation, hang),
        Check("reader.present", the_workstation, lambda _facts: passed()),
    )
    hung, other = run_checks(GOOD, checks, limit=0.1)
    assert (hung.status, hung.cause) == (Status.UNKNOWN, "hung")
    assert other.status is Status.PASS
    release.set()


def test_a_need_blocks_only_the_reader_it_failed_for() -> None:
    def only_cps(reader: object) -> Finding:
        good = reader == CPS_READER
        return Finding(Status.PASS if good else Status.FAIL, "ok" if good else "held")

    checks = (
        Check("reader.free", each_reader, only_cps),
        Check("card.kind", each_reader, lambda _reader: passed(), ("reader.free",)),
    )
    results = [(r.reader, r.status) for r in run_checks(GOOD, checks) if r.check == "card.kind"]
    assert sorted(results) == [
        (CPS_READER.name, Status.PASS),
        (VITALE_READER.name, Status.SKIP),
    ]


def test_progress_is_told_after_each_check() -> None:
    told: list[int] = []
    run_checks(GOOD, progress=told.append)
    assert told == list(range(1, len(CHECKS) + 1))
