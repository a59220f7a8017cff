"""A fault as people write it: a table of a bench file, or of a command.

kind = "status"         # a word of `ALL_FAULTS`
status = 0x6A82         # a field of its class
ins = 0xA4              # fields of `Rule`: at, every, ins, file, reader, probability, times
file = "3F00/D010"
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum, EnumType
from typing import Any, cast

from cardio.errors import ConfigurationError
from cardio_emulator.faults.catalogue import ALL_FAULTS
from cardio_emulator.faults.rule import Rule, When
from cardio_emulator.faults.seam import Fault
from cardio_emulator.settings import Settings

_AT = "at"
_RULE = tuple(field.name for field in fields(Rule))
_READ: dict[object, Callable[[Settings, str], object]] = {
    bool: Settings.flag,
    float: Settings.decimal,
    bytes: Settings.octets,
    str: Settings.text,
}


def read_fault(table: Settings) -> Fault:
    """The fault of one table. Raises `ConfigurationError` naming its place and key."""
    kind = ALL_FAULTS[table.choice("kind", ALL_FAULTS)].fault
    told = {field.name: field for field in _fields(kind)}
    values = {
        name: _value(table, field)
        for name, field in told.items()
        if name != _AT and (name in table or field.default is MISSING)
    }
    rule = _rule(table, told[_AT]) if _AT in told else None
    table.finish(*told, *(_RULE if _AT in told else ()))
    try:
        if rule is not None:
            values[_AT] = _when(rule)
        return kind(**values)
    except ConfigurationError as error:
        key, _, problem = error.message.partition(": ")
        raise table.error(key, f"is wrong: {problem}") from error


def _rule(table: Settings, field: Field[Any]) -> dict[str, Any]:
    """What is said of the rule; `at` must be where nothing else is, unless it has a default."""
    given = {name: _rule_value(table, name) for name in _RULE if name in table}
    if not given and field.default is MISSING:
        others = ", ".join(name for name in _RULE if name != _AT)
        raise table.error(_AT, f"is missing, or one of {others}")
    return given


def _when(told: dict[str, Any]) -> When:
    """An index alone where nothing else is said. Raises `ConfigurationError`."""
    rule = Rule(**told)
    return rule.at if told.keys() <= {_AT} else rule


def _rule_value(table: Settings, name: str) -> Any:  # noqa: ANN401
    if name == "file":
        return _file(table)
    if name == "reader":
        return table.text(name)
    return table.decimal(name) if name == "probability" else table.number(name)


def _file(table: Settings) -> bytes:
    try:
        return bytes.fromhex(table.text("file").replace("/", " "))
    except ValueError:
        raise table.error("file", "must be identifiers like '3F00/D010', or a name") from None


def _value(table: Settings, field: Field[Any]) -> Any:  # noqa: ANN401
    kind: Any = field.type
    if isinstance(kind, EnumType):
        words = [str(member.value) for member in cast(type[Enum], kind)]
        return kind(table.choice(field.name, words))
    return _READ.get(kind, Settings.number)(table, field.name)


def _fields(kind: type[Fault]) -> tuple[Field[Any], ...]:
    return fields(kind) if is_dataclass(kind) else ()
