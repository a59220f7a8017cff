"""Diagnose again whenever a card or a reader comes or goes, and tell what has changed."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from cardio.errors import CardioError
from cardio.probe.report import CheckResult, Report
from cardio.transport.base import ResourceManager
from cardio.transport.monitor import Event, Monitor

SETTLING = 0.4
"""Seconds without an event after which things are taken to stay as they are: our choice. A
reader with two slots shows them one after the other."""

_POLL = 0.2
"""Seconds between two looks at whether the user wants to end (Ctrl-C)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A check that came out otherwise than before; None on the side where it was not asked."""

    before: CheckResult | None
    after: CheckResult | None


def changed(before: Report, after: Report) -> tuple[Change, ...]:
    """The checks that differ in status or cause, in the order of the new report.

    Those that were skipped both times, or that only moved between skipped and not asked, are
    left out: they follow from others.
    """
    old, new = _by_key(before), _by_key(after)
    keys = dict.fromkeys((*new, *old))
    found = (Change(old.get(key), new.get(key)) for key in keys)
    return tuple(one for one in found if _outcome(one.before) != _outcome(one.after))


def watch(
    manager: ResourceManager, diagnose: Callable[[], Report], *, settling: float = SETTLING
) -> Generator[Report, None, None]:
    """A report now, then one after each change of readers and cards, until the caller stops.

    Waits in the caller's thread in small steps, so that Ctrl-C ends it at once. Does not close
    the manager, which is used for nothing but the watch. Raises as `diagnose`.
    """
    events: SimpleQueue[Event | CardioError] = SimpleQueue()
    with Monitor(manager) as monitor:
        Thread(target=_listen, args=(monitor, events), daemon=True).start()
        _settle(events, settling)
        while True:
            yield diagnose()
            _next(events)
            _settle(events, settling)


def _listen(monitor: Monitor, events: SimpleQueue[Event | CardioError]) -> None:
    try:
        for event in monitor:
            events.put(event)
    except CardioError as error:
        events.put(error)


def _next(events: SimpleQueue[Event | CardioError]) -> None:
    """Wait for one. Raises the error that ended the watch."""
    while True:
        try:
            event = events.get(timeout=_POLL)
        except Empty:
            continue
        if isinstance(event, CardioError):
            raise event
        return


def _settle(events: SimpleQueue[Event | CardioError], seconds: float) -> None:
    """Take all events until none has come for a while."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            event = events.get(timeout=left)
        except Empty:
            return
        if isinstance(event, CardioError):
            events.put(event)
            return
        end = time.monotonic() + seconds


def _by_key(report: Report) -> dict[tuple[str, str | None], CheckResult]:
    return {(one.check, one.reader): one for one in report.checks}


def _outcome(result: CheckResult | None) -> tuple[str, str] | None:
    if result is None or result.cause == "need":
        return None
    return result.status.value, result.cause
