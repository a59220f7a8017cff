"""Readers and what may be readers, from the USB nodes of Windows.

facts: workstation_systems.md §2.1, §6.
"""

from collections.abc import Iterator, Sequence

from cardio.probe.system.facts import (
    SMART_CARD_CLASS,
    ConfiguredReader,
    Driver,
    Drivers,
    UsbDevice,
    UsbInterface,
)
from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known, value_or
from cardio.probe.system.known_readers import may_be_reader
from cardio.probe.system.sources import Registry, Sources
from cardio.probe.system.windows.nodes import Node, clean_name, usb_nodes
from cardio.probe.system.windows.values import strings, switch

READER_CLASS = "SmartCardReader"
_INTRODUCED = r"HKLM\SOFTWARE\Microsoft\Cryptography\Calais\Readers"

_POWER_SWITCHES = (
    ("Device Parameters", "SelectiveSuspendEnabled"),
    ("Device Parameters", "EnhancedPowerManagementEnabled"),
    (r"Device Parameters\WDF", "IdleInWorkingState"),
)
"""A device's own power settings, below its key (facts: §6, I)."""


def usb_devices(sources: Sources) -> Known[tuple[UsbDevice, ...]]:
    """Every present device that may be a reader, its interfaces gathered."""
    nodes = usb_nodes(sources)
    if not is_known(nodes):
        return nodes
    devices = (_device(sources.registry, group) for group in _groups(nodes))
    return tuple(device for device in devices if _is_told(device))


def drivers(sources: Sources) -> Drivers:
    """The drivers readers have, and readers that were introduced by hand: those that are plugged
    in do not show there (facts: §2.1).
    """
    nodes = usb_nodes(sources)
    if not is_known(nodes):
        return Drivers(nodes, _configured(sources.registry))
    found = (_driver(node) for node in nodes if _reads_cards(node))
    named = dict.fromkeys(one for one in found if one)
    return Drivers(tuple(named), _configured(sources.registry))


def _groups(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    """Each device with the interfaces it has; those without a device stand for themselves."""
    wholes = [node for node in nodes if node.number is None]
    parents = {id(node): _parent(node, wholes) for node in nodes if node.number is not None}
    for whole in wholes:
        yield whole, *(node for node in nodes if parents.get(id(node)) is whole)
    for node in nodes:
        if id(node) in parents and parents[id(node)] is None:
            yield (node,)


def _parent(node: Node, wholes: Sequence[Node]) -> Node | None:
    """The device whose prefix it bears; else the only one of its model."""
    alike = [whole for whole in wholes if whole.usb_id == node.usb_id]
    named = (one for one in alike if one.children and node.instance.startswith(one.children))
    return next(named, alike[0] if len(alike) == 1 else None)


def _device(registry: Registry, group: tuple[Node, ...]) -> UsbDevice:
    main = next((node for node in group if _reads_cards(node)), group[0])
    return UsbDevice(
        location=group[0].place,
        usb_id=main.usb_id,
        product=main.name,
        interfaces=tuple(_interfaces(group)),
        setup_class=main.setup_class,
        driver=main.inf,
        driver_version=main.version,
        problem=_problem(group),
        may_sleep=_may_sleep(registry, main),
    )


def _interfaces(group: tuple[Node, ...]) -> Iterator[UsbInterface]:
    for node in group:
        if node.interface_class is not None:
            yield UsbInterface(node.number or 0, node.interface_class, node.service)


def _problem(group: tuple[Node, ...]) -> Known[int]:
    """The first code of any of its nodes; what is not readable before "none"."""
    codes = [node.problem for node in group if node.problem is not ABSENT]
    return next((code for code in codes if is_known(code)), codes[0] if codes else ABSENT)


def _may_sleep(registry: Registry, node: Node) -> Known[bool]:
    """Yes if one of its switches says so, no if all that are there say no."""
    values = [
        switch(registry.value(rf"{node.key}\{folder}", name)) for folder, name in _POWER_SWITCHES
    ]
    if True in values:
        return True
    told = False if False in values else ABSENT
    return next((one for one in values if isinstance(one, NotReadable)), told)


def _reads_cards(node: Node) -> bool:
    return node.setup_class == READER_CLASS or node.interface_class == SMART_CARD_CLASS


def _is_told(device: UsbDevice) -> bool:
    classes = [one.interface_class for one in device.interfaces]
    is_reader = device.setup_class == READER_CLASS
    return is_reader or may_be_reader(device.usb_id, classes, listed=False)


def _driver(node: Node) -> Driver | None:
    """Its INF file with its maker, such as "wudfusbcciddriver.inf (Microsoft)"."""
    if not is_known(node.inf):
        return None
    provider = clean_name(value_or(node.provider, ""))
    return Driver(f"{node.inf} ({provider})" if provider else node.inf, node.version)


def _configured(registry: Registry) -> Known[tuple[ConfiguredReader, ...]]:
    names = registry.keys(_INTRODUCED)
    if not is_known(names):
        return names
    devices = (
        (name, strings(registry.value(rf"{_INTRODUCED}\{name}", "Device"))) for name in names
    )
    return tuple(
        ConfiguredReader(name, " ".join(found) if is_known(found) else found)
        for name, found in devices
    )
