r"""USB nodes of the Windows device tree: what the system lists, and what the registry adds.

facts: workstation_systems.md §2.1. Cards (`SCFILTER\…`, problem 28 without minidriver) and the
doubles of ScDeviceEnum (`SWD\…`) are nodes too, and no readers: only `USB\…` counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cardio.probe.system.facts import usb_id
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known, value_or
from cardio.probe.system.sources import Registry, Sources
from cardio.probe.system.windows.values import (
    CONTROL,
    Record,
    asked_number,
    asked_text,
    records,
    strings,
    text,
)

WORD = "devices"
"""What `Sources.ask` is asked: `[{"InstanceId", "Problem", "Class", "FriendlyName", "Present"}]`,
the shape of Get-PnpDevice; the last three may be missing.
"""

_ENUM = r"HKLM\SYSTEM\CurrentControlSet\Enum"
_CLASSES = rf"{CONTROL}\Class"
_NODE = re.compile(
    r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})(?:&REV_\w+)?(?:&MI_([0-9A-F]{2}))?\\([^\\]+)",
    re.IGNORECASE,
)
_INTERFACE_CLASS = re.compile(r"USB\\Class_([0-9A-F]{2})", re.IGNORECASE)
_NO_PROBLEM = 0
_NO_CODE = NotReadable(Why.MALFORMED, "Problem")


@dataclass(frozen=True, slots=True)
class Node:
    """A device, or one interface of it (`number`; None for a whole device).

    `instance` may be a serial number and is never told. `children` is how the instances of its
    interfaces begin.
    """

    usb_id: str
    number: int | None
    instance: str
    problem: Known[int]
    setup_class: Known[str]
    name: str
    location: str
    interface_class: int | None
    service: Known[str]
    inf: Known[str]
    provider: Known[str]
    version: Known[str]
    children: str
    key: str

    @property
    def place(self) -> str:
        """The port, else the instance if Windows made it up: then its second character is "&"."""
        return self.location or (self.instance if self.instance[1:2] == "&" else "?")


def usb_nodes(sources: Sources) -> Known[tuple[Node, ...]]:
    """All present USB nodes."""
    listed = records(sources.ask(WORD))
    return tuple(_nodes(sources.registry, listed)) if is_known(listed) else listed


def clean_name(name: str) -> str:
    """`@oem12.inf,%name%;Reader` is a text of an INF file, and what it says."""
    return name.rpartition(";")[2] if name.startswith("@") else name


def _nodes(registry: Registry, listed: tuple[Record, ...]) -> Iterator[Node]:
    for record in listed:
        found = _NODE.fullmatch(asked_text(record, "InstanceId"))
        if found and record.get("Present", True) is not False:
            yield _node(registry, record, found)


def _node(registry: Registry, record: Record, found: re.Match[str]) -> Node:
    key = rf"{_ENUM}\{found[0]}"
    driver = _driver_key(registry, key)
    return Node(
        usb_id=usb_id(int(found[1], 16), int(found[2], 16)),
        number=int(found[3], 16) if found[3] else None,
        instance=found[4],
        problem=_problem(record),
        setup_class=asked_text(record, "Class") or _setup_class(registry, key),
        name=asked_text(record, "FriendlyName") or _name(registry, key),
        location=value_or(text(registry.value(key, "LocationInformation")), ""),
        interface_class=_interface_class(strings(registry.value(key, "CompatibleIDs"))),
        service=text(registry.value(key, "Service")),
        inf=_driver_value(registry, driver, "InfPath"),
        provider=_driver_value(registry, driver, "ProviderName"),
        version=_driver_value(registry, driver, "DriverVersion"),
        children=value_or(text(registry.value(key, "ParentIdPrefix")), ""),
        key=key,
    )


def _problem(record: Record) -> Known[int]:
    """The code; `ABSENT` where all is well."""
    code = asked_number(record, "Problem")
    if code == _NO_PROBLEM:
        return ABSENT
    return code if is_known(code) and code > 0 else _NO_CODE


def _name(registry: Registry, key: str) -> str:
    for name in ("FriendlyName", "DeviceDesc"):
        if found := value_or(text(registry.value(key, name)), ""):
            return clean_name(found)
    return ""


def _setup_class(registry: Registry, key: str) -> Known[str]:
    guid = text(registry.value(key, "ClassGUID"))
    return text(registry.value(rf"{_CLASSES}\{guid}", "Class")) if is_known(guid) else guid


def _driver_key(registry: Registry, key: str) -> Known[str]:
    r"""`{class}\0001`, the key of the driver a node has."""
    found = text(registry.value(key, "Driver"))
    return rf"{_CLASSES}\{found}" if is_known(found) else found


def _driver_value(registry: Registry, driver: Known[str], name: str) -> Known[str]:
    return text(registry.value(driver, name)) if is_known(driver) else driver


def _interface_class(compatible: Known[tuple[str, ...]]) -> int | None:
    for one in value_or(compatible, ()):
        if found := _INTERFACE_CLASS.match(one):
            return int(found[1], 16)
    return None
