"""The records of a CSV file: separator, quotes and line ends as they come."""

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.study.roster.encoding import ESCAPE, encoding_of, mend
from cardio.study.roster.mistakes import Cause
from cardio.study.roster.source import FileForm, Row

_DELIMITERS = (";", ",", "\t", "|")
_SAMPLE = 50
"""Lines that the separator is told by."""

_LONGEST_LINE = 65_536
"""Characters; a roster's lines are a hundredth of that. Bounds memory."""

_MOST_LINES = 20
"""A quoted cell runs over so many lines at most: one never closed does not eat the file."""

_HINT = "sep="
"""Excel's own first line: `sep=;`."""

_QUOTE = '"'
_END = "\r\n"


@dataclass(frozen=True, slots=True)
class _Line:
    """`is_mended`: bytes of another encoding were in it."""

    number: int
    text: str
    is_mended: bool


@dataclass(frozen=True, slots=True)
class CsvSource:
    """`width` is how many cells a record has, told by most lines of the sample."""

    path: Path
    form: FileForm
    width: int

    @classmethod
    def open(cls, path: Path) -> "CsvSource":
        """Find out how the file is written. Raises `ConfigurationError` where it is no text."""
        encoding = encoding_of(path)
        sample = [line.text for line in islice(_lines(path, encoding), _SAMPLE)]
        delimiter, width = _delimiter(sample)
        return cls(path, FileForm("csv", encoding, delimiter), width)

    def rows(self) -> Iterator[Row]:
        """Raises `ConfigurationError` at a line that is no text."""
        lines = _lines(self.path, self.form.encoding or "")
        return iter(_Records(lines, self.form.delimiter or "", self.width))


class _Records:
    """Lines joined where a quoted cell runs over their end, and cut into cells."""

    def __init__(self, lines: Iterator[_Line], delimiter: str, width: int) -> None:
        self._lines, self._delimiter, self._width = lines, delimiter, width
        self._again: deque[_Line] = deque()

    def __iter__(self) -> Iterator[Row]:
        while line := self._next():
            if line.number > 1 or not line.text.lower().startswith(_HINT):
                yield self._record(line)

    def _next(self) -> _Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _record(self, line: _Line) -> Row:
        causes = (Cause.OTHER_ENCODING,) if line.is_mended else ()
        if _QUOTE not in line.text:
            return Row(line.number, tuple(self._cut(line.text)), causes)
        more = self._rest(line.text)
        cells = self._parse([line.text, *(one.text for one in more)])
        if cells is None or (more and len(cells) != self._width):
            self._again.extendleft(reversed(more))
            cells = [cell.strip(_QUOTE) for cell in self._cut(line.text)]
            causes = (*causes, Cause.OPEN_QUOTE)
        return Row(line.number, tuple(cells), causes)

    def _rest(self, text: str) -> list[_Line]:
        """The lines up to the one that closes the quotes, or as many as may be."""
        more: list[_Line] = []
        is_open = text.count(_QUOTE) % 2 == 1
        while is_open and len(more) < _MOST_LINES and (line := self._next()):
            more.append(line)
            is_open ^= line.text.count(_QUOTE) % 2 == 1
        return more

    def _parse(self, texts: list[str]) -> list[str] | None:
        """The cells of one record; None where the quotes do not make it one."""
        if sum(text.count(_QUOTE) for text in texts) % 2:
            return None
        try:
            records = list(csv.reader(texts, delimiter=self._delimiter))
        except csv.Error:
            return None
        return records[0] if len(records) == 1 else None

    def _cut(self, text: str) -> list[str]:
        return text.rstrip(_END).split(self._delimiter)


def _lines(path: Path, encoding: str) -> Iterator[_Line]:
    is_utf8 = encoding.startswith("utf-8")
    errors = ESCAPE if is_utf8 else "replace"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        number = 0
        while text := file.readline(_LONGEST_LINE):
            number += 1
            if "\0" in text or (len(text) == _LONGEST_LINE and text[-1] not in _END):
                raise ConfigurationError(f"{path}, line {number}: no text; CSV or XLSX is wanted")
            mended = text if text.isascii() or not is_utf8 else mend(text)
            yield _Line(number, mended, mended != text)


def _delimiter(lines: Iterable[str]) -> tuple[str, int]:
    """The separator, and how many cells most lines have with it."""
    sample = [line for line in lines if line.strip()]
    if sample and sample[0].lower().startswith(_HINT):
        delimiters: Iterable[str] = sample.pop(0).rstrip(_END)[len(_HINT) :][:1] or _DELIMITERS
    else:
        delimiters = _DELIMITERS
    widths = {one: _width(sample, one) for one in delimiters}
    best = max(widths, key=lambda one: widths[one][1] * (widths[one][0] - 1))
    return best, widths[best][0]


def _width(sample: list[str], delimiter: str) -> tuple[int, int]:
    """The commonest number of cells above one, and how many lines have it."""
    widths = Counter(len(next(csv.reader([line], delimiter=delimiter))) for line in sample)
    widths.pop(1, None)
    return max(widths.items(), key=lambda found: found[1] * found[0], default=(1, 0))
