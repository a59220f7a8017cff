"""Whether the traits of a person agree with the person's own number.

A disagreement is no proof of an error: a NIR keeps what was registered when it was given.
"""

from collections.abc import Iterator
from datetime import date
from enum import Enum

from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.comparison.model import Cause
from cardio.identity.comparison.places import compare_places
from cardio.identity.deduction import Deduced, deduce
from cardio.identity.nir import Nir, Sex


class Incoherence(Enum):
    """A trait that is not what the number tells; the words are stable."""

    SEX = "sex"
    YEAR = "year"
    MONTH = "month"
    PLACE = "place"


def incoherences(
    nir: Nir,
    today: date,
    *,
    sex: Sex | None = None,
    birth_date: BirthDate | None = None,
    birth_place: BirthPlace | None = None,
) -> tuple[Incoherence, ...]:
    """The traits given that do not agree with the number; nothing is held against a test number.

    A place agrees when the codes are one place by another code (Corsica, arrondissements,
    independence) or two communes of one département.
    """
    if nir.is_test:
        return ()
    told = deduce(nir, today)
    found = {
        Incoherence.SEX: bool(sex and told.sex and sex is not told.sex),
        **(dict(_of_date(told, birth_date)) if birth_date else {}),
        Incoherence.PLACE: bool(birth_place and told.place and _elsewhere(told, birth_place)),
    }
    return tuple(what for what, is_so in found.items() if is_so)


def _of_date(told: Deduced, birth: BirthDate) -> Iterator[tuple[Incoherence, bool]]:
    years = {year % 100 for year in told.years}
    yield Incoherence.YEAR, bool(years) and birth.year % 100 not in years
    yield (
        Incoherence.MONTH,
        bool(told.month and birth.has_month and birth.month != told.month),
    )


def _elsewhere(told: Deduced, place: BirthPlace) -> bool:
    finding = compare_places(BirthPlace(told.place or ""), place)
    return finding is not None and Cause.OTHER in finding.causes
