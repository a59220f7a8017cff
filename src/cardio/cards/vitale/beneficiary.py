"""What is read of a Vitale: its beneficiaries, and what was wrong with the data."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from cardio.identity.nir import Nir


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """One person of the card. Fields the card leaves empty are None; the repr shows none.

    `birth_date_as_written` is the card's text, to be sent on unchanged: `birth_date` is None
    where it is no calendar date (month 00 or above 12, day 00: facts vitale.md §5).
    `nationality_or_country` is read as one or the other by public readers. `nir` may have a
    wrong key: see `Nir.has_valid_key`, and the card's `problems`.
    """

    family_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    birth_date_as_written: str | None = field(default=None, repr=False)
    nationality_or_country: str | None = field(default=None, repr=False)
    nir: Nir | None = field(default=None, repr=False)


class ProblemCode(Enum):
    """What can be wrong with a card's data; the words are stable."""

    WRONG_NIR_KEY = "wrong-nir-key"
    MALFORMED_NIR = "malformed-nir"
    MALFORMED_DATE = "malformed-date"
    UNREADABLE_TEXT = "unreadable-text"
    MISSING_FIELD = "missing-field"
    DUPLICATE_NIR = "duplicate-nir"
    BIRTH_YEAR_DIFFERS = "birth-year-differs"
    COUNTS_DIFFER = "counts-differ"
    ORDER_DIFFERS = "order-differs"
    NO_BENEFICIARY = "no-beneficiary"
    DAMAGED_FILE = "damaged-file"
    REFUSED_FILE = "refused-file"


_SENTENCES = {
    ProblemCode.WRONG_NIR_KEY: "The key of the NIR does not fit its number.",
    ProblemCode.MALFORMED_NIR: "The NIR is not one: it was left out.",
    ProblemCode.MALFORMED_DATE: "The date is not written as digits.",
    ProblemCode.UNREADABLE_TEXT: "The text has control characters: they were replaced.",
    ProblemCode.MISSING_FIELD: "The field is missing or empty.",
    ProblemCode.DUPLICATE_NIR: "Another person of the card has the same NIR.",
    ProblemCode.BIRTH_YEAR_DIFFERS: "The NIR tells another year of birth than the date.",
    ProblemCode.ORDER_DIFFERS: "The numbers are not in the order of the names: no NIR was given.",
    ProblemCode.COUNTS_DIFFER: "The card has not as many numbers as names: no NIR was given.",
    ProblemCode.NO_BENEFICIARY: "The card names nobody.",
    ProblemCode.DAMAGED_FILE: "The file is damaged: what stands before the damage was read.",
    ProblemCode.REFUSED_FILE: "The card refused to give the file.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the data, told without any of it.

    `beneficiary` is the index in the card's list (from 0) and `tag` the field, where they apply.
    """

    code: ProblemCode
    beneficiary: int | None = None
    tag: int | None = None

    @property
    def why(self) -> str:
        """The problem as an English sentence."""
        return _SENTENCES[self.code]
