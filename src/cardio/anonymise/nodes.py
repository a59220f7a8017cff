"""Data objects by their place in a file, as far as it was read: damage and cuts are no errors."""

from collections.abc import Iterator
from dataclasses import dataclass

_FILLING = (0x00, 0xFF)
_CONSTRUCTED, _LONG_TAG = 0x20, 0x1F
_MAX_LENGTH_SIZE = 4


@dataclass(frozen=True, slots=True)
class Node:
    """One data object: where its tag is, its value, and what follows it; offsets in the file.

    `is_whole` is false where the file ends, or was not read, before the value does.
    """

    tag: int
    at: int
    start: int
    end: int
    is_whole: bool

    def of(self, raw: bytes | bytearray) -> bytes:
        """Its value."""
        return bytes(raw[self.start : self.end])

    def children(self, raw: bytes) -> list["Node"]:
        """The objects in it, up to the first that makes no sense."""
        return list(nodes(raw, self.start, self.end, filling=False))


def nodes(raw: bytes, start: int, end: int, *, filling: bool = True) -> Iterator[Node]:
    """The objects between two offsets; with `filling`, 00 and FF between them are skipped."""
    while start < end:
        if filling and raw[start] in _FILLING:
            start += 1
            continue
        node = _node(raw, start, end)
        if node is None:
            return
        yield node
        start = node.end


def _node(raw: bytes, at: int, end: int) -> Node | None:
    tag_end = at + 1
    if raw[at] & _LONG_TAG == _LONG_TAG:
        while tag_end < end and raw[tag_end] & 0x80:
            tag_end += 1
        tag_end += 1
    if tag_end >= end or raw[at] == 0:
        return None
    size = raw[tag_end]
    start = tag_end + 1
    if size >= 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= _MAX_LENGTH_SIZE or start + octets > end:
            return None
        size = int.from_bytes(raw[start : start + octets], "big")
        start += octets
    tag = int.from_bytes(raw[at:tag_end], "big")
    return Node(tag, at, start, min(start + size, end), start + size <= end)


def is_constructed(tag: int) -> bool:
    """Bit 6 of the first byte of the tag."""
    while tag > 0xFF:
        tag >>= 8
    return bool(tag & _CONSTRUCTED)
