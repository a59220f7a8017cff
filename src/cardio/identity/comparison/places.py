"""Compare dates and places of birth."""

from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace, PlaceReading
from cardio.identity.comparison.model import Cause, Severity, Side, Why
from cardio.identity.comparison.spelling import is_slip

_OTHER = Why((Cause.OTHER,), Severity.DIFFERENT)

_DISTRICTS = {
    "75056": range(75101, 75121),
    "69123": range(69381, 69390),
    "13055": range(13201, 13217),
}
"""Paris, Lyon and Marseille, and the codes of their arrondissements (COG, INFERRED)."""

_COUNTRIES = {
    "99352": PlaceReading.ALGERIA,
    "99350": PlaceReading.MOROCCO,
    "99351": PlaceReading.TUNISIA,
}
"""Countries of today whose births had a département before (COG, INFERRED)."""


def compare_dates(left: BirthDate, right: BirthDate) -> Why | None:
    """Two dates that are not the same; None when they are."""
    if left == right:
        return None
    if left.has_century == right.has_century and _swapped(left, right):
        return Why((Cause.DAY_AND_MONTH,), Severity.CLOSE)
    if _agree(left, right):
        return _less_known(left, right)
    return Why((Cause.TYPING,), Severity.CLOSE) if is_slip(str(left), str(right)) else _OTHER


def compare_places(left: BirthPlace, right: BirthPlace) -> Why | None:
    """Two places that are not the same; None when they are."""
    if left == right:
        return None
    if left.is_corsican and right.is_corsican and left.code[2:] == right.code[2:]:
        return Why((Cause.CORSICA,), Severity.EQUIVALENT)
    if _district(left, right) or _district(right, left):
        return Why((Cause.ARRONDISSEMENT,), Severity.EQUIVALENT)
    if _former(left, right) or _former(right, left):
        return Why((Cause.INDEPENDENCE,), Severity.CLOSE)
    if left.department == right.department and not left.country:
        return Why((Cause.COMMUNE,), Severity.CLOSE)
    return _OTHER


def _swapped(left: BirthDate, right: BirthDate) -> bool:
    return left.year == right.year and (left.day, left.month) == (right.month, right.day)


def _agree(left: BirthDate, right: BirthDate) -> bool:
    """Whether what both know of the date is the same."""
    both = left.has_century and right.has_century
    if left.year != right.year and (both or left.year % 100 != right.year % 100):
        return False
    months = not (left.has_month and right.has_month) or left.month == right.month
    days = not (left.has_day and right.has_day) or left.day == right.day
    return months and days


def _less_known(left: BirthDate, right: BirthDate) -> Why:
    """Dates that agree: one or both lack the century, the month or the day."""
    causes: list[Cause] = []
    severity = Severity.EQUIVALENT
    if left.has_century != right.has_century:
        causes, severity = [Cause.CENTURY_MISSING], Severity.CLOSE
    if not (_is_whole(left) and _is_whole(right)):
        causes.append(Cause.INCOMPLETE)
        if left.completed != right.completed:
            severity = Severity.CLOSE
    known = _known(left) - _known(right)
    side = (Side.LEFT if known < 0 else Side.RIGHT) if known else None
    return Why(tuple(causes), severity, side)


def _is_whole(day: BirthDate) -> bool:
    return day.has_month and day.has_day


def _known(day: BirthDate) -> int:
    return day.has_century + day.has_month + day.has_day


def _district(city: BirthPlace, district: BirthPlace) -> bool:
    codes = _DISTRICTS.get(city.code)
    return codes is not None and district.code.isdigit() and int(district.code) in codes


def _former(country: BirthPlace, department: BirthPlace) -> bool:
    return _COUNTRIES.get(country.code) in department.readings
