"""Properties of identities: nothing is lost, nothing raises but what is announced."""

import string
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.fr import nir as stdnum_nir

from cardio.errors import CardioError, IdentifierError, UnmappableCharacter
from cardio.identity.am_billing import AmBillingId
from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.characters import (
    NameKind,
    NameRule,
    insi_name,
    name_faults,
    transliterate,
)
from cardio.identity.comparison import Severity, Traits, compare
from cardio.identity.datamatrix import HEADER, InsDatamatrix
from cardio.identity.datamatrix_image import read
from cardio.identity.deduction import deduce
from cardio.identity.examination import GivenIdentity, examine
from cardio.identity.finess import Finess
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nir import Nir, Sex, key_of
from cardio.identity.roster import Verdict, check_many
from cardio.identity.siret import Siren, Siret
from cardio.identity.status import IdentityAttribute, IdentityStatus
from cardio.identity.traits import StrictTraits

TODAY = date(2026, 11, 22)
ALLOWED = set(string.ascii_uppercase + " '-")

places = st.from_regex(r"(?:[0-9]{2}|2[AB])[0-9]{3}", fullmatch=True)
numbers = st.builds(
    "{}{}{}{}".format,
    st.integers(0, 9),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    places,
    st.from_regex(r"[0-9]{3}", fullmatch=True),
)
right_nirs = numbers.map(lambda number: Nir(number + key_of(number)))
any_nirs = st.builds(lambda n, k: Nir(f"{n}{k:02}"), numbers, st.integers(0, 99))
nirs = st.one_of(right_nirs, any_nirs)
typed = st.text(st.sampled_from("AaÀÉéçœŒß’' -zZ1Łª\u0301"), max_size=12)
names = st.text(st.sampled_from(string.ascii_uppercase[:6] + " '-"), min_size=1, max_size=30)
birth_names = names.filter(lambda name: not name_faults(name, NameKind.BIRTH_NAME))
given_names = names.filter(lambda name: not name_faults(name, NameKind.GIVEN_NAMES))
birth_places = places.map(BirthPlace)
birth_dates = st.one_of(
    st.dates(date(1000, 1, 1)).map(BirthDate.of),
    st.builds(BirthDate, st.integers(1900, 1902), st.integers(0, 14), st.integers(0, 32)),
    st.builds(
        BirthDate, st.integers(0, 2), st.integers(0, 14), st.integers(0, 32), st.just(value=False)
    ),
)
strict_traits = st.builds(
    StrictTraits,
    birth_names,
    given_names,
    st.sampled_from(Sex),
    st.dates(date(1, 1, 1)),
    st.none() | birth_places,
)
field_names = st.none() | typed | names | st.sampled_from(["JEAN", "JEAN-PAUL", "JEAN PAUL LUC"])
some_traits = st.builds(
    Traits,
    field_names,
    field_names,
    field_names,
    field_names,
    field_names,
    st.none() | birth_dates,
    st.none() | st.sampled_from(Sex),
    st.none() | birth_places,
    st.none() | nirs,
    st.none() | st.sampled_from(InsOid),
    st.lists(nirs, max_size=2).map(tuple),
)
hostile = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from("0123456789AB -/'\x1d\x00é٣２"), max_size=20),
    st.text(st.characters(categories=("M", "Nd", "Zs", "Cc")), max_size=20),
)


@given(nirs)
def test_a_number_is_told_alike_by_all(nir: Nir) -> None:
    valid = nir.has_valid_key
    assert Nir.parse(str(nir), check_key=False) == nir
    assert (
        check_many([str(nir), f" {str(nir).lower()} "])
        == [Verdict.RIGHT if valid else Verdict.WRONG_KEY] * 2
    )
    assert stdnum_nir.is_valid(str(nir)) == valid


@given(st.lists(st.one_of(hostile, nirs.map(str)), max_size=8))
def test_a_roster_is_read_as_its_lines_are(lines: list[str]) -> None:
    def verdict(line: str) -> Verdict:
        try:
            nir = Nir.parse(line, check_key=False)
        except IdentifierError:
            return Verdict.MALFORMED
        return Verdict.RIGHT if nir.has_valid_key else Verdict.WRONG_KEY

    assert check_many(lines) == [verdict(line) for line in lines]


@given(numbers, st.integers(0, 12), st.integers(0, 9))
def test_one_wrong_digit_is_always_seen(number: str, place: int, digit: int) -> None:
    wrong = number[:place] + str(digit) + number[place + 1 :]
    if wrong != number and wrong[6] not in "AB" and number[6] not in "AB":
        assert not Nir(wrong + key_of(number)).has_valid_key


@given(nirs)
def test_what_is_told_of_any_number(nir: Nir) -> None:
    told = deduce(nir, TODAY)
    assert all(year % 100 == nir.year and year <= TODAY.year for year in told.years)
    assert told.month is None or 1 <= told.month <= 12
    assert (told.sex is None) or not nir.is_provisional


@given(st.one_of(typed, hostile))
def test_no_character_of_a_name_is_lost(text: str) -> None:
    """Each adds something, but an accent on the letter before; all but the unmapped are allowed."""
    done = transliterate(text)
    assert (set(done.text) <= ALLOWED) == (not done.unmapped)
    assert [text[one.offset] for one in done.unmapped] == [one.character for one in done.unmapped]
    for end, character in enumerate(text):
        before, after = transliterate(text[:end]).text, transliterate(text[: end + 1]).text
        assert after.startswith(before)
        if after == before:
            assert "\u0300" <= character < "\u034f"
            assert before[-1] in string.ascii_uppercase


@given(st.one_of(typed, hostile), st.sampled_from(NameKind))
def test_a_name_of_the_insi_stays_as_it_is(text: str, kind: NameKind) -> None:
    try:
        name = insi_name(text, kind)
    except UnmappableCharacter as error:
        assert text[error.offset] == error.character  # noqa: PT017
    except IdentifierError:
        assert name_faults(transliterate(text).text, kind)
    else:
        assert insi_name(name, kind) == name
        assert not name_faults(name, kind)
        assert transliterate(name).text == name


@given(names, st.sampled_from(NameKind))
def test_faults_stand_where_they_are_told(name: str, kind: NameKind) -> None:
    for fault in name_faults(name, kind):
        assert 0 <= fault.offset <= len(name)
        assert fault.rule is not NameRule.CHARACTER


@given(birth_dates)
def test_dates_are_read_back(day: BirthDate) -> None:
    assert (day.exact is not None) <= (day.completed == day.exact)
    if day.has_century:
        assert BirthDate.parse(str(day)) == day
        assert BirthDate.parse(str(day).replace("-", "")) == day
        assert day.completed is not None
    else:
        assert BirthDate.parse(str(day).replace("-", "")) == day


@given(nirs, st.sampled_from(InsOid), strict_traits)
def test_a_datamatrix_is_read_back(nir: Nir, oid: InsOid, traits: StrictTraits) -> None:
    written = InsDatamatrix(Matricule(nir, oid), traits)
    assert InsDatamatrix.decode(written.encode()) == written


@given(some_traits)
def test_anybody_is_like_oneself(traits: Traits) -> None:
    assert compare(traits, traits) == ()


@given(some_traits, some_traits)
def test_a_comparison_says_the_same_from_both_sides(left: Traits, right: Traits) -> None:
    found = compare(left, right)
    assert compare(right, left) == tuple(one.mirrored() for one in found)
    assert len({one.trait for one in found}) == len(found)
    for one in found:
        assert one.causes
        assert one.mirrored().mirrored() == one


@given(strict_traits, nirs)
def test_an_answer_typed_in_small_letters_is_equivalent(traits: StrictTraits, nir: Nir) -> None:
    matricule = Matricule(nir, InsOid.NIR)
    ins = Traits.of_strict(traits, matricule)
    small = Traits(
        birth_name=traits.birth_name.lower(),
        given_names=traits.given_names.lower().replace("-", " "),
        birth_date=BirthDate.parse(f"{traits.birth_date.year:04d}{traits.birth_date:%m%d}"),
        nir=nir,
    )
    assert all(one.severity is Severity.EQUIVALENT for one in compare(small, ins))


PARSERS: tuple[Callable[[str], Any], ...] = (
    Nir.parse,
    BirthDate.parse,
    BirthPlace.parse,
    InsOid.parse,
    Finess.parse,
    Siren.parse,
    Siret.parse,
    AmBillingId.parse,
    IdentityStatus.parse,
    IdentityAttribute.parse,
    InsDatamatrix.decode,
)


@given(st.sampled_from(PARSERS), hostile)
@settings(max_examples=1000)
def test_hostile_texts_raise_nothing_else(parse: Callable[[str], Any], text: str) -> None:
    try:
        parse(text)
    except IdentifierError as error:
        assert len(text) < 5 or text not in str(error)  # noqa: PT017


@given(hostile, st.integers(0, 120), st.integers(0, 120))
@settings(max_examples=500)
def test_hostile_datamatrices(text: str, start: int, end: int) -> None:
    traits = StrictTraits("A", "B", Sex.MALE, date(2000, 1, 1), BirthPlace("63220"))
    whole = InsDatamatrix(Matricule(Nir("275126322074974"), InsOid.NIR), traits).encode()
    broken = whole[: len(HEADER) + start] + text + whole[len(HEADER) + end :]
    with suppress(IdentifierError):
        assert InsDatamatrix.decode(broken).encode().startswith(HEADER)


@given(st.builds(GivenIdentity, *[st.none() | hostile] * 9, st.tuples(hostile)))
def test_any_identity_is_examined(typed_in: GivenIdentity) -> None:
    """Its findings stand at fields it has, and the words they give are ours."""
    for one in examine(typed_in, TODAY).findings:
        assert hasattr(typed_in, one.field)
        assert not one.detail or one.detail.startswith("U+") or one.detail.isascii()


@given(st.binary(max_size=200))
def test_hostile_pictures(raw: bytes) -> None:
    for picture in (raw, b"\x89PNG\r\n\x1a\n" + raw, b"GIF89a" + raw, b"BM" + raw):
        try:
            read(picture)
        except CardioError as error:
            assert isinstance(error, IdentifierError)  # noqa: PT017
