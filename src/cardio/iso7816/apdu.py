"""Command and response APDUs (ISO/IEC 7816-3:2006 §12.1, ISO/IEC 7816-4:2020 §5.2)."""

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Self

from cardio.errors import ApduError
from cardio.iso7816.status import StatusWord

SHORT_MAX_DATA = 255
SHORT_MAX_LE = 256
EXTENDED_MAX_DATA = 65535
EXTENDED_MAX_LE = 65536

CHAINING_BIT = 0x10
"""CLA bit 5: not the last command of a chain (ISO/IEC 7816-4 §5.4.1)."""


class Case(IntEnum):
    """Which of data and Le are there (ISO/IEC 7816-3 §12.1.2)."""

    NOTHING = 1
    ANSWER_ONLY = 2
    DATA_ONLY = 3
    DATA_AND_ANSWER = 4


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """A command APDU. `le` is the number of bytes wanted (1 to 65536), None for no Le field.

    `extended` chooses three-byte length fields even where short ones would do; it is forced on
    where data or Le need it. The repr shows no data.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.cla | self.ins | self.p1 | self.p2 <= 0xFF:
            raise self._header_error()
        if len(self.data) > EXTENDED_MAX_DATA:
            raise ApduError("more than 65535 data bytes", offset=4)
        if self.le is not None and not 1 <= self.le <= EXTENDED_MAX_LE:
            raise ApduError("Le is not within 1 to 65536", offset=4)
        if len(self.data) > SHORT_MAX_DATA or (self.le or 0) > SHORT_MAX_LE:
            object.__setattr__(self, "extended", True)
        elif not self.data and self.le is None:
            object.__setattr__(self, "extended", False)

    def _header_error(self) -> ApduError:
        octets = enumerate((self.cla, self.ins, self.p1, self.p2))
        offset = next(offset for offset, octet in octets if not 0 <= octet <= 0xFF)
        return ApduError(f"{('CLA', 'INS', 'P1', 'P2')[offset]} is not a byte", offset=offset)

    @property
    def header(self) -> bytes:
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def case(self) -> Case:
        if self.data:
            return Case.DATA_ONLY if self.le is None else Case.DATA_AND_ANSWER
        return Case.NOTHING if self.le is None else Case.ANSWER_ONLY

    @property
    def is_chained(self) -> bool:
        """Whether more commands of the same chain follow (interindustry class only)."""
        return not self.cla & 0x80 and bool(self.cla & CHAINING_BIT)

    def with_le(self, le: int | None) -> Self:
        return replace(self, le=le)

    def encode(self) -> bytes:
        """The bytes to send (ISO/IEC 7816-3 §12.1.3, table 12)."""
        return self.header + (self._extended_body() if self.extended else self._short_body())

    def _short_body(self) -> bytes:
        lc = bytes((len(self.data),)) + self.data if self.data else b""
        return lc if self.le is None else lc + bytes((self.le & 0xFF,))

    def _extended_body(self) -> bytes:
        lc = b"\x00" + len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        if self.le is None:
            return lc
        return (lc or b"\x00") + (self.le & 0xFFFF).to_bytes(2, "big")

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse the bytes of a command. Raises `ApduError` where no case fits."""
        if len(raw) < 4:
            raise ApduError("a command has at least 4 bytes", offset=len(raw))
        return cls(raw[0], raw[1], raw[2], raw[3], *_parse_body(raw[4:]))


def _parse_body(body: bytes) -> tuple[bytes, int | None, bool]:
    if not body:
        return b"", None, False
    if len(body) == 1:
        return b"", body[0] or SHORT_MAX_LE, False
    if body[0]:
        data, le = _split(body, lc=body[0], lc_size=1, le_size=1)
        return data, le, False
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or EXTENDED_MAX_LE, True
    lc = int.from_bytes(body[1:3], "big")
    if len(body) < 3 or not lc:
        raise ApduError("length field of zero before data", offset=4)
    data, le = _split(body, lc=lc, lc_size=3, le_size=2)
    return data, le, True


def _split(body: bytes, *, lc: int, lc_size: int, le_size: int) -> tuple[bytes, int | None]:
    data, rest = body[lc_size : lc_size + lc], body[lc_size + lc :]
    if len(data) < lc or len(rest) not in (0, le_size):
        raise ApduError("Lc does not fit the length of the command", offset=4)
    maximum = SHORT_MAX_LE if le_size == 1 else EXTENDED_MAX_LE
    return data, (int.from_bytes(rest, "big") or maximum) if rest else None


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """A response APDU: data (0 to 65536 bytes) and status word. The repr shows no data."""

    data: bytes = field(default=b"", repr=False)
    status: StatusWord = field(default_factory=lambda: StatusWord(0x9000))

    def encode(self) -> bytes:
        return self.data + bytes(self.status)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse the bytes of a response. Raises `ApduError` if shorter than a status word."""
        if len(raw) < 2:
            raise ApduError("a response has at least 2 bytes", offset=len(raw))
        return cls(raw[:-2], StatusWord(int.from_bytes(raw[-2:], "big")))
