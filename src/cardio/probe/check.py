"""What a check is: one question about the facts, and the finding that answers it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from cardio.probe.facts import WorkstationFacts
from cardio.probe.system.known import NotReadable, Unknown, Why

SubjectT = TypeVar("SubjectT")

Value = str | int | bool | date | tuple[str, ...] | None
Evidence = Mapping[str, Value]


class Status(StrEnum):
    """How a check came out. `UNKNOWN`: it could not be told; `SKIP`: it made no sense to ask."""

    PASS = "pass"  # noqa: S105 (not a password)
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"


BLOCKING = frozenset({Status.FAIL, Status.SKIP, Status.UNKNOWN})
"""Statuses after which the checks that need this one are skipped."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer: `cause` is a stable word, the key of its text; `evidence` the facts behind it."""

    status: Status
    cause: str
    evidence: Evidence = field(default_factory=dict[str, Value])


@dataclass(frozen=True, slots=True)
class Check(Generic[SubjectT]):
    """One question. `subjects` says of what it is asked: the workstation, or some readers by name.

    It is skipped for every subject of `needs` that did not pass. `cases` are the failure cases
    of the field it tells (facts: certificates_identifiers_services.md §6). Where it `decides`,
    the workstation is not ready without it; of the others only a failure counts as much.
    """

    id: str
    subjects: Callable[[WorkstationFacts], Iterable[tuple[str | None, SubjectT]]]
    look: Callable[[SubjectT], Finding]
    needs: tuple[str, ...] = ()
    cases: tuple[int, ...] = ()
    decides: bool = True


def passed(cause: str = "ok", /, **evidence: Value) -> Finding:
    """All is well."""
    return Finding(Status.PASS, cause, evidence)


def warned(cause: str, /, **evidence: Value) -> Finding:
    """It works, and yet somebody should act."""
    return Finding(Status.WARN, cause, evidence)


def failed(cause: str, /, **evidence: Value) -> Finding:
    """It will not work."""
    return Finding(Status.FAIL, cause, evidence)


def unknown(cause: str, /, **evidence: Value) -> Finding:
    """It could not be told."""
    return Finding(Status.UNKNOWN, cause, evidence)


def untold(fact: Unknown) -> Finding:
    """The system did not say: there is no such thing on it, it has no way, or it refused."""
    if not isinstance(fact, NotReadable):
        return Finding(Status.SKIP, "not-here")
    if fact.why is Why.NO_WAY:
        return Finding(Status.SKIP, "no-way")
    return unknown("not-readable", why=fact.why.value)
