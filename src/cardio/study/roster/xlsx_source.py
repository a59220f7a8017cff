"""The rows of a workbook's sheet, as text (ECMA-376-1 §18.3.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.study.roster.source import FileForm, Row
from cardio.study.roster.workbook import Handler, Sheet, open_workbook

_TEXTS = frozenset({"v", "f", "t"})
"""Elements with text: value, formula, and the text of a cell that holds its own."""

_TRUE, _FALSE = "TRUE", "FALSE"
_MOST_COLUMNS = 1024
"""A cell further right counts as the last: it has no column with a name, and is told as such."""

_LETTERS = 26


@dataclass(frozen=True, slots=True)
class XlsxSource:
    """One sheet. Hidden rows and columns are read as any other."""

    path: Path
    form: FileForm
    part: str

    @classmethod
    def open_all(cls, path: Path, sheet: str | None = None) -> "list[XlsxSource]":
        """Every visible sheet, or the one asked for. Raises `ConfigurationError`."""
        with open_workbook(path) as book:
            sheets = book.sheets()
        names = tuple(one.name for one in sheets)
        if not sheets or (sheet is not None and sheet not in names):
            raise ConfigurationError(
                f"{path}: no visible sheet {sheet or ''!r}; sheets: {', '.join(names)}"
            )
        return [cls._of(path, one, names) for one in sheets if sheet in (None, one.name)]

    @classmethod
    def _of(cls, path: Path, sheet: Sheet, names: tuple[str, ...]) -> "XlsxSource":
        return cls(path, FileForm("xlsx", sheet=sheet.name, sheets=names), sheet.part)

    def rows(self) -> Iterator[Row]:
        """Raises `ConfigurationError` where the file is damaged."""
        with open_workbook(self.path) as book:
            handler = _Rows(book.strings())
            for _ in book.parse(self.part, handler):
                yield from handler.rows
                handler.rows.clear()


class _Rows(Handler):
    """Whole numbers come without a point. A formula that was never computed stands as its text."""

    def __init__(self, strings: list[str]) -> None:
        self.rows: list[Row] = []
        self._strings = strings
        self._line = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = ""
        self._found: dict[str, str] = {}
        self._inside = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            place = attributes.get("r", "").rstrip("0123456789")
            self._column = _column(place) if place else self._column + 1
            self._kind = attributes.get("t", "n")
            self._found = {}
        elif name == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._cells, self._column = [], 0
        elif name in _TEXTS:
            self._inside = name
        elif name == "rPh":
            self._inside = ""

    def end(self, name: str) -> None:
        if name == "c":
            self._add(self._value())
        elif name == "row":
            self.rows.append(Row(self._line, tuple(self._cells)))
        else:
            self._inside = ""

    def text(self, text: str) -> None:
        if self._inside:
            self._found[self._inside] = self._found.get(self._inside, "") + text

    def _add(self, text: str) -> None:
        if text.strip():
            place = min(self._column, _MOST_COLUMNS)
            self._cells += [""] * (place - len(self._cells))
            self._cells[place - 1] = text

    def _value(self) -> str:
        found, value = self._found, self._found.get("v")
        if value is None:
            return found.get("t", "") or (f"={found['f']}" if "f" in found else "")
        match self._kind:
            case "s":
                return self._strings[int(value)]
            case "b":
                return _TRUE if value == "1" else _FALSE
            case "n":
                return _number(value)
            case _:
                return value


def _number(text: str) -> str:
    """`10100123456.0` and `1.0100123456E10` as `10100123456`: the file holds every digit."""
    if text.isdecimal():
        return text
    number = float(text)
    return str(int(number)) if number.is_integer() else text


@lru_cache(_MOST_COLUMNS)
def _column(letters: str) -> int:
    """The number (from 1) of a column: A, Z, AA …"""
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number
