"""One row of a roster as a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cardio.study.roster import cells
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Cause, Mistake
from cardio.study.roster.names import take_apart
from cardio.study.roster.people import Person
from cardio.study.roster.source import Row
from cardio.study.roster.spelling import tidy

_NUMBERS = (Field.RPPS, Field.ADELI)


@dataclass(frozen=True, slots=True)
class LineReader:
    """How the rows of one file are read.

    `places` tells which cell is of which field, `width` how many columns have names, `defaults`
    what counts where a cell is empty; `family_first` is the order in a column of whole names.
    """

    places: Mapping[Field, int]
    width: int
    rows_are_padded: bool
    defaults: Mapping[Field, str]
    family_first: bool | None = None

    def read(self, row: Row) -> Person:
        """What is right of it; what is not is a mistake."""
        line = _Line(row.line)
        for cause in (*row.causes, *self._shape(row)):
            line.add(cause)
        given = self._given(row)
        if whole := given.pop(Field.FULL_NAME, None):
            self._take_apart(whole, given, line)
        if number := given.pop(Field.NUMBER, None):
            given.setdefault(cells.kind_of_number(number), number)
        for one, text in given.items():
            line.read(one, text)
        if line.unread:
            line.swap_numbers(given)
        line.check_dates()
        return line.person()

    def _given(self, row: Row) -> dict[Field, str]:
        size = len(row.cells)
        texts = {one: tidy(row.cells[at]) for one, at in self.places.items() if at < size}
        given = {one: text for one, text in texts.items() if text}
        return {**self.defaults, **given}

    def _shape(self, row: Row) -> tuple[Cause, ...]:
        if any(cell.strip() for cell in row.cells[self.width :]):
            return (Cause.TOO_MANY_CELLS,)
        is_short = self.rows_are_padded and len(row.cells) < self.width
        return (Cause.TOO_FEW_CELLS,) if is_short else ()

    def _take_apart(self, text: str, given: dict[Field, str], line: "_Line") -> None:
        whole = take_apart(text, family_first=self.family_first)
        if whole is None:
            line.refuse(Field.FULL_NAME, text, Cause.NAME_ORDER)
            return
        given.setdefault(Field.FAMILY_NAME, whole.family_name)
        given.setdefault(Field.GIVEN_NAME, whole.given_name)
        if whole.civility:
            given.setdefault(Field.CIVILITY, whole.civility)


@dataclass(slots=True)
class _Line:
    """A person in the making."""

    number: int
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    unread: dict[Field, str] = field(default_factory=dict[Field, str])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    def add(self, cause: Cause, about: Field | None = None) -> None:
        self.mistakes.append(Mistake.of(self.number, cause, about))

    def refuse(self, about: Field, text: str, cause: Cause) -> None:
        self.unread[about] = text
        self.add(cause, about)

    def read(self, about: Field, text: str) -> None:
        found = cells.read(about, text)
        if found.value is not None:
            self.values[about] = found.value
        elif Cause.NOT_GIVEN not in found.causes:
            self.unread[about] = text
        for cause in found.causes:
            self.add(cause, about)

    def swap_numbers(self, given: Mapping[Field, str]) -> None:
        """An ADELI number for an RPPS number or the other way, where the right place is free."""
        for here, there in (_NUMBERS, reversed(_NUMBERS)):
            if here not in self.unread or there in given:
                continue
            found = cells.read(there, given[here])
            if found.value is not None and not found.causes:
                self.values[there] = found.value
                del self.unread[here]
                self.mistakes = [one for one in self.mistakes if one.field is not here]
                self.add(Cause.WRONG_COLUMN, here)

    def check_dates(self) -> None:
        start, end = self.values.get(Field.START_DATE), self.values.get(Field.END_DATE)
        if start and end and end < start:
            self.add(Cause.ENDS_BEFORE_START, Field.END_DATE)

    def person(self) -> Person:
        mistakes = tuple(self.mistakes)
        return Person(self.number, **self.values, unread=self.unread, mistakes=mistakes)
