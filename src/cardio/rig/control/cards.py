"""The card and the fault that a command names, and the words for a fault."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import Enum
from pathlib import Path
from typing import Any, cast

from cardio.errors import ConfigurationError
from cardio.rig.control.language import NotUnderstood, text_of
from cardio.transport.json_line import Message
from cardio_emulator.bench_plan import CardSource, OfImage, OfKind, OfTrace
from cardio_emulator.faults import ALL_FAULTS, Fault, Rule, read_fault
from cardio_emulator.kinds import KINDS, default_persona
from cardio_emulator.settings import Settings

_WHICH = ("card", "image", "trace")


def named_card(command: Message, folder: Path | None) -> CardSource | None:
    """What the card is made from, None where the command names none.

    Files are those of `folder`. Raises `NotUnderstood`, `ConfigurationError`.
    """
    given = [key for key in (*_WHICH, "number") if key in command]
    if len(given) > 1 or ("persona" in command and given != ["card"]):
        raise NotUnderstood("one key says which card; 'persona' goes with 'card'", _WHICH)
    if "image" in command:
        return OfImage(_file(command, "image", folder))
    if "trace" in command:
        return OfTrace(_file(command, "trace", folder))
    return _of_kind(command, folder) if "card" in command else None


def named_fault(command: Message) -> tuple[str, Fault]:
    """The kind of a fault, and the fault. Raises `NotUnderstood`, `ConfigurationError`."""
    table = command["fault"]
    if not isinstance(table, dict):
        raise NotUnderstood("fault: 'fault' must be an object, as [[reader.fault]] of a bench file")
    settings = Settings(cast(dict[str, object], table), "command", {}, ("fault",))
    if (kind := settings.text("kind")) not in ALL_FAULTS:
        raise NotUnderstood("fault: 'kind' is no kind of fault", ALL_FAULTS)
    return kind, read_fault(settings)


def fault_table(fault: Fault) -> Message:
    """The table that names this fault. Raises `ConfigurationError` for one of no known kind."""
    for word, kind in ALL_FAULTS.items():
        if kind.fault is type(fault):
            return {"kind": word, **_values(fault)}
    raise ConfigurationError(f"{type(fault).__name__} has no word in ALL_FAULTS")


def _of_kind(command: Message, folder: Path | None) -> OfKind:
    if (kind := text_of(command, "card")) not in KINDS:
        raise NotUnderstood("'card' is no kind of card", KINDS)
    if "persona" not in command:
        return OfKind(kind, default_persona(kind))
    persona = text_of(command, "persona")
    is_file = bool(Path(persona).suffix)
    return OfKind(kind, _file(command, "persona", folder) if is_file else persona)


def _file(command: Message, key: str, folder: Path | None) -> Path:
    """A file of the bench's folder: whoever sends commands reads no other."""
    name = text_of(command, key)
    if folder is None:
        raise ConfigurationError(f"{key!r}: this bench reads no files")
    try:
        path = (folder / name).resolve()
    except ValueError:
        raise NotUnderstood(f"{key!r} is no name of a file") from None
    if not path.is_relative_to(folder.resolve()):
        raise ConfigurationError(f"{key!r}: only files of the bench's own folder are read")
    return path


def _values(of: Any) -> Mapping[str, object]:  # noqa: ANN401
    """The fields of a fault or a rule that are not as they are by themselves."""
    told: dict[str, object] = {}
    for field in fields(of):
        value: object = getattr(of, field.name)
        if isinstance(value, Rule):
            told |= _values(value)
        elif field.default is MISSING or value != field.default:
            told[field.name] = _written(value)
    return {key: value for key, value in told.items() if value is not None}


def _written(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex().upper()
    return value.value if isinstance(value, Enum) else value
