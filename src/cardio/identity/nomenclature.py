"""Code tables of the card dictionary: professions, specialities, sectors, billing, types.

Edition 2.18 of 2020-02-28 (facts: certificates_identifiers_services.md §3, nomenclatures.tsv);
a code that is newer or unknown is kept, without a label. Where the dictionary gives one code two
labels, without telling when which applies, the label names both (zone 30 of G102).
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files

EDITION = date(2020, 2, 28)
"""Day of the edition all labels are from: show it beside them where that matters."""

_DATA = "nomenclatures.tsv"


class Table(Enum):
    """The tables cardio uses, by their name in the dictionary."""

    CARD_CATEGORY = "G01"
    CARD_TYPE = "G02"
    CIVILITY = "G03"
    RESPONSIBILITY = "G04"
    PHARMACIST_TABLE = "G05"
    SHORT_CIVILITY = "G06"
    STRUCTURE_ID_TYPE = "G07"
    PERSON_ID_TYPE = "G08"
    ADELI_QUALIFICATION = "G11"
    ADELI_SPECIALITY = "G12"
    PROFESSION = "G15"
    FUTURE_PROFESSION = "G16"
    PRACTICE_MODE = "G17"
    ADELI_ATTRIBUTION = "G18"
    BILLING_SPECIALITY = "G100"
    CONVENTION = "G101"
    TARIFF_ZONE = "G102"
    MILEAGE_ALLOWANCE = "G103"
    APPROVAL = "G104"
    GEOGRAPHIC_ZONE = "G105"
    SPECIALITY = "R01"
    SECTOR = "R02"
    ATTRIBUTION = "R03"

    def code(self, code: str) -> "Code":
        """The code with its label."""
        return Code(self, code)

    def number(self, number: int) -> "Code":
        """A code that cards and certificates hold as a number: two decimal digits."""
        return Code(self, f"{number:02d}")

    @property
    def labels(self) -> dict[str, str]:
        """Every code of the edition with its French label; none for G12, which is not shipped."""
        return _labels().get(self.value, {})


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a table; `str()` gives its label, or the code where it has none."""

    table: Table
    code: str

    @property
    def label(self) -> str | None:
        """Its French label, None for a code that the edition lacks."""
        return self.table.labels.get(self.code)

    def __str__(self) -> str:
        return self.label or self.code


@cache
def _labels() -> dict[str, dict[str, str]]:
    raw = files("cardio.identity").joinpath("data", _DATA).read_text(encoding="utf-8")
    tables: dict[str, dict[str, str]] = {}
    for line in raw.splitlines()[1:]:
        table, code, label = line.split("\t")
        tables.setdefault(table, {})[code] = label
    return tables
