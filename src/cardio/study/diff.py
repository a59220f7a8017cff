"""What changed from one study to the next: read from their documents, element by element."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from cardio.errors import ConfigurationError
from cardio.study.before import members
from cardio.study.result import Verdict

_RANKS = {
    Verdict.NOT_READY.value: 0,
    Verdict.CANNOT_TELL.value: 1,
    "unknown": 1,
    "attention": 2,
    Verdict.READY.value: 2,
}
"""Verdicts of people and of workstations, worst first. Others have no rank: no better, no worse."""


class Course(StrEnum):
    """Which way something went. `OTHER`: changed, for neither better nor worse."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"

    @classmethod
    def of(cls, before: str | None, after: str | None) -> "Course":
        """By the ranks of both verdicts."""
        old, new = _RANKS.get(before or ""), _RANKS.get(after or "")
        if old is None or new is None or old == new:
            return cls.OTHER
        return cls.BETTER if old < new else cls.WORSE


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that changed: of a line of the new roster for a service, or of a workstation."""

    course: Course
    before: str | None
    after: str | None
    line: int | None = None
    site: str | None = None
    service: str | None = None
    workstation: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody who arrived (a line of the new roster) or left (a line of the old one)."""

    line: int
    site: str
    profession: str | None


@dataclass(slots=True)
class Difference:
    """All of it. `same_series` False: people were not compared, as nothing tells who is who."""

    same_series: bool = True
    arrived: list[Moved] = field(default_factory=list[Moved])
    left: list[Moved] = field(default_factory=list[Moved])
    without_key: int = 0
    changes: list[Change] = field(default_factory=list[Change])
    new_workstations: list[str] = field(default_factory=list[str])
    gone_workstations: list[str] = field(default_factory=list[str])
    workstations: list[Change] = field(default_factory=list[Change])
    ready: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    fixes: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def count(self, course: Course) -> int:
        """Services of people that went this way."""
        return sum(one.course is course for one in self.changes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        moved = (self.arrived, self.left, self.changes, self.workstations)
        stations = (self.new_workstations, self.gone_workstations)
        counts = (*self.ready.values(), *self.fixes.values())
        return not any((*moved, *stations)) and all(old == new for old, new in counts)

    @property
    def is_worse(self) -> bool:
        """Whether something that was ready, or might have been, is so no more."""
        return any(one.course is Course.WORSE for one in (*self.changes, *self.workstations))


@dataclass(slots=True)
class _Old:
    """What is kept of the old study: a few words a person."""

    series: str = ""
    people: list[tuple[Moved, dict[str, str]]] = field(
        default_factory=list[tuple[Moved, dict[str, str]]]
    )
    by_key: dict[str, int] = field(default_factory=dict[str, int])
    workstations: dict[str, str | None] = field(default_factory=dict[str, str | None])
    ready: Counter[str] = field(default_factory=Counter[str])
    fixes: dict[str, int] = field(default_factory=dict[str, int])


def compare(old: Path, new: Path) -> Difference:
    """Two studies, by their files or folders. Raises `ConfigurationError`."""
    try:
        return _compare(old, new)
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{old} or {new}: a study that somebody changed") from error


def _compare(old: Path, new: Path) -> Difference:
    before, found = _read(old), Difference()
    met: set[int] = set()
    stations: set[str] = set()
    for name, value in members(new):
        if name == "series":
            found.same_series = value == before.series
        elif name == "workstations":
            stations.add(value["name"])
            _workstation(before, value, found)
        elif name == "people" and found.same_series:
            met |= _person(before, value, found)
        elif name == "total":
            _totals(before, value, found)
    found.gone_workstations = [name for name in before.workstations if name not in stations]
    if found.same_series:
        known = set(before.by_key.values())
        found.left = [
            moved
            for place, (moved, _) in enumerate(before.people)
            if place in known and place not in met
        ]
    return found


def _read(path: Path) -> _Old:
    old = _Old()
    for name, value in members(path):
        if name == "series":
            old.series = value
        elif name == "workstations":
            old.workstations[value["name"]] = value["verdict"]
        elif name == "people":
            for key in value["keys"]:
                old.by_key.setdefault(key, len(old.people))
            old.people.append((_moved(value), dict(_verdicts(value))))
        elif name == "total":
            old.ready.update(dict(_ready(value)))
            old.fixes = dict(_fixes(value))
    return old


def _person(before: _Old, person: dict[str, Any], found: Difference) -> set[int]:
    """The places of the same person in the old study."""
    if not person["keys"]:
        found.without_key += 1
        return set()
    places = {before.by_key[key] for key in person["keys"] if key in before.by_key}
    if not places:
        found.arrived.append(_moved(person))
        return places
    old = before.people[min(places)][1]
    for service, verdict in _verdicts(person):
        was = old.get(service)
        if was is not None and was != verdict:
            course = Course.of(was, verdict)
            found.changes.append(
                Change(course, was, verdict, person["line"], person["site"], service)
            )
    return places


def _workstation(before: _Old, station: dict[str, Any], found: Difference) -> None:
    name, verdict = station["name"], station["verdict"]
    if name not in before.workstations:
        found.new_workstations.append(name)
        return
    was = before.workstations[name]
    if was != verdict:
        course = Course.of(was, verdict)
        found.workstations.append(Change(course, was, verdict, workstation=name))


def _totals(before: _Old, total: dict[str, Any], found: Difference) -> None:
    ready, fixes = dict(_ready(total)), dict(_fixes(total))
    for service in sorted(before.ready.keys() | ready.keys()):
        found.ready[service] = before.ready[service], ready.get(service, 0)
    for fix in dict.fromkeys((*before.fixes, *fixes)):
        found.fixes[fix] = before.fixes.get(fix, 0), fixes.get(fix, 0)


def _moved(person: dict[str, Any]) -> Moved:
    return Moved(person["line"], person["site"], person["profession"])


def _verdicts(person: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in person["services"]:
        yield one["service"], one["verdict"]


def _ready(total: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for one in total["services"]:
        yield one["service"], one["verdicts"].get(Verdict.READY.value, 0)


def _fixes(total: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for one in total["fixes"]:
        yield one["fix"], one["lines"]
