"""Bench files: which readers a bench has, which cards are in them, and what happens when.

    [bench]
    seed = 7
    clock = "virtual"               # or "real"

    [[reader]]
    name = "Gemalto PC Twin Reader 00 00"
    card = "cps3"                   # none: the reader is empty
    ms_per_apdu = 20

    [[reader.fault]]
    kind = "removed"
    at = 7

    [[reader]]
    model = "kapelse-kap-link"      # two readers, in two [[reader.slot]] tables

    [[timeline]]
    at = 2.5
    do = "insert"
    reader = "KAP-LINK 1"
    card = "vitale2"

Every key is in docs/reference/bench-files.md.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio_emulator.bench_cards import CARD_KEYS, WHICH, read_card
from cardio_emulator.bench_plan import Act, BenchPlan, ReaderPlan, Step, Time
from cardio_emulator.faults import Fault, read_fault
from cardio_emulator.pad import PadKey
from cardio_emulator.reader_models import Named, Namer, ReaderModel, System, models
from cardio_emulator.settings import Settings
from cardio_emulator.vpcd import Address

MAX_READERS = 1000
MAX_SECONDS = 86400.0
"""Longest timeline: a day."""
MAX_APDUS = 1_000_000_000
MAX_SEED = 0xFFFFFFFF

_READER_KEYS = (*CARD_KEYS, "vpcd", "pad")
_DIGITS = frozenset("0123456789")
_PAD_KEYS = {key.name.lower(): key for key in PadKey}
_ACTS = {act.value: act for act in Act}
_TIMES = {time.value: time for time in Time}
_LISTED = 16
_SERIAL = re.compile(r"[A-Za-z0-9-]{1,40}")
_SYSTEMS = {system.value: system for system in System}


def read_bench(path: Path) -> BenchPlan:
    """Read a bench file. Raises `ConfigurationError` naming line, table and key."""
    settings = Settings.read(path)
    seed, time, namer = _bench(settings)
    readers = _readers(settings, namer, path.parent)
    names = tuple(reader.name for reader in readers)
    steps = tuple(_step(table, names, path.parent) for table in settings.tables("timeline"))
    settings.finish("bench")
    if not readers:
        raise ConfigurationError(f"{path}: no [[reader]] table")
    return BenchPlan(readers, steps, seed, time)


def _bench(settings: Settings) -> tuple[int, Time, Namer]:
    tables = settings.tables("bench")
    if not tables:
        return 0, Time.REAL, Namer()
    if len(tables) > 1:
        raise settings.error("bench", "must be one [bench] table")
    (table,) = tables
    seed = table.number("seed", 0, MAX_SEED) if "seed" in table else 0
    time = _TIMES[table.choice("clock", _TIMES)] if "clock" in table else Time.REAL
    system = _SYSTEMS[table.choice("names", _SYSTEMS)] if "names" in table else System.LINUX
    table.finish("seed", "clock", "names")
    return seed, time, Namer(system)


def _readers(settings: Settings, namer: Namer, folder: Path) -> tuple[ReaderPlan, ...]:
    plans: dict[str, ReaderPlan] = {}
    for table in settings.tables("reader"):
        for plan in _unit(table, namer, folder):
            if plan.name in plans:
                raise ConfigurationError(f"{table.place}: two readers are named {plan.name!r}")
            plans[plan.name] = plan
        if len(plans) > MAX_READERS:
            raise ConfigurationError(f"{table.place}: at most {MAX_READERS} readers")
    return tuple(plans.values())


def _unit(table: Settings, namer: Namer, folder: Path) -> list[ReaderPlan]:
    """The readers that one `[[reader]]` makes."""
    if "model" not in table:
        plan = _reader(table, namer.named(_name(table)), folder)
        table.finish("model", *_READER_KEYS)
        return [plan]
    model = _model(table, namer)
    if "name" in table:
        raise table.error("name", "does not go with 'model': one says how the reader is named")
    named = namer.name(model, _serial(table) if "serial" in table else None)
    if len(named) == 1:
        plan = _reader(table, named[0], folder)
        table.finish("serial", *_READER_KEYS)
        return [plan]
    for key in _READER_KEYS:
        if key in table:
            problem = f"goes in a [[reader.slot]] table: {model.name} makes {len(named)} readers"
            raise table.error(key, problem)
    slots = table.tables("slot")
    table.finish("serial")
    if not slots:
        return [ReaderPlan(one.name, unit=one.unit, place=table.place) for one in named]
    if len(slots) != len(named):
        problem = f"must be {len(named)} [[reader.slot]] tables for {model.name}, not {len(slots)}"
        raise table.error("slot", problem)
    return [_slot(slot, one, folder) for slot, one in zip(slots, named, strict=True)]


def _slot(table: Settings, named: Named, folder: Path) -> ReaderPlan:
    plan = _reader(table, named, folder)
    table.finish(*_READER_KEYS)
    return plan


def _model(table: Settings, namer: Namer) -> ReaderModel:
    model = models()[table.choice("model", models())]
    if namer.system not in model.systems:
        systems = ", ".join(system.value for system in model.systems)
        raise table.error("model", f"has no known name on {namer.system.value}, only on {systems}")
    return model


def _name(table: Settings) -> str:
    name = table.text("name")
    if not name.strip() or not name.isprintable():
        raise table.error("name", "must be printable text")
    return name


def _serial(table: Settings) -> str:
    serial = table.text("serial")
    if not _SERIAL.fullmatch(serial):
        raise table.error("serial", "must be letters, digits and hyphens")
    return serial


def _reader(table: Settings, named: Named, folder: Path) -> ReaderPlan:
    return ReaderPlan(
        name=named.name,
        card=read_card(table, folder),
        vpcd=_address(table) if "vpcd" in table else None,
        typed=_typed(table) if "pad" in table else None,
        unit=named.unit,
        place=table.place,
    )


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


def _step(table: Settings, names: Sequence[str], folder: Path) -> Step:
    if ("at" in table) == ("after" in table):
        raise table.error("at", "or 'after' is needed, one of them")
    act = _ACTS[table.choice("do", _ACTS)]
    reader = _one_of(table, "reader", names) if act.has_reader else ""
    counted = _counted(table, names, reader) if "after" in table else ""
    step = Step(
        act=act,
        reader=reader,
        at=table.decimal("at", 0, MAX_SECONDS) if "at" in table else None,
        after=table.number("after", 1, MAX_APDUS) if "after" in table else None,
        counted=counted,
        card=read_card(table, folder) if act.puts_a_card_in else None,
        faults=_step_faults(table) if act is Act.FAULT else (),
        place=table.place,
    )
    counting = ("apdus_of",) if "after" in table else ()
    table.finish("at", "after", *counting, *(CARD_KEYS if step.act.puts_a_card_in else ()))
    if act is Act.SWAP and step.card is None:
        raise table.error("card", f"is missing: one of {', '.join(WHICH)} says what is put in")
    return step


def _step_faults(table: Settings) -> tuple[Fault, ...]:
    faults = tuple(read_fault(fault) for fault in table.tables("fault"))
    if not faults:
        raise table.error("fault", "is missing: [[timeline.fault]] tables say which")
    return faults


def _counted(table: Settings, names: Sequence[str], reader: str) -> str:
    """Whose APDUs `after` counts: those of the reader itself unless it is said."""
    return _one_of(table, "apdus_of", names) if "apdus_of" in table or not reader else reader


def _one_of(table: Settings, key: str, names: Sequence[str]) -> str:
    """The one reader whose name this is, or a part of it that no other has."""
    told = table.text(key)
    fits = [told] if told in names else [name for name in names if told in name]
    if len(fits) == 1:
        return fits[0]
    problem = "is the name of no reader" if not fits else "is a part of several readers' names"
    listed = ", ".join((fits or names)[:_LISTED])
    raise table.error(key, f"{problem}: {listed}{', …' if len(fits or names) > _LISTED else ''}")
