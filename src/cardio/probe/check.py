"""What a check is: one question about the facts, and the finding that answers it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from cardio.probe.facts import WorkstationFacts

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
    of the field it tells (facts: certificates_identifiers_services.md §6).
    """

    id: str
    subjects: Callable[[WorkstationFacts], Iterable[tuple[str | None, SubjectT]]]
    look: Callable[[SubjectT], Finding]
    needs: tuple[str, ...] = ()
    cases: tuple[int, ...] = ()


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
