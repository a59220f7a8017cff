"""Which entries of pcscd's configuration give readers exactly the names they have on a bench.

pcscd names a reader `NAME RR SS`. SS is its slot in an entry. RR counts the entries that share one
file of a driver, whatever their names: entries whose RR would clash get copies of the file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cardio.errors import ConfigurationError
from cardio.rig.pcscd.entries import MAX_NAME

_FULL_NAME = re.compile(r"(?P<name>.*\S) (?P<number>[0-9A-F]{2}) (?P<slot>[0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its readers' full names by slot, and which copy of the driver it takes."""

    name: str
    readers: tuple[str, ...]
    copy: int


def entries(readers: Iterable[str]) -> tuple[Entry, ...]:
    """The entries, in the order in which pcscd has to read them. Raises `ConfigurationError`."""
    copies: list[int] = []
    found: list[Entry] = []
    for (number, name), slots in sorted(_by_entry(readers).items()):
        copy = _copy_for(copies, number)
        if copy is None:
            message = f"{slots[0]!r}: there is no reader numbered {number - 1:02X} before it"
            raise ConfigurationError(message)
        found.append(Entry(name, tuple(slots), copy))
    return tuple(found)


def _by_entry(readers: Iterable[str]) -> dict[tuple[int, str], list[str]]:
    found: dict[tuple[int, str], list[str]] = {}
    for reader in sorted(readers):
        match = _FULL_NAME.fullmatch(reader)
        if not match or not _is_writable(match["name"]):
            message = f"{reader!r} is not the full name of a PC/SC reader, like 'Reader 00 00'"
            raise ConfigurationError(message)
        slots = found.setdefault((int(match["number"], 16), match["name"]), [])
        if int(match["slot"], 16) != len(slots):
            raise ConfigurationError(f"{reader!r}: slot {len(slots):02X} of this reader is missing")
        slots.append(reader)
    return found


def _is_writable(name: str) -> bool:
    return name.isprintable() and '"' not in name and len(name.encode()) <= MAX_NAME


def _copy_for(copies: list[int], number: int) -> int | None:
    """A copy of which `number` entries are taken: this one is then numbered as it should be."""
    if number == 0:
        copies.append(0)
    found = next((at for at, taken in enumerate(copies) if taken == number), None)
    if found is not None:
        copies[found] += 1
    return found
