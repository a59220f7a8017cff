"""A CPx card and its holder, as a persona describes them (facts: cps.md §4, cps_records.md §1)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum


class CardType(IntEnum):
    """Card types (table G02, facts: cps.md §4)."""

    CPS = 0
    CPF = 1
    CPE = 2
    CPA = 3

    @property
    def is_staff(self) -> bool:
        """Issued to an employer, for someone without a profession of their own."""
        return self in (CardType.CPE, CardType.CPA)


@dataclass(frozen=True, slots=True)
class Activity:
    """A situation of practice, in the file of this `number`, 1 to 16.

    Codes: `mode` G17, `structure` G07 digit and id, `sector` R02, `pharmacist_table` G05,
    `adeli_speciality` G12 (two digits).
    """

    number: int
    mode: int
    structure_name: str
    structure: str
    sector: str
    pharmacist_table: str = ""
    adeli_speciality: str = ""


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """Dates of EF_ACTUA. An interrupted update has no end; without start the file is empty."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """A card and its holder. Codes: `category` G01, `civility` G03, `profession` G15.

    `card_number` is printed on the card (10 digits), `chip_serial` is in EF.SN.ICC (8 digits).
    `future_profession` is a G16 code on a CPF, a "métier" on a CPA. A card that names nobody has
    a `pseudonym`, and neither civility nor names. `update` is None where no update was ever made.
    """

    name: str
    card_type: CardType
    category: int
    card_number: str
    chip_serial: str
    issued: date
    expires: date
    ps_idnat: str
    civility: int | None
    family_name: str
    given_name: str
    language: str
    pseudonym: str = ""
    profession: int | None = None
    future_profession: int | None = None
    profession_label: str = ""
    speciality: str = ""
    activities: tuple[Activity, ...] = ()
    update: CardUpdate | None = None
    pin: bytes = field(default=b"1234", repr=False)
    puk: bytes = field(default=b"12345678", repr=False)
