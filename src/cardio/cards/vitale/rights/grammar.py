"""The record stream: groups of fields, each after its length (facts: vitale.md §4.1).

`group (2 bytes) · length (1 byte, or 81 and 1 byte) · fields`; a field is its length (1 byte) and
its text. Only the shortest length is read, so that each stream has one reading and each reading
one stream. The sources say ASCII; Latin-1 agrees with it and loses no byte.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.model import Rights
from cardio.cards.vitale.rights.records import STREAM_TYPES, AnyRecord, Date, RawRecord, Record
from cardio.errors import RecordError

MAX_SIZE = 1 << 16
"""Bytes of the largest stream read; the public ones have at most 8.9 KB."""
MAX_CONTENT = 0xFF
_LONG = 0x81
_SHORT_LIMIT = 0x80

_TYPES = {type_.GROUP: type_ for type_ in STREAM_TYPES}


def decode_records(raw: bytes) -> Rights:
    """Every group of the stream, in its order; one of unknown shape as a `RawRecord`.

    Raises `RecordError` with the offset where the stream itself breaks off or is not canonical.
    """
    if len(raw) > MAX_SIZE:
        raise RecordError(f"more than {MAX_SIZE} bytes of records", offset=MAX_SIZE)
    return Rights(tuple(_typed(record) for record in _groups(raw)))


def encode_records(rights: Rights) -> bytes:
    """The stream. Raises `RecordError` for a record that no stream can hold.

    That is: a field that its source did not tell (None), more than 255 bytes, a character that
    is not Latin-1, a record of the API de lecture.
    """
    return b"".join(_encode(record) for record in rights.records)


def _groups(raw: bytes) -> Iterator[RawRecord]:
    at = 0
    while at < len(raw):
        size, start = _length(raw, at + 2)
        if start + size > len(raw):
            raise RecordError("a group is cut short", offset=at)
        yield RawRecord(int.from_bytes(raw[at : at + 2], "big"), raw[start : start + size])
        at = start + size


def _length(raw: bytes, at: int) -> tuple[int, int]:
    """The length at this offset, and the offset after it."""
    first = raw[at : at + 1]
    if first and first[0] < _SHORT_LIMIT:
        return first[0], at + 1
    second = raw[at + 1 : at + 2]
    if not second:
        raise RecordError("a group is cut short before its fields", offset=at)
    if first[0] != _LONG or second[0] < _SHORT_LIMIT:
        raise RecordError("the length of a group is not in its shortest form", offset=at)
    return second[0], at + 2


def _typed(raw: RawRecord) -> AnyRecord:
    type_ = _TYPES.get(raw.group)
    texts = _texts(raw.content) if type_ else None
    if type_ is None or texts is None or len(texts) != len(_dates(type_)):
        return raw
    values = zip(texts, _dates(type_), strict=True)
    return type_(*(CardDate(text) if is_date else text for text, is_date in values))


def _texts(content: bytes) -> tuple[str, ...] | None:
    """The fields; None where their lengths do not add up."""
    found: list[str] = []
    while content:
        end = 1 + content[0]
        if end > len(content):
            return None
        found.append(content[1:end].decode("latin-1"))
        content = content[end:]
    return tuple(found)


@cache
def _dates(type_: type[Any]) -> tuple[bool, ...]:
    """For each field of a record's type, whether it is a date."""
    return tuple(field.type == Date for field in fields(type_))


def _encode(record: AnyRecord) -> bytes:
    if isinstance(record, RawRecord):
        return _group(record.group, record.content)
    if type(record) not in STREAM_TYPES:
        raise RecordError(f"no group of a stream holds a {type(record).__name__}")
    return _group(record.GROUP, b"".join(_field(text) for text in texts_of(record)))


def texts_of(record: Record) -> tuple[str | None, ...]:
    """The fields of a record as they are written, in their order."""
    values = (getattr(record, name) for name in field_names(type(record)))
    return tuple(value.written if isinstance(value, CardDate) else value for value in values)


@cache
def field_names(type_: type[Any]) -> tuple[str, ...]:
    """The names of a record's fields, in the order of their numbers."""
    return tuple(field.name for field in fields(type_))


def _field(text: str | None) -> bytes:
    if text is None:
        raise RecordError("a field that its source did not tell cannot be written")
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise RecordError("a character is not Latin-1", offset=error.start) from None
    return _sized(raw).to_bytes(1, "big") + raw


def _group(group: int, content: bytes) -> bytes:
    if not 0 <= group <= 0xFFFF:
        raise RecordError("the number of a group has two bytes")
    size = _sized(content)
    length = bytes((size,)) if size < _SHORT_LIMIT else bytes((_LONG, size))
    return group.to_bytes(2, "big") + length + content


def _sized(raw: bytes) -> int:
    if len(raw) > MAX_CONTENT:
        raise RecordError(f"more than {MAX_CONTENT} bytes", offset=MAX_CONTENT)
    return len(raw)
