"""`cardio.cards.vitale.tlvs`: templates to beneficiaries, and what is said of bad ones."""

from datetime import date

import pytest
from tests.support.vitale_card import NUMBERS, PEOPLE, encoded, number, person

from cardio.cards.vitale.beneficiary import Beneficiary, Problem, ProblemCode
from cardio.cards.vitale.layout import Tag
from cardio.cards.vitale.tlvs import FileContent, decode_beneficiaries, decode_date, decode_text
from cardio.identity.nir import key_of
from cardio.iso7816.tlv import Tlv

NIR = b"1421962965165" + key_of("1421962965165").encode()
PERSON = person(b"TEST-DEMO", b"LEO", b"19421901")


def decode_one(
    someone: Tlv = PERSON, of_number: Tlv | None = None
) -> tuple[Beneficiary, tuple[Problem, ...]]:
    (found,), problems = decode_beneficiaries([someone], [of_number or number(NIR)])
    return found, problems


def test_a_sound_family() -> None:
    people, numbers = FileContent.decode(PEOPLE), FileContent.decode(NUMBERS)
    (first, second), problems = decode_beneficiaries(people.people, numbers.people)
    assert problems == ()
    assert (first.family_name, first.given_name) == ("TEST-DÉMO", "ZOÉ")
    assert (first.birth_date, first.birth_date_as_written) == (None, "19851912")
    assert first.nationality_or_country == "FRA"
    assert first.nir is not None
    assert first.nir.is_test
    assert (second.birth_date, second.given_name) == (date(2012, 2, 29), "LEO")


@pytest.mark.parametrize("padding", [b"", b"\x00", b"\x00" * 300, b"\xff" * 5, b"\x00\xff\x00"])
def test_padding_around_templates(padding: bytes) -> None:
    raw = padding + PERSON.encode() + padding + PERSON.encode() + padding
    content = FileContent.decode(raw)
    assert content.people == (PERSON, PERSON)
    assert not content.is_damaged


@pytest.mark.parametrize("form", ["81", "8200", "830000"])
def test_long_forms_of_length(form: str) -> None:
    raw = bytes.fromhex("65" + form) + bytes((len(PERSON.value),)) + PERSON.value
    assert FileContent.decode(raw).people == (PERSON,)


def test_a_template_of_more_than_255_bytes() -> None:
    long = person(b"TEST" + b"A" * 300, b"LEO", b"19421901")
    assert long.encode()[1] == 0x82
    (content,) = FileContent.decode(long.encode()).people
    assert content == long


def test_damage_keeps_what_stands_before_it() -> None:
    content = FileContent.decode(PEOPLE[:-3])
    assert len(content.people) == 1
    assert content.is_damaged


def test_other_templates_are_no_persons() -> None:
    content = FileContent.decode(encoded(Tlv.of(0x66, Tlv.of(0x80, b"20200115")), PERSON))
    assert content.people == (PERSON,)
    assert len(content.templates) == 2


@pytest.mark.parametrize("tag", [Tag.FAMILY_NAME, Tag.GIVEN_NAME, Tag.BIRTH_DATE])
@pytest.mark.parametrize("empty", [None, b"", b"    ", b"\x00\x00"])
def test_missing_fields_are_noted(tag: Tag, empty: bytes | None) -> None:
    others = [child for child in PERSON.children if child.tag != tag]
    parts = [*others, Tlv.of(tag, empty)] if empty is not None else others
    found, problems = decode_one(Tlv.of(0x65, *parts))
    assert problems == (Problem(ProblemCode.MISSING_FIELD, 0, tag),)
    assert found.nir is not None
    assert None in (found.family_name, found.given_name, found.birth_date_as_written)


def test_missing_nir_and_country() -> None:
    found, problems = decode_one(of_number=Tlv.of(0x65))
    assert problems == (Problem(ProblemCode.MISSING_FIELD, 0, Tag.NIR),)
    assert (found.nir, found.nationality_or_country) == (None, None)


def test_a_wrong_key_is_reported_not_dropped() -> None:
    found, problems = decode_one(of_number=number(NIR[:13] + b"01"))
    assert problems == (Problem(ProblemCode.WRONG_NIR_KEY, 0, Tag.NIR),)
    assert found.nir is not None
    assert found.nir.value == "142196296516501"


@pytest.mark.parametrize("raw", [b"123", NIR[:13], b"X" * 15, NIR + b"1"])
def test_what_is_no_nir_is_reported(raw: bytes) -> None:
    found, problems = decode_one(of_number=number(raw))
    assert problems == (Problem(ProblemCode.MALFORMED_NIR, 0, Tag.NIR),)
    assert found.nir is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"20120229", date(2012, 2, 29)),
        (b"20110229", None),
        (b"19421900", None),
        (b"19420001", None),
        (b"00000000", None),
        (b"421231", None),
        (b"2012-2-9", None),
        ("2012022²".encode("latin-1"), None),
        (b"20120229 ", date(2012, 2, 29)),
        (b"", None),
    ],
)
def test_dates(raw: bytes, expected: date | None) -> None:
    assert decode_date(raw) == expected


@pytest.mark.parametrize("raw", [b"19420000", b"19421900", b"421231"])
def test_incomplete_birth_dates_are_kept_as_written(raw: bytes) -> None:
    found, problems = decode_one(person(b"TEST", b"LEO", raw))
    assert (found.birth_date, found.birth_date_as_written) == (None, raw.decode())
    assert problems == ()


def test_a_date_that_is_none_is_reported() -> None:
    found, problems = decode_one(person(b"TEST", b"LEO", b"HIER"))
    assert problems == (Problem(ProblemCode.MALFORMED_DATE, 0, Tag.BIRTH_DATE),)
    assert found.birth_date_as_written == "HIER"


def test_control_characters_are_replaced() -> None:
    found, problems = decode_one(person(b"TE\x1b[2JST", b"L\x9bO", b"19421901"))
    assert (found.family_name, found.given_name) == ("TE\ufffd[2JST", "L\ufffdO")
    assert {problem.code for problem in problems} == {ProblemCode.UNREADABLE_TEXT}


def test_lists_of_different_lengths_are_not_paired() -> None:
    found, problems = decode_beneficiaries([PERSON, PERSON], [number(NIR)])
    assert [one.nir for one in found] == [None, None]
    assert [one.given_name for one in found] == ["LEO", "LEO"]
    assert problems == (Problem(ProblemCode.COUNTS_DIFFER),)


def test_nobody() -> None:
    assert decode_beneficiaries([], []) == ((), (Problem(ProblemCode.NO_BENEFICIARY),))


def test_text_is_latin_1() -> None:
    assert decode_text("DURAND-TÉST ÿ".encode("latin-1") + b"   \x00") == "DURAND-TÉST ÿ"


def test_nothing_shows_a_person() -> None:
    found, problems = decode_one(of_number=number(NIR[:13] + b"01"))
    shown = f"{found} {problems} {[problem.why for problem in problems]}"
    for secret in ("TEST", "LEO", "1942", "142196", "FRA"):
        assert secret not in shown


def test_every_problem_has_a_sentence() -> None:
    assert all(Problem(code).why.endswith(".") for code in ProblemCode)
