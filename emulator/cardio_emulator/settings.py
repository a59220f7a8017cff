"""TOML files people write (benches, personas), read with errors that name the file and the key."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self, TypeVar, cast

from cardio.errors import ConfigurationError

T = TypeVar("T")

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

    def __init__(self, values: Mapping[str, object], place: str) -> None:
        self.place = place
        self._values = values
        self._taken: set[str] = set()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a whole file."""
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error
        except ValueError as error:
            raise ConfigurationError(f"{path}: {error}") from error

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str) -> str:
        return self._typed(key, str)

    def number(self, key: str) -> int:
        return self._typed(key, int)

    def decimal(self, key: str) -> float:
        """A number with or without decimals."""
        value = self._take(key)
        return float(value) if type(value) is int else self._typed(key, float)

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
            return []
        found = self._take(key)
        items = cast(list[object], found) if isinstance(found, list) else [found]
        if not all(isinstance(item, dict) for item in items):
            raise self.error(key, f"must be written as [[{key}]] tables")
        tables = cast(list[dict[str, object]], items)
        return [Settings(t, f"{self.place}: {key} {n}") for n, t in enumerate(tables, start=1)]

    def finish(self, *optional: str) -> None:
        """Refuse keys that were neither taken nor are `optional`."""
        allowed = self._taken.union(optional)
        for key in self._values.keys() - allowed:
            raise self.error(key, f"is unknown; allowed: {', '.join(sorted(allowed))}")

    def error(self, key: str, problem: str) -> ConfigurationError:
        """The error for one key of this table."""
        return ConfigurationError(f"{self.place}: {key!r} {problem}")

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
