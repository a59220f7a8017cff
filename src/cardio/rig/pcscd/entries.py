"""Readers as entries of pcscd's reader configuration: one copy of the driver for each.

vpcd has two slots (facts: pcsc_vpcd.md §2), so each entry `X` makes two readers, `X 00 00` and
`X 00 01`. Two entries that share one driver file share its cards (§0.3): each has its own copy.
"""

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cardio.errors import ConfigurationError

MAX_NAME = 121
"""Bytes of an entry's name; pcscd cuts the rest (facts: pcsc_vpcd.md §2)."""

_FULL_NAME = re.compile(r"(?P<entry>.+) 00 0(?P<number>[01])")


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the two readers of an entry; `str` gives the name that PC/SC programs see."""

    entry: str
    number: int = 0

    @property
    def other(self) -> "Slot":
        """The second reader of the same entry, or the first one."""
        return Slot(self.entry, 1 - self.number)

    def __str__(self) -> str:
        return f"{self.entry} 00 {self.number:02}"


def plan(readers: Sequence[str], most: int | None) -> tuple[Slot, ...]:
    """The slot of each reader, with at most `most` entries (None: as many as wanted).

    A name that ends in ` 00 00` or ` 00 01` is that slot of its entry. Any other name is an entry
    of its own; once there are `most`, such names take the second slots of the first entries.
    Raises `ConfigurationError`.
    """
    slots: list[Slot] = []
    for reader in readers:
        slot = _slot(reader)
        entries = {slot.entry for slot in slots}
        if most is not None and slot.entry not in entries and len(entries) == most:
            slot = _spare(slots, reader, is_free=slot == Slot(reader))
        if slot in slots:
            raise ConfigurationError(f"two readers are named {str(slot)!r}")
        slots.append(slot)
    if not slots:
        raise ConfigurationError("no reader is named: a PC/SC service needs one")
    return tuple(slots)


def entry_of(name: str) -> str:
    """The entry that makes the reader of this full name."""
    return _slot(name).entry


def write_entries(
    folder: Path, driver: Path, ports: Iterable[tuple[str, int]], *, first: str = ""
) -> None:
    """Make `folder` anew with an entry, and a copy of the driver, for each name and first port.

    The entry `first` comes before them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    entries = [first]
    for at, (name, port) in enumerate(ports):
        copy = folder.parent / f"driver{at}.so"
        shutil.copyfile(driver, copy)
        entries.append(
            f'FRIENDLYNAME "{name}"\nDEVICENAME /dev/null:{port}\nLIBPATH {copy}\nCHANNELID {at}\n'
        )
    (folder / "readers").write_text("\n".join(entries), encoding="utf-8")


def _slot(reader: str) -> Slot:
    match = _FULL_NAME.fullmatch(reader)
    slot = Slot(match["entry"], int(match["number"])) if match else Slot(reader)
    if not slot.entry.isprintable() or '"' in slot.entry or not slot.entry.strip():
        raise ConfigurationError(f"{reader!r} cannot name a reader: printable text without quotes")
    if len(slot.entry.encode()) > MAX_NAME:
        raise ConfigurationError(f"a reader's name has at most {MAX_NAME} bytes, not {reader!r}")
    return slot


def _spare(slots: Sequence[Slot], reader: str, *, is_free: bool) -> Slot:
    """The first second slot nobody has, for a reader whose name asks for none."""
    spare = next((slot.other for slot in slots if slot.other not in slots), None)
    if spare is None or not is_free:
        most = len({slot.entry for slot in slots})
        raise ConfigurationError(
            f"no room for reader {reader!r}: this pcscd holds {most} entries of two readers each "
            "('X 00 00' and 'X 00 01'), and a name without ' 00 00' takes either; pcsc-lite 2.5 "
            "holds more entries, and cardio's own driver 16 readers of any name"
        )
    return spare
