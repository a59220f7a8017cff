"""May idle USB devices be put to sleep? facts: workstation_systems.md §6."""

import re

from cardio.probe.system.facts import PowerPolicy
from cardio.probe.system.known import Known, is_known
from cardio.probe.system.sources import Sources

_KERNEL = "/sys/module/usbcore/parameters/autosuspend"
_TLP = "/etc/tlp.conf"
_TLP_LINE = re.compile(rb"^\s*USB_AUTOSUSPEND\s*=\s*\"?([01])", re.MULTILINE)


def power(sources: Sources) -> PowerPolicy:
    """The rule for all devices: TLP's where it sets one, else the kernel's own delay in seconds,
    of which a negative one means never. Each device may have its own: see `UsbDevice.may_sleep`.
    """
    tlp = sources.read_file(_TLP)
    if is_known(tlp) and (found := _TLP_LINE.search(tlp)):
        return PowerPolicy(suspend_plugged=found[1] == b"1", suspend_battery=found[1] == b"1")
    kernel = _kernel(sources.read_file(_KERNEL))
    return PowerPolicy(suspend_plugged=kernel, suspend_battery=kernel)


def _kernel(delay: Known[bytes]) -> Known[bool]:
    return not delay.strip().startswith(b"-") if is_known(delay) else delay
