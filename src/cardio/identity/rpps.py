"""RPPS, the number of a health professional in the national register."""

from dataclasses import dataclass, field
from typing import Self

from stdnum import luhn

from cardio.errors import IdentifierError

_SIZE = 11
_TEST_PREFIX = "997"


@dataclass(frozen=True, slots=True)
class Rpps:
    """11 digits, the last a Luhn key (facts: certificates_identifiers_services.md §2).

    `str()` gives the number, `repr()` hides it.
    """

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `IdentifierError` for anything but 11 digits with a right key."""
        if not (text.isascii() and text.isdigit() and len(text) == _SIZE):
            raise IdentifierError("an RPPS number has 11 digits", offset=min(len(text), _SIZE))
        if not luhn.is_valid(text):
            raise IdentifierError("the key of the RPPS number is wrong", offset=_SIZE - 1)
        return cls(text)

    @property
    def is_test(self) -> bool:
        """Whether it starts as the numbers of test cards do (INFERRED from published ones)."""
        return self.value.startswith(_TEST_PREFIX)

    def __str__(self) -> str:
        return self.value
