"""One table of a catalogue file, read with errors that name file, line, key and what is allowed."""

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NoReturn, TypeVar, cast

from cardio.errors import ConfigurationError
from cardio.lines import Place, key_lines, line_of

WordT = TypeVar("WordT", bound=StrEnum)
LANGUAGES = ("fr", "en")


class Table:
    """Each key is taken once, by its type; `finish` refuses what nobody took.

    Every method raises `ConfigurationError`.
    """

    def __init__(
        self, values: Mapping[str, object], file: str, lines: Mapping[Place, int], place: Place = ()
    ) -> None:
        self._left = dict(values)
        self._keys: list[str] = []
        self._file, self._lines, self._place = file, lines, place

    @classmethod
    def parse(cls, text: str, file: str) -> "Table":
        """A whole file's text; `file` is its name in errors."""
        try:
            return cls(tomllib.loads(text), file, key_lines(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{file}: {error}") from error

    @property
    def line(self) -> int:
        """Where the table starts in the file."""
        return line_of(self._place, self._lines)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "must be a text in quotes")
        return value

    def word(self, key: str, words: type[WordT]) -> WordT:
        """One of an enumeration's words."""
        return self._word(key, self.text(key), words)

    def words(self, key: str, words: type[WordT]) -> tuple[WordT, ...]:
        """A list of an enumeration's words."""
        return tuple(self._word(key, text, words) for text in self.texts(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, at least one."""
        value = self._take(key)
        items = cast(list[object], value) if isinstance(value, list) else []
        texts = tuple(item for item in items if isinstance(item, str))
        if not texts or len(texts) < len(items) or len(set(texts)) < len(texts):
            self.refuse(key, "must be a list of different texts in quotes")
        return texts

    def number(self, key: str) -> int:
        """A whole number, 0 or more."""
        value = self._take(key)
        if type(value) is not int or value < 0:
            self.refuse(key, "must be a whole number, 0 or more")
        return value

    def both_languages(self, key: str) -> dict[str, str]:
        """A table with the text in French and in English."""
        (table,) = self._tables(key, [self._take(key)])
        found = {language: table.text(language) for language in LANGUAGES}
        table.finish()
        return found

    def tables(self, key: str) -> "list[Table]":
        """The `[[key]]` tables, at least one."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            self.refuse(key, f"must be [[{key}]] tables")
        return self._tables(key, cast(list[object], value), numbered=True)

    def finish(self) -> None:
        """Refuse keys that nobody took."""
        for key in self._left:
            self.refuse(key, f"is unknown; allowed here: {', '.join(sorted(self._keys))}")

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raise the error for one key of this table."""
        line = line_of((*self._place, key), self._lines)
        raise ConfigurationError(f"{self._file}, line {line}: '{key}' {problem}")

    def _take(self, key: str) -> object:
        self._keys.append(key)
        if key not in self._left:
            self.refuse(key, "is missing")
        return self._left.pop(key)

    def _tables(self, key: str, values: list[object], *, numbered: bool = False) -> "list[Table]":
        if not all(isinstance(value, dict) for value in values):
            self.refuse(key, "must be a table")
        return [
            Table(table, self._file, self._lines, (*self._place, key, *([n] if numbered else [])))
            for n, table in enumerate(cast(list[dict[str, object]], values))
        ]

    def _word(self, key: str, text: str, words: type[WordT]) -> WordT:
        try:
            return words(text)
        except ValueError:
            self.refuse(key, f"is {text!r}; allowed: {allowed(words)}")


def allowed(words: Iterable[str]) -> str:
    """The words of a list, for an error."""
    return ", ".join(sorted(words))
