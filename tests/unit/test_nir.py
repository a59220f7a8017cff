"""`cardio.identity.nir` against public test numbers."""

import csv
from pathlib import Path

import pytest
from stdnum.fr import nir as stdnum_nir

from cardio.errors import IdentifierError
from cardio.identity.nir import MonthKind, Nir, Sex, key_of

VECTORS = Path(__file__).parents[2] / "vectors" / "vitale" / "nir.tsv"
ROWS = list(csv.DictReader(VECTORS.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
RIGHT = [row["number"] + row["key"] for row in ROWS if row["key_is_right"] == "yes"]
WRONG = [row["number"] + row["key"] for row in ROWS if row["key_is_right"] == "no"]


@pytest.mark.parametrize("value", RIGHT)
def test_public_numbers_are_read(value: str) -> None:
    nir = Nir.parse(value)
    assert (nir.value, nir.number, nir.key) == (value, value[:13], value[13:])
    assert nir.has_valid_key
    assert stdnum_nir.is_valid(value)


@pytest.mark.parametrize("value", WRONG)
def test_a_wrong_key_is_refused_or_kept_on_demand(value: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        Nir.parse(value)
    assert caught.value.offset == 13
    kept = Nir.parse(value, check_key=False)
    assert kept.value == value
    assert not kept.has_valid_key


def test_the_key_known_to_be_expected() -> None:
    assert key_of("1810363220456") == "76"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["number"])
def test_month_kinds_of_public_numbers(row: dict[str, str]) -> None:
    nir = Nir(row["number"] + row["key"])
    assert nir.month_kind.value == row["month_kind"]
    assert nir.is_test == (row["month_kind"] == "test")


@pytest.mark.parametrize(
    ("months", "kind"),
    [
        ((1, 6, 12), MonthKind.CALENDAR),
        ((20, 30, 42, 50, 99), MonthKind.INCOMPLETE),
        ((19,), MonthKind.TEST),
        ((0, 13, 18, 21, 29, 43, 49), MonthKind.UNASSIGNED),
    ],
)
def test_month_kinds_at_their_bounds(months: tuple[int, ...], kind: MonthKind) -> None:
    for month in months:
        number = f"142{month:02}62965165"
        assert Nir(number + key_of(number)).month_kind is kind


@pytest.mark.parametrize(
    ("first", "sex", "is_provisional"),
    [
        ("1", Sex.MALE, False),
        ("2", Sex.FEMALE, False),
        ("3", None, True),
        ("4", None, True),
        ("7", None, True),
        ("8", None, True),
        ("6", None, False),
    ],
)
def test_sex_is_told_by_registered_numbers_only(
    first: str, sex: Sex | None, is_provisional: bool
) -> None:
    number = f"{first}421962965165"
    nir = Nir(number + key_of(number))
    assert (nir.sex, nir.is_provisional) == (sex, is_provisional)


def test_agricultural_provisional_number() -> None:
    assert Nir("5555551234567" + key_of("5555551234567")).is_provisional


def test_parts() -> None:
    nir = Nir.parse("2 95 10 99 126 111 93")
    assert (nir.year, nir.month, nir.birth_place, nir.order) == (95, 10, "99126", "111")


def test_corsican_letters_in_lower_case() -> None:
    assert Nir.parse("253072a07300443").value == "253072A07300443"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("14219629651659", 14),
        ("1421962965165960", 16),
        ("x42196296516596", 0),
        ("253072C07300443", 6),
        ("253071A07300443", 6),
        ("25307A207300443", 5),
        ("2530720A7300443", 7),
        ("14219629651659x", 14),
        ("١42196296516596", 0),
        ("14219629651659²", 14),
    ],
)
def test_malformed_numbers_name_the_offset_only(text: str, offset: int) -> None:
    with pytest.raises(IdentifierError) as caught:
        Nir.parse(text)
    assert caught.value.offset == offset
    assert len(text) < 3 or text not in str(caught.value)


def test_a_key_is_made_of_thirteen_characters() -> None:
    with pytest.raises(IdentifierError):
        key_of("142196296516")
    with pytest.raises(IdentifierError):
        key_of("14219629651x5")


def test_the_key_of_a_multiple_of_97_is_97() -> None:
    number = str(97 * (1421962965165 // 97))
    assert key_of(number) == "97"


def test_only_asking_for_it_shows_the_number() -> None:
    nir = Nir.parse(RIGHT[0])
    assert str(nir) == nir.value == RIGHT[0]
    shown = f"{nir!r} {[nir]} {(nir,)!s}"
    assert RIGHT[0][:13] not in shown
    assert RIGHT[0][1:6] not in shown


def test_values_compare() -> None:
    assert Nir(RIGHT[0]) == Nir.parse(RIGHT[0])
    assert len({Nir(value) for value in RIGHT}) == len(RIGHT)
