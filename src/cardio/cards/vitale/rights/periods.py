"""What a period of rights says of a day; a bound that is no day leaves it unknown."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import Protocol, TypeVar

from cardio.cards.vitale.rights.dates import CardDate


class Period(Protocol):
    """From `start` to `end`, both days included. Without an end it is open."""

    @property
    def start(self) -> CardDate | None: ...
    @property
    def end(self) -> CardDate | None: ...


PeriodT = TypeVar("PeriodT", bound=Period)


def covers(period: Period, day: date) -> bool | None:
    """Whether the day is in the period; None where a bound that matters is not known."""
    begun = _compare(period.start, day, begins=True)
    lasts = _compare(period.end, day, begins=False)
    if False in (begun, lasts):
        return False
    return None if None in (begun, lasts) else True


def covered(periods: Iterable[Period], day: date) -> bool | None:
    """Whether any of the periods covers the day; None where one may, or there is none at all."""
    answers = [covers(period, day) for period in periods]
    if True in answers:
        return True
    return None if not answers or None in answers else False


def is_open(period: Period) -> bool:
    """Whether the source says that it has no end."""
    return period.end is not None and not period.end.is_told


def is_reversed(period: Period) -> bool:
    """Whether it ends before it begins."""
    start, end = _day(period.start), _day(period.end)
    return start is not None and end is not None and end < start


def overlaps(periods: Sequence[PeriodT]) -> tuple[tuple[PeriodT, PeriodT], ...]:
    """The pairs that share a day for certain; periods with a bound not known are left out."""
    return tuple((one, other) for one, other in combinations(periods, 2) if _meet(one, other))


def _meet(one: Period, other: Period) -> bool:
    """Both cover the later of the two beginnings."""
    starts = [day for period in (one, other) if (day := _day(period.start))]
    latest = max(starts, default=date.min)
    return covers(one, latest) is True and covers(other, latest) is True


def _day(bound: CardDate | None) -> date | None:
    return bound.day if bound else None


def _compare(bound: CardDate | None, day: date, *, begins: bool) -> bool | None:
    if bound is None:
        return None
    if not bound.is_told:
        return True
    limit = bound.day
    if limit is None:
        return None
    return limit <= day if begins else day <= limit
