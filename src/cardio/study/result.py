"""What a study says of people, workstations and sites: plain values that any view can show.

Nobody is named: a person is a line of the roster and a key (`series.py`). `Identity` and the values
of `NameDifference` are there only when they were asked for.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cardio.study.answers import Answer, Readiness, State
from cardio.study.fixes import Fix
from cardio.study.roster.mistakes import Mistake

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field does not raise it."""


class Verdict(StrEnum):
    """What a service comes to for somebody, worst first.

    `NOT_CONCERNED`: a service of the whole site that is not for this profession or sector.
    """

    NOT_READY = "not-ready"
    CANNOT_TELL = "cannot-tell"
    READY = "ready"
    NOT_CONCERNED = "not-concerned"

    @classmethod
    def of(cls, readiness: Readiness) -> "Verdict":
        """The same word."""
        return cls(readiness.value)


@dataclass(frozen=True, slots=True)
class Cause:
    """What is lacking, unknown or to be confirmed; people refer to it by its number.

    `service` and `way` tell whose rule it is.
    """

    number: int
    service: str
    way: str
    answer: Answer
    fix: Fix


@dataclass(frozen=True, slots=True)
class ServiceVerdict:
    """One service, by the best way for this person.

    `causes` keep it from being ready; `to_confirm` no workstation can show: somebody has to say.
    """

    service: str
    verdict: Verdict
    way: str
    causes: tuple[Cause, ...] = ()
    to_confirm: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """What has to be done for somebody, of one kind: its causes, the worst of their states."""

    fix: Fix
    causes: tuple[Cause, ...]
    state: State

    @property
    def services(self) -> tuple[str, ...]:
        """Each service that wants it."""
        return tuple(dict.fromkeys(cause.service for cause in self.causes))


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """All that a study says of people with the same evidence; compared by identity.

    `verdict` is the worst of the services, `NOT_CONCERNED` where there is none.
    """

    services: tuple[ServiceVerdict, ...]
    errands: tuple[Errand, ...]
    verdict: Verdict


class Link(StrEnum):
    """How a card was found to be somebody's: by its number, or since nobody else sits there."""

    NUMBER = "number"
    SOLE_USER = "sole-user"


@dataclass(frozen=True, slots=True)
class CardFound:
    """The card taken for somebody's: in which report, and by which link."""

    report: str
    reader: str
    kind: str
    link: Link


@dataclass(frozen=True, slots=True)
class NameDifference:
    """A name that roster and card do not write alike; the words are of `cardio.identity`.

    `roster` and `card` are the names themselves, only where identities were asked for.
    """

    trait: str
    causes: tuple[str, ...]
    severity: str
    roster: str | None = field(default=None, repr=False)
    card: str | None = field(default=None, repr=False)


class Since(StrEnum):
    """Against the study before: here then, or newly arrived."""

    STAYED = "stayed"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is, for order forms. Only where it was asked for."""

    civility: str | None = field(repr=False)
    family_name: str | None = field(repr=False)
    given_name: str | None = field(repr=False)
    rpps: str | None = field(repr=False)
    adeli: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonResult:
    """One line of the roster. `keys` are the same in every study of a series."""

    line: int
    keys: tuple[str, ...]
    site: str
    profession: str | None
    workstations: tuple[str, ...]
    card: CardFound | None
    kind: Kind
    differences: tuple[NameDifference, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    is_bsi_referent: bool = False
    rpps_plus: "RppsPlus | None" = None
    since: Since | None = None
    identity: Identity | None = None

    @property
    def services(self) -> tuple[ServiceVerdict, ...]:
        return self.kind.services

    @property
    def verdict(self) -> Verdict:
        return self.kind.verdict


@dataclass(frozen=True, slots=True)
class RppsPlus:
    """Enrolment in RPPS+ (facts: services.md §3.6). `role` None: none of the five was told."""

    has_number: bool
    role: str | None


@dataclass(frozen=True, slots=True)
class CheckFound:
    """A check of `cardio probe` that did not come out well, in the words of its report."""

    check: str
    reader: str | None
    status: str
    cause: str
    fix: Fix
    finding: str
    advice: str


@dataclass(frozen=True, slots=True)
class WorkstationResult:
    """A workstation that was probed, or that the site has and nobody probed (`report` None).

    `services`: what it lacks for each service of its site, whoever sits at it.
    """

    name: str
    site: str | None
    report: str | None = None
    id: str | None = None
    created: datetime | None = None
    verdict: str | None = None
    readers: int | None = None
    checks: tuple[CheckFound, ...] = ()
    services: tuple[ServiceVerdict, ...] = ()
    errands: tuple[Errand, ...] = ()


class Problem(StrEnum):
    """Why a file with reports was not used, or not in full."""

    UNREADABLE = "unreadable"
    NOT_JSON = "not-json"
    NOT_A_REPORT = "not-a-report"
    TOO_LARGE = "too-large"
    NEWER = "newer"
    SAME = "same"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One file: what is wrong with it, and a detail (a line, a version, another file)."""

    file: str
    problem: Problem
    detail: str = ""
