"""Inventions: the length, the rules and the marks of what they replace, and nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from cardio.anonymise.inventions import Inventions
from cardio.anonymise.keys import seeded_key
from cardio.anonymise.stream import Stream
from cardio.anonymise.sweep import Sweep
from cardio.anonymise.words import rewrite
from cardio.identity.nir import Nir, key_of
from cardio.identity.ps_idnat import PsIdNat, StructIdNat

SECRET = b"a secret of this test"


def inventions(*avoid: str) -> Inventions:
    return Inventions(SECRET, avoid)


@pytest.mark.parametrize(
    "number",
    ["1421962965165", "165192A999001", "172192B999002", "2791999139401", "1800297101023"],
)
def test_a_nir_is_a_test_one_of_the_same_kind(number: str) -> None:
    written = number + key_of(number)
    made = Nir.parse(inventions().nir(written))
    before = Nir.parse(written)
    assert made.is_test
    assert (made.sex, made.kind, made.place.__class__) == (
        before.sex,
        before.kind,
        before.place.__class__,
    )
    assert (number[5:7] in ("2A", "2B", "97", "99")) <= (made.birth_place[:2] == number[5:7])
    assert made.number[3:] != number[3:]
    assert inventions().nir(number) == made.number


def test_a_wrong_key_stays_wrong() -> None:
    assert not Nir(inventions().nir("287197599070148")).has_valid_key
    assert Nir(inventions().nir("287197599070184")).has_valid_key


def test_a_number_and_a_date_of_birth_still_fit() -> None:
    made = inventions()
    assert made.nir("2850575056012")[1:3] == made.birth_date("19850517")[2:4]
    assert made.birth_date("19850517")[4:6] == "19"
    assert made.birth_date("850517")[:2] == made.birth_date("19850517")[2:4]


@pytest.mark.parametrize(("written", "ending"), [("19410000", "0000"), ("19380500", "1900")])
def test_days_nobody_knows_stay_unknown(written: str, ending: str) -> None:
    assert inventions().birth_date(written).endswith(ending)


@pytest.mark.parametrize(
    "written",
    [
        "810003999999",
        "00B6087510",
        "30B0309829/CPET00001",
        "318751275100020/12",
        "9AB12345",
        "499700982178/3",
    ],
)
def test_national_identifiers_keep_type_and_shape(written: str) -> None:
    made = inventions().ps_idnat(written)
    assert (made[0], len(made), "/" in made) == (written[0], len(written), "/" in written)
    assert made[1:] != written[1:]
    assert PsIdNat.parse(made)


def test_an_rpps_is_a_test_one_with_a_right_key() -> None:
    number = "1010123456"
    written = f"8{number}{luhn.calc_check_digit(number)}"
    made = PsIdNat.parse(inventions().ps_idnat(written)).rpps
    assert made is not None
    assert made.is_test
    assert luhn.is_valid(made.value)


@pytest.mark.parametrize("written", ["10B0309829", "1750712184", "318751275100020", "2187512751"])
def test_a_structure_keeps_what_its_key_says(written: str) -> None:
    made, before = StructIdNat.parse(inventions().structure(written)), StructIdNat.parse(written)
    assert made.type_code == before.type_code
    digits = str.maketrans("AB", "12")
    assert luhn.is_valid(made.identifier.translate(digits)) == luhn.is_valid(
        before.identifier.translate(digits)
    )


def test_the_same_person_everywhere() -> None:
    made = inventions()
    rpps = made.ps_idnat("899700982178")[1:]
    assert made.principal("8.99700982178@carte-cps.fr") == f"8.{rpps}@carte-cps.fr"
    assert made.structure("499700982178008") == f"4{rpps}008"
    assert made.name("ZOÉLIE") != made.name("ZOELIE")
    assert made.name("ZOÉLIE").encode("ascii", "replace")[:2] == made.name("ZOELIE")[:2].encode()
    assert made.text("CABINET MARTIN").endswith(made.name("MARTIN"))
    assert made.number("9900000349").endswith(made.number("900000349"))


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), min_size=1))
def test_text_keeps_its_size_in_latin_1_and_in_utf_8(text: str) -> None:
    for encoding in ("latin-1", "utf-8"):
        raw = text.encode(encoding)
        assert len(rewrite(raw, inventions().text)) == len(raw)


@given(st.binary(max_size=40))
def test_any_bytes_keep_their_size(raw: bytes) -> None:
    assert len(rewrite(raw, inventions().name)) == len(raw)


def test_no_invention_is_somebodys_true_name() -> None:
    first = inventions().name("MARTIN")
    assert inventions(first).name("MARTIN") != first


def test_who_has_no_secret_gets_other_inventions() -> None:
    assert Inventions(b"one").nir("1421962965165") != Inventions(b"two").nir("1421962965165")


@pytest.mark.parametrize(
    "left",
    [
        b"..durand..",
        "DURAND".encode("utf-16-le"),
        "durand".encode("utf-16-be"),
        b"445552414e44",
        "Hélène".encode(),
        "HÉLÈNE".encode("latin-1"),
        b"helene",
        bytes.fromhex("01 42 19 62 96 51 65"),
        bytes.fromhex("14 21 96 29 65 16 5F"),
    ],
)
def test_the_sweep_finds_every_form(left: bytes) -> None:
    made = inventions()
    made.name("DURAND")
    made.name("Hélène")
    made.nir("1421962965165")
    assert Sweep(made, ()).finds(b"\x00\x01" + left + b"\x02")
    assert not Sweep(made, ()).finds(b"nothing of it here: 14219")


def test_words_anybody_may_say_are_no_finding() -> None:
    made = inventions()
    made.name("INFIRMIER")
    assert Sweep(made, ()).finds(b"Infirmier")
    assert not Sweep(made, {"INFIRMIER"}).finds(b"Infirmier")


def test_a_seeded_key_is_a_key_and_the_same_again() -> None:
    key = seeded_key(Stream(SECRET, "key"), 1024, 65537)
    numbers = key.private_numbers()
    assert key.key_size == 1024
    assert pow(pow(7, numbers.d, numbers.p * numbers.q), 65537, numbers.p * numbers.q) == 7
    assert seeded_key(Stream(SECRET, "key"), 1024, 65537).private_numbers() == numbers
