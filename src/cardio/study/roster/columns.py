"""Which column of a roster means what: by its name, or as the user says."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from cardio.errors import ConfigurationError
from cardio.study.roster.fields import Field
from cardio.study.roster.spelling import folded, tidy

Given = Mapping[str, Field | None]
"""What the user says of columns, by their names or numbers; None: leave it out."""


class Why(StrEnum):
    """Why a column has its field, or none. `WORD`: guessed by a word in its name."""

    GIVEN = "given"
    NAME = "name"
    WORD = "word"
    TAKEN = "taken"
    UNKNOWN = "unknown"
    IGNORED = "ignored"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its number (from 1), its name in the file, and the field it is read into.

    `TAKEN`: another column was read into `taken` before.
    """

    number: int
    header: str
    field: Field | None
    why: Why
    taken: Field | None = None


@dataclass(frozen=True, slots=True)
class _Names:
    """The lists of columns.toml, folded."""

    noise: frozenset[str]
    names: Mapping[str, tuple[Field, ...]]
    words: tuple[tuple[frozenset[str], Field | None], ...]


def map_columns(headers: Sequence[str], given: Given | None = None) -> tuple[Column, ...]:
    """Every column with its field. What the user gave counts first, then sure names, then others.

    A key of `given` is a column's name or its number; None leaves the column out. Raises
    `ConfigurationError` for a key that is no column.
    """
    asked = _asked(headers, given or {})
    columns = {
        place: Column(place + 1, headers[place], field, Why.GIVEN if field else Why.IGNORED)
        for place, field in asked.items()
    }
    taken = {field for field in asked.values() if field}
    left = [place for place in range(len(headers)) if place not in columns]
    candidates = {place: _candidates(headers[place]) for place in left}
    for place in sorted(left, key=lambda place: _certainty(*candidates[place])):
        column = _column(place, headers[place], *candidates[place], taken)
        columns[place] = column
        taken |= {column.field} if column.field else set()
    return tuple(columns[place] for place in range(len(headers)))


def parse_mapping(texts: Iterable[str]) -> dict[str, Field | None]:
    """`Matricule national=rpps`, `3=adeli`, `Observations=-`. Raises `ConfigurationError`."""
    mapping: dict[str, Field | None] = {}
    for text in texts:
        column, equals, word = text.rpartition("=")
        if not equals or not column.strip():
            raise ConfigurationError(f"{text!r}: must be COLUMN=FIELD, or COLUMN=- to leave it out")
        try:
            mapping[column.strip()] = None if word.strip() == "-" else Field(word.strip().lower())
        except ValueError:
            allowed = ", ".join(Field)
            raise ConfigurationError(f"{text!r}: no field {word!r}; fields: {allowed}") from None
    return mapping


def _asked(headers: Sequence[str], given: Given) -> dict[int, Field | None]:
    names = {folded(header): place for place, header in reversed(list(enumerate(headers)))}
    asked: dict[int, Field | None] = {}
    for key, field in given.items():
        place = names.get(folded(key), int(key) - 1 if key.isdecimal() else -1)
        if not 0 <= place < len(headers):
            known = ", ".join(header for header in headers if header)
            raise ConfigurationError(f"no column {key!r} in the roster; columns: {known}")
        if field and field in asked.values():
            raise ConfigurationError(f"two columns are said to be {field.value!r}")
        asked[place] = field
    return asked


def _column(
    place: int, header: str, why: Why, candidates: tuple[Field, ...], taken: set[Field]
) -> Column:
    field = next((one for one in candidates if one not in taken), None)
    if field or not candidates:
        return Column(place + 1, header, field, why)
    return Column(place + 1, header, None, Why.TAKEN, candidates[0])


def _certainty(why: Why, candidates: tuple[Field, ...]) -> int:
    """Names that mean one thing go first, words last; the order of the file decides otherwise."""
    return len(candidates) if why is Why.NAME else len(Field)


def _candidates(header: str) -> tuple[Why, tuple[Field, ...]]:
    lists = _lists()
    if not header:
        return Why.EMPTY, ()
    if found := lists.names.get(_meaning(header, lists.noise)):
        return Why.NAME, found
    words = set(folded(header).split())
    for wanted, field in lists.words:
        if wanted <= words:
            return (Why.WORD, (field,)) if field else (Why.UNKNOWN, ())
    return Why.UNKNOWN, ()


def _meaning(header: str, noise: frozenset[str]) -> str:
    """The name without its noise, or whole where it is nothing else."""
    whole = folded(header)
    return " ".join(word for word in whole.split() if word not in noise) or whole


@cache
def _lists() -> _Names:
    raw: dict[str, Any] = tomllib.loads(
        files("cardio.study.roster").joinpath("words", "columns.toml").read_text(encoding="utf-8")
    )
    noise = frozenset(folded(word) for word in raw["noise"])
    names: dict[str, tuple[Field, ...]] = {}
    for field, headers in raw["names"].items():
        for meaning in dict.fromkeys(_meaning(tidy(header), noise) for header in headers):
            names[meaning] = (*names.get(meaning, ()), Field(field))
    words = tuple(
        (
            frozenset(folded(word) for word in one["words"]),
            Field(one["field"]) if one["field"] else None,
        )
        for one in raw["word"]
    )
    return _Names(noise, names, words)
