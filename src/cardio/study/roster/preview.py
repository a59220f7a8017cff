"""How a roster would be read, to be looked at before a study: nobody is named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardio.study.roster.columns import Column
from cardio.study.roster.fields import Field
from cardio.study.roster.layout import Layout
from cardio.study.roster.mistakes import Mistake
from cardio.study.roster.reading import read_roster
from cardio.study.roster.source import FileForm
from cardio.study.roster.spelling import tidy

_ROWS = 5
_CAPITAL, _SMALL, _DIGIT = (
    re.compile(r"[^\W\d_a-z]"),
    re.compile(r"[a-zß-öø-ÿœ]"),
    re.compile(r"\d"),
)

_OPEN = frozenset({Field.CIVILITY, Field.PROFESSION, Field.FINESS, Field.FUND, Field.STRUCTURE})
"""Columns whose cells tell nobody's identity."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The format, each column with its field, the first rows with a cell a column.

    Cells that may tell who somebody is keep their form only: `Aaaaaa`, `99999999999`.
    """

    form: FileForm
    header_line: int | None
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    mistakes: tuple[Mistake, ...]


def preview(
    path: Path,
    mapping: Mapping[str, Field | None] | None = None,
    *,
    sheet: str | None = None,
    defaults: Mapping[Field, str] | None = None,
    with_identity: bool = False,
) -> Preview:
    """The arguments are those of `read_roster`. Raises `ConfigurationError`."""
    roster = read_roster(path, mapping, sheet=sheet, defaults=defaults)
    layout = roster.layout
    return Preview(
        form=layout.source.form,
        header_line=layout.header.line if layout.header else None,
        columns=layout.columns,
        rows=tuple(_rows(layout, with_identity=with_identity)),
        mistakes=roster.mistakes,
    )


def masked(text: str) -> str:
    """The form of a cell: `Dupont-2` gives `Aaaaaa-9`."""
    return _CAPITAL.sub("A", _SMALL.sub("a", _DIGIT.sub("9", text)))


def _rows(layout: Layout, *, with_identity: bool) -> list[tuple[str, ...]]:
    return [
        tuple(
            tidy(cell) if with_identity or column.field in _OPEN else masked(tidy(cell))
            for column, cell in _cells(layout, row.cells)
        )
        for row in layout.sample[:_ROWS]
    ]


def _cells(layout: Layout, cells: tuple[str, ...]) -> list[tuple[Column, str]]:
    """A cell for each column, empty where a row ends before."""
    padded = (*cells, *[""] * len(layout.columns))
    return list(zip(layout.columns, padded, strict=False))
