"""A roster from its file, line by line."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cardio.study.roster.columns import Column, Why
from cardio.study.roster.demands import missing
from cardio.study.roster.fields import Field
from cardio.study.roster.layout import Layout, understand
from cardio.study.roster.line import LineReader
from cardio.study.roster.mistakes import Cause, Mistake
from cardio.study.roster.people import Person
from cardio.study.roster.source import Row
from cardio.study.roster.spelling import folded
from cardio.study.roster.together import Together

_WANTED = (
    Field.CIVILITY,
    Field.FAMILY_NAME,
    Field.GIVEN_NAME,
    Field.RPPS,
    Field.ADELI,
    Field.FINESS,
    Field.FUND,
    Field.PROFESSION,
    Field.ROLE,
)
"""What a study asks a roster for."""

_IN_PARTS = {
    Field.FAMILY_NAME: Field.FULL_NAME,
    Field.GIVEN_NAME: Field.FULL_NAME,
    Field.RPPS: Field.NUMBER,
    Field.ADELI: Field.NUMBER,
}

_NAME_WORDS = ("NOM", "PRE")
"""How the words for both names start, family name first."""


@dataclass(slots=True)
class Skipped:
    """Rows without anybody, of the last time the file was read."""

    blank: int = 0
    repeated_header: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a file, in its order. Iterating reads it anew, one row at a time.

    Every row that holds anything is a person, but for the names of columns said again and the
    rows above them: `skipped`, and the mistakes of the file, tell of those.
    """

    layout: Layout
    defaults: Mapping[Field, str]
    skipped: Skipped = field(default_factory=Skipped)

    @property
    def fields(self) -> frozenset[Field]:
        """What it has columns or defaults for."""
        found = {*self.layout.fields, *self.defaults}
        for part, whole in _IN_PARTS.items():
            found |= {part} if whole in found else set()
        return frozenset(found)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Those of the file: columns that are missing, or that nothing is read from."""
        return tuple(_of_the_file(self.layout, self.fields))

    def __iter__(self) -> Iterator[Person]:
        """Raises `ConfigurationError` at a line that cannot be read."""
        together, reader = Together(), _reader(self.layout, self.defaults)
        for row in self._rows():
            person = reader.read(row)
            more = (*missing(person), *together.check(person))
            yield replace(person, mistakes=(*person.mistakes, *more)) if more else person

    def _rows(self) -> Iterator[Row]:
        """The rows below the names of columns."""
        self.skipped.blank = self.skipped.repeated_header = 0
        header = self.layout.header
        for row in self.layout.source.rows():
            if header and row.line <= header.line:
                continue
            if row.is_blank:
                self.skipped.blank += 1
            elif header and row.cells == header.cells:
                self.skipped.repeated_header += 1
            else:
                yield row


def read_roster(
    path: Path,
    mapping: Mapping[str, Field | None] | None = None,
    *,
    sheet: str | None = None,
    defaults: Mapping[Field, str] | None = None,
) -> Roster:
    """The roster in a CSV or XLSX file. Its people are read when it is iterated.

    `mapping` tells what columns mean, by their names or numbers (`parse_mapping`); `sheet` which
    sheet of a workbook to read; `defaults` what counts where a cell is empty: the FINESS
    géographique of the site. Raises `ConfigurationError` for a file that is no roster.
    """
    return Roster(understand(path, mapping, sheet=sheet), defaults or {})


def _reader(layout: Layout, defaults: Mapping[Field, str]) -> LineReader:
    whole = next((one for one in layout.columns if one.field is Field.FULL_NAME), None)
    return LineReader(
        places=layout.fields,
        width=len(layout.columns),
        rows_are_padded=layout.source.form.kind == "csv",
        defaults=defaults,
        family_first=_family_first(whole.header) if whole else None,
    )


def _family_first(header: str) -> bool | None:
    """The order that `Nom et prénom` tells."""
    order = [word[:3] for word in folded(header).split() if word[:3] in _NAME_WORDS]
    return order == [*_NAME_WORDS] if len(order) == len(_NAME_WORDS) else None


def _of_the_file(layout: Layout, fields: Collection[Field]) -> Iterator[Mistake]:
    line = layout.header.line if layout.header else 1
    for row in layout.above:
        yield Mistake.of(row.line, Cause.ABOVE_HEADER)
    for wanted in _WANTED:
        if wanted not in fields:
            yield Mistake.of(line, Cause.NO_COLUMN, wanted)
    for column in layout.columns:
        if column.why is Why.TAKEN:
            yield Mistake.of(line, Cause.SECOND_COLUMN, column.taken, column=column.header)
        elif column.why is Why.UNKNOWN or (column.why is Why.EMPTY and _has_cells(layout, column)):
            name = column.header or str(column.number)
            yield Mistake.of(line, Cause.UNUSED_COLUMN, column=name)
    for sheet in layout.source.form.sheets:
        if sheet != layout.source.form.sheet:
            yield Mistake.of(line, Cause.OTHER_SHEET, column=sheet)


def _has_cells(layout: Layout, column: Column) -> bool:
    """Whether there is anything in a column without a name, as far as the first rows tell."""
    cells = (row.cells[column.number - 1 : column.number] for row in layout.sample)
    return any(cell and cell[0].strip() for cell in cells)
