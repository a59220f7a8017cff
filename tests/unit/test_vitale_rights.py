"""Records of rights: the stream, the model, what is reported, and what holds on a day."""

import csv
import json
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cardio.cards.vitale.rights import codes
from cardio.cards.vitale.rights.as_json import as_json
from cardio.cards.vitale.rights.checks import RightsProblemCode, problems_of
from cardio.cards.vitale.rights.codes import is_test_fund, work_accident_key
from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.grammar import MAX_SIZE, decode_records, encode_records
from cardio.cards.vitale.rights.model import Rights
from cardio.cards.vitale.rights.periods import covered, covers, is_open, overlaps
from cardio.cards.vitale.rights.records import (
    STREAM_TYPES,
    BeneficiaryRecord,
    CommonZoneRecord,
    EntitlementRecord,
    InsuredRecord,
    RawRecord,
    ReadingApiRecord,
    nir_of,
)
from cardio.errors import RecordError

VECTORS = Path(__file__).parents[2] / "vectors" / "rights"
CASES = json.loads((VECTORS / "records.json").read_text(encoding="utf-8"))
BROKEN = list(
    csv.DictReader(
        (VECTORS / "broken.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"
    )
)
NUMBERS_OF_FIELDS = {101: 14, 102: 3, 103: 9, 104: 18, 105: 2, 106: 4, 107: 6, 108: 2, 109: 12}


def case(name: str) -> Rights:
    (found,) = (one for one in CASES if one["name"] == name)
    return decode_records(bytes.fromhex(found["stream"]))


def period(start: str, end: str) -> EntitlementRecord:
    return EntitlementRecord(CardDate(start), CardDate(end))


@pytest.mark.parametrize("one", CASES, ids=lambda one: one["name"])
def test_vectors(one: dict[str, Any]) -> None:
    raw = bytes.fromhex(one["stream"])
    rights = decode_records(raw)
    assert encode_records(rights) == raw
    groups = [r.group if isinstance(r, RawRecord) else r.GROUP for r in rights.records]
    assert groups == one["groups"]
    assert sorted(p.code.value for p in problems_of(rights)) == sorted(one["problems"])
    for day, expected in one.get("at", {}).items():
        at = rights.rights_at(date.fromisoformat(day))
        assert [[p.entitled, p.mutual, p.complementary] for p in at] == expected, day


@pytest.mark.parametrize("row", BROKEN, ids=lambda row: row["why"])
def test_broken_streams_are_refused(row: dict[str, str]) -> None:
    with pytest.raises(RecordError) as caught:
        decode_records(bytes.fromhex(row["stream"]))
    assert 0 <= caught.value.offset <= len(row["stream"]) // 2


def test_the_groups_have_the_fields_of_the_fact_sheet() -> None:
    sizes = {type_.GROUP: len(fields(type_)) for type_ in STREAM_TYPES}
    assert sizes == {**NUMBERS_OF_FIELDS, 111: 1}


def test_lengths_from_128_on_take_the_long_form() -> None:
    for size in (126, 127, 254):
        raw = encode_records(Rights((CommonZoneRecord("x" * size),)))
        assert raw[:2] == b"\x00\x6f"
        assert raw[2:-size] == (
            bytes((size + 1, size)) if size < 127 else bytes((0x81, size + 1, size))
        )
        assert decode_records(raw).records == (CommonZoneRecord("x" * size),)


@pytest.mark.parametrize(
    "record",
    [
        CommonZoneRecord("x" * 255),
        CommonZoneRecord("x" * 256),
        CommonZoneRecord("€"),
        CommonZoneRecord(None),
        ReadingApiRecord(),
        RawRecord(0x10000, b""),
        RawRecord(1, bytes(256)),
    ],
    ids=lambda record: type(record).__name__,
)
def test_what_no_stream_can_hold(record: CommonZoneRecord) -> None:
    with pytest.raises(RecordError):
        encode_records(Rights((record,)))


def test_a_stream_that_is_too_large() -> None:
    with pytest.raises(RecordError) as caught:
        decode_records(b"\x00\x6f\x00" * (MAX_SIZE // 3 + 1))
    assert caught.value.offset == MAX_SIZE


def test_nothing_of_a_person_is_in_a_repr() -> None:
    told = repr(case("family")) + repr(case("accidents").persons) + repr(case("raw").records)
    told += repr(problems_of(case("wrong-key"))) + repr(case("accidents").work_accidents)
    assert not [word for word in ("TEST", "ZOÉ", "285", "1234", "41") if word in told]


def test_persons_and_family() -> None:
    rights = case("family")
    mother, child = rights.persons
    assert (mother.beneficiary.used_name, mother.beneficiary.birth_name) == (
        "FAMILLE-TEST",
        "NÉE-TEST",
    )
    assert mother.beneficiary.address == ("1 RUE DES TESTS", "34000 MONTPELLIER")
    assert len(mother.entitlements), len(child.entitlements) == (2, 1)
    assert mother.complementary is not None
    assert (mother.mutual, child.complementary, rights.family_service) == (None, None, None)
    insured = rights.insured
    assert insured is not None
    assert (insured.card_type, insured.fund) == ("T", "349")
    nir = nir_of(insured.nir_number, insured.nir_key)
    assert nir is not None
    assert nir.has_valid_key


def test_two_accidents_at_most() -> None:
    accidents = case("accidents").work_accidents
    assert accidents is not None
    assert [one.identifier for one in accidents.accidents] == ["12345678", "87654321"]
    assert [one.bgdh for one in accidents.accidents] == ["AB", "CD"]


def test_a_wrong_key_is_reported_where_it_stands_and_kept() -> None:
    rights = case("wrong-key")
    wrong = [p for p in problems_of(rights) if p.code is RightsProblemCode.WRONG_NIR_KEY]
    assert [(p.record, p.person, p.group, p.field) for p in wrong] == [
        (0, None, 101, 9),
        (1, 0, 104, 10),
    ]
    (person,) = rights.persons
    nir = nir_of(person.beneficiary.certified_number, person.beneficiary.certified_key)
    assert nir is not None
    assert not nir.has_valid_key


def test_unknown_codes_are_reported_and_kept() -> None:
    rights = case("wrong-key")
    unknown = [p for p in problems_of(rights) if p.code is RightsProblemCode.UNKNOWN_CODE]
    assert [(p.group, p.field) for p in unknown] == [(101, 10), (104, 14), (104, 15)]
    assert rights.persons[0].beneficiary.quality == "7"


def test_every_problem_has_a_sentence() -> None:
    reported = {p for one in CASES for p in problems_of(case(one["name"]))}
    assert all(problem.why.endswith(".") for problem in reported)


@pytest.mark.parametrize(
    ("written", "told", "well_formed", "day", "lunar"),
    [
        ("", False, True, None, False),
        ("000000000000", False, True, None, False),
        ("202002290000", True, True, date(2020, 2, 29), False),
        ("202002291530", True, True, date(2020, 2, 29), False),
        ("194100000000", True, True, None, True),
        ("198519010000", True, True, None, True),
        ("381900", True, True, None, False),
        ("20200229", True, False, None, False),
        ("2020022900x0", True, False, None, False),
        ("２０２００２２９００００", True, False, None, False),
    ],
)
def test_dates(written: str, told: bool, well_formed: bool, day: date | None, lunar: bool) -> None:
    found = CardDate(written)
    assert (found.is_told, found.is_well_formed, found.day, found.is_lunar) == (
        told,
        well_formed,
        day,
        lunar,
    )
    assert found.written == written


def test_empty_and_zeros_stay_apart() -> None:
    first, second = case("lunar").persons[0].entitlements
    assert (first.end, second.start) == (CardDate(""), CardDate("0" * 12))
    assert is_open(first)
    one = case("lunar").persons[0].beneficiary
    assert (one.service_start, one.service_end) == (CardDate(""), CardDate("0" * 12))


@pytest.mark.parametrize(
    ("one", "day", "answer"),
    [
        (period("202001010000", "202012310000"), date(2020, 1, 1), True),
        (period("202001010000", "202012310000"), date(2020, 12, 31), True),
        (period("202001010000", "202012310000"), date(2021, 1, 1), False),
        (period("202001010000", ""), date(2099, 1, 1), True),
        (period("", ""), date(1900, 1, 1), True),
        (period("202000000000", ""), date(2020, 1, 1), None),
        (period("202000000000", "201912310000"), date(2020, 1, 1), False),
        (EntitlementRecord(CardDate("202001010000"), None), date(2020, 1, 2), None),
        (EntitlementRecord(CardDate("202001010000"), None), date(2019, 1, 2), False),
    ],
)
def test_a_period_and_a_day(one: EntitlementRecord, day: date, answer: bool | None) -> None:
    assert covers(one, day) is answer


def test_several_periods_and_a_day() -> None:
    sure, other, unknown = (
        period("202001010000", "202012310000"),
        period("202201010000", ""),
        period("202000000000", ""),
    )
    assert covered((sure, other), date(2021, 6, 1)) is False
    assert covered((sure, unknown), date(2021, 6, 1)) is None
    assert covered((sure, unknown), date(2020, 6, 1)) is True
    assert covered((), date(2020, 6, 1)) is None


def test_overlaps() -> None:
    one, other = period("202001010000", "202012310000"), period("202012310000", "")
    after, unknown = period("202101010000", ""), period("202000000000", "")
    reversed_ = period("202012310000", "202001010000")
    assert overlaps((one, other)) == ((one, other),)
    assert overlaps((other, one)) == ((other, one),)
    assert overlaps((one, after)) == ()
    assert overlaps((one, unknown)) == ()
    assert overlaps((one, reversed_)) == ()
    assert overlaps((period("", ""), period("", "202001010000")))


def test_the_contradiction_is_told_on_any_day() -> None:
    (at,) = case("contradiction").rights_at(date(1999, 1, 1))
    assert at.is_contradictory
    assert not case("family").rights_at(date(2023, 1, 1))[0].is_contradictory


def test_service_and_coverage_of_a_day() -> None:
    person = BeneficiaryRecord(
        service_code="01",
        service_start=CardDate("202001010000"),
        service_end=CardDate("202012310000"),
    )
    (inside,) = Rights((person,)).rights_at(date(2020, 6, 1))
    (outside,) = Rights((person,)).rights_at(date(2021, 6, 1))
    assert (inside.service_code, outside.service_code) == ("01", None)
    assert [one.ald for one in case("family").rights_at(date(2020, 1, 1))[0].coverage] == ["1"]


def test_code_tables() -> None:
    assert codes.QUALITIES.label("6") == "enfant"
    assert not codes.QUALITIES.knows("7")
    assert codes.SERVICES.label("1") == codes.SERVICES.label("01") == "CMU-C gérée par l'AMO"
    assert codes.SERVICES.knows("11")
    assert codes.SERVICES.label("11") is None
    assert codes.REGIMES.label("77") is None
    assert codes.COMPLEMENTARY_INDICATORS.label("73") == "sortie de CMU"


@pytest.mark.parametrize(
    ("body", "is_test"),
    [
        (("01", "349", "0001"), True),
        (("01", "101", "9881"), True),
        (("01", "101", "349"), True),
        (("1", "999", "0001"), True),
        (("02", "999", "0001"), False),
        (("01", "101", "0001"), False),
    ],
)
def test_test_funds(body: tuple[str, str, str], is_test: bool) -> None:
    assert is_test_fund(*body) is is_test


def test_key_of_a_work_accident() -> None:
    """From the right 8·2=16, 7, 6·2=12, 5, 4·2=8, 3, 2·2=4, 1: digits add up to 38, key 2."""
    doubled = {"8": 16, "6": 12, "4": 8, "2": 4}
    digits = "".join(str(doubled.get(digit, digit)) for digit in "12345678")
    assert sum(map(int, digits)) == 38
    assert work_accident_key("12345678") == "2"
    assert work_accident_key("00000000") == "0"
    for wrong in ("1234567", "1234567x", ""):
        with pytest.raises(ValueError, match="8 digits"):
            work_accident_key(wrong)


def test_as_json_says_every_field_and_is_json() -> None:
    told = json.loads(json.dumps(as_json(case("raw"))))
    assert told["records"][0] == {"group": 40, "raw": "0141"}
    assert told["records"][1]["fields"]["card_type"] == "T"
    assert {p["code"] for p in told["problems"]} == {"unknown-group", "misfitting-group"}


def test_absent_fields_are_told_apart_from_empty_ones() -> None:
    assert InsuredRecord() != InsuredRecord(serial="")
    assert as_json(Rights((InsuredRecord(serial=""),)))["records"][0]["fields"]["serial"] == ""
