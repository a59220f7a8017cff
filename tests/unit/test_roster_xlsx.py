"""Workbooks written by openpyxl, which knows nothing of the code that reads them."""

import datetime
import zipfile
from pathlib import Path

import pytest
from tests.support.rosters import HEADER, person, rpps

from cardio.errors import ConfigurationError
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Cause
from cardio.study.roster.reading import read_roster
from cardio.study.roster.xlsx_source import XlsxSource

openpyxl = pytest.importorskip("openpyxl")


def workbook(path: Path, *rows: list[object], title: str = "Personnel") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_numbers_that_a_spreadsheet_made_of_them(tmp_path: Path) -> None:
    row: list[object] = [*person()]
    row[3], row[5], row[6] = 99790000014, 99999997, 91.0
    (one,) = read_roster(workbook(tmp_path / "x.xlsx", [*HEADER], row))
    assert (str(one.rpps), str(one.finess), one.fund) == ("99790000014", "099999997", "91")
    assert {mistake.cause for mistake in one.mistakes} == {Cause.ZEROS_RESTORED, Cause.SHORT_CODE}


def test_days_are_read_with_and_without_a_format(tmp_path: Path) -> None:
    header: list[object] = ["Nom", "Prénom", "Profession", "Date d'entrée", "Date de sortie"]
    row: list[object] = ["A", "B", "Secrétaire", datetime.date(2025, 2, 1), 45838]
    (one,) = read_roster(workbook(tmp_path / "x.xlsx", header, row))
    assert (one.start_date, one.end_date) == (datetime.date(2025, 2, 1), datetime.date(2025, 6, 30))


def test_the_lines_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B2"] = "Liste du personnel"
    for column, name in enumerate(HEADER, start=2):
        sheet.cell(5, column, name)
        sheet.cell(9, column, person()[column - 2])
    book.save(tmp_path / "x.xlsx")
    roster = read_roster(tmp_path / "x.xlsx")
    (one,) = roster
    assert (one.line, one.name, one.profession) == (9, "ESSAI-TEST", "10")
    assert [(mistake.line, mistake.cause) for mistake in roster.mistakes] == [
        (2, Cause.ABOVE_HEADER)
    ]


def test_the_roster_is_found_among_sheets_and_the_others_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Lisez-moi"
    book.active.append(["Nom du fichier", "Auteur"])
    for title, name in (("Équipe", "ESSAI-TEST"), ("Anciens", "AUTRE-TEST")):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append(person(name=name))
    book.create_sheet("Caché").sheet_state = "hidden"
    book.save(tmp_path / "x.xlsx")
    roster = read_roster(tmp_path / "x.xlsx")
    assert [one.name for one in roster] == ["ESSAI-TEST"]
    others = [one.column for one in roster.mistakes if one.cause is Cause.OTHER_SHEET]
    assert others == ["Lisez-moi", "Anciens"]
    assert [one.name for one in read_roster(tmp_path / "x.xlsx", sheet="Anciens")] == ["AUTRE-TEST"]
    with pytest.raises(ConfigurationError, match="Lisez-moi, Équipe, Anciens"):
        read_roster(tmp_path / "x.xlsx", sheet="Caché")


def test_a_formula_without_a_result_is_told(tmp_path: Path) -> None:
    row: list[object] = [*person()]
    row[3], row[1] = '="997"&"90000014"', "=UPPER(A1)"
    (one,) = read_roster(workbook(tmp_path / "x.xlsx", [*HEADER], row))
    assert {(mistake.cause, mistake.field) for mistake in one.mistakes} >= {
        (Cause.FORMULA, Field.RPPS),
        (Cause.FORMULA, Field.FAMILY_NAME),
    }
    assert one.given_name == "Zoé"


def test_rich_text_shared_strings_and_kinds_of_cells(tmp_path: Path) -> None:
    """The parts as Excel writes them: strings in a part of their own, results beside formulas."""
    path = tmp_path / "x.xlsx"
    strings = ["<si><t>Nom</t></si>", "<si><t>Prénom</t></si>", "<si><t>N° RPPS</t></si>"]
    strings.append(
        "<si><r><t xml:space='preserve'>LE </t></r><r><t>GALL</t></r>"
        "<rPh sb='0' eb='1'><t>read aloud</t></rPh></si>"
    )
    cells = (
        "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c>"
        "<c r='D1' t='s'><v>2</v></c></row>"
        "<row r='4'><c r='A4' t='s'><v>3</v></c><c r='B4' t='str'><f>A4</f><v>Yann</v></c>"
        "<c r='D4'><v>9.9790000014E10</v></c><c r='E4' t='b'><v>1</v></c></row>"
        "<row><c t='inlineStr'><is><t>Next</t></is></c><c t='e'><v>#REF!</v></c></row>"
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.xml", _BOOK)
        package.writestr("xl/_rels/workbook.xml.rels", _RELATIONS)
        package.writestr("xl/sharedStrings.xml", f"<sst>{''.join(strings)}</sst>")
        package.writestr(
            "xl/worksheets/s.xml",
            f"<x:worksheet xmlns:x='u'><sheetData>{cells}</sheetData></x:worksheet>",
        )
    one, two = read_roster(path)
    assert (one.line, one.name, one.given_name, str(one.rpps)) == (
        4,
        "LE GALL",
        "Yann",
        "99790000014",
    )
    assert Cause.TOO_MANY_CELLS in {mistake.cause for mistake in one.mistakes}
    assert (two.line, two.name) == (5, "Next")
    assert Cause.SPREADSHEET_ERROR in {mistake.cause for mistake in two.mistakes}


_BOOK = (
    "<workbook xmlns:r='http://relations'><sheets>"
    "<sheet name='Un' sheetId='1' r:id='rId1'/></sheets></workbook>"
)
_RELATIONS = (
    "<Relationships><Relationship Id='rId1' Target='/xl/worksheets/s.xml'/></Relationships>"
)


def test_every_cell_is_read_as_openpyxl_reads_it(tmp_path: Path) -> None:
    rows = [
        [f"é{n}", n, n / 8, None, n % 2 == 0, f" {n}\n&<>", rpps(n), -n, 10**n] for n in range(15)
    ]
    path = workbook(tmp_path / "x.xlsx", *rows)
    (source,) = XlsxSource.open_all(path)
    theirs = openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True)
    assert [row.cells for row in source.rows()] == [
        tuple(as_text(value) for value in row) for row in theirs
    ]


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='1'>"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><row r='one'/></worksheet>"),
        ("xl/worksheets/sheet1.xml", b"<w><row><c t='s'><v>99</v></c></row></w>"),
        ("xl/worksheets/sheet1.xml", b"<!DOCTYPE x [<!ENTITY a 'aa'>]><w><row/></w>"),
        ("xl/workbook.xml", b"<workbook><sheet/></workbook>"),
        ("xl/_rels/workbook.xml.rels", b"<Relationships><Relationship/></Relationships>"),
    ],
)
def test_a_damaged_workbook_is_refused(tmp_path: Path, part: str, content: bytes) -> None:
    good = workbook(tmp_path / "good.xlsx", [*HEADER], [*person()])
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    with pytest.raises(ConfigurationError, match="damaged"):
        list(read_roster(bad))


def test_a_cut_workbook_and_another_package_are_refused(tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx", [*HEADER], [*person()]).read_bytes()
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(good[: len(good) // 2])
    with pytest.raises(ConfigurationError):
        list(read_roster(cut))
    with zipfile.ZipFile(tmp_path / "x.ods", "w") as package:
        package.writestr("content.xml", "<office/>")
    with pytest.raises(ConfigurationError, match="no Excel workbook"):
        read_roster(tmp_path / "x.ods")


def test_a_workbook_that_unpacks_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("xl/workbook.xml", _BOOK)
        with package.open("xl/worksheets/s.xml", "w", force_zip64=True) as part:
            for _ in range(520):
                part.write(b"0" * (1 << 20))
    with pytest.raises(ConfigurationError, match="512 MiB"):
        read_roster(path)
