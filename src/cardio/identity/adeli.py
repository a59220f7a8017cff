"""ADELI, the register of professions that came before RPPS."""

from dataclasses import dataclass, field
from typing import Self

from cardio.errors import IdentifierError

_SIZE = 9


@dataclass(frozen=True, slots=True)
class Adeli:
    """9 letters and digits, starting with the département (2A and 2B exist).

    No check rule is public, so none is held against a number
    (facts: certificates_identifiers_services.md §2). `str()` gives it, `repr()` hides it.
    """

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `IdentifierError` for anything but 9 ASCII letters and digits."""
        if not (text.isascii() and text.isalnum() and len(text) == _SIZE):
            message = "an ADELI number has 9 letters and digits"
            raise IdentifierError(message, offset=min(len(text), _SIZE))
        return cls(text)

    def __str__(self) -> str:
        return self.value
