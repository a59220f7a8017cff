"""Windows, live or recorded. Not run on real Windows yet."""

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
from cardio.probe.system.windows.cards import card_registrations
from cardio.probe.system.windows.clock import clock
from cardio.probe.system.windows.devices import drivers, usb_devices
from cardio.probe.system.windows.holders import holders
from cardio.probe.system.windows.power import power
from cardio.probe.system.windows.proxies import proxies
from cardio.probe.system.windows.services import winscard
from cardio.probe.system.windows.session import session


class WindowsPlatform:
    """A Windows machine, through its registry and its system calls."""

    name = "windows"

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def usb(self) -> Known[tuple[UsbDevice, ...]]:
        """Devices that may be readers, with driver and problem code."""
        return usb_devices(self.sources)

    def pcsc(self) -> Known[PcscService]:
        """The smart-card services and policies."""
        return winscard(self.sources)

    def drivers(self) -> Known[Drivers]:
        """Drivers of readers, and readers introduced by hand."""
        return drivers(self.sources)

    def holders(self) -> Known[Holders]:
        """Programs that may hold a reader."""
        return holders(self.sources)

    def session(self) -> Known[Session]:
        """The session of this process."""
        return session(self.sources)

    def power(self) -> Known[PowerPolicy]:
        """The plan's rule for USB devices, and fast startup."""
        return power(self.sources)

    def clock(self) -> Known[Clock]:
        """The time service."""
        return clock(self.sources)

    def proxies(self) -> Known[tuple[Proxy, ...]]:
        """Proxies of browsers, services and environment."""
        return proxies(self.sources)

    def cards(self) -> Known[tuple[CardRegistration, ...]]:
        """The card types Windows knows."""
        return card_registrations(self.sources)
