"""A file being rewritten: what nobody understood, and so nobody vouches for, becomes 00."""

import re
from dataclasses import dataclass, field

from cardio.anonymise.inventions import Inventions
from cardio.anonymise.nodes import Node
from cardio.anonymise.words import folded

_WORD = re.compile(rb"[A-Za-z]{4,}")
_FILLING = (0x00, 0xFF)


@dataclass(slots=True)
class Report:
    """What was done, in numbers; `random` are the exchanges whose signature could not be remade."""

    masked: int = 0
    certificates: int = 0
    remade: int = 0
    random: list[int] = field(default_factory=list[int])


class Draft:
    """The new content of one file, put together piece by piece; always of the size of `raw`."""

    def __init__(
        self, raw: bytes, inventions: Inventions, public: set[str], *, keep_unknown: bool
    ) -> None:
        self.raw = raw
        self.inventions = inventions
        self._public = public
        self._keep_unknown = keep_unknown
        self._made = bytearray(raw)
        self._known = bytearray(len(raw))

    def keep(self, start: int, end: int) -> None:
        """Leave a stretch that tells nothing of anybody."""
        self._known[start:end] = bytes((1,)) * (end - start)

    def keep_public(self, start: int, end: int) -> None:
        """The same; and its words may well be parts of people's names."""
        self.keep(start, end)
        self.note_public(self.raw[start:end])

    def note_public(self, raw: bytes) -> None:
        """Words anybody may say."""
        self._public.update(folded(word.decode()) for word in _WORD.findall(raw))

    def keep_header(self, node: Node) -> None:
        """The tag and length of an object."""
        self.keep(node.at, node.start)

    def put(self, start: int, made: bytes) -> None:
        """Raises `ValueError` where that would change the size."""
        if start + len(made) > len(self._made):
            raise ValueError("an invention is longer than its original")
        self._made[start : start + len(made)] = made
        self.keep(start, start + len(made))

    def made(self, start: int, end: int) -> bytes:
        """What is there so far."""
        return bytes(self._made[start:end])

    def finish(self) -> tuple[bytes, int]:
        """The new content, and how many bytes were masked; filling is nobody's and stays."""
        if self._keep_unknown:
            return bytes(self._made), 0
        masked = 0
        for at, known in enumerate(self._known):
            if not known and self._made[at] not in _FILLING:
                self._made[at] = 0
                masked += 1
        return bytes(self._made), masked
