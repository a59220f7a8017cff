"""The stream of rights of an emulated Vitale (facts: vitale.md §4.1 and §4.2; the file is ours)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cardio.anonymise.draft import Draft
from cardio.anonymise.inventions import Inventions
from cardio.anonymise.words import rewrite

FIRST_GROUP = b"\x00\x65"
"""Group 101 begins every stream."""

_LONG = 0x81
_NUMBER_SIZE, _DATE_SIZE = 13, 8

Invent = Callable[[Inventions, str], str]


def _dated(inventions: Inventions, text: str) -> str:
    """12 digits, of which the last four are a time of day."""
    return inventions.birth_date(text[:_DATE_SIZE]) + text[_DATE_SIZE:] if text else text


def _digits(inventions: Inventions, text: str) -> str:
    return inventions.number(text) if text.isdecimal() else inventions.text(text)


_WHO: dict[int, dict[int, Invent]] = {
    101: {2: _digits, 8: Inventions.nir},
    103: {6: _digits, 9: _digits},
    104: {
        **dict.fromkeys((1, 2, 3), Inventions.name),
        **dict.fromkeys(range(4, 9), Inventions.text),
        9: Inventions.nir,
        12: _dated,
    },
    109: {3: Inventions.text},
    111: {1: Inventions.text},
}
"""Fields that tell who, by group and by number from 1 on; all else is codes and dates of rights."""
_KNOWN_GROUPS = range(101, 112)
_KEY_AFTER = {101: 8, 104: 9}
"""The field of a NIR, whose key is the next one."""


@dataclass(frozen=True, slots=True)
class _Group:
    number: int
    at: int
    fields: tuple[tuple[int, int], ...]
    """Where each field begins and ends."""
    end: int


def rights(draft: Draft) -> None:
    """Each field that tells who; what is behind the last whole group stays masked."""
    for group in _groups(draft.raw):
        if group.number in _KNOWN_GROUPS:
            _rewrite(draft, group)


def _rewrite(draft: Draft, group: _Group) -> None:
    draft.keep(group.at, group.end)
    for number, (start, end) in enumerate(group.fields, start=1):
        invent = _WHO.get(group.number, {}).get(number)
        if invent and end > start:
            draft.put(start, _field(draft, start, end, invent))
    key_after = _KEY_AFTER.get(group.number, 0)
    if key_after and len(group.fields) > key_after:
        _key(draft, group.fields[key_after - 1], group.fields[key_after])


def _field(draft: Draft, start: int, end: int, invent: Invent) -> bytes:
    return rewrite(
        draft.raw[start:end], lambda text: invent(draft.inventions, text), encoding="latin-1"
    )


def _key(draft: Draft, number: tuple[int, int], key: tuple[int, int]) -> None:
    """As of the two together; a number that is not there has no key to speak of."""
    written = draft.raw[slice(*number)].decode("latin-1")
    digits = draft.raw[slice(*key)].decode("latin-1")
    if len(written) == _NUMBER_SIZE and digits:
        made = draft.inventions.nir(written + digits)
        draft.put(key[0], made[_NUMBER_SIZE:].encode("latin-1"))


def _groups(raw: bytes) -> Iterator[_Group]:
    at = 0
    while at + 3 <= len(raw):
        number, start = int.from_bytes(raw[at : at + 2], "big"), at + 3
        size = raw[at + 2]
        if size == _LONG and start < len(raw):
            size, start = raw[start], start + 1
        end = start + size
        if not number or end > len(raw):
            return
        yield _Group(number, at, tuple(_fields(raw, start, end)), end)
        at = end


def _fields(raw: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    while at < end:
        stop = min(at + 1 + raw[at], end)
        yield at + 1, stop
        at = stop
