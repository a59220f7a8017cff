"""USB devices that may be readers, and who has them, from the I/O registry.

facts: workstation_systems.md §2.2. system_profiler is asked only where the registry tells nothing:
it shows no interface class. Its list has another name since macOS 26.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import cast

from cardio.probe.system.facts import UsbDevice, UsbInterface, usb_id
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.known_readers import may_be_reader
from cardio.probe.system.linux.drivers import DriverList
from cardio.probe.system.macos.property_lists import (
    Properties,
    dictionaries,
    parsed,
    printed,
    text,
    whole_number,
)
from cardio.probe.system.sources import CommandResult, Sources

IOREG = ("/usr/sbin/ioreg", "-a", "-r", "-c", "IOUSBHostInterface", "-l")
PROFILER = ("/usr/sbin/system_profiler", "-json", "SPUSBDataType", "SPUSBHostDataType")
PROFILER_LIMIT = 10.0
"""Seconds; it may take 20 (facts: §0, rule 8), which the whole family has not."""

_CREATOR = re.compile(r"pid \d+, (.+)")
_HEX = re.compile(r"0x([0-9A-Fa-f]{1,8})")
_DEEPEST = 16
"""Levels looked into; hubs go 7 deep (USB 2.0, 4.1.1)."""
_LARGEST_ID = 0xFFFF


def usb_devices(sources: Sources, ccid: Known[DriverList]) -> Known[tuple[UsbDevice, ...]]:
    """Every device that may be a reader; `listed`: by libccid, a fallback since macOS 14."""
    found = parse_ioreg(sources.run(*IOREG))
    if not is_known(found):
        shown = sources.run(*PROFILER, limit=PROFILER_LIMIT)
        found = parse_profiler(shown)
    if not is_known(found):
        return found
    listed = ((one, one.usb_id in ccid.readers if is_known(ccid) else ccid) for one in found)
    return tuple(_with_listed(device, known) for device, known in listed if _is_told(device, known))


def parse_ioreg(result: Known[CommandResult]) -> Known[tuple[UsbDevice, ...]]:
    """The devices of all interfaces; an empty answer is none."""
    data = printed(result)
    if is_known(data) and not data.strip():
        return ()
    tree = parsed(data)
    if not is_known(tree):
        return tree
    if not isinstance(tree, list):
        return NotReadable(Why.MALFORMED, "ioreg")
    return tuple(_gathered(dictionaries(cast(object, tree))))


def parse_profiler(result: Known[CommandResult]) -> Known[tuple[UsbDevice, ...]]:
    """The devices of both lists of system_profiler, without their interfaces."""
    data = printed(result)
    if not is_known(data):
        return data
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return NotReadable(Why.MALFORMED, "system_profiler")
    if not isinstance(document, dict):
        return NotReadable(Why.MALFORMED, "system_profiler")
    lists = cast(Mapping[str, object], document).values()
    items = chain.from_iterable(_items(one, _DEEPEST) for one in lists)
    return tuple(device for item in items if (device := _profiled(item)))


def _gathered(interfaces: Iterable[Properties]) -> Iterator[UsbDevice]:
    """Interfaces of one place and model are one device."""
    devices: dict[tuple[int, int, int], list[Properties]] = {}
    for one in interfaces:
        ids = (whole_number(one, "idVendor"), whole_number(one, "idProduct"))
        if all(number is not None and 0 <= number <= _LARGEST_ID for number in ids):
            key = (whole_number(one, "locationID") or 0, ids[0] or 0, ids[1] or 0)
            devices.setdefault(key, []).append(one)
    for (location, vendor, product), parts in devices.items():
        name = next((found for one in parts if (found := text(one, "USB Product Name"))), "")
        place = f"0x{location & 0xFFFFFFFF:08x}"
        yield UsbDevice(place, usb_id(vendor, product), name, tuple(map(_interface, parts)))


def _interface(one: Properties) -> UsbInterface:
    return UsbInterface(
        number=whole_number(one, "bInterfaceNumber") or 0,
        interface_class=whole_number(one, "bInterfaceClass") or 0,
        driver=_creator(one, _DEEPEST) or ABSENT,
    )


def _creator(entry: Properties, levels: int) -> str:
    """The program that opened an entry, or one below it: "pid 312, usbsmartcardreaderd"."""
    if found := _CREATOR.fullmatch(text(entry, "IOUserClientCreator")):
        return found[1]
    children = dictionaries(entry.get("IORegistryEntryChildren")) if levels else ()
    return next((name for one in children if (name := _creator(one, levels - 1))), "")


def _items(value: object, levels: int) -> Iterator[Properties]:
    for one in dictionaries(value) if levels else ():
        yield one
        yield from _items(one.get("_items"), levels - 1)


def _profiled(item: Properties) -> UsbDevice | None:
    """A device of either list; None for buses and for Apple's own, which have no number."""
    vendor = _number(text(item, "vendor_id") or text(item, "USBDeviceKeyVendorID"))
    product = _number(text(item, "product_id") or text(item, "USBDeviceKeyProductID"))
    if vendor is None or product is None:
        return None
    place = text(item, "location_id") or text(item, "USBKeyLocationID")
    named = usb_id(vendor, product)
    return UsbDevice(place.partition(" ")[0], named, text(item, "_name"))


def _number(shown: str) -> int | None:
    found = _HEX.match(shown)
    number = int(found[1], 16) if found else None
    return number if number is None or number <= _LARGEST_ID else None


def _with_listed(device: UsbDevice, listed: Known[bool]) -> UsbDevice:
    return UsbDevice(device.location, device.usb_id, device.product, device.interfaces, listed)


def _is_told(device: UsbDevice, listed: Known[bool]) -> bool:
    classes = [one.interface_class for one in device.interfaces]
    return may_be_reader(device.usb_id, classes, listed=listed is True)
