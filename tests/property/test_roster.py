"""Whatever a roster holds: nobody dropped, nobody named, no crash."""

import csv
import io
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.rosters import HEADER, rpps, write_csv

from cardio.errors import ConfigurationError
from cardio.locale import LANGUAGES, Translator
from cardio.study.roster import wording
from cardio.study.roster.mistakes import Cause
from cardio.study.roster.preview import preview
from cardio.study.roster.reading import read_roster

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12)
MARKED = TEXT.map(lambda text: f"Zq{text}qZ")
ROWS = st.lists(st.lists(TEXT, min_size=9, max_size=9), max_size=8)
_FOLDER = tempfile.TemporaryDirectory(prefix="cardio-roster-", ignore_cleanup_errors=True)
FOLDER = Path(_FOLDER.name)


@given(ROWS, st.sampled_from([";", ",", "\t", "|"]), st.sampled_from(["utf-8", "utf-16"]))
def test_every_row_is_a_person_or_counted(
    rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    path = write_csv(FOLDER / "a.csv", [HEADER, *rows], delimiter=delimiter, encoding=encoding)
    roster = read_roster(path)
    people = list(roster)
    skipped = roster.skipped.blank + roster.skipped.repeated_header
    assert len(people) + skipped == len(rows)
    assert all(mistake.line == one.line for one in people for mistake in one.mistakes)


@given(st.lists(st.lists(MARKED, min_size=9, max_size=9), min_size=1, max_size=4))
def test_no_cell_is_in_what_is_said(rows: list[list[str]]) -> None:
    path = write_csv(FOLDER / "b.csv", [HEADER, *rows])
    roster = read_roster(path)
    for one in roster:
        assert "Zq" not in repr(one.mistakes)
        assert "Zq" not in repr(replace(one, fund=None))
        for language in LANGUAGES:
            text = Translator(language)
            for mistake in one.mistakes:
                said = wording.told(mistake, text) + wording.advice(mistake, text)
                assert "Zq" not in said
    names = [row[place] for row in preview(path).rows for place in (1, 2, 3, 4, 8)]
    assert not [cell for cell in names if "Zq" in cell]


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    path = FOLDER / "c.csv"
    for start in (b"", ";".join(HEADER).encode() + b"\n"):
        path.write_bytes(start + content)
        with suppress(ConfigurationError):
            assert all(one.line > 0 for one in read_roster(path))


@given(st.lists(st.text(st.sampled_from('a;"\n é'), max_size=8), min_size=1, max_size=12))
def test_quotes_never_lose_what_a_file_holds(cells: list[str]) -> None:
    """Text is cut otherwise than it was meant where quotes are broken, but all of it is there."""
    path = FOLDER / "d.csv"
    path.write_text("Nom;Prénom\n" + "\n".join(cells), encoding="utf-8", newline="")
    source = read_roster(path).layout.source
    found = "".join("".join(row.cells) for row in source.rows())
    letters = [one for one in found if one in "aé"]
    assert letters == [one for one in "Nom;Prénom" + "".join(cells) if one in "aé"]


@given(st.lists(st.integers(0, 10**7 - 1), unique=True, min_size=1, max_size=20), st.data())
def test_right_numbers_come_back_and_wrong_keys_are_told(
    numbers: list[int], data: st.DataObject
) -> None:
    wrong = data.draw(st.sets(st.sampled_from(range(len(numbers)))))
    texts = [rpps(number) for number in numbers]
    shown = [
        text[:-1] + str((int(text[-1]) + 1) % 10) if place in wrong else text
        for place, text in enumerate(texts)
    ]
    rows = [["Nom", "RPPS"], *([f"N{place}", text] for place, text in enumerate(shown))]
    people = list(read_roster(write_csv(FOLDER / "e.csv", rows)))
    assert [str(one.rpps) for one in people if one.rpps] == [
        text for place, text in enumerate(texts) if place not in wrong
    ]
    told = {
        one.line for one in people for mistake in one.mistakes if mistake.cause is Cause.WRONG_KEY
    }
    assert told == {place + 2 for place in wrong}


def test_csv_as_the_standard_writer_writes_it_is_read_as_its_reader_reads_it() -> None:
    rows = [["a", 'b"', "c;d"], ["e\nf", "", '"'], ["g", "h", "i"]] * 10
    path = write_csv(FOLDER / "f.csv", [["Nom", "Prénom", "RPPS"], *rows])
    text = path.read_text(encoding="utf-8")
    theirs = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    source = read_roster(path).layout.source
    assert [list(row.cells) for row in source.rows()] == theirs
