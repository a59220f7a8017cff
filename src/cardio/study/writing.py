"""A study written as one JSON document while it is made: an element of a list a line."""

import json
from typing import IO

from cardio.study import document
from cardio.study.document import Json
from cardio.study.result import Kind, PersonResult, WorkstationResult

_LISTS = ("workstations", "people")


class DocumentWriter:
    """A sink of `conduct`: `begin` comes before it, `end` after it."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._opened = 0
        self._is_empty = True
        self._services: dict[Kind, str] = {}

    def begin(self, head: Json) -> None:
        """Open the document with these members."""
        self._file.write("{\n" + ",\n".join(map(_member, head.items())))

    def workstation(self, found: WorkstationResult) -> None:
        self._element(0, _text(document.workstation(found)))

    def person(self, found: PersonResult) -> None:
        """People of a kind share the text of their services."""
        services = self._services.get(found.kind)
        if services is None:
            services = self._services[found.kind] = _text(document.services(found.services))
        self._element(1, f'{_text(document.person(found))[:-1]},"services":{services}}}')

    def end(self, tail: Json) -> None:
        """Close the lists, and the document with these members."""
        self._open_up_to(len(_LISTS))
        self._close()
        self._file.write("".join(f",\n{_member(one)}" for one in tail.items()) + "\n}\n")

    def _element(self, place: int, text: str) -> None:
        self._open_up_to(place + 1)
        self._file.write(("\n" if self._is_empty else ",\n") + text)
        self._is_empty = False

    def _open_up_to(self, count: int) -> None:
        """Open lists until so many were; the one before is closed."""
        while self._opened < count:
            self._close()
            self._file.write(f',\n"{_LISTS[self._opened]}": [')
            self._opened, self._is_empty = self._opened + 1, True

    def _close(self) -> None:
        if self._opened:
            self._file.write("\n]")


def _member(member: tuple[str, object]) -> str:
    return f"{json.dumps(member[0])}: {_text(member[1])}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
