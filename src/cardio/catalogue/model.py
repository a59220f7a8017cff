"""A teleservice: who may use it, with which card, on what workstation, and who says so."""

from dataclasses import dataclass, field
from datetime import date

from cardio.catalogue.subject import Demand, Subject
from cardio.catalogue.values import Channel, Confidence, ServiceStatus

Words = dict[str, str]
"""The same in French (`fr`) and English (`en`)."""

OLD_AFTER_YEARS = 3
"""A rule older than this is shown with its date (facts: services.md, head)."""


@dataclass(frozen=True, slots=True)
class RuleDate:
    """When a source said it: a year, a month or a day; `after`: then or later."""

    year: int
    month: int | None = None
    day: int | None = None
    after: bool = False

    def is_old(self, today: date) -> bool:
        """Whether more than three years passed since the end of that year, month or day."""
        latest = (self.year, self.month or 12, self.day or 31)
        return latest < (today.year - OLD_AFTER_YEARS, today.month, today.day)

    def __str__(self) -> str:
        parts = (f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part))
        return ("≥ " if self.after else "") + "-".join(parts)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a convention. `values` are words, or one number for a limit.

    `date` is None where the source has none. `why` says what is unknown, or adds what the words
    cannot say. `line` is that of the catalogue file.
    """

    subject: Subject
    demand: Demand
    values: tuple[str, ...]
    source: str
    date: RuleDate | None
    confidence: Confidence
    why: Words = field(default_factory=dict[str, str])
    line: int = 0

    @property
    def limit(self) -> int:
        """The number of an `AT_LEAST` or `AT_MOST` rule."""
        return int(self.values[0])


@dataclass(frozen=True, slots=True)
class Convention:
    """One way to use a service: all of its rules apply."""

    id: str
    name: Words
    channels: tuple[Channel, ...]
    rules: tuple[Rule, ...]

    def about(self, subject: Subject) -> tuple[Rule, ...]:
        """The rules on this subject."""
        return tuple(rule for rule in self.rules if rule.subject is subject)


@dataclass(frozen=True, slots=True)
class Service:
    """A teleservice and its conventions, in the order of its file."""

    id: str
    name: Words
    status: ServiceStatus
    conventions: tuple[Convention, ...]
    note: Words = field(default_factory=dict[str, str])
