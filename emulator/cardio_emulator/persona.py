"""Who a CPS is made for: a persona, read from a TOML (or YAML) file and checked.

Personas are invented. The files that come with cardio lie in `personas/` and are the pattern for
one's own; what each field may hold is told by facts: cps.md §4 and cps_records.md §1.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any, cast

from cardio.errors import ConfigurationError
from cardio_emulator.persona_files import persona_path
from cardio_emulator.settings import Settings

_YAML = (".yaml", ".yml")


class CardType(IntEnum):
    """Card types (table G02, facts: cps.md §4)."""

    CPS = 0
    CPF = 1
    CPE = 2
    CPA = 3


@dataclass(frozen=True, slots=True)
class Activity:
    """A situation of practice. Codes: `mode` G17, `structure` G07 digit and id, `sector` R02."""

    mode: int
    structure_name: str
    structure: str
    sector: str


@dataclass(frozen=True, slots=True)
class Persona:
    """A card and its holder. Codes: `category` G01, `civility` G03, `profession` G15.

    `card_number` is printed on the card (10 digits), `chip_serial` is in EF.SN.ICC (8 digits).
    `profession` and `profession_label` are empty for staff cards (CPE, CPA).
    """

    name: str
    card_type: CardType
    category: int
    card_number: str
    chip_serial: str
    issued: date
    expires: date
    ps_idnat: str
    civility: int
    family_name: str
    given_name: str
    language: str
    profession: int | None = None
    profession_label: str = ""
    speciality: str = ""
    activities: tuple[Activity, ...] = ()
    pin: bytes = field(default=b"1234", repr=False)
    puk: bytes = field(default=b"12345678", repr=False)


def load(source: str | Path) -> Persona:
    """A persona that comes with cardio, by name, or one's own file. Raises `ConfigurationError`."""
    path = persona_path(source)
    return _persona(_read(path), path.stem)


def _read(path: Path) -> Settings:
    return _read_yaml(path) if path.suffix in _YAML else Settings.read(path)


def _read_yaml(path: Path) -> Settings:
    try:
        import yaml
    except ImportError as error:
        raise ConfigurationError(
            f"{path}: YAML files need PyYAML (pip install 'cardio-sante[yaml]'); TOML does not"
        ) from error
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: must hold keys and values")
    return Settings(cast(dict[str, object], content), str(path))


def _persona(settings: Settings, name: str) -> Persona:
    card, holder = _one(settings, "card"), _one(settings, "holder")
    activities = tuple(_activity(table) for table in settings.tables("activity"))
    settings.finish()
    card_type = CardType[card.choice("type", CardType.__members__)]
    is_staff = card_type in (CardType.CPE, CardType.CPA)
    persona = Persona(
        name=name,
        card_type=card_type,
        category=int(_matched(card, "category", "80", "80 (test cards only)"), 16),
        card_number=_matched(card, "number", r"\d{10}", "10 digits"),
        chip_serial=_matched(card, "serial", r"\d{8}", "8 digits"),
        issued=_date(card, "issued"),
        expires=_date(card, "expires"),
        pin=_secret(card, "pin", 4, b"1234"),
        puk=_secret(card, "puk", 8, b"12345678"),
        ps_idnat=_matched(holder, "ps_idnat", r"\d[0-9A-Z/]{1,30}", "type digit and identifier"),
        civility=_code(holder, "civility"),
        family_name=_text(holder, "family_name", 27),
        given_name=_text(holder, "given_name", 27),
        language=_matched(holder, "language", "[a-z]{2}", "two small letters"),
        profession=None if is_staff else _code(holder, "profession"),
        profession_label="" if is_staff else holder.text("profession_label"),
        speciality=_speciality(holder),
        activities=activities,
    )
    _check(persona, card, holder)
    return persona


def _activity(table: Settings) -> Activity:
    activity = Activity(
        mode=_code(table, "mode"),
        structure_name=_text(table, "structure_name", 40),
        structure=_matched(table, "structure", "[0-4][0-9A-Z/]{1,14}", "type 0 to 4, then the id"),
        sector=_matched(table, "sector", r"SA\d\d", "SA and two digits (table R02)"),
    )
    table.finish()
    return activity


def _check(persona: Persona, card: Settings, holder: Settings) -> None:
    card.finish()
    holder.finish()
    if persona.expires <= persona.issued:
        raise card.error("expires", "must be after 'issued'")
    if persona.card_type >= CardType.CPE and not persona.activities:
        raise ConfigurationError(f"{card.place}: a staff card needs an [[activity]]")
    if len(persona.activities) > 16:
        raise ConfigurationError(f"{card.place}: at most 16 [[activity]] tables")


def _one(settings: Settings, key: str) -> Settings:
    tables = settings.tables(key)
    if len(tables) != 1:
        raise settings.error(key, f"must be one [{key}] table")
    return tables[0]


def _matched(table: Settings, key: str, pattern: str, allowed: str) -> str:
    value = table.text(key)
    if not re.fullmatch(pattern, value, re.ASCII):
        raise table.error(key, f"must be {allowed}")
    return value


def _text(table: Settings, key: str, most: int) -> str:
    """Plain ASCII, as card records hold it (facts: cps_records.md §1)."""
    return _matched(table, key, rf"[ -~]{{1,{most}}}", f"1 to {most} plain ASCII characters")


def _code(table: Settings, key: str) -> int:
    value = table.number(key)
    if not 0 <= value <= 0xFF:
        raise table.error(key, "must be 0 to 255")
    return value


def _speciality(holder: Settings) -> str:
    if "speciality" not in holder:
        return ""
    return _matched(holder, "speciality", "[A-Z0-9]{3,5}", "a code of table R01, such as SM26")


def _secret(card: Settings, key: str, length: int, default: bytes) -> bytes:
    if key not in card:
        return default
    return _matched(card, key, rf"\d{{{length}}}", f"{length} digits in quotes").encode()


def _date(card: Settings, key: str) -> date:
    try:
        return date.fromisoformat(card.text(key))
    except ValueError:
        raise card.error(key, "must be a date in quotes, such as '2025-11-03'") from None
