"""Property lists, from files and from commands that print them."""

import plistlib
from collections.abc import Iterator, Mapping
from typing import cast
from xml.parsers.expat import ExpatError

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.sources import CommandResult

Properties = Mapping[str, object]

_SPOILT = (
    plistlib.InvalidFileException,
    ExpatError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
)
"""What `plistlib` raises for data that is no property list (found by trying)."""


def parsed(data: Known[bytes]) -> Known[object]:
    """What a property list holds, XML or binary."""
    if not is_known(data):
        return data
    try:
        return cast(object, plistlib.loads(data))
    except _SPOILT:
        return NotReadable(Why.MALFORMED, "property list")


def properties(data: Known[bytes]) -> Known[Properties]:
    """A property list that is a dictionary."""
    found = parsed(data)
    if not is_known(found):
        return found
    if not isinstance(found, dict):
        return NotReadable(Why.MALFORMED, "property list")
    return cast(Properties, found)


def printed(result: Known[CommandResult]) -> Known[bytes]:
    """What a command printed, if it ended well."""
    if not is_known(result):
        return result
    return (
        NotReadable(Why.FAILED, f"exit {result.exit_code}") if result.exit_code else result.stdout
    )


def dictionaries(value: object) -> Iterator[Properties]:
    """The dictionaries of a list; nothing of anything else."""
    for one in cast(list[object], value) if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield cast(Properties, one)


def whole_number(found: Properties, name: str) -> int | None:
    """A number of a dictionary."""
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(found: Properties, name: str) -> str:
    """A text of a dictionary, "" if there is none."""
    value = found.get(name)
    return value if isinstance(value, str) else ""


def scalar(found: Known[Properties], name: str) -> Known[bool | int | str | tuple[str, ...]]:
    """A setting: yes or no, a number, a text, or a list of texts."""
    if not is_known(found):
        return found
    value = found.get(name, ABSENT)
    if value is ABSENT or isinstance(value, bool | int | str):
        return value
    many = cast(list[object], value) if isinstance(value, list) else [value]
    texts = tuple(one for one in many if isinstance(one, str))
    return texts if len(texts) == len(many) else NotReadable(Why.MALFORMED, name)
