"""Dates as the rights data write them: not always days, and never changed."""

from dataclasses import dataclass
from datetime import date

SIZE = 12
"""Digits of `AAAAMMJJHHMM` (facts: vitale.md §4.1)."""

SIZE_WITHOUT_CENTURY = 6
"""Digits of `AAMMJJ`: birth dates of old cards (facts: vitale.md §5)."""


@dataclass(frozen=True, slots=True, repr=False)
class CardDate:
    """A date as the card has it; any text is kept. The repr shows nothing.

    Well formed are 12 digits `AAAAMMJJHHMM`, 6 digits `AAMMJJ`, and no text at all. "No date" is
    written as nothing or as 12 zeros, which stay apart.
    """

    written: str

    @property
    def is_told(self) -> bool:
        """Whether there is a date, sound or not."""
        return self.written != "" and self.written != "0" * SIZE

    @property
    def is_well_formed(self) -> bool:
        sizes = (0, SIZE_WITHOUT_CENTURY, SIZE)
        return len(self.written) in sizes and (not self.written or is_digits(self.written))

    @property
    def has_century(self) -> bool:
        return self.is_well_formed and len(self.written) == SIZE

    @property
    def day(self) -> date | None:
        """The day of the calendar; None for a lunar date, one without century, or none."""
        if not self.has_century:
            return None
        try:
            return date(int(self.written[:4]), int(self.written[4:6]), int(self.written[6:8]))
        except ValueError:
            return None

    @property
    def is_lunar(self) -> bool:
        """Whether it is well formed but no day: month 00 or above 12, day 00, ..."""
        return self.is_told and self.has_century and self.day is None

    def __repr__(self) -> str:
        return "CardDate(***)"


def is_digits(text: str) -> bool:
    """Whether all of `text` are the digits 0 to 9."""
    return text.isascii() and text.isdigit()
