"""The rights records of a persona: which fields each group has, and the keys they are read from.

Numbers, order and formats of the fields: facts: vitale.md §4.2. Dates are written as 8 digits in
a persona and become 12; where a date is missing, 12 zeros or nothing, is a choice of ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cardio.identity.nir import Nir
from cardio_emulator.cards.vitale_rights import Group, without_accents
from cardio_emulator.settings import Settings

CARD, FAMILY_SERVICE, ACCIDENTS, BENEFICIARY = 101, 102, 103, 104
RIGHTS_PERIOD, COVER_PERIOD, MUTUAL, MUTUAL_PERIOD, COMPLEMENTARY, COMMON = (
    105,
    106,
    107,
    108,
    109,
    111,
)

_NO_DATE = "0" * 12
_MIDNIGHT = "0000"
_SERIAL_SIZE = 9
_NO_KEY = "00"
_TEXT = r"[ -~]*"
_FLAG = r"[0-9A-Z]?"


@dataclass(frozen=True, slots=True)
class _Field:
    """A field by its key in the persona; without a default it must be there.

    Without a pattern it is no key, but something the persona tells elsewhere.
    """

    key: str
    pattern: str | None
    default: str | None = ""
    is_date: bool = False

    def read(self, table: Settings) -> str:
        if self.default is not None and (self.pattern is None or self.key not in table):
            return self.default
        value = table.text(self.key)
        if not re.fullmatch(self.pattern or "", value, re.ASCII):
            raise table.error(self.key, f"must look like {self.pattern}")
        return value + _MIDNIGHT if self.is_date else value


def _date(key: str, default: str | None = "") -> _Field:
    return _Field(key, r"\d{8}", default, is_date=True)


_LAYOUTS: Mapping[int, tuple[_Field, ...]] = {
    CARD: (
        _Field("card_type", "[A-Z]", "T"),
        _Field("serial", None),
        _date("expires"),
        _Field("administration_1", r"\d?"),
        _Field("administration_2", _FLAG),
        _Field("administration_3", _FLAG),
        _Field("holder_kind", "[A-Z]", "A"),
        _Field("nir", None),
        _Field("nir_key", None),
        _Field("regime", None),
        _Field("fund", None),
        _Field("centre", None),
        _Field("management", "[0-9A-Z]{2}", "10"),
        _Field("family_use", _FLAG),
    ),
    FAMILY_SERVICE: (
        _Field("code", r"\d{1,2}", None),
        _date("start", _NO_DATE),
        _date("end", _NO_DATE),
    ),
    BENEFICIARY: (
        _Field("family_name", None),
        _Field("birth_name", _TEXT),
        _Field("given_name", None),
        *(_Field(f"address_{line}", r"[ -~]{0,32}") for line in range(1, 6)),
        _Field("certified_nir", None),
        _Field("nir_key", None, _NO_KEY),
        _date("certified_on", _NO_DATE),
        _Field("birth_date", None),
        _Field("rank", r"\d", "1"),
        _Field("quality", "[0-689]", None),
        _Field("service", r"\d{1,2}", "00"),
        _date("service_start", _NO_DATE),
        _date("service_end", _NO_DATE),
        _Field("service_use", _FLAG),
    ),
    RIGHTS_PERIOD: (_date("start", None), _date("end")),
    COVER_PERIOD: (
        _date("start"),
        _date("end"),
        _Field("ald", r"\d", "0"),
        _Field("situation", r"\d{4}", None),
    ),
    MUTUAL: (
        _Field("identification", r"\d{8}", None),
        _Field("guarantees", "[ON]{8}", "NNNNNNNN"),
        _Field("treatment", r"\d{2}", "00"),
        _Field("service_type", _TEXT),
        _Field("services", _TEXT),
        _Field("routing", _FLAG),
    ),
    MUTUAL_PERIOD: (_date("start", None), _date("end", _NO_DATE)),
    COMPLEMENTARY: (
        _Field("b2_number", r"\d{8,10}", None),
        _Field("edi_number", "[0-9A-Z]{0,19}"),
        _Field("member_number", "[0-9A-Z]{8}", None),
        _Field("treatment", r"\d{2}", "00"),
        _date("start", _NO_DATE),
        _date("end", _NO_DATE),
        _Field("routing_code", "[A-Z]{2}", None),
        _Field("host", "[0-9A-Z]{3}", None),
        _Field("domain", _TEXT),
        _Field("routing", _FLAG),
        _Field("service_type", _TEXT),
        _Field("services", _TEXT),
    ),
    COMMON: (_Field("text", _TEXT, None),),
}
_PERSON_GROUPS = (
    (RIGHTS_PERIOD, "rights_period", 3),
    (COVER_PERIOD, "cover_period", 7),
    (MUTUAL, "mutual", 1),
    (MUTUAL_PERIOD, "mutual_period", 3),
    (COMPLEMENTARY, "complementary", 1),
    (COMMON, "common", 1),
)
"""What follows a person's record, in its order: key in the persona and how many at most.

A persona may have both `mutual` and `complementary`, the contradiction that real software
reports as F0F0 (facts: vitale.md §4.2).
"""
_MAX_ACCIDENTS = 2
_ACCIDENT = (
    _Field("organism", r"\d{9}", None),
    _Field("accident_code", r"\d{2}", None),
    _Field("identifier", r"\d{8}", None),
)


def card_groups(table: Settings, *, serial: str, nir: Nir, organism: str) -> tuple[Group, ...]:
    """The `[rights]` of a card: records 101, then 102 and 103 where it has them.

    The serial number loses its first digits: the field has 9 at most. Raises `ConfigurationError`.
    """
    given = {
        "serial": serial[-_SERIAL_SIZE:],
        "nir": nir.number,
        "nir_key": nir.key,
        "regime": organism[:2],
        "fund": organism[2:5],
        "centre": organism[5:],
    }
    services = _several(table, FAMILY_SERVICE, "service", 1)
    accidents = _accidents(table, organism)
    return (_group(table, CARD, given), *services, *accidents)


def person_groups(
    table: Settings, *, family_name: str, given_name: str, birth_date: str, nir: Nir
) -> tuple[Group, ...]:
    """The `[beneficiary.rights]` of a person: record 104 and what follows it.

    A NIR is certified, and in the record, where `certified_on` is given. Raises
    `ConfigurationError`.
    """
    given = {
        "family_name": _plain(table, family_name),
        "given_name": _plain(table, given_name),
        "birth_date": birth_date + _MIDNIGHT,
    }
    if "certified_on" in table:
        given |= {"certified_nir": nir.number, "nir_key": nir.key}
    others = [
        group
        for number, key, most in _PERSON_GROUPS
        for group in _several(table, number, key, most)
    ]
    return (_group(table, BENEFICIARY, given), *others)


def _group(table: Settings, number: int, given: Mapping[str, str]) -> Group:
    """The record of one table, all of whose keys must be known by now."""
    fields = _LAYOUTS[number]
    values = tuple(given[one.key] if one.key in given else one.read(table) for one in fields)
    table.finish(*(one.key for one in fields if one.pattern is not None))
    return Group(number, values)


def _several(table: Settings, number: int, key: str, most: int) -> list[Group]:
    tables = table.tables(key)
    if len(tables) > most:
        raise table.error(key, f"may be there {most} times at most")
    return [_group(one, number, {}) for one in tables]


def _accidents(table: Settings, organism: str) -> tuple[Group, ...]:
    """Record 103: the organism, two empty fields, then two accidents of 3 fields each."""
    tables = table.tables("accident")
    if len(tables) > _MAX_ACCIDENTS:
        raise table.error("accident", f"may be there {_MAX_ACCIDENTS} times at most")
    if not tables:
        return ()
    values = [one.read(accident) for accident in tables for one in _ACCIDENT]
    for accident in tables:
        accident.finish()
    missing = [""] * (_MAX_ACCIDENTS * len(_ACCIDENT) - len(values))
    return (Group(ACCIDENTS, (organism, "", "", *values, *missing)),)


def _plain(table: Settings, name: str) -> str:
    plain = without_accents(name)
    if plain is None:
        raise table.error("rights", "cannot hold the name: it has more than letters with accents")
    return plain
