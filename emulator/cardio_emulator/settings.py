"""TOML and YAML files people write (benches, personas), read with errors that name the line."""

import tomllib
from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path
from typing import Self, TypeVar, cast

from cardio.errors import ConfigurationError
from cardio.lines import Place, key_lines, line_of, read_yaml

T = TypeVar("T")

_YAML = (".yaml", ".yml")
_WORDS: dict[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


class Settings:
    """One table of a file. Each key is taken by its type; `finish` refuses what nobody took.

    Every method raises `ConfigurationError`.
    """

    def __init__(
        self, values: Mapping[str, object], file: str, lines: Mapping[Place, int], place: Place = ()
    ) -> None:
        self._values = values
        self._file, self._lines, self._place = file, lines, place
        self._taken: set[str] = set()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a whole file: YAML by its suffix, else TOML."""
        try:
            text = path.read_text(encoding="utf-8")
            if path.suffix in _YAML:
                values, lines = read_yaml(text, str(path))
            else:
                values, lines = tomllib.loads(text), key_lines(text)
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error
        except RecursionError:
            raise ConfigurationError(f"{path}: nested too deep") from None
        except ValueError as error:
            raise ConfigurationError(f"{path}: {error}") from error
        return cls(values, str(path), lines)

    @property
    def place(self) -> str:
        """File, line and number of the table, for errors."""
        return self._told(self._place)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str) -> str:
        return self._typed(key, str)

    def number(self, key: str, lowest: int | None = None, highest: int | None = None) -> int:
        """A whole number, within bounds where there are some."""
        value = self._typed(key, int)
        self._check_bounds(key, value, lowest, highest)
        return value

    def decimal(self, key: str, lowest: float | None = None, highest: float | None = None) -> float:
        """A finite number with or without decimals, within bounds where there are some."""
        value = self._take(key)
        try:
            number = float(value) if type(value) is int else self._typed(key, float)
        except OverflowError:
            raise self.error(key, "is too large") from None
        if not isfinite(number):
            raise self.error(key, "must be a finite number")
        self._check_bounds(key, number, lowest, highest)
        return number

    def flag(self, key: str) -> bool:
        return self._typed(key, bool)

    def octets(self, key: str) -> bytes:
        """Bytes, written as hexadecimal digits."""
        try:
            return bytes.fromhex(self.text(key))
        except ValueError:
            raise self.error(key, "must be hexadecimal digits in quotes") from None

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        """One of the allowed words."""
        words = tuple(allowed)
        if (value := self.text(key)) not in words:
            raise self.error(key, f"is {value!r}; allowed: {', '.join(words)}")
        return value

    def tables(self, key: str) -> list["Settings"]:
        """The `[[key]]` tables, none if the key is not there."""
        if key not in self:
            self._taken.add(key)
            return []
        found = self._take(key)
        is_array = isinstance(found, list)
        items = cast(list[object], found) if is_array else [found]
        if not all(isinstance(item, dict) for item in items):
            raise self.error(key, f"must be written as [[{key}]] tables")
        tables = cast(list[dict[str, object]], items)
        return [
            Settings(t, self._file, self._lines, (*self._place, key, *([n] if is_array else [])))
            for n, t in enumerate(tables)
        ]

    def finish(self, *optional: str) -> None:
        """Refuse keys that were neither taken nor are `optional`."""
        allowed = self._taken.union(optional)
        for key in sorted(map(str, self._values.keys() - allowed)):
            raise self.error(key, f"is unknown; allowed: {', '.join(sorted(allowed))}")

    def error(self, key: str, problem: str) -> ConfigurationError:
        """The error for one key of this table."""
        return ConfigurationError(f"{self._told((*self._place, key))}: {key!r} {problem}")

    def _told(self, place: Place) -> str:
        """Where that is, down to the table: `bench.toml, line 7: reader 2: fault 1`."""
        parts = (f" {part + 1}" if isinstance(part, int) else f": {part}" for part in self._place)
        return f"{self._file}, line {line_of(place, self._lines)}{''.join(parts)}"

    def _check_bounds(
        self, key: str, value: float, lowest: float | None, highest: float | None
    ) -> None:
        is_low = lowest is not None and value < lowest
        if is_low or (highest is not None and value > highest):
            low = "" if lowest is None else f" from {lowest:.10g}"
            high = "" if highest is None else f" to {highest:.10g}"
            raise self.error(key, f"must be{low}{high}")

    def _typed(self, key: str, kind: type[T]) -> T:
        value = self._take(key)
        if type(value) is not kind:
            raise self.error(key, f"must be {_WORDS[kind]}")
        return value

    def _take(self, key: str) -> object:
        self._taken.add(key)
        if key not in self:
            raise self.error(key, "is missing")
        return self._values[key]
