"""A roster line by line: what is read, what is told, and nothing dropped."""

import codecs
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.support.rosters import CENTRE, HEADER, SIMPLE, expected, person, rpps, write_csv

from cardio.catalogue.subject import STAFF
from cardio.catalogue.values import Confidence
from cardio.errors import ConfigurationError
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Cause, Mistake, Severity
from cardio.study.roster.people import Person
from cardio.study.roster.preview import masked, preview
from cardio.study.roster.reading import Roster, read_roster
from cardio.study.roster.rules import DOCTOR_ENTRY, NURSE_ENTRY, ONE_REFERENT

SECRETS = ("ESSAI-TEST", "Zoé", "99790000014", "0B1000011")


def told(mistakes: tuple[Mistake, ...] | list[Mistake]) -> set[tuple[object, ...]]:
    return {(one.line, one.cause, one.field, one.other_line) for one in mistakes}


def causes(one: Person) -> set[tuple[Cause, Field | None]]:
    return {(mistake.cause, mistake.field) for mistake in one.mistakes}


def only(tmp_path: Path, **cells: str) -> Person:
    (one,) = read_roster(write_csv(tmp_path / "one.csv", [HEADER, person(**cells)]))
    return one


def without_lines(people: Roster | list[Person]) -> list[Person]:
    """People as they compare between two formats."""
    return [replace(one, line=0, mistakes=(), unread={}) for one in people]


def test_every_mistake_of_the_centre_is_told_with_its_line() -> None:
    roster = read_roster(CENTRE)
    found = [*roster.mistakes, *(mistake for one in roster for mistake in one.mistakes)]
    assert told(found) == expected()
    assert len(found) == len(expected())


def test_a_line_with_mistakes_is_kept_with_what_is_right() -> None:
    people = {one.line: one for one in read_roster(CENTRE)}
    assert sorted(people) == [*range(4, 15), 16, 17]
    assert people[8].rpps is None
    assert people[8].unread == {Field.RPPS: "9,97901E+10"}
    assert (str(people[8].adeli), people[8].profession) == ("0B7000050", "70")
    assert people[9].given_name == "Marie;Ange"
    assert str(people[12].rpps) == "99790000089"
    assert people[13].profession == STAFF
    assert people[14].unread == {Field.PROFESSION: "Plombier"}
    assert people[16].name == "COURT-TEST"
    assert (people[17].name, people[17].profession) == ("OUVERT-TEST", "60")


def test_blank_and_repeated_rows_are_counted(tmp_path: Path) -> None:
    rows = [HEADER, person(), [""] * 9, HEADER, person(rpps=rpps(2), name="AUTRE-TEST")]
    roster = read_roster(write_csv(tmp_path / "twice.csv", rows))
    for _ in range(2):
        assert len(list(roster)) == 2
        assert (roster.skipped.blank, roster.skipped.repeated_header) == (1, 1)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850"]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encodings_and_separators_change_nothing(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [HEADER, *(person(name=name, rpps=rpps(n)) for n, name in enumerate(NAMES))]
    if encoding == "cp850":
        rows = [[cell.replace("Œ", "OE").replace("’", "'") for cell in row] for row in rows]
    path = write_csv(tmp_path / "x.csv", rows, encoding=encoding, delimiter=delimiter)
    assert [one.name for one in read_roster(path)] == [row[1] for row in rows[1:]]


NAMES = ("D’ESSAI, Noël-Test", "ŒUVRE; Éà-Test", 'GUIL"LEMET-Ç-Test', "Ünï|ôTest", "Ît-Test")


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("mac_roman", "FRANÇOISE-ÉLÉONORE"), ("latin-1", "HÉLÈNE"), ("cp1252", "CŒUR €")],
)
def test_the_letters_tell_the_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    path = write_csv(tmp_path / "x.csv", [HEADER, person(name=name)], encoding=encoding)
    assert [one.name for one in read_roster(path)] == [name]


def test_bytes_without_meaning_in_windows_1252_make_it_latin_1(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [HEADER, person(name="HÉ\x81")], encoding="latin-1")
    assert read_roster(path).layout.source.form.encoding == "latin-1"


def test_one_line_of_another_encoding_is_mended_and_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [HEADER, person(name="Éà"), person(name="Öü")])
    whole = path.read_bytes() + ";".join(person(rpps=rpps(3), name="CÔTÉ")).encode("cp1252")
    path.write_bytes(whole)
    *right, mended = read_roster(path)
    assert (mended.name, mended.given_name) == ("CÔTÉ", "Zoé")
    assert (Cause.OTHER_ENCODING, None) in causes(mended)
    assert not any((Cause.OTHER_ENCODING, None) in causes(one) for one in right)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    path = write_csv(tmp_path / "x.csv", [HEADER, person(), person(rpps=rpps(4))], end=end)
    assert [one.line for one in read_roster(path)] == [2, 3]


def test_the_separator_that_excel_was_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [["sep=|"], HEADER, person()], delimiter="|")
    assert [one.line for one in read_roster(path)] == [3]


def test_a_quoted_cell_may_run_over_lines_and_a_stray_quote_eats_none(tmp_path: Path) -> None:
    rows = [HEADER, person(name="LE\nGALL"), person(name='2" tuyau', rpps=rpps(5))]
    path = write_csv(tmp_path / "x.csv", rows)
    stray = ";".join(person(name='"STRAY', rpps=rpps(6)))
    more = [";".join(person(name=f"AUTRE {n}", rpps=rpps(n))) for n in range(7, 40)]
    path.write_bytes(path.read_bytes() + "\n".join([stray, *more]).encode())
    people = list(read_roster(path))
    assert [one.name for one in people[:3]] == ["LE GALL", '2" tuyau', "STRAY"]
    assert [one.line for one in people] == [2, 4, *range(5, 39)]
    assert {one.line for one in people if (Cause.OPEN_QUOTE, None) in causes(one)} == {5}


@pytest.mark.parametrize(
    ("cells", "cause", "field"),
    [
        ({"rpps": "9979000001"}, Cause.WRONG_LENGTH, Field.RPPS),
        ({"rpps": "99790000O14"}, Cause.WRONG_FORM, Field.RPPS),
        ({"rpps": "99790000015"}, Cause.WRONG_KEY, Field.RPPS),
        ({"rpps": "9.979E10"}, Cause.DIGITS_LOST, Field.RPPS),
        ({"rpps": "#N/A"}, Cause.SPREADSHEET_ERROR, Field.RPPS),
        ({"name": "=CONCAT(A1;B1)"}, Cause.FORMULA, Field.FAMILY_NAME),
        ({"adeli": "1234"}, Cause.WRONG_LENGTH, Field.ADELI),
        ({"finess": "0C9999999"}, Cause.WRONG_FORM, Field.FINESS),
        ({"finess": "099999990"}, Cause.DOUBTFUL_KEY, Field.FINESS),
        ({"civility": "Docteur"}, Cause.TITLE, Field.CIVILITY),
        ({"civility": "Citoyen"}, Cause.UNKNOWN_CIVILITY, Field.CIVILITY),
        ({"name": "PrÃ©vert"}, Cause.GARBLED, Field.FAMILY_NAME),
        ({"name": "DUPONT2"}, Cause.DIGITS_IN_NAME, Field.FAMILY_NAME),
        ({"profession": "interne en médecine"}, Cause.IN_TRAINING, Field.PROFESSION),
        ({"rpps": "en cours"}, Cause.NOT_GIVEN, Field.RPPS),
    ],
)
def test_what_a_cell_can_be_wrong_in(
    tmp_path: Path, cells: dict[str, str], cause: Cause, field: Field
) -> None:
    one = only(tmp_path, **cells)
    assert (cause, field) in causes(one)
    assert one.finess is not None or field is Field.FINESS
    assert one.given_name == "Zoé"


@pytest.mark.parametrize(
    "text",
    [
        "997 9000 0014",
        "'99790000014",
        '="99790000014"',
        "99790000014.0",
        "99790000014,00",
        "9,9790000014E+10",
        "99.790.000.014",
        "99790000014\u00a0",
        "899790000014",
    ],
)
def test_an_rpps_number_that_can_be_recovered_is(tmp_path: Path, text: str) -> None:
    one = only(tmp_path, rpps=text)
    assert str(one.rpps) == "99790000014"
    assert not one.errors


def test_numbers_in_each_others_columns_are_taken_for_what_they_are(tmp_path: Path) -> None:
    one = only(tmp_path, rpps="0B1000011", adeli="")
    assert (one.rpps, str(one.adeli)) == (None, "0B1000011")
    assert (Cause.WRONG_COLUMN, Field.RPPS) in causes(one)
    other = only(tmp_path, rpps="", adeli="99790000014")
    assert (str(other.rpps), other.adeli) == ("99790000014", None)


def test_what_a_doctor_a_nurse_and_others_need(tmp_path: Path) -> None:
    doctor = only(tmp_path, rpps="", adeli="", civility="", fund="")
    assert {(one.field, one.severity) for one in doctor.mistakes} == {
        (Field.RPPS, Severity.ERROR),
        (Field.ADELI, Severity.ERROR),
        (Field.CIVILITY, Severity.WARNING),
        (Field.FUND, Severity.WARNING),
    }
    assert {one.rule for one in doctor.mistakes} == {DOCTOR_ENTRY}
    nurse = only(tmp_path, rpps="", adeli="", profession="IDE")
    assert [(one.field, one.severity, one.rule) for one in nurse.mistakes] == [
        (Field.ADELI, Severity.ERROR, NURSE_ENTRY)
    ]
    enrolled = only(tmp_path, adeli="", profession="IDE")
    assert [one.severity for one in enrolled.mistakes] == [Severity.WARNING]
    midwife = only(tmp_path, rpps="", adeli="", profession="sage-femme")
    assert [(one.field, one.severity) for one in midwife.mistakes] == [
        (Field.NUMBER, Severity.ERROR)
    ]
    assert not only(tmp_path, rpps="", adeli="", profession="Secrétaire").mistakes


def test_rules_of_2020_say_so() -> None:
    assert DOCTOR_ENTRY.date is not None
    assert DOCTOR_ENTRY.date.is_old(date(2026, 11, 22))
    assert ONE_REFERENT.confidence is Confidence.INFERRED


def test_the_same_person_twice(tmp_path: Path) -> None:
    rows = [
        HEADER,
        person(),
        person(finess="0B0309829"),
        person(name="autre-test"),
        person(given="ZOE", rpps="", adeli=""),
        person(rpps=rpps(8), adeli=""),
        person(rpps=rpps(9), name="NIEMAND-TEST"),
    ]
    people = list(read_roster(write_csv(tmp_path / "x.csv", rows)))
    clashes = {
        (mistake.line, mistake.cause, mistake.other_line)
        for one in people
        for mistake in one.mistakes
        if mistake.other_line
    }
    assert clashes == {
        (3, Cause.OTHER_SITE, 2),
        (4, Cause.NUMBER_OF_ANOTHER, 2),
        (5, Cause.SAME_NAME, 2),
        (7, Cause.NUMBER_OF_ANOTHER, 2),
    }


def test_one_referent_a_centre(tmp_path: Path) -> None:
    role = "infirmière référente BSI"
    rows = [
        HEADER,
        person(role=role),
        person(role=role, rpps=rpps(8), adeli="0B1000012", finess="0B0309829"),
        person(role=role.upper(), rpps=rpps(9), adeli="0B1000013"),
        person(role="BSI", rpps=rpps(10), adeli="0B1000014"),
    ]
    people = list(read_roster(write_csv(tmp_path / "x.csv", rows)))
    second = [one for one in people if (Cause.SECOND_REFERENT, Field.ROLE) in causes(one)]
    assert [one.line for one in second] == [4]
    assert [m.rule for m in second[0].mistakes if m.other_line == 2] == [ONE_REFERENT]


def test_whole_names_are_taken_apart(tmp_path: Path) -> None:
    names = {
        "Dr LE GALL Yann": ("LE GALL", "Yann"),
        "Marie-Ève DUPONT": ("DUPONT", "Marie-Ève"),
        "Dupont, Marie Ève": ("Dupont", "Marie Ève"),
        "Mme DUPONT MARIE": ("DUPONT", "MARIE"),
        "Jean de la Tour": (None, None),
    }
    rows = [["Nom et prénom", "RPPS", "Profession"], *([name, "", "IDE"] for name in names)]
    people = list(read_roster(write_csv(tmp_path / "x.csv", rows)))
    assert [(one.family_name, one.given_name) for one in people] == list(names.values())
    assert people[3].civility == "22"
    assert causes(people[4]) >= {(Cause.NAME_ORDER, Field.FULL_NAME)}
    assert (Cause.MISSING, Field.FAMILY_NAME) not in causes(people[4])


def test_dates_and_addresses(tmp_path: Path) -> None:
    header = ["Nom", "Prénom", "Date d'entrée", "Date de départ", "Courriel", "Téléphone portable"]
    rows = [
        header,
        ["A", "B", "01/02/2025", "2025-06-30", "a@essai.example", "601020304"],
        ["C", "D", "45689", "31/13/2025", "nobody", "12"],
        ["E", "F", "01/02/25", "01/01/2025", "", "+33 6 01 02 03 04"],
    ]
    one, two, three = read_roster(write_csv(tmp_path / "x.csv", rows))
    assert (one.start_date, one.end_date) == (date(2025, 2, 1), date(2025, 6, 30))
    assert (one.email, one.phone) == ("a@essai.example", "0601020304")
    assert one.is_here(date(2025, 6, 30))
    assert not one.is_here(date(2025, 7, 1))
    assert two.start_date == date(2025, 2, 1)
    wrong = {Field.END_DATE, Field.EMAIL, Field.PHONE}
    assert {(Cause.WRONG_FORM, field) for field in wrong} <= causes(two)
    assert (Cause.ENDS_BEFORE_START, Field.END_DATE) in causes(three)


def test_a_default_counts_where_a_cell_is_empty() -> None:
    defaults = {Field.FUND: "091", Field.FINESS: "0B0309829"}
    roster = read_roster(SIMPLE, defaults=defaults)
    assert {(str(one.finess), one.fund) for one in roster} == {("099999997", "091")}
    assert Field.FUND in roster.fields
    assert Field.ROLE not in roster.fields


def test_nobody_is_named_by_a_repr_a_mistake_or_a_preview(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [HEADER, person(), person(rpps="99790000015")])
    said = repr([*read_roster(path)]) + repr(preview(path))
    assert not [secret for secret in SECRETS if secret in said]
    assert preview(path, with_identity=True).rows[0][1] == "ESSAI-TEST"


def test_the_preview_shows_columns_and_forms() -> None:
    shown = preview(CENTRE)
    assert (shown.form.encoding, shown.form.delimiter, shown.header_line) == ("utf-8", ";", 3)
    assert [column.field for column in shown.columns][-2:] == [Field.ROLE, None]
    assert shown.rows[0][1:5] == ("AAAAAAA-AAAA", "Aaa", "99999999999", "9A9999999")
    assert shown.rows[0][7] == "Médecin généraliste"
    assert masked("Ÿéß1-Œ") == "Aaa9-A"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no names of columns"),
        (b"\xd0\xcf\x11\xe0rest", "old or locked"),
        (b"DUPONT;Jean\nSECRET;Anne\n", "no names of columns"),
        (b"Nom;Pr\x00nom\n", "no text"),
        (b"Nom;RPPS\n" + b"x" * 70_000, "no text"),
        (b"%PDF-1.7\n\x00", "no text"),
    ],
)
def test_what_is_no_roster_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=reason) as refused:
        list(read_roster(path))
    assert "SECRET" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_roster(tmp_path / "nowhere.csv")


def test_utf16_without_a_mark_is_told_by_its_zeros(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [HEADER, person()], encoding="utf-16-be")
    assert not path.read_bytes().startswith(codecs.BOM_UTF16_BE)
    assert read_roster(path).layout.source.form.encoding == "utf-16-be"


def test_the_same_list_in_another_encoding_gives_the_same_people(tmp_path: Path) -> None:
    text = CENTRE.read_text(encoding="utf-8")
    other = tmp_path / "centre.txt"
    other.write_bytes(text.encode("cp1252"))
    assert without_lines(read_roster(other)) == without_lines(read_roster(CENTRE))
