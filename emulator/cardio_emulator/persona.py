"""Who a CPx card is made for: a persona, read from a TOML (or YAML) file and checked.

Personas are invented. The files that come with cardio lie in `personas/` and are the pattern for
one's own; what each field may hold is told by facts: cps.md §4 and cps_records.md §1.
"""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio_emulator.holder import Activity, CardType, CardUpdate, Persona
from cardio_emulator.persona_files import persona_path
from cardio_emulator.settings import Settings

MAX_ACTIVITIES = 16
"""Activity files of a card (facts: cps.md §2.2)."""

_AGE = timedelta(days=180)
_VALIDITY = timedelta(days=3 * 365)
"""3 years (facts: cps.md §4); a card without dates was issued half a year ago."""


def load(source: str | Path, *, today: date | None = None) -> Persona:
    """A persona that comes with cardio, by name, or one's own file.

    A card whose file has no dates is valid on `today`, the day of the call unless given.
    Raises `ConfigurationError`.
    """
    path = persona_path(source)
    return _persona(Settings.read(path), path.stem, today or datetime.now(UTC).date())


def _persona(settings: Settings, name: str, today: date) -> Persona:
    card, holder = _one(settings, "card"), _one(settings, "holder")
    tables = settings.tables("activity")
    settings.finish()
    card_type = CardType[card.choice("type", CardType.__members__)]
    issued, expires = _validity(card, today)
    is_named = "pseudonym" not in holder
    persona = Persona(
        name=name,
        card_type=card_type,
        category=int(_matched(card, "category", "80", "80 (test cards only)"), 16),
        card_number=_matched(card, "number", r"\d{10}", "10 digits"),
        chip_serial=_matched(card, "serial", r"\d{8}", "8 digits"),
        issued=issued,
        expires=expires,
        update=_update(card),
        pin=_secret(card, "pin", 4, b"1234"),
        puk=_secret(card, "puk", 8, b"12345678"),
        ps_idnat=_matched(holder, "ps_idnat", r"\d[0-9A-Z/]{1,30}", "type digit and identifier"),
        civility=_code(holder, "civility") if is_named else None,
        family_name=_text(holder, "family_name", 27) if is_named else "",
        given_name=_text(holder, "given_name", 27) if is_named else "",
        pseudonym="" if is_named else _text(holder, "pseudonym", 27),
        language=_matched(holder, "language", "[a-z]{2}", "two small letters"),
        profession=_code(holder, "profession") if card_type is CardType.CPS else None,
        future_profession=_future(holder, card_type),
        profession_label="" if card_type.is_staff else holder.text("profession_label"),
        speciality=_speciality(holder),
        activities=tuple(_activity(table, n) for n, table in enumerate(tables, start=1)),
    )
    _check(persona, card, holder)
    return persona


def _validity(card: Settings, today: date) -> tuple[date, date]:
    if "issued" not in card and "expires" not in card:
        issued = today - _AGE
        return issued, issued + _VALIDITY
    return _date(card, "issued"), _date(card, "expires")


def _update(card: Settings) -> CardUpdate | None:
    tables = card.tables("updated")
    if not tables:
        return None
    dates = CardUpdate(_moment(tables[0], "start"), _moment(tables[0], "end"))
    tables[0].finish("start", "end")
    return dates


def _moment(table: Settings, key: str) -> datetime | None:
    try:
        return datetime.fromisoformat(table.text(key)) if key in table else None
    except ValueError:
        raise table.error(key, "must be a moment, such as '2026-03-01T10:15:00'") from None


def _future(holder: Settings, card_type: CardType) -> int | None:
    """Must be there on a CPF, may be on a CPA (facts: cps_records.md §1)."""
    key = {CardType.CPF: "future_profession", CardType.CPA: "occupation"}.get(card_type)
    if key is None or (key not in holder and card_type is CardType.CPA):
        return None
    return _code(holder, key)


def _activity(table: Settings, position: int) -> Activity:
    activity = Activity(
        number=table.number("number") if "number" in table else position,
        mode=_code(table, "mode"),
        structure_name=_text(table, "structure_name", 40),
        structure=_matched(table, "structure", "[0-4][0-9A-Z/]{1,14}", "type 0 to 4, then the id"),
        sector=_matched(table, "sector", r"SA\d\d", "SA and two digits (table R02)"),
        pharmacist_table=_optional(table, "pharmacist_table", "[A-M]", "a letter of table G05"),
        adeli_speciality=_optional(table, "adeli_speciality", r"\d\d", "2 digits (table G12)"),
    )
    table.finish()
    return activity


def _check(persona: Persona, card: Settings, holder: Settings) -> None:
    card.finish()
    holder.finish()
    if persona.expires <= persona.issued:
        raise card.error("expires", "must be after 'issued'")
    if persona.pseudonym and persona.card_type is not CardType.CPE:
        raise holder.error("pseudonym", "is for a CPE only")
    if persona.card_type.is_staff and not persona.activities:
        raise ConfigurationError(f"{card.place}: a staff card needs an [[activity]]")
    numbers = [activity.number for activity in persona.activities]
    if len(numbers) > MAX_ACTIVITIES or not set(numbers) <= set(range(1, MAX_ACTIVITIES + 1)):
        raise ConfigurationError(f"{card.place}: at most 16 [[activity]] tables, numbers 1 to 16")
    if len(set(numbers)) < len(numbers):
        raise ConfigurationError(f"{card.place}: two [[activity]] tables have one number")


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
    return _optional(holder, "speciality", "[A-Z0-9]{3,5}", "a code of table R01, such as SM26")


def _optional(table: Settings, key: str, pattern: str, allowed: str) -> str:
    return _matched(table, key, pattern, allowed) if key in table else ""


def _secret(card: Settings, key: str, length: int, default: bytes) -> bytes:
    if key not in card:
        return default
    return _matched(card, key, rf"\d{{{length}}}", f"{length} digits in quotes").encode()


def _date(card: Settings, key: str) -> date:
    try:
        return date.fromisoformat(card.text(key))
    except ValueError:
        raise card.error(key, "must be a date in quotes, such as '2025-11-03'") from None
