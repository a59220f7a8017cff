"""Linux behind the seam."""

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
from cardio.probe.system.known import ABSENT, Known, value_or
from cardio.probe.system.linux.clock import clock
from cardio.probe.system.linux.drivers import ccid_list, drivers
from cardio.probe.system.linux.holders import holders
from cardio.probe.system.linux.pcscd import build, pcscd
from cardio.probe.system.linux.power import power
from cardio.probe.system.linux.proxies import proxies
from cardio.probe.system.linux.session import session
from cardio.probe.system.linux.usb import usb_devices
from cardio.probe.system.sources import Sources


class LinuxPlatform:
    """A Linux machine, live or recorded."""

    name = "linux"

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def usb(self) -> Known[tuple[UsbDevice, ...]]:
        """Devices that may be readers, and whether the CCID driver lists them."""
        return usb_devices(self.sources, ccid_list(self.sources, build(self.sources)))

    def pcsc(self) -> Known[PcscService]:
        """Pcscd."""
        return pcscd(self.sources)

    def drivers(self) -> Known[Drivers]:
        """Drivers of pcscd, and readers in its configuration."""
        return drivers(self.sources)

    def holders(self) -> Known[Holders]:
        """Who has a reader open."""
        return holders(self.sources, value_or(self.usb(), ()))

    def session(self) -> Known[Session]:
        """The session of this process."""
        return session(self.sources)

    def power(self) -> Known[PowerPolicy]:
        """The rule for all USB devices."""
        return power(self.sources)

    def clock(self) -> Known[Clock]:
        """The clock."""
        return clock(self.sources)

    def proxies(self) -> Known[tuple[Proxy, ...]]:
        """Proxy settings."""
        return proxies(self.sources)

    def cards(self) -> Known[tuple[CardRegistration, ...]]:
        """Nothing: Linux keeps no list of card types."""
        return ABSENT
