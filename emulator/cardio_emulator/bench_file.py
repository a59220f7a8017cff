"""Bench files: which readers a bench has, which cards are in them, and their faults.

    [[reader]]
    name = "Gemalto PC Twin Reader 00 00"
    card = "vitale2"                # none: the reader is empty
    persona = "famille"             # or the path of a file, from the bench file's folder
    vpcd = "127.0.0.1:35963"        # for `cardio emulate --bench`
    pad = "1234 cancel nothing"     # what is typed on its PIN pad; in process only

    [[reader.fault]]
    kind = "removed"
    at = 7

Every fault has a `kind` of `FAULT_KINDS`; its other keys are those of its class.
"""

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from cardio.errors import ConfigurationError
from cardio_emulator.faults import (
    CutAnswer,
    Fault,
    FaultyCard,
    GarbageAtr,
    Mute,
    Removed,
    SlowAnswer,
    WrongStatus,
)
from cardio_emulator.kinds import KINDS, default_persona, make
from cardio_emulator.pad import PadKey
from cardio_emulator.persona_files import PersonaSource
from cardio_emulator.settings import Settings
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import Address

FAULT_KINDS: dict[str, type[Fault]] = {
    "removed": Removed,
    "mute": Mute,
    "slow": SlowAnswer,
    "cut": CutAnswer,
    "status": WrongStatus,
    "atr": GarbageAtr,
}


_DIGITS = frozenset("0123456789")
_PAD_KEYS = {key.name.lower(): key for key in PadKey}


@dataclass(frozen=True, slots=True)
class CardPlan:
    """A card to make: its kind, its persona and its faults."""

    kind: str
    persona: PersonaSource
    faults: tuple[Fault, ...] = ()

    def make(self) -> VirtualCard:
        """A fresh card. Raises `ConfigurationError` for a bad persona."""
        return self.with_faults(make(self.kind, self.persona))

    def with_faults(self, card: VirtualCard) -> VirtualCard:
        """The card, showing the faults of the plan."""
        return FaultyCard(card, *self.faults) if self.faults else card


@dataclass(frozen=True, slots=True)
class ReaderPlan:
    """One `[[reader]]`: `card` is None for an empty one, `vpcd` where `cardio emulate` puts it.

    `typed` is what is typed on its PIN pad; None where it has none.
    """

    name: str
    card: CardPlan | None = None
    vpcd: Address | None = None
    typed: tuple[str | PadKey, ...] | None = None


def read_bench(path: Path) -> tuple[ReaderPlan, ...]:
    """Read a bench file. Raises `ConfigurationError` naming the line, or reader and key."""
    settings = Settings.read(path)
    plans = tuple(_reader(table, path.parent) for table in settings.tables("reader"))
    settings.finish()
    names = [plan.name for plan in plans]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"{path}: two readers are named {name!r}")
    if not plans:
        raise ConfigurationError(f"{path}: no [[reader]] table")
    return plans


def _reader(table: Settings, folder: Path) -> ReaderPlan:
    plan = ReaderPlan(
        name=table.text("name"),
        card=_card(table, folder) if "card" in table else None,
        vpcd=_address(table) if "vpcd" in table else None,
        typed=_typed(table) if "pad" in table else None,
    )
    table.finish("card", "persona", "vpcd", "pad", "fault")
    if plan.card is None and ("persona" in table or "fault" in table):
        raise table.error("card", "is missing, though a persona or a fault is given")
    return plan


def _address(table: Settings) -> Address:
    try:
        return Address.parse(table.text("vpcd"))
    except ConfigurationError as error:
        raise table.error("vpcd", f"is wrong: {error.message}") from error


def _typed(table: Settings) -> tuple[str | PadKey, ...]:
    entries = table.text("pad").split()
    if any(not (_DIGITS.issuperset(entry) or entry in _PAD_KEYS) for entry in entries):
        raise table.error("pad", f"must hold digits or the words {', '.join(_PAD_KEYS)}")
    return tuple(_PAD_KEYS.get(entry, entry) for entry in entries)


def _card(table: Settings, folder: Path) -> CardPlan:
    kind = table.choice("card", KINDS)
    persona = table.text("persona") if "persona" in table else default_persona(kind)
    faults = tuple(_fault(fault) for fault in table.tables("fault"))
    return CardPlan(kind, _from_folder(persona, folder), faults)


def _from_folder(persona: str, folder: Path) -> PersonaSource:
    """A persona with a file suffix is a path; a bare word is one that comes with cardio."""
    return folder / persona if Path(persona).suffix else persona


def _fault(table: Settings) -> Fault:
    kind = FAULT_KINDS[table.choice("kind", FAULT_KINDS)]
    values: dict[str, Any] = {
        field.name: _value(table, field.name, field.type)
        for field in fields(kind)
        if field.name in table or field.default is MISSING
    }
    table.finish(*(field.name for field in fields(kind)))
    try:
        return kind(**values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{table.place}: {error.message}") from error


def _value(table: Settings, key: str, kind: object) -> object:
    if kind is bool:
        return table.flag(key)
    if kind is float:
        return table.decimal(key)
    if kind is bytes:
        return table.octets(key)
    return table.number(key)
