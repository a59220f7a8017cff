"""Data records of CPx cards: one TLV container each (facts: cps_records.md §1).

Codes are binary integers, but for card number, category and dates (BCD); names are ASCII text.
"""

from datetime import date, datetime

from cardio.iso7816.tlv import Tlv
from cardio_emulator.holder import Activity, CardUpdate, Persona

ID_CARD, NAME, LANGUAGE, UPDATE, INFO, ACTIVITY = 0xE3, 0xE4, 0xE5, 0xEC, 0xED, 0xEE


def id_card(persona: Persona) -> bytes:
    """CPS_ID_CARD. Tag 80 is of unknown sense; 84 (end of validity) is inferred."""
    return _record(
        ID_CARD,
        (0x80, b"\x00"),
        (0x81, bytes.fromhex(persona.card_number)),
        (0x82, bytes((persona.category,))),
        (0x83, _bcd(persona.issued)),
        (0x84, _bcd(persona.expires)),
    )


def name(persona: Persona) -> bytes:
    """CPS_NAME_PS: civility and given name; nothing on a card that names nobody (stand-in)."""
    if persona.civility is None:
        return _record(NAME)
    return _record(NAME, (0x80, bytes((persona.civility,))), (0x84, persona.given_name.encode()))


def language(persona: Persona) -> bytes:
    """CPS_LANG_PS: a stand-in, no reader of it is known."""
    return _record(LANGUAGE, (0x80, persona.language.encode()))


def info(persona: Persona) -> bytes:
    """CPS_INFO_PS; the speciality comes last (facts: cps.md §2.5).

    Tag 83 is the future profession of a CPF, and the "métier" of a CPA.
    """
    return _record(
        INFO,
        (0x80, bytes((persona.card_type,))),
        (0x81, persona.ps_idnat.encode()),
        (0x82, _code(persona.profession)),
        (0x83, _code(persona.future_profession)),
        (0x84, persona.family_name.encode()),
        (0x85, persona.speciality.encode()),
    )


def activity(situation: Activity) -> bytes:
    """CPS_ACTIVITY_nn_PS. The first byte of 81 is of unknown sense."""
    speciality = situation.adeli_speciality
    return _record(
        ACTIVITY,
        (0x80, bytes((situation.mode,))),
        (0x81, b"\x01" + bytes.fromhex(speciality) if speciality else b""),
        (0x82, situation.pharmacist_table.encode()),
        (0x84, situation.structure_name.encode()),
        (0x85, situation.structure.encode()),
        (0x86, situation.sector.encode()),
    )


def update(dates: CardUpdate) -> bytes:
    """EF_ACTUA: when the last update of the card began and ended (facts: cps.md §2.2).

    An interrupted one has no end; without a beginning the file is empty.
    """
    if dates.start is None:
        return b""
    return _record(UPDATE, (0x81, _bcd_time(dates.start)), (0x82, _bcd_time(dates.end)))


def _code(value: int | None) -> bytes:
    return b"" if value is None else bytes((value,))


def _bcd_time(moment: datetime | None) -> bytes:
    return bytes.fromhex(moment.strftime("%Y%m%d%H%M%S")) if moment else b""


def _record(tag: int, *fields: tuple[int, bytes]) -> bytes:
    """The container, without the fields that have no value."""
    return Tlv.of(tag, *(Tlv.of(inner, value) for inner, value in fields if value)).encode()


def _bcd(day: date) -> bytes:
    return bytes.fromhex(day.strftime("%Y%m%d"))
