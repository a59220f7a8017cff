import pytest

from cardio.cards.cps.serial import ChipSerial
from cardio.errors import IdentifierError, RecordError
from cardio.identity.adeli import Adeli
from cardio.identity.nomenclature import Table
from cardio.identity.ps_idnat import PsIdNat, StructIdNat
from cardio.identity.rpps import Rpps


@pytest.mark.parametrize("number", ["99700218896", "99700075122", "99700245667", "99700982178"])
def test_rpps(number: str) -> None:
    """certificates_identifiers_services.md §2, checked there."""
    rpps = Rpps.parse(number)
    assert (str(rpps), rpps.is_test) == (number, True)
    assert number not in repr(rpps)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("9970021889", 10),
        ("997002188966", 11),
        ("899700218896", 11),
        ("99700218895", 10),
        ("9970021889X", 11),
        ("٩٩٧٠٠٢١٨٨٩٦", 11),
    ],
)
def test_no_rpps(text: str, offset: int) -> None:
    with pytest.raises(IdentifierError) as caught:
        Rpps.parse(text)
    assert caught.value.offset == offset
    assert not text or text not in str(caught.value)


def test_adeli_is_not_always_digits() -> None:
    assert str(Adeli.parse("0B6087510")) == "0B6087510"
    for text in ("", "12345678", "1234567890", "12345678é"):
        with pytest.raises(IdentifierError):
            Adeli.parse(text)


@pytest.mark.parametrize(
    ("text", "kind", "identifier"),
    [
        ("899700982178", "N° RPPS", "99700982178"),
        ("00B6087510", "N° ADELI", "0B6087510"),
        ("30B0309829/CPET00001", "FINESS/N° de registre", "0B0309829/CPET00001"),
        ("9123", "N° Etudiant", "123"),
        ("7XYZ", None, "XYZ"),
    ],
)
def test_ps_idnat(text: str, kind: str | None, identifier: str) -> None:
    parsed = PsIdNat.parse(text)
    assert (str(parsed), parsed.type.label, parsed.identifier) == (text, kind, identifier)
    assert identifier not in repr(parsed)


def test_ps_idnat_of_a_professional_and_of_staff() -> None:
    doctor, staff = PsIdNat.parse("899700982178"), PsIdNat.parse("30B0309829/CPET00001")
    assert (str(doctor.rpps), doctor.adeli, doctor.structure) == ("99700982178", None, None)
    assert (staff.rpps, staff.structure, staff.register_number) == (None, "0B0309829", "CPET00001")
    assert str(PsIdNat.parse("00B6087510").adeli) == "0B6087510"


def test_a_wrong_key_is_told_when_the_number_is_asked_for() -> None:
    with pytest.raises(IdentifierError):
        _ = PsIdNat.parse("899700982179").rpps


@pytest.mark.parametrize("text", ["", "8", "X123", "٨123", "8 12", "812\n"])
def test_no_ps_idnat(text: str) -> None:
    with pytest.raises(IdentifierError):
        PsIdNat.parse(text)


def test_principal_names() -> None:
    assert str(PsIdNat.parse_upn("0.0B1058110@carte-cps.fr")) == "00B1058110"
    for text in ("0.0B1058110", "0.0B1058110@example.org", "00B1058110@carte-cps.fr", ""):
        with pytest.raises(IdentifierError):
            PsIdNat.parse_upn(text)


def test_struct_idnat() -> None:
    structure = StructIdNat.parse("10B0309829")
    assert (structure.type.label, structure.identifier) == ("FINESS", "0B0309829")
    assert str(structure) == "10B0309829"


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (Table.CARD_CATEGORY, 6),
        (Table.CARD_TYPE, 4),
        (Table.CIVILITY, 3),
        (Table.PHARMACIST_TABLE, 17),
        (Table.STRUCTURE_ID_TYPE, 5),
        (Table.PERSON_ID_TYPE, 10),
        (Table.ADELI_SPECIALITY, 0),
        (Table.PROFESSION, 29),
        (Table.FUTURE_PROFESSION, 4),
        (Table.PRACTICE_MODE, 4),
        (Table.SPECIALITY, 244),
        (Table.SECTOR, 63),
    ],
)
def test_every_table_is_whole(table: Table, codes: int) -> None:
    assert len(table.labels) == codes


def test_labels() -> None:
    assert str(Table.PROFESSION.number(60)) == "Infirmier"
    assert str(Table.SECTOR.code("SA05")) == "Centre de santé"
    assert (Table.CARD_TYPE.number(4).label, str(Table.CARD_TYPE.number(4))) == (None, "04")


def test_chip_serial() -> None:
    serial = ChipSerial.decode(bytes.fromhex("5A 0A 80 25 00 00 01 12 34 56 78 9F"))
    assert (serial.issuer, serial.number, str(serial)) == ("8025000001", "12345678", "12345678")
    assert "12345678" not in repr(serial)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "5A 0A 80 25 00 00 01 12 34 56 78",
        "5A 0A 80 25 00 00 01 12 34 56 78 9F 00",
        "5B 0A 80 25 00 00 01 12 34 56 78 9F",
        "5A 0A 80 25 00 00 02 12 34 56 78 9F",
        "5A 0A 80 25 00 00 01 12 34 56 78 8F",
        "5A 0A 80 25 00 00 01 12 34 56 78 9E",
        "5A 0A 80 25 00 00 01 12 34 5A 78 9F",
    ],
)
def test_no_chip_serial(raw: str) -> None:
    with pytest.raises(RecordError):
        ChipSerial.decode(bytes.fromhex(raw))
