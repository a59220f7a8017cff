"""One platform behind one seam: a method for each family of facts."""

import sys
from typing import Protocol

from cardio.errors import ConfigurationError
from cardio.probe.system.facts import (
    CardRegistration,
    Clock,
    Drivers,
    Holders,
    PcscService,
    PowerPolicy,
    Proxy,
    Session,
    UsbDevice,
)
from cardio.probe.system.known import Known
from cardio.probe.system.sources import Sources


class Platform(Protocol):
    """Reads facts through its sources. No method raises, starts, stops or changes anything."""

    name: str
    sources: Sources

    def usb(self) -> Known[tuple[UsbDevice, ...]]: ...
    def pcsc(self) -> Known[PcscService]: ...
    def drivers(self) -> Known[Drivers]: ...
    def holders(self) -> Known[Holders]: ...
    def session(self) -> Known[Session]: ...
    def power(self) -> Known[PowerPolicy]: ...
    def clock(self) -> Known[Clock]: ...
    def proxies(self) -> Known[tuple[Proxy, ...]]: ...
    def cards(self) -> Known[tuple[CardRegistration, ...]]: ...


FAMILIES = (
    "usb",
    "pcsc",
    "drivers",
    "holders",
    "session",
    "power",
    "clock",
    "proxies",
    "cards",
)
"""The methods of a `Platform`, and the fields of `SystemFacts` they fill."""


def platform_of(name: str, sources: Sources) -> Platform:
    """The platform "linux", "windows" or "macos" that looks through these sources.

    Raises `ConfigurationError` for another name.
    """
    if name == "linux":
        from cardio.probe.system.linux.platform import LinuxPlatform

        return LinuxPlatform(sources)
    if name == "windows":
        from cardio.probe.system.windows import WindowsPlatform

        return WindowsPlatform(sources)
    if name == "macos":
        from cardio.probe.system.macos import MacosPlatform

        return MacosPlatform(sources)
    raise ConfigurationError(f"no platform {name!r}: linux, windows or macos")


def this_platform() -> Platform:
    """The machine this program runs on; anything that is neither Windows nor macOS as Linux."""
    from cardio.probe.system.live import LiveSources

    if sys.platform == "win32":
        from cardio.probe.system.windows import live_sources

        return platform_of("windows", live_sources())
    return platform_of("macos" if sys.platform == "darwin" else "linux", LiveSources())
