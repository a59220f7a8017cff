"""macOS, live or recorded. Not run on a real Mac yet."""

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
from cardio.probe.system.linux.drivers import parse_plist
from cardio.probe.system.macos.processes import holders
from cardio.probe.system.macos.proxies import proxies
from cardio.probe.system.macos.services import cryptotokenkit
from cardio.probe.system.macos.session import clock, session
from cardio.probe.system.macos.smart_cards import listed_drivers, reader_drivers, token_drivers
from cardio.probe.system.macos.usb import usb_devices
from cardio.probe.system.sources import Sources

CCID_LIST = "/usr/libexec/SmartCardServices/drivers/ifd-ccid.bundle/Contents/Info.plist"
"""libccid's own list of readers (facts: workstation_systems.md §2.2)."""


class MacosPlatform:
    """A Mac, through its commands and property lists."""

    name = "macos"

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def usb(self) -> Known[tuple[UsbDevice, ...]]:
        """Devices that may be readers, and who has them open."""
        return usb_devices(self.sources, parse_plist(self.sources.read_file(CCID_LIST)))

    def pcsc(self) -> Known[PcscService]:
        """CryptoTokenKit."""
        return cryptotokenkit(self.sources)

    def drivers(self) -> Known[Drivers]:
        """Drivers of readers; no file announces readers here."""
        return Drivers(reader_drivers(listed_drivers(self.sources)))

    def holders(self) -> Known[Holders]:
        """Who has a reader open."""
        return holders(self.sources, value_or(self.usb(), ()))

    def session(self) -> Known[Session]:
        """The session of this process."""
        return session(self.sources)

    def power(self) -> Known[PowerPolicy]:
        """Nothing: macOS has no switch for USB devices (facts: §6)."""
        return ABSENT

    def clock(self) -> Known[Clock]:
        """The clock."""
        return clock(self.sources)

    def proxies(self) -> Known[tuple[Proxy, ...]]:
        """Proxy settings."""
        return proxies(self.sources)

    def cards(self) -> Known[tuple[CardRegistration, ...]]:
        """The token drivers."""
        return token_drivers(listed_drivers(self.sources))
