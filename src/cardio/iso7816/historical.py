"""Historical bytes and their COMPACT-TLV objects (ISO/IEC 7816-4:2005 §8.1.1)."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Self

from cardio.errors import TlvError
from cardio.iso7816.status import StatusWord

_STATUS_AT_THE_END = 0x00
_COMPACT_TLV = 0x80
_STATUS_SIZE = 3
"""Life cycle and SW1-SW2, when they end the bytes of category 00 (§8.1.1.3)."""


class CompactTag(IntEnum):
    """Tags of COMPACT-TLV objects used in historical bytes (§8.1.1.2)."""

    COUNTRY = 0x1
    ISSUER = 0x2
    CARD_SERVICE = 0x3
    INITIAL_ACCESS = 0x4
    ISSUER_DATA = 0x5
    PRE_ISSUING = 0x6
    CAPABILITIES = 0x7
    STATUS = 0x8
    APPLICATION = 0xF


class Capability(IntFlag):
    """Third software function byte of the card capabilities (§8.1.1.2.7, table 88)."""

    COMMAND_CHAINING = 0x80
    EXTENDED_LENGTH = 0x40


@dataclass(frozen=True, slots=True)
class HistoricalBytes:
    """Category indicator (None when empty), COMPACT-TLV objects, and final status if any.

    Categories other than 00, 80 and 81..8F are proprietary: `objects` stays empty.
    """

    category: int | None
    objects: tuple[tuple[int, bytes], ...] = ()
    status: bytes = b""

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Raises `TlvError` when an object runs over the end."""
        if not raw:
            return cls(None)
        if raw[0] == _COMPACT_TLV:
            return cls(raw[0], parse_compact_tlv(raw[1:]))
        if raw[0] != _STATUS_AT_THE_END:
            return cls(raw[0])
        if len(raw) < 1 + _STATUS_SIZE:
            raise TlvError("category 00 ends with three status bytes", offset=len(raw))
        return cls(raw[0], parse_compact_tlv(raw[1:-_STATUS_SIZE]), raw[-_STATUS_SIZE:])

    def get(self, tag: CompactTag) -> bytes | None:
        """The value of the first object with this tag."""
        return next((value for found, value in self.objects if found == tag), None)

    @property
    def status_word(self) -> StatusWord | None:
        status = self.status or self.get(CompactTag.STATUS) or b""
        return StatusWord(int.from_bytes(status[-2:], "big")) if len(status) >= 2 else None

    @property
    def capabilities(self) -> Capability:
        """Chaining and extended length, as announced; neither when not announced."""
        announced = self.get(CompactTag.CAPABILITIES) or b""
        return Capability(announced[2] & 0xC0) if len(announced) >= 3 else Capability(0)


def parse_compact_tlv(raw: bytes) -> tuple[tuple[int, bytes], ...]:
    """Read objects of one byte tag and length (4 bits each). Raises `TlvError`."""
    objects: list[tuple[int, bytes]] = []
    at = 0
    while at < len(raw):
        tag, length = raw[at] >> 4, raw[at] & 0xF
        value = raw[at + 1 : at + 1 + length]
        if len(value) < length:
            raise TlvError("COMPACT-TLV value is cut short", offset=at)
        objects.append((tag, value))
        at += 1 + length
    return tuple(objects)
