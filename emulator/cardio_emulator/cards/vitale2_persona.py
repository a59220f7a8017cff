"""Who an emulated Vitale 2 is about, read from TOML. Invented people with test NIRs only.

`personas/famille.toml` is the pattern for one's own.
"""

from dataclasses import dataclass, field

from cardio.errors import IdentifierError
from cardio.identity.nir import Nir
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


@dataclass(frozen=True, slots=True)
class VitalePersona:
    """One card. `organism` is regime 2, fund 3 and centre 4 digits; `valid_from` is 8 digits."""

    serial: str
    valid_from: str
    organism: str
    beneficiaries: tuple[Beneficiary, ...]


def load(source: PersonaSource) -> VitalePersona:
    """A persona that comes with cardio by its name, or one's own file.

    Raises `ConfigurationError` naming the file, the key and what is allowed.
    """
    return _persona(Settings.read(persona_path(source)))


def _persona(settings: Settings) -> VitalePersona:
    persona = VitalePersona(
        serial=_digits(settings, "serial", _SERIAL_DIGITS),
        valid_from=_digits(settings, "valid_from", _DATE_SIZE),
        organism=_digits(settings, "organism", _ORGANISM_DIGITS),
        beneficiaries=tuple(_beneficiary(table) for table in settings.tables("beneficiary")),
    )
    settings.finish()
    if not persona.beneficiaries:
        raise settings.error("beneficiary", "is missing: a card has one person at least")
    return persona


def _beneficiary(table: Settings) -> Beneficiary:
    person = Beneficiary(
        family_name=_name(table, "family_name"),
        given_name=_name(table, "given_name"),
        birth_date=_digits(table, "birth_date", _DATE_SIZE),
        nir=_test_nir(table, "nir"),
        country=_name(table, "country"),
    )
    table.finish()
    return person


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
