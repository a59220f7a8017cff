"""Bytes of which a stretch is hidden: all a trace ever holds of a command or an answer."""

import re
from dataclasses import dataclass
from typing import Self

from cardio.errors import TraceError

MASK = "**"
"""How one hidden byte is written; a shown byte is two hexadecimal digits."""

_TEXT = re.compile(r"((?:[0-9A-Fa-f]{2})*)((?:\*\*)*)((?:[0-9A-Fa-f]{2})*)")


@dataclass(frozen=True, slots=True)
class MaskedBytes:
    """`before`, then `hidden` bytes that are not kept, then `after`; the length stays known."""

    before: bytes
    hidden: int = 0
    after: bytes = b""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` writes. Raises `TraceError`."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise TraceError("not hexadecimal with one stretch of '**' at most")
        before, hidden, after = found.groups()
        return cls(bytes.fromhex(before), len(hidden) // len(MASK), bytes.fromhex(after))

    def __len__(self) -> int:
        return len(self.before) + self.hidden + len(self.after)

    def __str__(self) -> str:
        return self.before.hex().upper() + MASK * self.hidden + self.after.hex().upper()

    def blanked(self) -> bytes:
        """The bytes, with 00 for each hidden one."""
        return self.before + bytes(self.hidden) + self.after

    def matches(self, raw: bytes) -> bool:
        """Whether `raw` has this length and the shown bytes."""
        return len(raw) == len(self) and raw.startswith(self.before) and raw.endswith(self.after)

    def hides(self, other: "MaskedBytes") -> bool:
        """Whether every byte hidden in `other`, of the same length, is hidden here too."""
        return not other.hidden or (
            len(self.before) <= len(other.before) and len(self.after) <= len(other.after)
        )
