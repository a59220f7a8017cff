"""Real readers: how many PC/SC readers one unit makes, and how each system names them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from cardio_emulator.settings import Settings

_FILE = Path(__file__).with_suffix(".toml")
_SERIAL = "{serial}"
_MAX_READERS = 4
_SLOT = re.compile(r"(?P<device>.+ [0-9A-F]{2}) [0-9A-F]{2}")


class System(Enum):
    """Whose rules reader names follow."""

    LINUX = "linux"
    WINDOWS = "windows"
    MACOS = "macos"


@dataclass(frozen=True, slots=True)
class ModelReader:
    """One PC/SC reader of a unit: its name on the systems where it is known, without numbers.

    `slot` above 0: a further slot of the same device.
    """

    names: Mapping[System, str]
    slot: int = 0
    contactless: bool = False


@dataclass(frozen=True, slots=True)
class ReaderModel:
    """One entry of `reader_models.toml`, which says what its words of confidence mean."""

    id: str
    name: str
    readers: tuple[ModelReader, ...]
    usb: str
    source: str
    confidence: str
    naming: str

    @property
    def systems(self) -> tuple[System, ...]:
        """Those on which it has names."""
        return tuple(system for system in System if system in self.readers[0].names)


@dataclass(frozen=True, slots=True)
class Named:
    """A reader with its full name; those of one `unit` are slots of one device."""

    name: str
    unit: int


class Namer:
    """Names the readers of one workstation, unit after unit, as its system would.

    pcsc-lite adds ` (serial)` and the numbers of device and slot, Windows the number of readers
    of this name before, macOS ` 01` and so on from the second one on (facts: vitale.md §7.2).
    """

    def __init__(self, system: System = System.LINUX) -> None:
        self.system = system
        self._units: dict[str, int] = {}
        self._same: Counter[str] = Counter()

    def name(self, model: ReaderModel, serial: str | None = None) -> tuple[Named, ...]:
        """The readers of one more unit; without `serial` it gets one of ours where it shows it."""
        return tuple(self._named(reader, serial) for reader in model.readers)

    def named(self, name: str) -> Named:
        """A reader that was named by hand; `X 00 01` is a slot of the unit of `X 00 00`."""
        slots = _SLOT.fullmatch(name)
        device = slots["device"] if slots else name
        return Named(name, self._units.setdefault(device, len(self._units)))

    def _named(self, reader: ModelReader, serial: str | None) -> Named:
        unit = len(self._units) - 1 if reader.slot else len(self._units)
        self._units.setdefault(f"unit {unit}", unit)
        pattern = reader.names[self.system]
        base = pattern.replace(_SERIAL, serial or "TEST-0001")
        if self.system is System.LINUX and serial and _SERIAL not in pattern:
            base = f"{base} ({serial})"
        number = self._same[base]
        self._same[base] += 1
        return Named(_NUMBERED[self.system](base, unit, reader.slot, number), unit)


def _macos(base: str, _unit: int, _slot: int, number: int) -> str:
    return f"{base} {number:02}" if number else base


_NUMBERED: Mapping[System, Callable[[str, int, int, int], str]] = {
    System.LINUX: lambda base, unit, slot, _: f"{base} {unit:02X} {slot:02X}",
    System.WINDOWS: lambda base, _unit, _slot, number: f"{base} {number}",
    System.MACOS: _macos,
}


@cache
def models() -> Mapping[str, ReaderModel]:
    """Every model, by its id."""
    settings = Settings.read(_FILE)
    found = [_model(table) for table in settings.tables("model")]
    settings.finish()
    return {model.id: model for model in found}


def _model(table: Settings) -> ReaderModel:
    model = ReaderModel(
        id=table.text("id"),
        name=table.text("name"),
        readers=tuple(_reader(reader) for reader in table.tables("reader")),
        usb=table.text("usb") if "usb" in table else "",
        source=table.text("source"),
        confidence=table.choice("confidence", ("S", "S1", "STAND-IN")),
        naming=table.choice("naming", ("S", "S1", "I", "STAND-IN")),
    )
    table.finish("usb")
    return model


def _reader(table: Settings) -> ModelReader:
    reader = ModelReader(
        names={s: table.text(s.value) for s in System if s.value in table},
        slot=table.number("slot", 0, _MAX_READERS) if "slot" in table else 0,
        contactless="contactless" in table and table.flag("contactless"),
    )
    table.finish("slot", "contactless")
    return reader
