"""Where a person was born: a code of the official geographic code (COG), as in a NIR.

5 characters: département and commune, or 99 and the country (facts: vitale.md §5,
certificates_identifiers_services.md §2).
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from cardio.errors import IdentifierError

SIZE = 5
_FORM = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}", re.ASCII)
_ABROAD = "99"
_OVERSEAS = ("97", "98")
_UNDIVIDED_CORSICA = "20"
_COUNTRIES = {
    **dict.fromkeys(("91", "92", "93", "94"), "ALGERIA"),
    "95": "MOROCCO",
    "96": "TUNISIA",
}
_FRENCH_TOO = frozenset({"91", "92", "93", "94", "95"})
"""Départements since 1968; 96 never was one."""


class PlaceReading(Enum):
    """What a code can mean. 91 to 95 have two readings, and no century to choose by."""

    MAINLAND = "mainland"
    CORSICA = "corsica"
    OVERSEAS = "overseas"
    ABROAD = "abroad"
    ALGERIA = "algeria-before-independence"
    MOROCCO = "morocco-before-independence"
    TUNISIA = "tunisia-before-independence"


@dataclass(frozen=True, slots=True)
class BirthPlace:
    """The code of a commune or of a country. `str()` gives it, `repr()` hides it.

    Whether such a commune exists, or existed on the day of birth, is not checked: cardio ships no
    edition of the COG. Raises `IdentifierError`.
    """

    code: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _FORM.fullmatch(self.code):
            raise IdentifierError("a birth place is 5 digits, or 2A or 2B and 3 digits")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `63220`, `2b020`, `99255`. Raises `IdentifierError`."""
        return cls(text.strip().upper())

    @property
    def department(self) -> str:
        """`63`, `2A`, `971`; `99` for a birth abroad."""
        return self.code[:3] if self.code.startswith(_OVERSEAS) else self.code[:2]

    @property
    def country(self) -> str | None:
        """The 3 digits of the country behind 99; None for a place in France."""
        return self.code[2:] if self.code.startswith(_ABROAD) else None

    @property
    def is_corsican(self) -> bool:
        """2A, 2B, or 20 as before 1976 (INFERRED)."""
        return self.code[:2] in ("2A", "2B", _UNDIVIDED_CORSICA)

    @property
    def readings(self) -> tuple[PlaceReading, ...]:
        """All it can mean: one reading, or two for 91 to 95."""
        department = self.code[:2]
        colony = PlaceReading[_COUNTRIES[department]] if department in _COUNTRIES else None
        if colony and department in _FRENCH_TOO:
            return PlaceReading.MAINLAND, colony
        return (colony or self._plain_reading(),)

    def _plain_reading(self) -> PlaceReading:
        if self.is_corsican:
            return PlaceReading.CORSICA
        if self.code.startswith(_OVERSEAS):
            return PlaceReading.OVERSEAS
        return PlaceReading.ABROAD if self.country else PlaceReading.MAINLAND

    def __str__(self) -> str:
        return self.code
