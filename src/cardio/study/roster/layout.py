"""Where the names of columns stand in a file, and which sheet of a workbook is the roster."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.study.roster.columns import Column, map_columns
from cardio.study.roster.csv_source import CsvSource
from cardio.study.roster.fields import Field
from cardio.study.roster.source import Row, Source
from cardio.study.roster.spelling import folded, tidy
from cardio.study.roster.xlsx_source import XlsxSource

_SEARCHED = 30
"""Rows in which the names of columns are looked for: titles and dates may stand above."""

_FEWEST = 2
"""Columns that must be known for a row to be their names."""

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""Start of an OLE file: XLS of before 2007, or a workbook with a password."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A file, understood: what stands above the names of columns, and first below.

    `header` is None for a file without names of columns.
    """

    source: Source
    columns: tuple[Column, ...]
    header: Row | None
    above: tuple[Row, ...]
    sample: tuple[Row, ...]

    @property
    def fields(self) -> dict[Field, int]:
        """Where the cell of each field is (from 0)."""
        return {one.field: one.number - 1 for one in self.columns if one.field}


@dataclass(frozen=True, slots=True)
class _Found:
    """The first rows of a sheet, and the place among them of the likeliest names of columns."""

    source: Source
    first: tuple[Row, ...]
    place: int
    score: int


def understand(
    path: Path, mapping: Mapping[str, Field | None] | None = None, *, sheet: str | None = None
) -> Layout:
    """Raises `ConfigurationError` where no row names at least two columns that are known.

    A mapping by the numbers of columns only is also for a file that starts with its data.
    """
    given = mapping or {}
    found = (_find(source, given) for source in _sources(path, sheet))
    best = max(found, key=lambda one: one.score)
    if best.score >= _FEWEST:
        header = best.first[best.place]
        columns = map_columns(_headers(header), given)
        above, below = best.first[: best.place], best.first[best.place + 1 :]
        return Layout(best.source, columns, header, above, below)
    if given and best.first and all(key.isdecimal() for key in given):
        width = max(len(row.cells) for row in best.first)
        return Layout(best.source, map_columns([""] * width, given), None, (), best.first)
    raise ConfigurationError(
        f"{path}: no names of columns in the first {_SEARCHED} lines; tell them by --map "
        "NAME=FIELD, or by numbers where there are none"
    )


def _sources(path: Path, sheet: str | None) -> list[Source]:
    """By what the file holds, whatever its name. Raises `ConfigurationError`."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_OLD_WORKBOOK))
        if start == _OLD_WORKBOOK:
            raise ConfigurationError(f"{path}: an old or locked workbook; save it as XLSX or CSV")
        if zipfile.is_zipfile(path):
            return [*XlsxSource.open_all(path, sheet)]
        if sheet is not None:
            raise ConfigurationError(f"{path}: a CSV file has no sheets")
        return [CsvSource.open(path)]
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or 'cannot be read'}") from error


def _find(source: Source, given: Mapping[str, Field | None]) -> _Found:
    """The first of the rows that name most columns: by our lists, or by the user's names."""
    first = tuple(row for row in islice(source.rows(), _SEARCHED) if not row.is_blank)
    asked = {folded(name) for name in given}
    scores = [_score(_headers(row), asked) for row in first]
    score = max(scores, default=0)
    return _Found(source, first, scores.index(score) if scores else 0, score)


def _score(headers: list[str], asked: set[str]) -> int:
    return sum(
        column.field is not None or folded(column.header) in asked
        for column in map_columns(headers)
        if column.header
    )


def _headers(row: Row) -> list[str]:
    return [tidy(cell) for cell in row.cells]
