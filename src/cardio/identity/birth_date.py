"""A date of birth as cards write it: lunar, incomplete or without its century.

Month 00 or above 12, day 00, two-digit years: all of them exist and must be sent on as they are
(facts: vitale.md §5).
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from cardio.errors import IdentifierError

_FORMS = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})", re.ASCII),
    re.compile(r"(?P<day>[0-9]{2})[-/](?P<month>[0-9]{2})[-/](?P<year>[0-9]{4})", re.ASCII),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?:0000)?", re.ASCII),
    re.compile(r"(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", re.ASCII),
)
"""`AAAA-MM-JJ` of the INSi, `JJ-MM-AAAA` of the datamatrix, `AAAAMMJJ` with or without the time
0000 and `AAMMJJ` of the cards (facts: vitale.md §4.1, §4.4). `JJMMAAAA` is not told apart from
`AAAAMMJJ`, so it is not read."""


@dataclass(frozen=True, slots=True)
class BirthDate:
    """Year, month (0 to 99) and day (0 to 99); `year` is 0 to 99 without its century.

    Raises `IdentifierError` for numbers out of these ranges.
    """

    year: int = field(repr=False)
    month: int = field(repr=False)
    day: int = field(repr=False)
    has_century: bool = True

    def __post_init__(self) -> None:
        highest = 9999 if self.has_century else 99
        if not (0 <= self.year <= highest and 0 <= self.month <= 99 and 0 <= self.day <= 99):
            raise IdentifierError("a date of birth is a year, a month and a day")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1975-12-31`, `31/12/1975`, `31-12-1975`, `19751231`, `197512310000` or `751231`.

        Raises `IdentifierError`.
        """
        for form in _FORMS:
            if found := form.fullmatch(text.strip()):
                year = found["year"]
                return cls(int(year), int(found["month"]), int(found["day"]), len(year) == 4)
        raise IdentifierError("not a date of birth")

    @classmethod
    def of(cls, day: date) -> Self:
        """That day of the calendar."""
        return cls(day.year, day.month, day.day)

    @property
    def exact(self) -> date | None:
        """The day of the calendar, None where it is none or the century is missing."""
        if not self.has_century:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None

    @property
    def has_month(self) -> bool:
        return 1 <= self.month <= 12

    @property
    def has_day(self) -> bool:
        """Whether its month, or the longest one where the month is unknown, has such a day."""
        try:
            date(self.year if self.has_century and self.year else 2000, self._any_month, self.day)
        except ValueError:
            return False
        return True

    @property
    def completed(self) -> date | None:
        """The day an identity is kept under: 01 for an unknown day, 01 for an unknown month.

        31 December where both are unknown; None without the century. The rule is that of the
        national guide of implementation, EXI ID 11, as its public users cite it.
        """
        if not self.has_century or not self.year:
            return None
        if not self.has_month and not self.has_day:
            return date(self.year, 12, 31)
        return date(self.year, self._any_month, self.day if self.has_day else 1)

    @property
    def _any_month(self) -> int:
        return self.month if self.has_month else 1

    def __str__(self) -> str:
        year = f"{self.year:04d}" if self.has_century else f"{self.year:02d}"
        return f"{year}-{self.month:02d}-{self.day:02d}"
