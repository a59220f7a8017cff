"""The XML of the API de lecture: read, written, and refused where it is dangerous."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cardio.cards.vitale.rights.checks import RightsProblemCode, problems_of
from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.grammar import encode_records
from cardio.cards.vitale.rights.model import Rights, Source
from cardio.cards.vitale.rights.reading_api import as_reading_api, decode_xml, encode_xml
from cardio.cards.vitale.rights.records import (
    BeneficiaryRecord,
    CoverageRecord,
    EntitlementRecord,
    InsuredRecord,
    ReadingApiRecord,
    WorkAccidentsRecord,
)
from cardio.cards.vitale.rights.xml_tree import MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE, parse_xml
from cardio.errors import RecordError, XmlRefused

FAMILY = (Path(__file__).parents[2] / "vectors" / "rights" / "family.xml").read_bytes()
NUMBER = "2851975990012"


def document(inner: str) -> bytes:
    return f"<listeBenef><T_AsnBeneficiaire>{inner}</T_AsnBeneficiaire></listeBenef>".encode()


def birth_dates(inner: str) -> tuple[CardDate | None, CardDate | None]:
    (person,) = decode_xml(document(f"<ident><naissance>{inner}</naissance></ident>")).persons
    assert person.api is not None
    return person.beneficiary.birth_date, person.api.birth_date_shown


def test_every_published_element_is_read() -> None:
    rights = decode_xml(FAMILY)
    assert rights.source is Source.READING_API
    assert rights.unread == ("reponse/listeBenef/T_AsnBeneficiaire/amo/nir",)
    mother, *others = rights.persons
    one, api = mother.beneficiary, mother.api
    assert (one.used_name, one.birth_name, one.given_name) == ("FAMILLE-TEST", "NÉE-TEST", "ZOÉ")
    assert one.address == ("1 RUE DES TESTS", "34000 MONTPELLIER")
    assert (one.certified_number, one.certified_key) == (NUMBER, "95")
    assert (one.certified_on, one.birth_rank, one.quality) == (CardDate("202001150000"), "1", "0")
    assert api == ReadingApiRecord(
        nir=NUMBER + "95",
        regime="01",
        fund="349",
        centre="9881",
        card_centre="0349",
        management_code="10",
        exoneration="ALD",
        treating_doctor="Oui",
        cmu_type="0",
    )
    assert mother.complementary is not None
    assert (mother.complementary.b2_number, mother.complementary.indicator) == ("99999997", "13")
    assert mother.work_accidents is not None
    assert [a.identifier for a in mother.work_accidents.accidents] == ["12345678"]
    assert [other.beneficiary.given_name for other in others] == ["LÉON", "LUNE", "JOUR"]


def test_dates_of_the_card_are_kept_as_they_are() -> None:
    written = [person.beneficiary.birth_date for person in decode_xml(FAMILY).persons]
    assert written == [
        CardDate("198519010000"),
        CardDate("381900"),
        CardDate("194100000000"),
        CardDate("198402290000"),
    ]
    assert [one.day if one else None for one in written][3] == date(1984, 2, 29)


def test_what_is_not_told_is_none_and_what_is_empty_is_empty() -> None:
    first, second, *_ = decode_xml(FAMILY).persons
    assert (first.beneficiary.address_1, second.beneficiary.address_1) == ("", None)
    assert second.beneficiary.birth_name is None
    assert second.complementary is None
    assert second.rights_at(date(2024, 1, 1)).entitled is None
    assert second.rights_at(date(2024, 1, 1)).complementary is None
    at = first.rights_at(date(2024, 1, 1))
    assert (at.entitled, at.complementary, at.mutual) == (True, True, None)


def test_what_is_unread_is_reported() -> None:
    codes = [problem.code for problem in problems_of(decode_xml(FAMILY))]
    assert codes == [RightsProblemCode.UNREAD_ELEMENT]
    twice = decode_xml(document("<ident><nir>1</nir><nir x='2'>3</nir></ident>a<b/>"))
    assert twice.unread == (
        "listeBenef/T_AsnBeneficiaire/text()",
        "listeBenef/T_AsnBeneficiaire/ident/nir",
        "listeBenef/T_AsnBeneficiaire/ident/nir/@x",
        "listeBenef/T_AsnBeneficiaire/b",
    )


def test_written_and_read_again() -> None:
    rights = decode_xml(FAMILY)
    written = encode_xml(rights)
    assert written.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert "ZOÉ".encode("latin-1") in written
    assert b"<dateEnCarte>381900</dateEnCarte>" in written
    assert b"<date>29021984</date>" in written
    again = decode_xml(written)
    assert again == rights
    assert again.unread == ()


@pytest.mark.parametrize(
    ("inner", "card", "shown"),
    [
        ("<date>31121999</date>", "199912310000", None),
        ("<date>00001941</date>", "194100000000", None),
        ("<date/>", "", None),
        ("<date>381900</date>", "381900", None),
        ("<dateEnCarte>19411900</dateEnCarte>", "194119000000", None),
        ("<dateEnCarte>411900</dateEnCarte>", "411900", None),
        (
            "<date>01011941</date><dateEnCarte>19410000</dateEnCarte>",
            "194100000000",
            "194101010000",
        ),
        ("", None, None),
    ],
)
def test_birth_dates(inner: str, card: str | None, shown: str | None) -> None:
    found = birth_dates(inner)
    assert [one.written if one else None for one in found] == [card, shown]


def test_a_shown_birth_date_that_differs_is_reported() -> None:
    inner = "<date>01011941</date><dateEnCarte>19410000</dateEnCarte>"
    rights = decode_xml(document(f"<ident><naissance>{inner}</naissance></ident>"))
    assert [p.code for p in problems_of(rights)] == [RightsProblemCode.BIRTH_DATES_DIFFER]
    assert decode_xml(encode_xml(rights)) == rights


def test_a_stream_told_as_the_api_would() -> None:
    beneficiary = BeneficiaryRecord(
        *("NOM-TEST", "", "ALIX", "", "", "", "", "", NUMBER, "95"),
        CardDate("202001150000"),
        CardDate("198519010000"),
        *("1", "0", "00"),
        CardDate("0" * 12),
        CardDate(""),
        "",
    )
    stream = Rights(
        (
            InsuredRecord(nir_number=NUMBER, nir_key="95", regime="01", fund="349", centre="9881"),
            WorkAccidentsRecord(organism="013499881", bgdh_1="AB", identifier_1="12345678"),
            beneficiary,
            EntitlementRecord(CardDate("202001010000"), CardDate("")),
            CoverageRecord(CardDate(""), CardDate(""), "1", "0100"),
        )
    )
    told = as_reading_api(stream)
    (person,) = told.persons
    assert person.api == ReadingApiRecord(nir=NUMBER + "95", regime="01", fund="349", centre="9881")
    assert person.work_accidents == WorkAccidentsRecord(
        organism="013499881", identifier_1="12345678"
    )
    assert person.beneficiary == replace(
        beneficiary, service_code=None, service_start=None, service_end=None, ruf_amo=None
    )
    assert person.coverages == ()
    assert as_reading_api(told) == told
    assert decode_xml(encode_xml(told)) == told
    with pytest.raises(RecordError):
        encode_xml(stream)
    with pytest.raises(RecordError):
        encode_records(told)


@pytest.mark.parametrize(
    "record",
    [
        BeneficiaryRecord(used_name="A\x00B"),
        BeneficiaryRecord(used_name="A\ufffeB"),
        BeneficiaryRecord(used_name="A\x1bB"),
        BeneficiaryRecord(birth_date=CardDate("19851901")),
    ],
)
def test_what_no_document_can_hold(record: BeneficiaryRecord) -> None:
    rights = Rights((record, ReadingApiRecord()), Source.READING_API)
    with pytest.raises(RecordError):
        encode_xml(rights)


@pytest.mark.parametrize("text", ["a<b>&amp;]]>", "a\r\nb\tc ", "  ", "œ€𝄞", "\x85\xa0é", "'\""])
def test_any_text_survives(text: str) -> None:
    rights = Rights((BeneficiaryRecord(used_name=text), ReadingApiRecord()), Source.READING_API)
    assert decode_xml(encode_xml(rights)) == rights


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "iso-8859-1", "UTF-8", "latin1"])
def test_encodings(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    inner = "<ident><nomUsuel>ÉCOLE</nomUsuel></ident>"
    raw = head.encode() + document(inner).decode().encode(encoding)
    assert decode_xml(raw).persons[0].beneficiary.used_name == "ÉCOLE"


EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "{}">]><listeBenef>&x;</listeBenef>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><listeBenef>&a9;</listeBenef>"
)


@pytest.mark.parametrize(
    "raw",
    [
        EXTERNAL.format("file:///etc/hostname").encode(),
        EXTERNAL.format("http://127.0.0.1:9/").encode(),
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><listeBenef/>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><listeBenef/>',
        b"<!DOCTYPE listeBenef><listeBenef/>",
        LAUGHS.encode(),
        b"<listeBenef>&undefined;</listeBenef>",
        b"<listeBenef>" + b" " * MAX_SIZE + b"</listeBenef>",
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
        b"<listeBenef>" + b"<a/>" * MAX_ELEMENTS + b"</listeBenef>",
        b'<?xml version="1.0" encoding="UTF-7"?><listeBenef/>',
        b'<?xml version="1.0" encoding="cp037"?><listeBenef/>',
        b'<?xml version="1.0" encoding="shift_jis"?><listeBenef/>',
        b'<?xml version="1.0" encoding="nonsense"?><listeBenef/>',
        b"",
        b"   ",
        b"<listeBenef>",
        b"<listeBenef/><listeBenef/>",
        b"<autre/>",
        b"<listeBenef a='1' a='2'/>",
        b"<listeBenef>\x00</listeBenef>",
        b"<listeBenef>\xff\xfe</listeBenef>",
    ],
)
def test_dangerous_or_damaged_documents_are_refused(raw: bytes) -> None:
    with pytest.raises(XmlRefused) as caught:
        decode_xml(raw)
    assert "hostname" not in str(caught.value)


def test_an_external_entity_is_never_opened(tmp_path: Path) -> None:
    """Nothing is fetched even where a reader would be allowed to."""
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    before = secret.stat().st_atime_ns
    with pytest.raises(XmlRefused):
        decode_xml(EXTERNAL.format(secret.as_uri()).encode())
    assert secret.stat().st_atime_ns == before


def test_limits_are_those_of_documents_that_are_read() -> None:
    deepest = b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH
    assert sum(1 for _ in parse_xml(deepest).walk()) == MAX_DEPTH
    assert decode_xml(b"<listeBenef/>") == Rights((), Source.READING_API)


def test_nothing_of_a_person_is_in_a_repr() -> None:
    rights = decode_xml(FAMILY)
    told = repr(rights) + repr(parse_xml(FAMILY)) + repr(problems_of(rights))
    assert not [word for word in ("TEST", "ZOÉ", NUMBER) if word in told]
