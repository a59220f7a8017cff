"""JSON and property lists that anybody may have written: an object, or nothing usable."""

import json
import plistlib
from collections.abc import Mapping
from typing import Any, cast
from xml.parsers.expat import ExpatError

from cardio.probe.system.known import Known, NotReadable, Why

Object = Mapping[str, Any]

_BROKEN_PLIST = (
    plistlib.InvalidFileException,
    ExpatError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
)
"""All that plistlib raises for files that are none."""


def json_object(data: bytes) -> Known[Object]:
    """A JSON object; `MALFORMED` for all else."""
    try:
        return _object(json.loads(data), "JSON")
    except (ValueError, RecursionError):
        return NotReadable(Why.MALFORMED, "JSON")


def plist_object(data: bytes) -> Known[Object]:
    """A property list's dictionary, XML or binary; `MALFORMED` for all else."""
    try:
        return _object(plistlib.loads(data), "plist")
    except _BROKEN_PLIST:
        return NotReadable(Why.MALFORMED, "plist")


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list; nothing for what is no list."""
    items = cast(list[object], value) if isinstance(value, list) else []
    return tuple(one for one in items if isinstance(one, str))


def inner(document: Object, *names: str) -> Object:
    """The object some levels below; an empty one where there is none."""
    for name in names:
        found = document.get(name)
        document = cast(Object, found) if isinstance(found, dict) else {}
    return document


def _object(found: object, what: str) -> Known[Object]:
    if isinstance(found, dict):
        return cast(Object, found)
    return NotReadable(Why.MALFORMED, what)
