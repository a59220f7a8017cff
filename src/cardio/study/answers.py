"""Ready, not ready, or can't tell: rule by rule, convention by convention, for a service."""

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cardio.catalogue.model import Convention, Rule, RuleDate, Service
from cardio.catalogue.subject import Demand
from cardio.catalogue.values import Confidence


class State(StrEnum):
    """What a rule comes to. `ELSEWHERE`: no workstation shows it, somebody has to confirm it.

    `TOLD`: it informs, and asks for nothing.
    """

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"
    TOLD = "told"


class Readiness(StrEnum):
    """What all rules come to, best first."""

    READY = "ready"
    CANNOT_TELL = "cannot-tell"
    NOT_READY = "not-ready"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is wanted, and who says so. `values` are words of the catalogue."""

    subject: str
    demand: Demand
    values: tuple[str, ...]
    source: str
    date: RuleDate | None
    confidence: Confidence
    why: dict[str, str]

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """A rule of the catalogue, as a condition."""
        return cls(
            rule.subject.value,
            rule.demand,
            rule.values,
            rule.source,
            rule.date,
            rule.confidence,
            rule.why,
        )

    def is_old(self, today: datetime.date) -> bool:
        """Whether it is to be shown with its date."""
        return self.date is not None and self.date.is_old(today)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of one condition; `cause` is a stable word, the key of its text."""

    condition: Condition
    state: State
    cause: str


@dataclass(frozen=True, slots=True)
class ConventionAnswer:
    """One way to use a service: every condition, in the order of the catalogue."""

    convention: Convention
    answers: tuple[Answer, ...]

    @property
    def readiness(self) -> Readiness:
        states = {answer.state for answer in self.answers}
        if State.NOT_MET in states:
            return Readiness.NOT_READY
        return Readiness.CANNOT_TELL if State.UNKNOWN in states else Readiness.READY

    def having(self, *states: State) -> tuple[Answer, ...]:
        """The conditions that came to one of these states."""
        return tuple(answer for answer in self.answers if answer.state in states)


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """A service, and each way to use it."""

    service: Service
    conventions: tuple[ConventionAnswer, ...]

    @property
    def readiness(self) -> Readiness:
        """That of the best way."""
        return self.best.readiness

    @property
    def best(self) -> ConventionAnswer:
        """The way that is ready, else the one that lacks least; the first of equals."""
        return min(self.conventions, key=_distance)


def _distance(answer: ConventionAnswer) -> tuple[int, int, int]:
    """Ways meant for somebody else (another card, another profession) come last."""
    lacking = answer.having(State.NOT_MET)
    return (
        list(Readiness).index(answer.readiness),
        sum(one.condition.subject in _WHO for one in lacking),
        len(lacking) or len(answer.having(State.UNKNOWN)),
    )


_WHO = frozenset({"credential", "profession", "sector"})
