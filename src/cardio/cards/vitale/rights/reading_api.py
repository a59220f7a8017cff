"""The XML of the API de lecture Vitale, read into the records and written from them.

Its shape is that of facts: vitale.md §4.4, as programs that read it know it: no schema is public.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.grammar import field_names
from cardio.cards.vitale.rights.model import Person, Rights, Source
from cardio.cards.vitale.rights.reading_api_fields import (
    BIRTH_DATE,
    BIRTH_DATE_SHOWN,
    CERTIFIED_NIR,
    COMPLEMENTARY,
    DATES,
    DAY_FIRST,
    ENTITLEMENT,
    ENTITLEMENTS,
    ORDER,
    PATHS,
    WORK_ACCIDENTS,
    YEAR_FIRST,
)
from cardio.cards.vitale.rights.records import (
    AnyRecord,
    BeneficiaryRecord,
    ComplementaryRecord,
    EntitlementRecord,
    InsuredRecord,
    ReadingApiRecord,
    Record,
    WorkAccidentsRecord,
)
from cardio.cards.vitale.rights.xml_tree import Element, parse_xml, write_xml
from cardio.errors import RecordError, XmlRefused
from cardio.identity.nir import NUMBER_SIZE

LIST, PERSON = "listeBenef", "T_AsnBeneficiaire"
"""What stands above the list is not public: it is found at any level, and written as the root."""

_PATH_SHOWN = 120
"""Characters told of the path of an element that was not read."""

_NONE: Mapping[str, CardDate | str | None] = {}

RecordT = TypeVar("RecordT", bound=Record)


def decode_xml(raw: bytes) -> Rights:
    """The persons of a document; what it does not tell is None in their records.

    Raises `XmlRefused` for a document that is damaged, hostile, too large, or without a list.
    """
    root = parse_xml(raw)
    lists = [one for _, one in root.walk() if one.name == LIST]
    if not lists:
        raise XmlRefused(f"the document has no {LIST}")
    records: list[AnyRecord] = []
    for one in lists:
        one.taken = True
        for person in (child for child in one.children if child.name == PERSON):
            person.taken = True
            records += _read_person(person)
    return Rights(tuple(records), Source.READING_API, tuple(_unread(root)))


def encode_xml(rights: Rights) -> bytes:
    """The document in ISO-8859-1. Raises `RecordError` for what it cannot hold.

    Rights from a stream hold more than a document: `as_reading_api` leaves that out.
    """
    if as_reading_api(rights) != rights:
        raise RecordError("the document cannot hold all of these records")
    root = Element(LIST)
    root.children = [_written_person(person) for person in rights.persons]
    return write_xml(root)


def as_reading_api(rights: Rights) -> Rights:
    """The same rights with what a document can hold, as the API de lecture would tell them.

    Left out are groups 102, 106, 107, 108 and 111, most of 101, and the fields of 103, 104 and
    109 that the document has no element for.
    """
    records: list[AnyRecord] = []
    for person in rights.persons:
        accidents = person.work_accidents or rights.work_accidents
        api = _shown(person.api or _api_of(rights.insured))
        beneficiary, api = _as_told(person.beneficiary, api)
        complementary = person.complementary
        records += (beneficiary, *person.entitlements)
        records += [_shown(one) for one in (complementary, accidents) if one]
        records.append(api)
    return Rights(tuple(records), Source.READING_API, rights.unread)


def _api_of(insured: InsuredRecord | None) -> ReadingApiRecord:
    if insured is None:
        return ReadingApiRecord()
    number, key = insured.nir_number, insured.nir_key
    return ReadingApiRecord(
        nir=None if number is None else number + (key or ""),
        regime=insured.regime,
        fund=insured.fund,
        centre=insured.centre,
        management_code=insured.management_code,
    )


def _shown(record: RecordT) -> RecordT:
    """Without the fields that no element holds; the birth dates are seen to elsewhere."""
    kept = {*PATHS[type(record)], "birth_date", "birth_date_shown"}
    kept |= {"certified_number", "certified_key"}
    missing: dict[str, Any] = dict.fromkeys(set(field_names(type(record))) - kept)
    return replace(record, **missing)


def _as_told(
    one: BeneficiaryRecord, api: ReadingApiRecord
) -> tuple[BeneficiaryRecord, ReadingApiRecord]:
    """The certified NIR as one text, without the key of none; a shown date only beside another."""
    number, key = _split_nir(_joined_nir(one))
    one = replace(_shown(one), certified_number=number, certified_key=key)
    if one.birth_date is None:
        one = replace(one, birth_date=api.birth_date_shown)
        api = replace(api, birth_date_shown=None)
    return one, api


def _joined_nir(one: BeneficiaryRecord) -> str | None:
    if not one.certified_number:
        return one.certified_number
    return one.certified_number + (one.certified_key or "")


def _split_nir(text: str | None) -> tuple[str | None, str | None]:
    return (None, None) if text is None else (text[:NUMBER_SIZE], text[NUMBER_SIZE:])


def _read_person(person: Element) -> Iterator[AnyRecord]:
    number, key = _split_nir(_text(person, CERTIFIED_NIR))
    birth_date, shown = _read_birth_date(person)
    special = {"birth_date": birth_date, "certified_number": number, "certified_key": key}
    yield _read(BeneficiaryRecord, person, special)
    periods = person.find(ENTITLEMENTS)
    for period in periods.children if periods else ():
        if period.name == ENTITLEMENT:
            period.taken = True
            yield _read(EntitlementRecord, period)
    if block := person.find(COMPLEMENTARY):
        yield _read(ComplementaryRecord, block)
    if block := person.find(WORK_ACCIDENTS):
        yield _read(WorkAccidentsRecord, block)
    yield _read(ReadingApiRecord, person, {"birth_date_shown": shown})


def _read_birth_date(person: Element) -> tuple[CardDate | None, CardDate | None]:
    """The date on the card, and the one shown where both are told."""
    shown, card = _text(person, BIRTH_DATE_SHOWN), _text(person, BIRTH_DATE)
    day = None if shown is None else DAY_FIRST.read(shown)
    return (day, None) if card is None else (YEAR_FIRST.read(card), day)


def _read(
    type_: type[RecordT], element: Element, special: Mapping[str, CardDate | str | None] = _NONE
) -> RecordT:
    """A record of what the element holds at the places of its fields, and of `special` ones."""
    values: dict[str, CardDate | str | None] = dict(special)
    for name, path in PATHS[type_].items():
        text = _text(element, path)
        values[name] = DAY_FIRST.read(text) if text is not None and name in DATES else text
    return type_(**values)


def _text(element: Element, path: str) -> str | None:
    """The text of a leaf; None where there is none."""
    found = element.find(path)
    return None if found is None or found.children else found.text


def _unread(root: Element) -> Iterator[str]:
    for path, element in root.walk():
        if not element.taken and not element.children:
            yield path[:_PATH_SHOWN]
        for extra in element.extras:
            yield f"{path}/{extra}"[:_PATH_SHOWN]


def _written_person(person: Person) -> Element:
    made = Element(PERSON)
    one = person.beneficiary
    _write(made, one)
    certified = _joined_nir(one)
    if certified is not None:
        made.made(CERTIFIED_NIR).text = certified
    for record in person.records:
        if isinstance(record, EntitlementRecord):
            period = Element(ENTITLEMENT)
            made.made(ENTITLEMENTS).children.append(period)
            _write(period, record)
        elif isinstance(record, ComplementaryRecord):
            _write(made.made(COMPLEMENTARY), record)
        elif isinstance(record, WorkAccidentsRecord):
            _write(made.made(WORK_ACCIDENTS), record)
        elif isinstance(record, ReadingApiRecord):
            _write(made, record)
            _write_birth_date(made, one.birth_date, record.birth_date_shown)
    _put_in_order(made)
    return made


def _put_in_order(element: Element) -> None:
    element.children.sort(key=lambda child: ORDER.index(child.name))
    for child in element.children:
        _put_in_order(child)


def _write_birth_date(made: Element, card: CardDate | None, shown: CardDate | None) -> None:
    """A day of the calendar as `date`, all else as `dateEnCarte`."""
    if shown is not None:
        made.made(BIRTH_DATE_SHOWN).text = DAY_FIRST.write(shown)
    if card is None:
        return
    if shown is None and (card.day or not card.is_told):
        made.made(BIRTH_DATE_SHOWN).text = DAY_FIRST.write(card)
    else:
        made.made(BIRTH_DATE).text = YEAR_FIRST.write(card)


def _write(element: Element, record: Record) -> None:
    for name, path in PATHS[type(record)].items():
        value = getattr(record, name)
        if value is not None:
            text = DAY_FIRST.write(value) if isinstance(value, CardDate) else value
            element.made(path).text = text
