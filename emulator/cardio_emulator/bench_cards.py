"""The cards of bench files: the keys of a reader, a slot or an insertion that say which."""

from contextlib import suppress
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio_emulator.bench_plan import CardPlan, CardSource, OfImage, OfKind, OfTrace
from cardio_emulator.faults import BlockedPin, Fault, SlowAnswer, TriesLeft, read_fault
from cardio_emulator.kinds import KINDS, default_persona
from cardio_emulator.persona_files import PersonaSource, persona_path
from cardio_emulator.recorded import Replay
from cardio_emulator.settings import Settings

WHICH = ("card", "image", "trace")
"""The keys of which one says what card it is."""
CARD_KEYS = (
    *WHICH,
    *("persona", "connection", "replay"),
    *("tries_left", "blocked", "ms_per_apdu", "bit_rate"),
    "fault",
)
_ONLY_WITH = {"persona": "card", "connection": "trace", "replay": "trace"}
_REPLAYS = {replay.value: replay for replay in Replay}
_MAX_TRIES = 15
"""The most that 63Cx can tell (ISO/IEC 7816-4:2020 §5.6)."""
_MAX_MS, _SLOWEST, _FASTEST = 60_000, 300, 10_000_000
_MAX_CONNECTIONS = 1_000_000


def read_card(table: Settings, folder: Path) -> CardPlan | None:
    """The card a table describes; None where it speaks of none.

    The caller refuses keys beyond `CARD_KEYS`. Files are looked for from `folder`. Raises
    `ConfigurationError`.
    """
    which = [key for key in WHICH if key in table]
    if len(which) > 1:
        raise table.error(which[1], f"does not go with {which[0]!r}: one says which card it is")
    for key in CARD_KEYS:
        wanted = _ONLY_WITH.get(key)
        if key in table and not which:
            raise table.error(wanted or "card", f"is missing, though {key!r} is given")
        if key in table and wanted not in (None, *which):
            raise table.error(key, f"goes with {wanted!r} only")
    if not which:
        return None
    return CardPlan(_source(table, which[0], folder), _faults(table), table.place)


def _source(table: Settings, which: str, folder: Path) -> CardSource:
    if which == "card":
        kind = table.choice("card", KINDS)
        persona = table.text("persona") if "persona" in table else default_persona(kind)
        return OfKind(kind, _from_folder(table, persona, folder))
    if which == "image":
        return OfImage(_file(table, which, table.text(which), folder))
    connection = table.number("connection", 0, _MAX_CONNECTIONS) if "connection" in table else None
    replay = table.choice("replay", _REPLAYS) if "replay" in table else Replay.BY_COMMAND.value
    file = _file(table, which, table.text(which), folder)
    return OfTrace(file, connection, _REPLAYS[replay])


def _from_folder(table: Settings, persona: str, folder: Path) -> PersonaSource:
    """A persona with a file suffix is a path; a bare word is one that comes with cardio."""
    if Path(persona).suffix:
        return _file(table, "persona", persona, folder)
    try:
        persona_path(persona)
    except ConfigurationError as error:
        raise table.error("persona", f"is wrong: {error.message}") from error
    return persona


def _file(table: Settings, key: str, name: str, folder: Path) -> Path:
    if not name or not name.isprintable():
        raise table.error(key, "must be the name of a file")
    path = folder / name
    with suppress(OSError):
        if path.is_file():
            return path
    raise table.error(key, f"names no file: {path}")


def _faults(table: Settings) -> tuple[Fault, ...]:
    """The state the card is in, its speed, then its faults in the order of the file."""
    faults: list[Fault] = []
    if "tries_left" in table:
        faults.append(TriesLeft(table.number("tries_left", 0, _MAX_TRIES)))
    if "blocked" in table and table.flag("blocked"):
        faults.append(BlockedPin())
    if "ms_per_apdu" in table or "bit_rate" in table:
        faults.append(_speed(table))
    return (*faults, *(read_fault(fault) for fault in table.tables("fault")))


def _speed(table: Settings) -> SlowAnswer:
    milliseconds = table.decimal("ms_per_apdu", 0, _MAX_MS) if "ms_per_apdu" in table else 0.0
    rate = table.number("bit_rate", _SLOWEST, _FASTEST) if "bit_rate" in table else None
    return SlowAnswer(milliseconds / 1000, bit_rate=rate)
