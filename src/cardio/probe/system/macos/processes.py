"""The programs that run, and those that may hold a reader. facts: workstation_systems.md §3."""

from collections.abc import Iterator, Sequence

from cardio.probe.system.facts import Certainty, HeldBy, Holder, Holders, UsbDevice
from cardio.probe.system.known import Known, NotReadable, Why, is_known
from cardio.probe.system.known_programs import known_program
from cardio.probe.system.macos.property_lists import printed
from cardio.probe.system.sources import Sources

APPLES_OWN = ("usbsmartcardreaderd", "com.apple.ifdreader", "ifdreader")
"""Whose task it is to have readers open."""

_COMMAND = ("/bin/ps", "-axo", "comm=")


def process_names(sources: Sources) -> Known[tuple[str, ...]]:
    """The names of all processes, without the folders they were started from."""
    data = printed(sources.run(*_COMMAND))
    if not is_known(data):
        return data
    lines = data.decode("utf-8", "replace").splitlines()
    return tuple(line.strip().rpartition("/")[2] for line in lines if line.strip())


def holders(sources: Sources, devices: Sequence[UsbDevice]) -> Known[Holders]:
    """Programs other than Apple's that have a reader's interface open, then those known to use
    cards that run. macOS lists no clients of PC/SC.
    """
    names = process_names(sources)
    running = _running(names) if is_known(names) else ()
    owners = tuple(dict.fromkeys((*_owners(devices), *running)))
    if not owners and not is_known(names):
        return names
    return Holders(owners, lines=NotReadable(Why.NO_WAY, "macOS shows no clients of PC/SC"))


def _owners(devices: Sequence[UsbDevice]) -> Iterator[Holder]:
    for device in devices:
        for interface in device.interfaces:
            if is_known(interface.driver) and interface.driver not in APPLES_OWN:
                yield Holder(interface.driver, HeldBy.USB, Certainty.CERTAIN, device.usb_id)


def _running(names: Sequence[str]) -> Iterator[Holder]:
    for name in names:
        if known_program(name):
            yield Holder(name, HeldBy.RUNNING, Certainty.POSSIBLE)
