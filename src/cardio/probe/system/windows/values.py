"""What the registry and the system calls answer, as the type a fact needs.

A value of another type is `NotReadable(Why.MALFORMED)`: anybody can write anything into a registry.
"""

from collections.abc import Mapping
from typing import cast

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.sources import RegistryValue, Sources, View

Record = Mapping[str, object]

CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
SERVICES = r"HKLM\SYSTEM\CurrentControlSet\Services"
POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft"
WINDOWS_NT = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"

_MALFORMED = NotReadable(Why.MALFORMED)


def text(value: Known[RegistryValue]) -> Known[str]:
    """A string; what follows a zero character is left over from an older one."""
    if not is_known(value):
        return value
    return value.partition("\0")[0].strip() if isinstance(value, str) else _MALFORMED


def number(value: Known[RegistryValue]) -> Known[int]:
    """A DWORD."""
    if not is_known(value):
        return value
    return value if isinstance(value, int) else _MALFORMED


def switch(value: Known[RegistryValue]) -> Known[bool]:
    """A DWORD, or bytes that begin with one, that is yes if it is not zero."""
    if isinstance(value, bytes):
        return any(value[:4]) if value else _MALFORMED
    found = number(value)
    return found != 0 if is_known(found) else found


def blob(value: Known[RegistryValue]) -> Known[bytes]:
    """Bytes."""
    if not is_known(value):
        return value
    return value if isinstance(value, bytes) else _MALFORMED


def strings(value: Known[RegistryValue]) -> Known[tuple[str, ...]]:
    """A list of strings; one alone counts as a list."""
    if not is_known(value):
        return value
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else _MALFORMED


def records(answer: Known[object]) -> Known[tuple[Record, ...]]:
    """A list of JSON objects; one alone stands for a list of one, as Windows PowerShell 5.1 writes
    it (facts: workstation_systems.md §0, rule 3).
    """
    if not is_known(answer):
        return answer
    many = cast(list[object], answer) if isinstance(answer, list) else [answer]
    if not all(isinstance(one, dict) for one in many):
        return _MALFORMED
    return tuple(cast(list[Record], many))


def asked_number(record: Known[Record], name: str) -> Known[int]:
    """A whole number of a JSON object."""
    if not is_known(record):
        return record
    value = record.get(name, ABSENT)
    if value is ABSENT:
        return ABSENT
    return value if isinstance(value, int) and not isinstance(value, bool) else _MALFORMED


def asked_text(record: Record, name: str) -> str:
    """A string of a JSON object, "" if there is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def views(sources: Sources) -> tuple[View, ...]:
    """The registries this Windows has: 32-bit Windows has one only."""
    given = {name.upper(): value for name, value in sources.environment.items()}
    is_32_bit = given.get("PROCESSOR_ARCHITECTURE") == "x86"
    return (View.BITS_32,) if is_32_bit and "PROCESSOR_ARCHITEW6432" not in given else tuple(View)
