"""From the plug up: what is on USB against what PC/SC shows, its driver, its power.

facts: workstation_systems.md §2, §6, §9; vitale.md §7.
"""

from collections.abc import Iterable

from cardio.probe.check import Finding, Status, failed, passed, untold, warned
from cardio.probe.checks.session import shows_other_readers
from cardio.probe.facts import WorkstationFacts
from cardio.probe.system.facts import SMART_CARD_CLASS, SystemFacts, UsbDevice
from cardio.probe.system.known import is_known, is_no, is_yes, value_or
from cardio.probe.system.known_readers import ReaderKind, known_readers

_PSS_MAKER = "0B00"
"""Ingenico and Olaqin: a node of theirs without PC/SC reader is one in PSS mode
(facts: workstation_systems.md §9)."""

_READER_CLASS = "SmartCardReader"
"""The class Windows puts readers in."""

_LINUX, _PROGRAM = "linux", "usbfs"
"""There the interface belongs to a program, as it should."""


def readers(facts: WorkstationFacts, system: SystemFacts) -> Finding:
    """Is every reader that is plugged in also a PC/SC reader?"""
    if not is_known(system.usb):
        return untold(system.usb)
    if shows_other_readers(system):
        return Finding(Status.SKIP, "remote")
    if facts.failure or not system.usb:
        return passed("seen" if system.usb else "none", devices=_names(system.usb))
    hidden = [one for one in system.usb if _is_pss(one) and not _is_shown(one, facts)]
    if hidden:
        tell = warned if facts.readers else failed
        return tell("pss-beside" if facts.readers else "pss", devices=_names(hidden))
    return _counted([one for one in system.usb if _is_reader(one)], len(facts.readers))


def _counted(devices: list[UsbDevice], shown: int) -> Finding:
    expected = sum(_slots(device) for device in devices)
    if devices and not shown:
        return failed("unseen", devices=_names(devices))
    if shown < expected:
        return warned("fewer", devices=_names(devices), count=shown, expected=expected)
    return passed("all", devices=_names(devices), count=shown)


def driver(system: SystemFacts) -> Finding:
    """Does each reader have a driver that works?"""
    if not is_known(system.usb):
        return untold(system.usb)
    for device in system.usb:
        if is_known(device.problem):
            return failed("problem", devices=_names([device]), problem=device.problem)
        if system.platform == _LINUX and (taken := _taken_by(device)):
            return warned("taken", devices=_names([device]), driver=taken)
    unlisted = [one for one in system.usb if _is_reader(one) and is_no(one.listed)]
    if unlisted:
        return warned("unlisted", devices=_names(unlisted))
    found = is_known(system.drivers) and system.drivers.drivers
    if found == () and any(_is_reader(one) for one in system.usb):
        return failed("none")
    return passed()


def power(system: SystemFacts) -> Finding:
    """May the system cut the power of a reader that minds it? (facts: §6, case 3)"""
    if not is_known(system.usb):
        return untold(system.usb)
    policy = is_known(system.power) and is_yes(system.power.suspend_plugged)
    at_risk = [
        one
        for one in system.usb
        if _is_pss(one) and (is_yes(one.may_sleep) or (policy and not is_no(one.may_sleep)))
    ]
    if at_risk:
        return warned("may-sleep", devices=_names(at_risk))
    return passed()


def _is_pss(device: UsbDevice) -> bool:
    """A reader that speaks PSS over a serial port that USB emulates, and no PC/SC."""
    if _is_reader(device):
        return False
    known = known_readers().get(device.usb_id)
    return known.kind is ReaderKind.PSS if known else device.usb_id.startswith(_PSS_MAKER)


def _is_reader(device: UsbDevice) -> bool:
    """Whether it should be seen by PC/SC."""
    return device.has_class(SMART_CARD_CLASS) or device.setup_class == _READER_CLASS


def _is_shown(device: UsbDevice, facts: WorkstationFacts) -> bool:
    """Whether a PC/SC reader has the maker's name: the firmware has a PC/SC mode after all."""
    words = device.product.casefold().split()
    return bool(words) and any(words[0] in one.name.casefold() for one in facts.readers)


def _slots(device: UsbDevice) -> int:
    """How many PC/SC readers it shows, at least."""
    known = known_readers().get(device.usb_id)
    return (known and known.interfaces) or 1


def _taken_by(device: UsbDevice) -> str | None:
    """The kernel's driver that keeps programs off the reader."""
    for one in device.interfaces:
        owner = value_or(one.driver, _PROGRAM)
        if one.interface_class == SMART_CARD_CLASS and owner != _PROGRAM:
            return owner
    return None


def _names(devices: Iterable[UsbDevice]) -> tuple[str, ...]:
    """Known model or product name, and the USB id."""
    return tuple(f"{_name(one)} ({one.usb_id})".lstrip() for one in devices)


def _name(device: UsbDevice) -> str:
    known = known_readers().get(device.usb_id)
    return known.name if known else device.product
