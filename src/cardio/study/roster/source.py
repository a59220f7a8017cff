"""The rows of a file, whatever its format."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from cardio.study.roster.mistakes import Cause


@dataclass(frozen=True, slots=True)
class Row:
    """A record: the line it starts on (from 1), its cells as text, and what had to be done to it.

    A row of a spreadsheet has no empty cells behind its last; one of a CSV file may.
    """

    line: int
    cells: tuple[str, ...]
    causes: tuple[Cause, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is written. `encoding` and `delimiter` are of CSV, sheets of XLSX."""

    kind: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()


class Source(Protocol):
    """A table of a file. Each call of `rows` reads it anew, a row at a time."""

    @property
    def form(self) -> FileForm: ...

    def rows(self) -> Iterator[Row]: ...
