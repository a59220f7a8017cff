"""NIR, matricule and the numbers of structures, against the published vectors."""

from datetime import date

import pytest
from tests.support.identifiers import rows

from cardio.errors import IdentifierError, LeakedTestIdentity
from cardio.identity.am_billing import AmBillingId
from cardio.identity.birth_place import BirthPlace, PlaceReading
from cardio.identity.deduction import Untold, deduce
from cardio.identity.environment import Environment
from cardio.identity.finess import Finess
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nir import Nir, NumberKind, Sex, key_of
from cardio.identity.ps_idnat import StructIdNat
from cardio.identity.roster import Verdict, check_many
from cardio.identity.siret import Siren, Siret

NIRS = rows("nir.tsv")
TODAY = date(2026, 11, 22)
PARSERS = {"siren": Siren, "siret": Siret, "finess": Finess, "am": AmBillingId}


@pytest.mark.parametrize("row", NIRS, ids=lambda row: f"{row['number']}-{row['key']}")
def test_every_published_number_is_read_and_a_wrong_key_told(row: dict[str, str]) -> None:
    nir = Nir.parse(row["number"] + row["key"], check_key=False)
    assert key_of(nir.number) == row["expected_key"]
    assert nir.has_valid_key == (row["key"] == row["expected_key"])
    assert nir.kind.value == row["kind"]
    verdict = Verdict.RIGHT if nir.has_valid_key else Verdict.WRONG_KEY
    assert check_many([str(nir)]) == [verdict]


def test_the_four_known_to_be_wrong_are_told_so_and_kept() -> None:
    wrong = [row["number"] + row["key"] for row in NIRS if "known to be wrong" in row["origin"]]
    assert len(wrong) == 4
    assert check_many(wrong) == [Verdict.WRONG_KEY] * 4
    assert [str(Nir.parse(number, check_key=False)) for number in wrong] == wrong


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("2 95 10 99 126 111 93", Verdict.RIGHT),
        ("253072a07300443", Verdict.RIGHT),
        ("253072B07300443", Verdict.WRONG_KEY),
        ("142196296516500", Verdict.WRONG_KEY),
        ("142196296516598", Verdict.WRONG_KEY),
        ("14219629651659", Verdict.MALFORMED),
        ("+42196296516596", Verdict.MALFORMED),
        ("1421_6296516596", Verdict.MALFORMED),
        ("١٤٢١٩٦٢٩٦٥١٦٥٩٦", Verdict.MALFORMED),
        ("25307A207300443", Verdict.MALFORMED),
        ("", Verdict.MALFORMED),
    ],
)
def test_a_roster_is_read_as_one_number_is(number: str, verdict: Verdict) -> None:
    assert check_many(iter([number])) == [verdict]


def test_every_key_of_a_number_but_one_is_wrong() -> None:
    for number in ("1421962965165", "172192B999002", str(97 * (1421962965165 // 97))):
        verdicts = check_many(f"{number}{key:02}" for key in range(100))
        (right,) = [key for key, verdict in enumerate(verdicts) if verdict is Verdict.RIGHT]
        assert f"{right:02}" == key_of(number)


@pytest.mark.parametrize(
    ("value", "sex", "years", "month", "untold"),
    [
        ("275126322074974", Sex.FEMALE, (1975,), 12, {Untold.DAY}),
        ("109076322083489", Sex.MALE, (2009, 1909), 7, {Untold.DAY, Untold.CENTURY}),
        ("142196296516596", Sex.MALE, (1942,), None, {Untold.DAY, Untold.MONTH}),
    ],
)
def test_what_a_number_tells(
    value: str, sex: Sex, years: tuple[int, ...], month: int | None, untold: set[Untold]
) -> None:
    told = deduce(Nir(value), TODAY)
    assert (told.sex, told.years, told.month) == (sex, years, month)
    assert set(told.untold) == untold
    assert told.is_test == (value[3:5] == "19")


def test_a_provisional_number_tells_nothing() -> None:
    told = deduce(Nir("353139992573658"), TODAY)
    assert (told.kind, told.sex, told.years, told.month, told.place) == (
        NumberKind.WAITING,
        None,
        (),
        None,
        None,
    )
    assert {Untold.SEX, Untold.YEAR, Untold.PLACE} <= set(told.untold)


@pytest.mark.parametrize(
    ("code", "readings"),
    [
        ("63220", {PlaceReading.MAINLAND}),
        ("2B020", {PlaceReading.CORSICA}),
        ("20020", {PlaceReading.CORSICA}),
        ("97411", {PlaceReading.OVERSEAS}),
        ("99126", {PlaceReading.ABROAD}),
        ("93048", {PlaceReading.MAINLAND, PlaceReading.ALGERIA}),
        ("95300", {PlaceReading.MAINLAND, PlaceReading.MOROCCO}),
        ("96001", {PlaceReading.TUNISIA}),
    ],
)
def test_what_a_place_can_mean(code: str, readings: set[PlaceReading]) -> None:
    assert set(BirthPlace.parse(code.lower()).readings) == readings


def test_parts_of_a_place() -> None:
    assert (BirthPlace("97411").department, BirthPlace("2A004").department) == ("974", "2A")
    assert (BirthPlace("99126").country, BirthPlace("63220").country) == ("126", None)
    assert "63220" not in repr(BirthPlace("63220"))
    for text in ("", "6322", "2C020", "632200", "6A220", "٦٣٢٢٠"):
        with pytest.raises(IdentifierError):
            BirthPlace.parse(text)


@pytest.mark.parametrize(
    ("value", "oid", "fits", "is_test"),
    [
        ("275126322074974", InsOid.NIR, True, False),
        ("275126322074974", InsOid.NIA, False, False),
        ("353139992573658", InsOid.NIA, True, False),
        ("353139992573658", InsOid.NIR, False, False),
        ("279035121518989", InsOid.TEST, True, True),
        ("275126322074974", InsOid.DEMO, True, True),
        ("142196296516596", InsOid.NIR, True, True),
    ],
)
def test_matricules(value: str, oid: InsOid, fits: bool, is_test: bool) -> None:
    matricule = Matricule.parse(value, oid.value)
    assert (matricule.oid, matricule.oid_fits, matricule.is_test) == (oid, fits, is_test)
    assert (str(matricule), value in repr(matricule)) == (value, False)
    assert matricule.require(Environment.TEST) is matricule
    if is_test:
        with pytest.raises(LeakedTestIdentity) as caught:
            matricule.require(Environment.PRODUCTION)
        assert value not in str(caught.value)
    else:
        assert matricule.require(Environment.PRODUCTION) is matricule


@pytest.mark.parametrize("oid", ["", "1.2.250.1.213.1.4.12", "1.2.250.1.213.1.4.80", "NIR"])
def test_no_other_oid(oid: str) -> None:
    with pytest.raises(IdentifierError):
        Matricule.parse("275126322074974", oid)


@pytest.mark.parametrize("row", rows("numbers.tsv"), ids=lambda row: f"{row['kind']} {row['text']}")
def test_numbers_of_structures(row: dict[str, str]) -> None:
    parse = PARSERS[row["kind"]].parse
    if row["verdict"] == "error":
        with pytest.raises(IdentifierError):
            parse(row["text"])
        return
    number = parse(row["text"])
    assert str(number) == row["text"]
    if isinstance(number, Finess):
        assert number.has_valid_key == (row["verdict"] == "right")


def test_structures_by_their_national_identifier() -> None:
    by_siret = StructIdNat.parse("318751275100020")
    assert (str(by_siret.siret), str(by_siret.siren)) == ("18751275100020", "187512751")
    assert by_siret.finess is None
    assert str(StructIdNat.parse("10B0309829").finess) == "0B0309829"
    assert str(StructIdNat.parse("2187512751").siren) == "187512751"
    assert StructIdNat.parse("0123456789").siret is None
    with pytest.raises(IdentifierError):
        _ = StructIdNat.parse("318751275100021").siret


@pytest.mark.parametrize("text", ["", "12345678", "1234567890", "12345678é"])
def test_no_billing_number(text: str) -> None:
    with pytest.raises(IdentifierError):
        AmBillingId.parse(text)
