"""File control parameters (ISO/IEC 7816-4:2020 §7.4, tables 11 to 14)."""

from dataclasses import dataclass
from typing import Self

from cardio.errors import FcpError
from cardio.iso7816 import tlv
from cardio.iso7816.tlv import Tlv

FCP_TEMPLATE = 0x62
FCI_TEMPLATE = 0x6F

_SIZE, _SIZE_WITH_STRUCTURE = 0x80, 0x81
_DESCRIPTOR, _FID, _DF_NAME, _SFI, _LIFE_CYCLE = 0x82, 0x83, 0x84, 0x88, 0x8A
_DF_DESCRIPTOR = 0x38
"""Bits 6 to 4 set in the file descriptor byte: a DF (table 14)."""


@dataclass(frozen=True, slots=True)
class Fcp:
    """What SELECT tells of a file. Fields the card left out are None; `size` is in bytes."""

    size: int | None = None
    descriptor: int | None = None
    fid: int | None = None
    df_name: bytes | None = None
    sfi: int | None = None
    life_cycle: int | None = None
    security: tuple[Tlv, ...] = ()

    @property
    def is_df(self) -> bool:
        return self.descriptor is not None and self.descriptor & 0x3F == _DF_DESCRIPTOR

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse a 62 or 6F template, flat or nested. Raises `FcpError` or `TlvError`."""
        template = tlv.parse(raw)
        if template.tag not in (FCP_TEMPLATE, FCI_TEMPLATE):
            raise FcpError(f"template {template.tag:X} is neither FCP nor FCI")
        fields = template.find(FCP_TEMPLATE) or template
        known = (_SIZE, _SIZE_WITH_STRUCTURE, _DESCRIPTOR, _FID, _DF_NAME, _SFI, _LIFE_CYCLE)
        return cls(
            size=_number(fields, _SIZE if fields.find(_SIZE) else _SIZE_WITH_STRUCTURE, 4),
            descriptor=_first_byte(fields, _DESCRIPTOR),
            fid=_number(fields, _FID, 2),
            df_name=fields.get(_DF_NAME),
            sfi=_sfi(fields),
            life_cycle=_first_byte(fields, _LIFE_CYCLE),
            security=tuple(child for child in fields.children if child.tag not in known),
        )

    def encode(self) -> bytes:
        """The 62 template, tags in ascending order but for life cycle, which ends it."""
        parts = [
            _of_number(_SIZE, self.size, 2 if (self.size or 0) < 1 << 16 else 4),
            _of_number(_DESCRIPTOR, self.descriptor, 1),
            _of_number(_FID, self.fid, 2),
            Tlv.of(_DF_NAME, self.df_name) if self.df_name is not None else None,
            _of_number(_SFI, None if self.sfi is None else self.sfi << 3, 1),
            *self.security,
            _of_number(_LIFE_CYCLE, self.life_cycle, 1),
        ]
        return Tlv.of(FCP_TEMPLATE, *(part for part in parts if part is not None)).encode()


def _of_number(tag: int, number: int | None, size: int) -> Tlv | None:
    return None if number is None else Tlv.of(tag, number.to_bytes(size, "big"))


def _number(fields: Tlv, tag: int, max_size: int) -> int | None:
    raw = fields.get(tag)
    if raw is None:
        return None
    if not 1 <= len(raw) <= max_size:
        raise FcpError(f"tag {tag:X} has {len(raw)} bytes")
    return int.from_bytes(raw, "big")


def _first_byte(fields: Tlv, tag: int) -> int | None:
    return raw[0] if (raw := fields.get(tag)) else None


def _sfi(fields: Tlv) -> int | None:
    """Short identifier 1 to 30 in the five high bits; 00 or an empty value means none."""
    short = _first_byte(fields, _SFI)
    return (short >> 3) or None if short is not None else None
