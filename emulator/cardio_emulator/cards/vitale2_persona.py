"""Who an emulated Vitale 2 is about, read from TOML. Invented people with test NIRs only.

`personas/famille.toml` is the pattern for one's own; with a `[rights]` table, the card has a
stand-in file of rights (`vitale_rights`).
"""

from dataclasses import dataclass, field, replace

from cardio.errors import IdentifierError
from cardio.identity.nir import Nir
from cardio_emulator.cards.vitale_atrs import VITALE2_ATRS, chosen_atr
from cardio_emulator.cards.vitale_rights import Group
from cardio_emulator.cards.vitale_rights_persona import card_groups, person_groups
from cardio_emulator.persona_files import PersonaSource, persona_path
from cardio_emulator.settings import Settings

_DATE_SIZE = 8
_SERIAL_DIGITS = 10
_ORGANISM_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """One person on the card. `birth_date` is 8 digits, year first; `country` is tag 90."""

    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    nir: Nir
    country: str
    rights: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class VitalePersona:
    """One card. `organism` is regime 2, fund 3 and centre 4 digits; `valid_from` is 8 digits.

    `rights` is empty on a card without the stand-in file.
    """

    serial: str
    valid_from: str
    organism: str
    beneficiaries: tuple[Beneficiary, ...]
    atr: bytes = VITALE2_ATRS[0]
    rights: tuple[Group, ...] = ()


def load(source: PersonaSource) -> VitalePersona:
    """A persona that comes with cardio by its name, or one's own file.

    Raises `ConfigurationError` naming the file, the key and what is allowed.
    """
    return _persona(Settings.read(persona_path(source)))


def _persona(settings: Settings) -> VitalePersona:
    serial = _digits(settings, "serial", _SERIAL_DIGITS)
    organism = _digits(settings, "organism", _ORGANISM_DIGITS)
    tables = settings.tables("rights")
    if len(tables) > 1:
        raise settings.error("rights", "must be one [rights] table")
    people = tuple(
        _beneficiary(table, with_rights=bool(tables)) for table in settings.tables("beneficiary")
    )
    if not people:
        raise settings.error("beneficiary", "is missing: a card has one person at least")
    persona = VitalePersona(
        serial=serial,
        valid_from=_digits(settings, "valid_from", _DATE_SIZE),
        organism=organism,
        beneficiaries=people,
        atr=chosen_atr(settings, VITALE2_ATRS),
        rights=_card_rights(tables, serial, people[0].nir, organism),
    )
    settings.finish()
    return persona


def _card_rights(tables: list[Settings], serial: str, nir: Nir, organism: str) -> tuple[Group, ...]:
    """The first person of the card is the insured one."""
    return tuple(
        group
        for table in tables
        for group in card_groups(table, serial=serial, nir=nir, organism=organism)
    )


def _beneficiary(table: Settings, *, with_rights: bool) -> Beneficiary:
    person = Beneficiary(
        family_name=_name(table, "family_name"),
        given_name=_name(table, "given_name"),
        birth_date=_digits(table, "birth_date", _DATE_SIZE),
        nir=_test_nir(table, "nir"),
        country=_name(table, "country"),
    )
    if with_rights:
        person = replace(person, rights=_person_rights(table, person))
    table.finish()
    return person


def _person_rights(table: Settings, person: Beneficiary) -> tuple[Group, ...]:
    tables = table.tables("rights")
    if len(tables) != 1:
        raise table.error("rights", "must be one [beneficiary.rights] table: the card has [rights]")
    return person_groups(
        tables[0],
        family_name=person.family_name,
        given_name=person.given_name,
        birth_date=person.birth_date,
        nir=person.nir,
    )


def _name(table: Settings, key: str) -> str:
    """Text the card can hold (facts: vitale.md §2.6: Latin-1)."""
    text = table.text(key)
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        raise table.error(key, "has a character outside Latin-1") from None
    return text


def _digits(table: Settings, key: str, size: int) -> str:
    text = table.text(key)
    if len(text) != size or not (text.isascii() and text.isdecimal()):
        raise table.error(key, f"must be {size} digits in quotes")
    return text


def _test_nir(table: Settings, key: str) -> Nir:
    """A wrong key is let through, for readers to report; a real number is not."""
    try:
        nir = Nir.parse(table.text(key), check_key=False)
    except IdentifierError as error:
        raise table.error(key, f"is no NIR: {error.message}") from None
    if not nir.is_test:
        raise table.error(key, "must be a test number: month 19, which nobody has")
    return nir
