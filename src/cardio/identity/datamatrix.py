"""The text in an INS datamatrix, version 01 of the ANS format v2.2 (2023-09-26).

A header of 26 characters, then fields: two characters that name the field, and its value. A field
of variable length that is neither full nor the last ends with GS
(facts: certificates_identifiers_services.md §2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cardio.errors import IdentifierError
from cardio.identity.birth_place import BirthPlace
from cardio.identity.environment import Environment
from cardio.identity.ins import InsIdentity
from cardio.identity.matricule import Matricule
from cardio.identity.traits import StrictTraits, calendar_date, parse_sex

HEADER = "IS01" + "0" * 22
"""Marker, version, and 22 characters kept for later use."""

GS = "\x1d"


@dataclass(frozen=True, slots=True)
class _Field:
    """A field's two characters, and the fewest and most of its value."""

    name: str
    least: int
    most: int


_MATRICULE = _Field("S1", 15, 15)
_OID = _Field("S2", 19, 20)
_GIVEN_NAMES = _Field("S3", 1, 100)
_BIRTH_NAME = _Field("S4", 1, 100)
_SEX = _Field("S5", 1, 1)
_BIRTH_DATE = _Field("S6", 10, 10)
_BIRTH_PLACE = _Field("S7", 5, 5)

_FIELDS = {
    field.name: field
    for field in (_MATRICULE, _OID, _GIVEN_NAMES, _BIRTH_NAME, _SEX, _BIRTH_DATE, _BIRTH_PLACE)
}
_DATE_FORM = re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class InsDatamatrix:
    """What the datamatrix of a document says. Its traits have no first given name apart.

    A matricule with a wrong key is kept, for `matricule.number.has_valid_key` to tell.
    """

    matricule: Matricule
    traits: StrictTraits

    @classmethod
    def of(cls, identity: InsIdentity, environment: Environment = Environment.PRODUCTION) -> Self:
        """That of a patient's documents.

        Raises `IdentityRuleError` for an identity that is not qualifiée, `LeakedTestIdentity` for
        a test matricule in production.
        """
        return cls(identity.matricule_to_share(environment), identity.traits)

    def encode(self) -> str:
        """The text to put into the symbol. Raises `IdentifierError` for a name of over 100."""
        traits = self.traits
        values = {
            _MATRICULE: str(self.matricule),
            _OID: self.matricule.oid.value,
            _GIVEN_NAMES: traits.given_names,
            _BIRTH_NAME: traits.birth_name,
            _SEX: traits.sex.value,
            _BIRTH_DATE: f"{traits.birth_date:%d-%m-}{traits.birth_date.year:04d}",
            _BIRTH_PLACE: str(traits.birth_place) if traits.birth_place else None,
        }
        written = [_written(field, value) for field, value in values.items() if value]
        return HEADER + "".join(written)

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read the text of a symbol; the fields may stand in any order, as seen in the field.

        Raises `IdentifierError`.
        """
        if not text.startswith(HEADER):
            raise IdentifierError("not the header of an INS datamatrix, version 01")
        values = _read(text)
        for field in _FIELDS.values():
            if field.name not in values and field is not _BIRTH_PLACE:
                raise IdentifierError(f"field {field.name} is missing", offset=len(text))
        matricule = Matricule.parse(values[_MATRICULE.name], values[_OID.name], check_key=False)
        return cls(matricule, _traits(values))


def _written(field: _Field, value: str) -> str:
    if not field.least <= len(value) <= field.most:
        raise IdentifierError(f"field {field.name} holds up to {field.most} characters")
    return field.name + value + (GS if len(value) < field.most else "")


def _read(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    offset = len(HEADER)
    while offset < len(text):
        field = _FIELDS.get(text[offset : offset + 2])
        if field is None or field.name in values:
            raise IdentifierError("not the name of a field, or one that was before", offset=offset)
        start = offset + 2
        value = text[start : start + field.most].partition(GS)[0]
        if len(value) < field.least:
            raise IdentifierError(f"field {field.name} is cut short", offset=start + len(value))
        values[field.name] = value
        offset = start + len(value)
        if len(value) < field.most and offset < len(text):
            offset += 1
    return values


def _traits(values: Mapping[str, str]) -> StrictTraits:
    day, place = values[_BIRTH_DATE.name], values.get(_BIRTH_PLACE.name)
    if not _DATE_FORM.fullmatch(day):
        raise IdentifierError("the date of a datamatrix is JJ-MM-AAAA")
    return StrictTraits(
        birth_name=values[_BIRTH_NAME.name],
        given_names=values[_GIVEN_NAMES.name],
        sex=parse_sex(values[_SEX.name]),
        birth_date=calendar_date(day),
        birth_place=BirthPlace(place) if place else None,
    )
