import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cardio.cards.cps.records import (
    CONFIDENCE,
    RECORDS,
    Activity,
    HolderInfo,
    HolderName,
    IdCard,
    Record,
    decode,
    encode,
)
from cardio.cards.layout import Confidence
from cardio.errors import RecordError
from cardio.identity.nomenclature import Code, Table
from cardio.identity.ps_idnat import StructIdNat
from cardio.iso7816.tlv import Tlv, parse

VECTORS = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "cps_records" / "records.toml").read_text("utf-8")
)["record"]
KINDS = {kind.name: kind for kind in RECORDS}


def written(value: object) -> str:
    return value.code if isinstance(value, Code) else str(value)


def told(record: Record) -> dict[str, str]:
    own = [one.name for one in fields(record) if CONFIDENCE in one.metadata]
    return {name: written(value) for name in own if (value := getattr(record, name)) is not None}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["kind"])
def test_vectors(vector: dict[str, Any]) -> None:
    record = decode(KINDS[vector["kind"]], bytes.fromhex(vector["raw"]))
    assert told(record) == vector["fields"]
    assert [node.tag for node in record.unknown] == vector.get("unknown", [])
    assert record.problems == ()


def test_labels_come_from_the_tables() -> None:
    info = decode(HolderInfo, bytes.fromhex(VECTORS[3]["raw"]))
    assert info.profession is not None
    assert info.profession.label == "Médecin"
    assert str(info.speciality) == "Qualifié en Médecine Générale (SM)"
    assert str(info.card_type) == "Carte de Professionnel de Santé (CPS)"


def test_only_the_expiry_date_is_inferred() -> None:
    inferred = [
        (kind.name, one.name)
        for kind in RECORDS
        for one in fields(kind)
        if one.metadata.get(CONFIDENCE) is Confidence.INFERRED
    ]
    assert inferred == [("CPS_ID_CARD", "valid_until")]


@pytest.mark.parametrize(
    "raw",
    [
        "E4 0A 84 05 4A 55 4C 45 53 80 01 1F",  # other order
        "E4 0A 80 01 1F 84 05 4A 55 4C 45 53 00 00 00",  # filled up
        "E4 0A 80 01 1F 84 05 4A 55 4C 45 53 FF FF",
        "00 E4 0A 80 01 1F 84 05 4A 55 4C 45 53",
        "E4 81 0A 80 01 1F 84 05 4A 55 4C 45 53",  # long lengths
        "E4 0D 80 81 01 1F 84 82 00 05 4A 55 4C 45 53",
        "E4 0D 80 01 1F 84 05 4A 55 4C 45 53 00 00 00",  # filled up inside
        "C0 01 00 E4 0A 80 01 1F 84 05 4A 55 4C 45 53",  # something else before
        "E4 0D 84 01 58 80 01 1F 84 05 4A 55 4C 45 53",  # repeated: the last one counts
    ],
)
def test_shapes_that_are_taken(raw: str) -> None:
    record = decode(HolderName, bytes.fromhex(raw))
    assert told(record) == {"civility": "31", "given_name": "JULES"}
    assert record.problems == ()


def test_absent_and_unknown_tags() -> None:
    record = decode(HolderName, bytes.fromhex("E4 07 81 02 41 42 9F 20 00"))
    assert told(record) == {}
    assert [(node.tag, node.value) for node in record.unknown] == [(0x81, b"AB"), (0x9F20, b"")]


@pytest.mark.parametrize(
    ("raw", "name"), [(b"J\xc9R\xd4ME", "JÉRÔME"), ("ÉLOÏSE".encode(), "ÉLOÏSE")]
)
def test_text_is_latin1_or_utf8(raw: bytes, name: str) -> None:
    record = decode(HolderName, bytes((0xE4, len(raw) + 2, 0x84, len(raw))) + raw)
    assert record.given_name == name


def test_control_characters_do_not_reach_a_terminal() -> None:
    record = decode(HolderName, bytes.fromhex("E4 06 84 04 1B 5B 32 4A"))
    assert record.given_name == "\ufffd[2J"


def test_a_long_record() -> None:
    name = b"A" * 200
    record = decode(HolderName, b"\xe4\x81\xcb\x84\x81\xc8" + name)
    assert record.given_name == name.decode()


@pytest.mark.parametrize(
    ("kind", "raw", "offset"),
    [
        (IdCard, "E3 08 81 02 29 09 83 02 20 25", 6),
        (IdCard, "E3 0A 81 02 29 09 83 04 20 25 13 01", 6),
        (IdCard, "E3 0A 81 02 29 09 83 04 AB CD 13 01", 6),
        (HolderInfo, "ED 04 82 02 00 0A", 2),
        (HolderInfo, "ED 05 81 03 41 42 43", 2),
        (Activity, "EE 03 81 01 38", 2),
    ],
)
def test_a_field_that_cannot_be_read_is_told(kind: type[Record], raw: str, offset: int) -> None:
    record = decode(kind, bytes.fromhex(raw))
    (problem,) = record.problems
    assert problem.offset == offset
    assert len(record.unknown) == 1
    assert kind is not IdCard or told(record) == {"card_number": "2909"}


def test_a_damaged_field_costs_none_before_it() -> None:
    record = decode(HolderName, bytes.fromhex("E4 07 80 01 1F 84 7F 4A 55"))
    assert told(record) == {"civility": "31"}
    assert [problem.offset for problem in record.problems] == [5]


@pytest.mark.parametrize(
    "raw", ["", "00", "E3 02 80 00", "E4", "E4 05 80 01 1F", "FF FF FF", "E4 80"]
)
def test_no_record(raw: str) -> None:
    with pytest.raises(RecordError):
        decode(HolderName, bytes.fromhex(raw))


def test_future_profession_is_of_trainees_only() -> None:
    trainee = decode(HolderInfo, bytes.fromhex("ED 06 80 01 01 83 01 0A"))
    assert str(trainee.future_profession) == "Médecin en formation"
    staff = decode(HolderInfo, bytes.fromhex("ED 06 80 01 03 83 01 05"))
    assert (staff.future_profession, staff.training_or_trade) == (None, 5)


def test_test_cards_are_told_by_their_category() -> None:
    category = {0x80: True, 0x83: True, 0x00: False, 0x03: False, 0x50: False}
    for code, expected in category.items():
        assert decode(IdCard, bytes((0xE3, 3, 0x82, 1, code))).is_test is expected
    assert decode(IdCard, b"\xe3\x00").is_test is None


def test_codes_newer_than_the_edition_are_kept() -> None:
    info = decode(HolderInfo, bytes.fromhex("ED 0A 82 01 FF 85 05 5A 5A 39 39 39"))
    assert info.profession is not None
    assert (info.profession.code, info.profession.label) == ("255", None)
    assert str(info.speciality) == "ZZ999"


def test_the_repr_shows_nobody() -> None:
    for vector in VECTORS:
        shown = repr(decode(KINDS[vector["kind"]], bytes.fromhex(vector["raw"])))
        for private in ("JULES", "RPPS", "99700", "CPET", "2909821700"):
            assert private not in shown


def test_dates_are_dates() -> None:
    card = decode(IdCard, bytes.fromhex(VECTORS[0]["raw"]))
    assert (card.issued, card.valid_until) == (date(2025, 11, 3), date(2028, 11, 2))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["kind"])
def test_what_is_encoded_is_decoded_the_same(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["raw"])
    record = decode(KINDS[vector["kind"]], raw)
    assert decode(type(record), encode(record)) == record
    in_order = [node.tag for node in parse(raw).children]
    if in_order == sorted(in_order):
        assert encode(record) == raw


def test_encoding_any_record() -> None:
    record = Activity(
        mode=Table.PRACTICE_MODE.code("04"),
        adeli_speciality=Table.ADELI_SPECIALITY.code("38"),
        pharmacist_table=Table.PHARMACIST_TABLE.code("D"),
        structure_name="PHARMACIE DE L'ÉTÉ " + "X" * 120,
        structure=StructIdNat("3", "00009827700015"),
        sector=Table.SECTOR.code("SA33"),
        unknown=(Tlv.of(0x83, b"\x01"),),
    )
    assert decode(Activity, encode(record)) == record
    assert encode(Activity()) == b"\xee\x00"
    assert decode(IdCard, encode(IdCard(card_number="123"))).card_number == "123"
    with pytest.raises(OverflowError):
        encode(HolderInfo(training_or_trade=256))
