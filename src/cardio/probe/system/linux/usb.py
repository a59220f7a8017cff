"""USB devices that may be readers, from sysfs (facts: workstation_systems.md §2.3, §6)."""

import re
from collections.abc import Iterator

from cardio.probe.system.facts import UsbDevice, UsbInterface, usb_id
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known, value_or
from cardio.probe.system.known_readers import may_be_reader
from cardio.probe.system.linux.drivers import DriverList
from cardio.probe.system.sources import Sources

DEVICES = "/sys/bus/usb/devices"
USBFS = "usbfs"
"""The driver of an interface that a program has, not the kernel."""

_DEVICE = re.compile(r"\d+-[\d.]+")
"""A device at a port, such as 1-2.4; root hubs are named usb1."""


def usb_devices(sources: Sources, ccid: Known[DriverList]) -> Known[tuple[UsbDevice, ...]]:
    """Every device that may be a reader; `ABSENT` where the kernel has no USB."""
    names = sources.list_dir(DEVICES)
    if not is_known(names):
        return names
    devices = (_device(sources, name, names, ccid) for name in names if _DEVICE.fullmatch(name))
    return tuple(device for device in devices if device and _is_told(device))


def bus_address(sources: Sources, location: str) -> Known[str]:
    """The device file of a device, such as /dev/bus/usb/001/005."""
    bus, address = (_text(sources, f"{DEVICES}/{location}/{name}") for name in _ADDRESS)
    if not is_known(bus):
        return bus
    if not is_known(address):
        return address
    return f"/dev/bus/usb/{bus:0>3}/{address:0>3}"


_ADDRESS = ("busnum", "devnum")


def _device(
    sources: Sources, name: str, names: tuple[str, ...], ccid: Known[DriverList]
) -> UsbDevice | None:
    """A device; None for one that shows no ids, as it leaves."""
    folder = f"{DEVICES}/{name}"
    vendor, product = (_number(sources, f"{folder}/{one}") for one in ("idVendor", "idProduct"))
    if not is_known(vendor) or not is_known(product):
        return None
    of_it = (one for one in names if one.startswith(f"{name}:"))
    named = usb_id(vendor, product)
    return UsbDevice(
        location=name,
        usb_id=named,
        product=value_or(_text(sources, f"{folder}/product"), ""),
        interfaces=tuple(_interfaces(sources, of_it)),
        listed=named in ccid.readers if is_known(ccid) else ccid,
        may_sleep=_may_sleep(sources, folder),
        asleep=_is(_text(sources, f"{folder}/power/runtime_status"), "suspended"),
    )


def _interfaces(sources: Sources, names: Iterator[str]) -> Iterator[UsbInterface]:
    for name in names:
        interface_class = _number(sources, f"{DEVICES}/{name}/bInterfaceClass")
        number = name.rpartition(".")[2]
        if is_known(interface_class) and number.isdecimal():
            link = sources.read_link(f"{DEVICES}/{name}/driver")
            driver = link.rpartition("/")[2] if is_known(link) else link
            yield UsbInterface(int(number), interface_class, driver)


def _is_told(device: UsbDevice) -> bool:
    classes = [one.interface_class for one in device.interfaces]
    return may_be_reader(device.usb_id, classes, listed=device.listed is True)


def _may_sleep(sources: Sources, folder: str) -> Known[bool]:
    """Autosuspend is allowed ("auto"), and its delay in milliseconds is not negative (never)."""
    control = _is(_text(sources, f"{folder}/power/control"), "auto")
    delay = _text(sources, f"{folder}/power/autosuspend_delay_ms")
    return control and not delay.startswith("-") if control is True and is_known(delay) else control


def _is(text: Known[str], word: str) -> Known[bool]:
    return text == word if is_known(text) else text


def _number(sources: Sources, path: str) -> Known[int]:
    """A hexadecimal number, as sysfs writes ids and classes."""
    text = _text(sources, path)
    if not is_known(text):
        return text
    try:
        return int(text, 16)
    except ValueError:
        return NotReadable(Why.MALFORMED)


def _text(sources: Sources, path: str) -> Known[str]:
    data = sources.read_file(path)
    if not is_known(data):
        return data
    return data.decode("utf-8", "replace").strip() or ABSENT
