"""Decoding what was encoded gives it back: records, streams, documents of the API de lecture."""

from contextlib import suppress
from dataclasses import fields
from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from cardio.cards.vitale.rights.as_json import as_json
from cardio.cards.vitale.rights.checks import problems_of
from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.grammar import decode_records, encode_records
from cardio.cards.vitale.rights.model import Rights
from cardio.cards.vitale.rights.periods import covers, overlaps
from cardio.cards.vitale.rights.reading_api import as_reading_api, decode_xml, encode_xml
from cardio.cards.vitale.rights.records import (
    STREAM_TYPES,
    AnyRecord,
    BeneficiaryRecord,
    Date,
    EntitlementRecord,
    RawRecord,
    Record,
)
from cardio.errors import RecordError

latin1 = st.text(st.characters(codec="latin-1"), max_size=12)
days = st.dates(date(1900, 1, 1), date(2099, 12, 31))
card_dates = st.one_of(
    days.map(lambda day: CardDate(f"{day:%Y%m%d}0000")),
    st.sampled_from(["", "0" * 12, "194100000000", "381900", "198519010000", "202001011530"]).map(
        CardDate
    ),
    latin1.map(CardDate),
)
codes = st.sampled_from(["", "0", "1", "6", "7", "00", "01", "349", "9881", "T", "OOOONNNN"])


def records(type_: type[Record]) -> st.SearchStrategy[Record]:
    values = [card_dates if field.type == Date else codes | latin1 for field in fields(type_)]
    return st.tuples(*values).map(lambda filled: type_(*filled))


@st.composite
def raw_records(draw: st.DrawFn) -> RawRecord:
    group = draw(st.sampled_from([0, 40, 41, 60, 67, 100, 110, 112, 0xFFFF]))
    return RawRecord(group, draw(st.binary(max_size=200)))


typed = st.one_of([records(type_) for type_ in STREAM_TYPES])
rights = st.lists(typed | raw_records(), max_size=12).map(lambda all_: Rights(tuple(all_)))
texts_of_xml = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@given(rights)
def test_a_stream_gives_back_its_records(one: Rights) -> None:
    assert decode_records(encode_records(one)) == one


@given(st.binary(max_size=300))
def test_any_stream_that_is_read_is_the_only_one_of_its_records(raw: bytes) -> None:
    with suppress(RecordError):
        assert encode_records(decode_records(raw)) == raw


@given(rights, days)
def test_everything_told_of_records_is_bounded_by_them(one: Rights, day: date) -> None:
    assert len(one.rights_at(day)) == len(one.persons)
    for problem in problems_of(one):
        assert problem.record is None or problem.record < len(one.records)
        assert problem.person is None or problem.person < len(one.persons)
    assert len(as_json(one)["records"]) == len(one.records)


@given(rights)
def test_a_document_gives_back_its_records(one: Rights) -> None:
    told = as_reading_api(one)
    assert as_reading_api(told) == told
    try:
        written = encode_xml(told)
    except RecordError:
        assume(False)
        raise
    assert decode_xml(written) == told
    assert decode_xml(written).unread == ()


@given(st.lists(st.tuples(texts_of_xml, texts_of_xml), max_size=4))
def test_any_name_survives_a_document(names: list[tuple[str, str]]) -> None:
    people: list[AnyRecord] = [
        BeneficiaryRecord(used_name=name, given_name=given_name) for name, given_name in names
    ]
    told = as_reading_api(Rights(tuple(people)))
    found = decode_xml(encode_xml(told)).persons
    assert [(p.beneficiary.used_name, p.beneficiary.given_name) for p in found] == names


def bound(day: date | None) -> CardDate:
    return CardDate(f"{day:%Y%m%d}0000" if day else "")


periods = st.builds(
    lambda start, end: EntitlementRecord(bound(start), bound(end)),
    st.none() | days,
    st.none() | days,
)


@given(periods, periods, days)
def test_a_day_in_both_means_that_they_overlap(
    one: EntitlementRecord, other: EntitlementRecord, day: date
) -> None:
    if covers(one, day) and covers(other, day):
        assert overlaps((one, other)) == ((one, other),)
    assert bool(overlaps((one, other))) == bool(overlaps((other, one)))
