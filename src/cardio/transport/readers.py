"""Reader names taken apart, and one reader chosen by a part of its name.

A name is all that PC/SC tells of a reader, and its numbers depend on the order in which readers
were plugged in (facts: vitale.md §7.2).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cardio.errors import ConfigurationError, NoReader, SelectionError
from cardio.transport.base import ReaderStatus

MIN_FRAGMENT = 3
"""Fewer characters fit too many readers by chance ("00", "CC")."""

# pcsc-lite adds " [interface] (serial) NN MM", in hexadecimal; Windows one number; macOS one
# number, in brackets or of two digits (facts: vitale.md §7.2). A longer number ends a model's
# own name ("CardMan 3121").
_PCSC_LITE = re.compile(
    r"(?P<model>.+?)(?: \[(?P<interface>[^]]*)])?(?: \((?P<serial>[^)]*)\))?"
    r" (?P<device>[0-9A-F]{2}) (?P<slot>[0-9A-F]{2})"
)
_NUMBERED = re.compile(r"(?P<model>.+?)(?: (?P<number>\d{1,2})|\((?P<bracketed>\d{1,2})\))")


@dataclass(frozen=True, slots=True)
class ReaderIdentity:
    """What a reader's name tells.

    `model`, `interface`, `serial` and `slot` belong to the device; `device` is the number the
    system gave it (pcsc-lite from 0, Windows from 0, macOS from 1) and may be another one
    tomorrow. None and "" where the name does not tell.
    """

    model: str
    interface: str = ""
    serial: str = ""
    device: int | None = None
    slot: int | None = None

    @classmethod
    def parse(cls, name: str) -> Self:
        """Take a PC/SC reader name apart; any text is accepted."""
        if match := _PCSC_LITE.fullmatch(name):
            model, interface, serial, device, slot = match.groups(default="")
            return cls(model, interface, serial, int(device, 16), int(slot, 16))
        if match := _NUMBERED.fullmatch(name):
            return cls(match["model"], device=int(match["number"] or match["bracketed"]))
        return cls(name)

    def is_same_reader(self, other: "ReaderIdentity") -> bool:
        """Whether both name one reader, whatever number the system gave it.

        Without a serial number two readers of one model cannot be told apart this way.
        """
        return (self.model, self.interface, self.serial, self.slot) == (
            other.model,
            other.interface,
            other.serial,
            other.slot,
        )


def choose_reader(fragment: str, readers: Sequence[ReaderStatus]) -> ReaderStatus:
    """The one reader whose name holds `fragment` (3 characters or more, case ignored).

    A full name wins over names that hold it. Raises `ConfigurationError` for too short a
    fragment, `NoReader` when none fits, `SelectionError` (reason "several") when several do;
    the messages list the candidates.
    """
    if len(fragment.strip()) < MIN_FRAGMENT:
        raise ConfigurationError(f"a part of a reader's name has at least {MIN_FRAGMENT} letters")
    wanted = fragment.strip().casefold()
    exact = [reader for reader in readers if reader.name.casefold() == wanted]
    fits = exact or [reader for reader in readers if wanted in reader.name.casefold()]
    if len(fits) == 1:
        return fits[0]
    if fits:
        message = f"{fragment!r} fits several readers: {_names(fits)}"
        raise SelectionError(message, reason="several")
    raise NoReader(f"no reader's name holds {fragment!r}; there is {_names(readers) or 'none'}")


def _names(readers: Sequence[ReaderStatus]) -> str:
    return ", ".join(sorted(repr(reader.name) for reader in readers))
