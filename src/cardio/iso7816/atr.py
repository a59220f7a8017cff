"""Answer-to-reset (ISO/IEC 7816-3:2006 §8.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Self

from cardio.errors import AtrError
from cardio.iso7816.historical import HistoricalBytes

MAX_SIZE = 33
"""TS and at most 32 characters (ISO/IEC 7816-3 §8.2.1)."""


class Convention(Enum):
    """Bit coding, told by TS (§8.1). PC/SC shows inverse TS as 3F."""

    DIRECT = 0x3B
    INVERSE = 0x3F


# ISO/IEC 7816-3 table 7 (Fi) and table 8 (Di); None is reserved for future use.
_FI = (372, 372, 558, 744, 1116, 1488, 1860, None, None, 512, 768, 1024, 1536, 2048, None, None)
_DI = (None, 1, 2, 4, 8, 16, 32, 64, 12, 20, None, None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class InterfaceByte:
    """One interface byte: `TA`, `TB`, `TC` or `TD`, its number (1 up) and its value."""

    name: str
    index: int
    value: int


@dataclass(frozen=True, slots=True)
class Atr:
    """A parsed ATR. `protocols` are the T= numbers in the order offered, T=15 left out."""

    raw: bytes
    convention: Convention
    interface_bytes: tuple[InterfaceByte, ...]
    protocols: tuple[int, ...]
    historical_bytes: bytes
    tck: int | None

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Parse, checking lengths and TCK. Raises `AtrError` with the offset."""
        if not 2 <= len(raw) <= MAX_SIZE:
            raise AtrError(f"an ATR has 2 to {MAX_SIZE} bytes, not {len(raw)}")
        if raw[0] not in (Convention.DIRECT.value, Convention.INVERSE.value):
            raise AtrError("TS is neither 3B nor 3F")
        interface_bytes, at = _interface_bytes(raw)
        offered = tuple(byte.value & 0xF for byte in interface_bytes if byte.name == "TD")
        end = at + (raw[1] & 0xF)
        if end > len(raw):
            raise AtrError("historical bytes are cut short", offset=len(raw))
        return cls(
            raw=raw,
            convention=Convention(raw[0]),
            interface_bytes=interface_bytes,
            protocols=tuple(dict.fromkeys(t for t in offered if t != 15)) or (0,),
            historical_bytes=raw[at:end],
            tck=_check_byte(raw, end, wanted=any(offered)),
        )

    @property
    def fi(self) -> int | None:
        """Clock rate conversion integer of TA1 (372 by default); None where reserved."""
        return _FI[self._ta1 >> 4]

    @property
    def di(self) -> int | None:
        """Baud rate adjustment integer of TA1 (1 by default); None where reserved."""
        return _DI[self._ta1 & 0xF]

    @property
    def _ta1(self) -> int:
        """TA1, or its default 11: Fi 372, Di 1 (§8.3)."""
        return next((b.value for b in self.interface_bytes if (b.name, b.index) == ("TA", 1)), 0x11)

    @property
    def historical(self) -> HistoricalBytes:
        """The historical bytes, decoded. Raises `TlvError` if their objects are broken."""
        return HistoricalBytes.decode(self.historical_bytes)

    def __str__(self) -> str:
        return self.raw.hex(" ").upper()


def _interface_bytes(raw: bytes) -> tuple[tuple[InterfaceByte, ...], int]:
    """T0 and each TD announce the next TA, TB, TC and TD in their high four bits (§8.2.2)."""
    found: list[InterfaceByte] = []
    announced, at, index = raw[1], 2, 1
    while True:
        names = tuple(_announced(announced))
        if at + len(names) > len(raw):
            raise AtrError("interface bytes are cut short", offset=len(raw))
        values = raw[at : at + len(names)]
        found += [InterfaceByte(n, index, v) for n, v in zip(names, values, strict=True)]
        at += len(names)
        if "TD" not in names:
            return tuple(found), at
        announced, index = found[-1].value, index + 1


def _announced(announcing: int) -> Iterator[str]:
    for bit, name in ((0x10, "TA"), (0x20, "TB"), (0x40, "TC"), (0x80, "TD")):
        if announcing & bit:
            yield name


def _check_byte(raw: bytes, end: int, *, wanted: bool) -> int | None:
    """TCK is there unless only T=0 is offered; XOR of T0 to TCK is 0 (§8.2.5)."""
    if not wanted:
        if len(raw) > end:
            raise AtrError("bytes after the historical bytes", offset=end)
        return None
    if len(raw) != end + 1:
        raise AtrError("TCK is missing or followed by more bytes", offset=end)
    parity = 0
    for byte in raw[1:]:
        parity ^= byte
    if parity:
        raise AtrError("TCK does not match", offset=end)
    return raw[end]
