"""File identifiers and paths (ISO/IEC 7816-4:2020 §7.2)."""

from dataclasses import dataclass
from typing import Self

from cardio.errors import MalformedData

MASTER_FILE = 0x3F00
"""The master file's reserved identifier (ISO/IEC 7816-4 §7.2.2)."""


@dataclass(frozen=True, slots=True)
class Path:
    """File identifiers from the root down; absolute when it starts with the MF."""

    fids: tuple[int, ...]

    @classmethod
    def of(cls, *fids: int) -> Self:
        return cls(fids)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse concatenated 2-byte identifiers. Raises `MalformedData` on an odd length."""
        if len(raw) % 2:
            raise MalformedData("a path has 2 bytes per file", offset=len(raw))
        return cls(tuple(int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `3F00/0001/5031`. Raises `MalformedData`."""
        try:
            return cls.decode(bytes.fromhex(text.replace("/", "")))
        except ValueError as error:
            raise MalformedData("a path is written as hexadecimal digits and slashes") from error

    @property
    def is_absolute(self) -> bool:
        return self.fids[:1] == (MASTER_FILE,)

    def encode(self) -> bytes:
        return b"".join(fid.to_bytes(2, "big") for fid in self.fids)

    def __truediv__(self, other: "Path | int") -> "Path":
        """Join; an absolute path on the right replaces the left one."""
        if isinstance(other, int):
            return Path((*self.fids, other))
        return other if other.is_absolute else Path((*self.fids, *other.fids))

    def __str__(self) -> str:
        return "/".join(f"{fid:04X}" for fid in self.fids)


ROOT = Path.of(MASTER_FILE)
EF_DIR = ROOT / 0x2F00
EF_ATR = ROOT / 0x2F01
