"""Run work that may hang or break, and go on: the one place that catches every exception."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from cardio.probe.check import BLOCKING, Check, Finding, Status, unknown
from cardio.probe.facts import WorkstationFacts
from cardio.probe.registry import CHECKS
from cardio.probe.report import CheckResult

T = TypeVar("T")

CHECK_LIMIT = 5.0
"""Seconds a check may take; it only judges facts, so more means that it hangs."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a task gave, or why it gave nothing; `TimeoutError` if it was cut off."""

    value: T | None = None
    error: Exception | None = None


def nothing(_done: int) -> None:
    """The progress callback that tells nobody."""


class Running(Generic[T]):
    """Tasks that run at once, from the moment this is made, while the caller does other things.

    A task that takes too long is left to its daemon thread, which cannot keep the program from
    ending.
    """

    def __init__(self, tasks: Sequence[Callable[[], T]]) -> None:
        self._count = len(tasks)
        self._done: SimpleQueue[tuple[int, Outcome[T]]] = SimpleQueue()
        for index, task in enumerate(tasks):
            Thread(target=self._run, args=(index, task), daemon=True).start()

    def outcomes(
        self, limit: float, progress: Callable[[int], None] = nothing
    ) -> tuple[Outcome[T], ...]:
        """What came of them, in their order, after at most `limit` seconds from now.

        `progress` is told, in the caller's thread, how many are done. To be asked for once.
        """
        cut_off: Outcome[T] = Outcome(error=TimeoutError(f"not done within {limit:g} s"))
        outcomes = [cut_off] * self._count
        end = time.monotonic() + limit
        for count in range(1, self._count + 1):
            try:
                index, outcome = self._done.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                break
            outcomes[index] = outcome
            progress(count)
        return tuple(outcomes)

    def _run(self, index: int, task: Callable[[], T]) -> None:
        self._done.put((index, attempt(task)))


def side_by_side(
    tasks: Sequence[Callable[[], T]], limit: float, progress: Callable[[int], None] = nothing
) -> tuple[Outcome[T], ...]:
    """Run all tasks at once, for at most `limit` seconds in all; see `Running`."""
    return Running(tasks).outcomes(limit, progress)


def attempt(task: Callable[[], T]) -> Outcome[T]:
    """What a task gives, or the error it raises, here and now."""
    try:
        return Outcome(value=task())
    except Exception as error:
        return Outcome(error=error)


def run_checks(
    facts: WorkstationFacts,
    checks: Sequence[Check[Any]] = CHECKS,
    *,
    limit: float = CHECK_LIMIT,
    progress: Callable[[int], None] = nothing,
) -> tuple[CheckResult, ...]:
    """Ask every check in turn; one that breaks or hangs for `limit` seconds is `UNKNOWN`."""
    results: list[CheckResult] = []
    for count, check in enumerate(checks, start=1):
        results += _run_check(check, facts, results, limit)
        progress(count)
    return tuple(results)


def _run_check(
    check: Check[Any], facts: WorkstationFacts, before: Sequence[CheckResult], limit: float
) -> list[CheckResult]:
    blocked = {
        result.reader: Finding(Status.SKIP, "need", {"need": result.check})
        for result in before
        if result.check in check.needs and result.status in BLOCKING
    }
    results = [CheckResult.of(check, reader, finding) for reader, finding in blocked.items()]
    if None in blocked:
        return results
    subjects = [(reader, one) for reader, one in check.subjects(facts) if reader not in blocked]
    outcomes = side_by_side([partial(check.look, one) for _, one in subjects], limit)
    return results + [
        CheckResult.of(check, reader, _finding(outcome))
        for (reader, _), outcome in zip(subjects, outcomes, strict=True)
    ]


def _finding(outcome: Outcome[Finding]) -> Finding:
    if outcome.value is not None:
        return outcome.value
    if isinstance(outcome.error, TimeoutError):
        return unknown("hung")
    return unknown("broken", error=type(outcome.error).__name__)
