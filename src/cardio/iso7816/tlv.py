"""BER-TLV data objects as cards use them (ISO/IEC 7816-4:2020 §6.3, ISO/IEC 8825-1 §8.1).

A tag is kept as the number its bytes spell (`0x7F49`), one to three bytes. Reading is strict:
definite lengths only, at most four length bytes, nothing left over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from cardio.errors import TlvError

MAX_SIZE = 1 << 20
"""Largest input read, in bytes; a card file has at most 32 KiB."""
MAX_DEPTH = 16
"""Deepest nesting read; the deepest known card object has 5 levels."""

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_PADDING = (0x00, 0xFF)


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object. `children` is empty for a primitive one. The repr shows no value."""

    tag: int
    value: bytes = field(repr=False)
    children: tuple["Tlv", ...] = ()

    @classmethod
    def of(cls, tag: int, *parts: "Tlv | bytes") -> Self:
        """Build one: from bytes, or a constructed one from other data objects."""
        children = tuple(part for part in parts if isinstance(part, Tlv))
        value = b"".join(part.encode() if isinstance(part, Tlv) else part for part in parts)
        return cls(tag, value, children if is_constructed(tag) else ())

    def encode(self) -> bytes:
        return encode_tag(self.tag) + encode_length(len(self.value)) + self.value

    def find(self, *path: int) -> "Tlv | None":
        """The first descendant reached by the tags of `path`, None if there is none."""
        node: Tlv | None = self
        for tag in path:
            node = first(node.children, tag) if node else None
        return node

    def get(self, *path: int) -> bytes | None:
        """The value of `find(*path)`."""
        return found.value if (found := self.find(*path)) else None


def first(nodes: Iterable[Tlv], tag: int) -> Tlv | None:
    """The first of `nodes` with this tag."""
    return next((node for node in nodes if node.tag == tag), None)


def is_constructed(tag: int) -> bool:
    """Bit 6 of the first tag byte (ISO/IEC 7816-4 §6.3, table 8)."""
    return bool(encode_tag(tag)[0] & _CONSTRUCTED)


def encode_tag(tag: int) -> bytes:
    raw = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    read, end = _read_tag(raw, 0, len(raw))
    if read != tag or end != len(raw):
        raise TlvError(f"{tag:#x} is not a BER tag")
    return raw


def encode_length(length: int) -> bytes:
    """Shortest form: one byte up to 127, then 81, 82 and 83 forms."""
    if length < 0x80:
        return bytes((length,))
    size = (length.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + length.to_bytes(size, "big")


def parse(raw: bytes) -> Tlv:
    """Read exactly one data object. Raises `TlvError` with the offset of what is wrong."""
    node, end = parse_prefix(raw)
    if end != len(raw):
        raise TlvError("bytes after the data object", offset=end)
    return node


def parse_prefix(raw: bytes) -> tuple[Tlv, int]:
    """Read one data object at the start of `raw`; also gives its length in bytes."""
    _check_size(raw)
    return _read(raw, 0, len(raw), depth=0)


def parse_all(raw: bytes, *, padding: bool = False) -> tuple[Tlv, ...]:
    """Read data objects to the end; with `padding`, 00 and FF bytes between them are skipped.

    Padding between data objects is allowed by ISO/IEC 7816-4 §6.3; card files end with it.
    """
    _check_size(raw)
    return tuple(_read_all(raw, 0, len(raw), depth=0, padding=padding))


def _check_size(raw: bytes) -> None:
    if len(raw) > MAX_SIZE:
        raise TlvError(f"more than {MAX_SIZE} bytes", offset=MAX_SIZE)


def _read_all(raw: bytes, at: int, end: int, *, depth: int, padding: bool) -> Iterator[Tlv]:
    while at < end:
        if padding and raw[at] in _PADDING:
            at += 1
            continue
        node, at = _read(raw, at, end, depth=depth)
        yield node


def _read(raw: bytes, start: int, end: int, *, depth: int) -> tuple[Tlv, int]:
    if depth > MAX_DEPTH:
        raise TlvError(f"nested deeper than {MAX_DEPTH}", offset=start)
    tag, at = _read_tag(raw, start, end)
    length, at = _read_length(raw, at, end)
    if at + length > end:
        raise TlvError(f"value of {length} bytes is cut short", offset=at)
    stop = at + length
    children: tuple[Tlv, ...] = ()
    if raw[start] & _CONSTRUCTED:
        children = tuple(_read_all(raw, at, stop, depth=depth + 1, padding=False))
    return Tlv(tag, raw[at:stop], children), stop


def _read_tag(raw: bytes, start: int, end: int) -> tuple[int, int]:
    at = start + 1
    if at > end:
        raise TlvError("tag expected", offset=start)
    if raw[start] & _LONG_TAG == _LONG_TAG:
        while at < end and raw[at] & 0x80 and at - start < 3:
            at += 1
        at += 1
    if at > end or at - start > 3:
        raise TlvError("tag is cut short or has more than three bytes", offset=start)
    _check_tag(raw, start, at)
    return int.from_bytes(raw[start:at], "big"), at


def _check_tag(raw: bytes, start: int, at: int) -> None:
    """Reject 00 as a tag, and tag numbers not in their shortest form (ISO/IEC 8825-1 §8.1.2)."""
    if raw[start] == 0:
        raise TlvError("00 is not a tag", offset=start)
    padded = at - start > 1 and raw[start + 1] in (0x80, 0x00)
    if padded or (at - start == 2 and raw[start + 1] < _LONG_TAG):
        raise TlvError("tag number is not in its shortest form", offset=start)


def _read_length(raw: bytes, at: int, end: int) -> tuple[int, int]:
    if at >= end:
        raise TlvError("length expected", offset=at)
    if raw[at] < 0x80:
        return raw[at], at + 1
    size = raw[at] & 0x7F
    if not 1 <= size <= 4:
        raise TlvError("indefinite or oversized length", offset=at)
    if at + 1 + size > end:
        raise TlvError("length is cut short", offset=at)
    return int.from_bytes(raw[at + 1 : at + 1 + size], "big"), at + 1 + size
