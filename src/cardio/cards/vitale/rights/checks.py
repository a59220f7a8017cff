"""What is wrong or unusual in the records. All of it is reported, nothing of it is dropped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from cardio.cards.vitale.rights import codes
from cardio.cards.vitale.rights.codes import CodeTable
from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.grammar import field_names
from cardio.cards.vitale.rights.model import Person, Rights, Source
from cardio.cards.vitale.rights.periods import Period, is_reversed, overlaps
from cardio.cards.vitale.rights.records import (
    STREAM_TYPES,
    AnyRecord,
    BeneficiaryRecord,
    ComplementaryRecord,
    CoverageRecord,
    EntitlementRecord,
    FamilyServiceRecord,
    InsuredRecord,
    MutualPeriodRecord,
    MutualRecord,
    RawRecord,
    ReadingApiRecord,
    Record,
    WorkAccidentsRecord,
    nir_of,
)


class RightsProblemCode(Enum):
    """What can be wrong with records; the words are stable."""

    WRONG_NIR_KEY = "wrong-nir-key"
    MALFORMED_NIR = "malformed-nir"
    MALFORMED_DATE = "malformed-date"
    MALFORMED_GUARANTEES = "malformed-guarantees"
    UNKNOWN_CODE = "unknown-code"
    UNKNOWN_GROUP = "unknown-group"
    MISFITTING_GROUP = "misfitting-group"
    OUT_OF_ORDER = "out-of-order"
    TOO_MANY = "too-many"
    REVERSED_PERIOD = "reversed-period"
    OVERLAPPING_PERIODS = "overlapping-periods"
    BOTH_COMPLEMENTARIES = "mutual-and-complementary"
    BIRTH_DATES_DIFFER = "birth-dates-differ"
    UNREAD_ELEMENT = "unread-element"


_SENTENCES = {
    RightsProblemCode.WRONG_NIR_KEY: "The key of the NIR does not fit its number.",
    RightsProblemCode.MALFORMED_NIR: "The NIR is not one.",
    RightsProblemCode.MALFORMED_DATE: "The date is not written as dates are.",
    RightsProblemCode.MALFORMED_GUARANTEES: "The guarantees are not 8 times O or N.",
    RightsProblemCode.UNKNOWN_CODE: "The code is not in the public tables.",
    RightsProblemCode.UNKNOWN_GROUP: "The group is not typed: it was kept as it came.",
    RightsProblemCode.MISFITTING_GROUP: "The fields do not fit the group: it was kept as it came.",
    RightsProblemCode.OUT_OF_ORDER: "The group does not stand where it should.",
    RightsProblemCode.TOO_MANY: "There are more records of the group than there may be.",
    RightsProblemCode.REVERSED_PERIOD: "The period ends before it begins.",
    RightsProblemCode.OVERLAPPING_PERIODS: "Two periods of the group share days.",
    RightsProblemCode.BOTH_COMPLEMENTARIES: "Mutuelle and AMC are both there (F0F0).",
    RightsProblemCode.BIRTH_DATES_DIFFER: "The date shown is not the date on the card.",
    RightsProblemCode.UNREAD_ELEMENT: "The document has an element that was not read.",
}


@dataclass(frozen=True, slots=True)
class RightsProblem:
    """Something wrong, told without any of the data.

    `record` is the index in `Rights.records` and `person` in `Rights.persons` (from 0), `field`
    the number of the field in its group (from 1), where they apply.
    """

    code: RightsProblemCode
    record: int | None = None
    person: int | None = None
    group: int | None = None
    field: int | None = None

    @property
    def why(self) -> str:
        """The problem as an English sentence."""
        return _SENTENCES[self.code]


_NIRS: dict[type[Record], tuple[str, ...]] = {
    InsuredRecord: ("nir_number", "nir_key"),
    BeneficiaryRecord: ("certified_number", "certified_key"),
    ReadingApiRecord: ("nir",),
}

_TABLES: dict[type[Record], dict[str, CodeTable]] = {
    InsuredRecord: {"regime": codes.REGIMES},
    FamilyServiceRecord: {"code": codes.SERVICES},
    BeneficiaryRecord: {"quality": codes.QUALITIES, "service_code": codes.SERVICES},
    MutualRecord: {"indicator": codes.MUTUAL_INDICATORS, "sts_routing": codes.STS_ROUTINGS},
    ComplementaryRecord: {
        "indicator": codes.COMPLEMENTARY_INDICATORS,
        "flow_routing": codes.FLOW_ROUTINGS,
        "sts_routing": codes.STS_ROUTINGS,
    },
    ReadingApiRecord: {"regime": codes.REGIMES},
}
"""Codes whose tables are public, if only as seen. The others are kept without a judgement."""

_PERIODS = (
    EntitlementRecord,
    CoverageRecord,
    MutualPeriodRecord,
    ComplementaryRecord,
    FamilyServiceRecord,
)

_MOST: dict[type[Record], int] = {
    InsuredRecord: 1,
    FamilyServiceRecord: 1,
    WorkAccidentsRecord: 1,
    EntitlementRecord: 3,
    CoverageRecord: 7,
    MutualRecord: 1,
    MutualPeriodRecord: 3,
    ComplementaryRecord: 1,
}
"""Records of a family, or of a person for 105 and more (facts: vitale.md §4.2)."""

_GUARANTEES = 8


def problems_of(rights: Rights) -> tuple[RightsProblem, ...]:
    """Everything wrong with the records, in their order; then what concerns several of them."""
    found: list[RightsProblem] = []
    person: int | None = None
    for at, record in enumerate(rights.records):
        if isinstance(record, BeneficiaryRecord):
            person = 0 if person is None else person + 1
        found += (_at(problem, at, person, record) for problem in _of_record(record))
    found += _out_of_order(rights)
    found += _too_many_of_family(rights)
    for index, one in enumerate(rights.persons):
        found += _of_person(one, index)
    found += (RightsProblem(RightsProblemCode.UNREAD_ELEMENT) for _ in rights.unread)
    return tuple(found)


_Finding = tuple[RightsProblemCode, str | None]
"""A problem, and the name of the field that has it."""


def _at(finding: _Finding, at: int, person: int | None, record: AnyRecord) -> RightsProblem:
    code, name = finding
    group = record.group if isinstance(record, RawRecord) else record.GROUP or None
    number = 1 + field_names(type(record)).index(name) if name else None
    return RightsProblem(code, at, person, group, number)


def _of_record(record: AnyRecord) -> Iterator[_Finding]:
    if isinstance(record, RawRecord):
        typed = {type_.GROUP for type_ in STREAM_TYPES}
        is_typed = record.group in typed
        code = RightsProblemCode
        yield (code.MISFITTING_GROUP if is_typed else code.UNKNOWN_GROUP), None
        return
    yield from _dates(record)
    yield from _nirs(record)
    yield from _codes(record)
    yield from _of_type(record)


def _dates(record: Record) -> Iterator[_Finding]:
    for name in field_names(type(record)):
        value = getattr(record, name)
        if isinstance(value, CardDate) and not value.is_well_formed:
            yield RightsProblemCode.MALFORMED_DATE, name


def _nirs(record: Record) -> Iterator[_Finding]:
    names = _NIRS.get(type(record), ())
    parts = [getattr(record, name) for name in names]
    if not names or not parts[0]:
        return
    nir = nir_of("".join(part or "" for part in parts), "")
    if nir is None:
        yield RightsProblemCode.MALFORMED_NIR, names[0]
    elif not nir.has_valid_key:
        yield RightsProblemCode.WRONG_NIR_KEY, names[-1]


def _codes(record: Record) -> Iterator[_Finding]:
    for name, table in _TABLES.get(type(record), {}).items():
        code = getattr(record, name)
        if code and not table.knows(code):
            yield RightsProblemCode.UNKNOWN_CODE, name


def _of_type(record: Record) -> Iterator[_Finding]:
    if isinstance(record, _PERIODS) and is_reversed(record):
        yield RightsProblemCode.REVERSED_PERIOD, "end"
    if isinstance(record, BeneficiaryRecord):
        service = EntitlementRecord(record.service_start, record.service_end)
        if is_reversed(service):
            yield RightsProblemCode.REVERSED_PERIOD, "service_end"
    if isinstance(record, MutualRecord) and record.guarantees:
        text = record.guarantees
        if len(text) != _GUARANTEES or set(text) - {"O", "N"}:
            yield RightsProblemCode.MALFORMED_GUARANTEES, "guarantees"


def _of_person(person: Person, index: int) -> Iterator[RightsProblem]:
    code = RightsProblemCode
    for type_, most in _MOST.items():
        if type_.GROUP > BeneficiaryRecord.GROUP and _count(type_, person.records) > most:
            yield RightsProblem(code.TOO_MANY, person=index, group=type_.GROUP)
    if person.mutual and person.complementary:
        yield RightsProblem(code.BOTH_COMPLEMENTARIES, person=index)
    lists: tuple[Sequence[Period], ...] = (person.entitlements, person.mutual_periods)
    for group, periods in zip((105, 108), lists, strict=True):
        if overlaps(periods):
            yield RightsProblem(code.OVERLAPPING_PERIODS, person=index, group=group)
    if _shows_another_birth_date(person):
        yield RightsProblem(code.BIRTH_DATES_DIFFER, person=index)


def _shows_another_birth_date(person: Person) -> bool:
    shown = person.api.birth_date_shown if person.api else None
    card = person.beneficiary.birth_date
    return bool(shown and card and shown != card)


def _count(type_: type[Record], records: Sequence[AnyRecord]) -> int:
    return sum(isinstance(record, type_) for record in records)


def _too_many_of_family(rights: Rights) -> Iterator[RightsProblem]:
    if rights.source is Source.READING_API:
        return
    for type_, most in _MOST.items():
        if type_.GROUP < BeneficiaryRecord.GROUP and _count(type_, rights.records) > most:
            yield RightsProblem(RightsProblemCode.TOO_MANY, group=type_.GROUP)


def _out_of_order(rights: Rights) -> Iterator[RightsProblem]:
    """Groups stand in ascending order, anew from each 104 on (facts: vitale.md §4.1)."""
    if rights.source is Source.READING_API:
        return
    highest, begun = 0, False
    for at, record in enumerate(rights.records):
        if isinstance(record, RawRecord):
            continue
        is_person = isinstance(record, BeneficiaryRecord)
        too_early = record.GROUP > BeneficiaryRecord.GROUP and not begun
        too_late = highest > record.GROUP and not is_person
        if too_early or too_late:
            yield RightsProblem(RightsProblemCode.OUT_OF_ORDER, at, group=record.GROUP)
            continue
        highest, begun = record.GROUP, begun or is_person
