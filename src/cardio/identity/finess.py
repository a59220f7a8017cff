"""FINESS, the number of a health establishment."""

import re
from dataclasses import dataclass
from typing import Self

from stdnum import luhn

from cardio.errors import IdentifierError

_FORM = re.compile(r"[0-9][0-9AB][0-9]{7}", re.ASCII)
_LETTERS = str.maketrans("AB", "12")


@dataclass(frozen=True, slots=True)
class Finess:
    """9 characters, starting with the département; the second may be A or B.

    Test numbers have such a letter outside Corsica too: `0B0309829`.
    """

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `IdentifierError` for another form, not for a key that does not fit."""
        if not _FORM.fullmatch(text):
            raise IdentifierError("a FINESS number has 9 digits, or a letter A or B in second")
        return cls(text)

    @property
    def has_valid_key(self) -> bool:
        """Whether the Luhn key fits, A read as 1 and B as 2. Warn where it does not: never refuse.

        INFERRED: it holds for eight known hospitals, and four Corsican ones for the letters
        (facts: certificates_identifiers_services.md §2).
        """
        return luhn.is_valid(self.value.translate(_LETTERS))

    def __str__(self) -> str:
        return self.value
