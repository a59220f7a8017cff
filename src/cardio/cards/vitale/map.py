"""The map file 2001: which application holds which file (facts: vitale.md §2.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from cardio.errors import RecordError, TlvError
from cardio.iso7816 import tlv
from cardio.iso7816.tlv import Tlv

_MAP, _MAP_AS_PRIMITIVE = 0xE0, b"\xc0"
_APPLICATIONS, _APPLICATION, _FILE = 0xA0, 0x82, 0x80
_ID_SIZE = 2
_AID_AT = 4
"""After the application's id come two bytes whose meaning is not public."""
_MAX_AID_SIZE = 16
_NAME_SIZE = 8
_FID_AT = 10
_FILE_SIZE = 12
"""Bytes used of a file record: name, application's id, file identifier."""


@dataclass(frozen=True, slots=True)
class MappedFile:
    """One file that the map names: select `aid`, then `fid`."""

    name: str
    aid: bytes
    fid: int


def decode_map(raw: bytes) -> tuple[MappedFile, ...]:
    """The files in the order of the map, each once; records that make no sense are left out.

    Raises `TlvError` or `RecordError` where there is no map at all.
    """
    outer, _ = tlv.parse_prefix(_as_primitive(raw))
    records = tuple(_records(outer.value))
    if not records or records[0].tag != _APPLICATIONS:
        raise RecordError("the map does not begin with its applications")
    applications = dict(_applications(records[0]))
    return tuple(dict.fromkeys(_files(records[1:], applications)))


def _as_primitive(raw: bytes) -> bytes:
    """The same bytes under a primitive tag: records are read one by one, up to the end mark."""
    if not raw or raw[0] != _MAP:
        raise RecordError(f"the map does not begin with tag {_MAP:X}")
    return _MAP_AS_PRIMITIVE + raw[1:]


def _records(content: bytes) -> Iterator[Tlv]:
    """Up to the end, a tag 00, or the first damage."""
    while content and content[0]:
        try:
            record, size = tlv.parse_prefix(content)
        except TlvError:
            return
        yield record
        content = content[size:]


def _applications(table: Tlv) -> Iterator[tuple[bytes, bytes]]:
    for record in table.children:
        aid = record.value[_AID_AT:]
        if record.tag == _APPLICATION and 1 <= len(aid) <= _MAX_AID_SIZE:
            yield record.value[:_ID_SIZE], aid


def _files(records: tuple[Tlv, ...], applications: dict[bytes, bytes]) -> Iterator[MappedFile]:
    for record in records:
        if record.tag != _FILE or len(record.value) < _FILE_SIZE:
            continue
        aid = applications.get(record.value[_NAME_SIZE:_FID_AT])
        if aid is not None:
            fid = int.from_bytes(record.value[_FID_AT:_FILE_SIZE], "big")
            yield MappedFile(record.value[:_NAME_SIZE].decode("latin-1").rstrip(), aid, fid)
