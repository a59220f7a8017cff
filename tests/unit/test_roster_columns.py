"""Names of columns as people write them, and what the user says instead."""

from pathlib import Path

import pytest
from tests.support.rosters import HEADER, person, write_csv

from cardio.errors import ConfigurationError
from cardio.study.roster.columns import Why, map_columns, parse_mapping
from cardio.study.roster.fields import Field
from cardio.study.roster.known import civility, profession
from cardio.study.roster.mistakes import Cause
from cardio.study.roster.reading import read_roster


def fields(*headers: str) -> list[Field | None]:
    return [column.field for column in map_columns(headers)]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("CIVILITE", Field.CIVILITY),
        ("M./Mme", Field.CIVILITY),
        ("nom de famille", Field.FAMILY_NAME),
        ("Last name", Field.FAMILY_NAME),
        ("Prénom(s)", Field.GIVEN_NAME),
        ("PRENOMS", Field.GIVEN_NAME),
        ("First Name", Field.GIVEN_NAME),
        ("Nom et prénom du salarié", Field.FULL_NAME),
        ("N° RPPS", Field.RPPS),
        ("Numéro RPPS (11 chiffres)", Field.RPPS),
        ("PS_IdNat", Field.RPPS),
        ("n°ADELI", Field.ADELI),
        ("N° RPPS/ADELI", Field.NUMBER),
        ("FINESS géographique", Field.FINESS),
        ("FINESS-ET", Field.FINESS),
        ("N° FINESS juridique", None),
        ("Caisse de\nrattachement", Field.FUND),
        ("Nom de la caisse", Field.FUND),
        ("CPAM", Field.FUND),
        ("Métier", Field.PROFESSION),
        ("Job title", Field.PROFESSION),
        ("Rôle", Field.ROLE),
        ("Nom de l'établissement", Field.STRUCTURE),
        ("Adresse e-mail", Field.EMAIL),
        ("Tél. portable", Field.PHONE),
        ("Date d'embauche", Field.START_DATE),
        ("Date de fin", Field.END_DATE),
        ("Date de naissance", None),
        ("NIR", None),
        ("", None),
    ],
)
def test_names_of_columns(header: str, field: Field | None) -> None:
    assert fields(header) == [field]


def test_a_name_of_two_meanings_gives_way() -> None:
    assert fields("Fonction", "Profession") == [Field.ROLE, Field.PROFESSION]
    assert fields("Nom de naissance", "Nom") == [Field.BIRTH_NAME, Field.FAMILY_NAME]
    assert fields("Title", "Civility", "Last name") == [
        Field.ROLE,
        Field.CIVILITY,
        Field.FAMILY_NAME,
    ]


def test_the_second_of_a_kind_is_told() -> None:
    first, second = map_columns(["RPPS", "RPPS du remplaçant"])
    assert (first.field, second.field) == (Field.RPPS, None)
    assert (second.why, second.taken) == (Why.TAKEN, Field.RPPS)


def test_what_the_user_says_counts_first() -> None:
    mapping = parse_mapping(["Matricule national = rpps", "RPPS=-", "3=Role"])
    columns = map_columns(["matricule NATIONAL", "RPPS", "Observations"], mapping)
    assert [column.field for column in columns] == [Field.RPPS, None, Field.ROLE]
    assert [column.why for column in columns] == [Why.GIVEN, Why.IGNORED, Why.GIVEN]


@pytest.mark.parametrize("text", ["rpps", "=rpps", "Matricule=number", "Matricule="])
def test_a_wrong_mapping_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"must be COLUMN=FIELD|no field"):
        parse_mapping([text])


def test_a_mapping_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"no column 'Matricule'.*Nom, RPPS"):
        map_columns(["Nom", "RPPS"], {"Matricule": Field.RPPS})
    with pytest.raises(ConfigurationError, match="two columns"):
        map_columns(["A", "B"], {"A": Field.RPPS, "B": Field.RPPS})


def test_a_mapping_finds_names_that_no_list_has(tmp_path: Path) -> None:
    rows = [["Titre du document"], ["Wer", "Wie", "Was"], ["ESSAI", "Zoé", "IDE"]]
    path = write_csv(tmp_path / "x.csv", rows)
    mapping = parse_mapping(["Wer=family_name", "Wie=given_name", "Was=profession"])
    (one,) = read_roster(path, mapping)
    assert (one.line, one.name, one.given_name, one.profession) == (3, "ESSAI", "Zoé", "60")


def test_a_file_without_names_is_read_by_numbers(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [person(), person(name="AUTRE")])
    mapping = parse_mapping(["2=family_name", "3=given_name", "4=rpps", "8=profession"])
    people = list(read_roster(path, mapping))
    assert [one.line for one in people] == [1, 2]
    assert (people[0].name, str(people[0].rpps)) == ("ESSAI-TEST", "99790000014")


def test_names_below_a_title_and_cells_beyond_them(tmp_path: Path) -> None:
    rows = [["Liste"], ["au 01/02/2025"], HEADER, [*person(), "trop"]]
    roster = read_roster(write_csv(tmp_path / "x.csv", rows))
    assert [one.cause for one in roster.mistakes] == [Cause.ABOVE_HEADER] * 2
    (one,) = roster
    assert [mistake.cause for mistake in one.mistakes] == [Cause.TOO_MANY_CELLS]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Médecin", "10"),
        ("médecin généraliste, mi-temps", "10"),
        ("Cardiologue", "10"),
        ("10", "10"),
        ("IDE", "60"),
        ("I.D.E.", "60"),
        ("Infirmier(ère)", "60"),
        ("infirmier·ère", "60"),
        ("Infirmier/ère", "60"),
        ("infirmière D.E. coordinatrice", "60"),
        ("Nurse", "60"),
        ("infirmier de secteur psychiatrique", "69"),
        ("Kiné", "70"),
        ("masseuse-kinésithérapeute", "70"),
        ("Chirurgien-Dentiste", "40"),
        ("CHIRURGIEN DENTISTE", "40"),
        ("Chirurgien orthopédiste", "10"),
        ("sage femme", "50"),
        ("Préparatrice en pharmacie hospitalière", "38"),
        ("Préparatrice en pharmacie", "39"),
        ("assistante dentaire", "31"),
        ("Assistante médicale", "staff"),
        ("secrétaire", "staff"),
        ("plombier", None),
        ("cadre infirmier", None),
        ("étudiante en médecine", None),
    ],
)
def test_words_for_professions(text: str, code: str | None) -> None:
    assert profession(text).value == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("M.", "31"), ("Monsieur", "31"), ("MME", "22"), ("Ms.", "22"), ("Mlle", "23"), ("Dr", None)],
)
def test_civilities(text: str, code: str | None) -> None:
    assert civility(text).value == code
