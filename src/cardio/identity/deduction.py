"""What a NIR tells of a person, and what it does not.

A NIR is no record of civil status: it is given once. What it tells is what was registered then,
which a change of sex or of date of birth may have left behind.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from cardio.identity.birth_place import PlaceReading
from cardio.identity.nir import MonthKind, Nir, NumberKind, Sex

OLDEST = 130
"""Years: nobody is known to have lived as long (our choice)."""


class Untold(Enum):
    """What cannot be deduced; the words are stable."""

    SEX = "sex"
    YEAR = "year"
    CENTURY = "century"
    MONTH = "month"
    DAY = "day"
    PLACE = "place"
    COUNTRY_OR_DEPARTMENT = "country-or-department"
    """91 to 95 are départements of today and former ones in Algeria and Morocco."""


@dataclass(frozen=True, slots=True)
class Deduced:
    """What the number tells; None or empty is not told, and `untold` says so too.

    `years` are the years of birth that the two digits can mean. `repr()` shows nothing.
    """

    kind: NumberKind
    is_test: bool
    sex: Sex | None = field(default=None, repr=False)
    years: tuple[int, ...] = field(default=(), repr=False)
    month: int | None = field(default=None, repr=False)
    place: str | None = field(default=None, repr=False)
    place_readings: tuple[PlaceReading, ...] = field(default=(), repr=False)
    untold: tuple[Untold, ...] = ()


def deduce(nir: Nir, today: date) -> Deduced:
    """What `nir` tells on that day.

    Of a provisional number or one of unknown kind nothing is deduced: how those are made is not
    public, and a published test number has month 13 (facts: vitale.md §5). A test number tells
    no month. The key is not looked at: see `Nir.has_valid_key`.
    """
    if nir.kind is not NumberKind.REGISTERED:
        nothing = (Untold.SEX, Untold.YEAR, Untold.MONTH, Untold.DAY, Untold.PLACE)
        return Deduced(nir.kind, nir.is_test, untold=nothing)
    years = _years(nir.year, today.year)
    month = nir.month if nir.month_kind is MonthKind.CALENDAR else None
    readings = nir.place.readings
    untold = {
        Untold.CENTURY: len(years) > 1,
        Untold.MONTH: month is None,
        Untold.DAY: True,
        Untold.COUNTRY_OR_DEPARTMENT: len(readings) > 1,
    }
    return Deduced(
        kind=nir.kind,
        is_test=nir.is_test,
        sex=nir.sex,
        years=years,
        month=month,
        place=nir.birth_place,
        place_readings=readings,
        untold=tuple(what for what, is_so in untold.items() if is_so),
    )


def _years(year: int, this_year: int) -> tuple[int, ...]:
    """The years with these two digits in which a person of today may be born, the last first."""
    latest = this_year - (this_year - year) % 100
    return tuple(range(latest, this_year - OLDEST, -100))
