"""A large JSON object read piece by piece: its lists are never whole in memory."""

import json
from collections.abc import Iterator
from typing import IO, Any

from cardio.errors import ConfigurationError

_CHUNK = 1 << 20
_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"
_LONGEST = 64 << 20
"""Characters of one element or member; bounds memory."""


class StreamedObject:
    """The members of one JSON object, in their order.

    Iterating gives each member's name with its value; of a list, each element under that name.
    Raises `ConfigurationError` where it is no JSON object. `name` is the file's in errors.
    """

    def __init__(self, file: IO[str], name: str) -> None:
        self._file, self._name = file, name
        self._text, self._place = "", 0

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        self._expect("{")
        if self._take("}"):
            return
        while True:
            key = self._value()
            self._expect(":")
            if self._take("["):
                yield from ((str(key), element) for element in self._elements())
            else:
                yield str(key), self._value()
            if self._take("}"):
                return
            self._expect(",")

    def _elements(self) -> Iterator[Any]:
        if self._take("]"):
            return
        while True:
            yield self._value()
            if self._take("]"):
                return
            self._expect(",")

    def _value(self) -> Any:  # noqa: ANN401 (JSON)
        """The next value; read on as long as it may be cut off."""
        self._next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._place)
            except json.JSONDecodeError:
                end = len(self._text)
                value = None
            if end < len(self._text):
                self._place = end
                return value
            if len(self._text) > _LONGEST or not self._more():
                raise ConfigurationError(f"{self._name}: no JSON, or cut off")

    def _take(self, sign: str) -> bool:
        is_there = self._next() == sign
        self._place += is_there
        return is_there

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise ConfigurationError(f"{self._name}: no JSON object: {sign!r} is missing")

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._place < len(self._text) and self._text[self._place] in _SPACE:
                self._place += 1
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more():
                return ""

    def _more(self) -> bool:
        chunk = self._file.read(_CHUNK)
        self._text, self._place = self._text[self._place :] + chunk, 0
        return bool(chunk)
