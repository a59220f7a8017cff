"""Data records of a CPS3: one TLV container each (facts: cps_records.md §1).

Codes are binary integers, but for card number, category and dates (BCD); names are ASCII text.
"""

from datetime import date

from cardio.iso7816.tlv import Tlv
from cardio_emulator.persona import Activity, Persona

ID_CARD, NAME, LANGUAGE, INFO, ACTIVITY = 0xE3, 0xE4, 0xE5, 0xED, 0xEE


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
    """CPS_NAME_PS: civility and given name."""
    return _record(NAME, (0x80, bytes((persona.civility,))), (0x84, persona.given_name.encode()))


def language(persona: Persona) -> bytes:
    """CPS_LANG_PS: a stand-in, no reader of it is known."""
    return _record(LANGUAGE, (0x80, persona.language.encode()))


def info(persona: Persona) -> bytes:
    """CPS_INFO_PS; the speciality comes last (facts: cps.md §2.5)."""
    fields = [(0x80, bytes((persona.card_type,))), (0x81, persona.ps_idnat.encode())]
    if persona.profession is not None:
        fields.append((0x82, bytes((persona.profession,))))
    fields.append((0x84, persona.family_name.encode()))
    if persona.speciality:
        fields.append((0x85, persona.speciality.encode()))
    return _record(INFO, *fields)


def activity(situation: Activity) -> bytes:
    """CPS_ACTIVITY_nn_PS."""
    return _record(
        ACTIVITY,
        (0x80, bytes((situation.mode,))),
        (0x84, situation.structure_name.encode()),
        (0x85, situation.structure.encode()),
        (0x86, situation.sector.encode()),
    )


def _record(tag: int, *fields: tuple[int, bytes]) -> bytes:
    return Tlv.of(tag, *(Tlv.of(inner, value) for inner, value in fields)).encode()


def _bcd(day: date) -> bytes:
    return bytes.fromhex(day.strftime("%Y%m%d"))
