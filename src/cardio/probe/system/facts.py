"""What the system says of a workstation, in the same words on Windows, macOS and Linux.

Nothing here says who works there: no user, host or home folder, no serial number, no command line.
Every part may be `ABSENT` (this system has no such thing) or `NotReadable`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why

_NOT_ASKED = NotReadable(Why.FAILED, "not asked")

Scalar = bool | int | float | str | tuple[str, ...]
Settings = Mapping[str, Known[Scalar]]

SMART_CARD_CLASS = 0x0B
"""USB interface class of smart-card readers, CCID (facts: workstation_systems.md §2.3)."""

VENDOR_CLASS = 0xFF
"""USB interface class of the vendor's own; some older readers speak CCID behind it."""


@dataclass(frozen=True, slots=True)
class UsbInterface:
    """One interface of a device. `driver`: who has it ("usbfs" on Linux: a program, not a kernel
    driver); `ABSENT`: nobody.
    """

    number: int
    interface_class: int
    driver: Known[str] = ABSENT


def usb_id(vendor: int, product: int) -> str:
    """Maker and product as everybody writes them: 08E6:3437."""
    return f"{vendor:04X}:{product:04X}"


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A USB device: a reader, or what may be one.

    `location` is where it is plugged in, in the system's own words; `usb_id` is maker and product
    as `usb_id()` writes them. `listed`: whether the CCID
    driver's list has it (a hint, not a verdict). `problem` is the system's own code for a device
    that does not work (Windows: 28 no driver, 10 cannot start…), `ABSENT` where there is none.
    `setup_class` is the class the system put it in (Windows: "SmartCardReader", "Ports"…).
    `may_sleep`: whether the system may cut its power when idle; `asleep`: whether it has.
    """

    location: str
    usb_id: str
    product: str = ""
    interfaces: tuple[UsbInterface, ...] = ()
    listed: Known[bool] = ABSENT
    setup_class: Known[str] = ABSENT
    driver: Known[str] = ABSENT
    driver_version: Known[str] = ABSENT
    problem: Known[int] = ABSENT
    may_sleep: Known[bool] = ABSENT
    asleep: Known[bool] = ABSENT

    def has_class(self, interface_class: int) -> bool:
        """Whether one of its interfaces is of this class."""
        return any(one.interface_class == interface_class for one in self.interfaces)


class StartMode(StrEnum):
    """How a service comes to run. `ON_DEMAND`: by the first client or the first reader."""

    AUTOMATIC = "automatic"
    ON_DEMAND = "on_demand"
    MANUAL = "manual"
    DISABLED = "disabled"


class Knock(StrEnum):
    """What happened when the service's socket was tried."""

    ANSWERED = "answered"
    REFUSED = "refused"
    NO_SOCKET = "no_socket"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Service:
    """A system service; its name as the system has it. `failure`: why it ended, if it broke."""

    name: str
    installed: Known[bool]
    start: Known[StartMode] = ABSENT
    running: Known[bool] = ABSENT
    failure: Known[str] = ABSENT


@dataclass(frozen=True, slots=True)
class PcscService:
    """The PC/SC service and what decides who may use it.

    `kind` is "pcscd", "winscard" or "cryptotokenkit". On Linux, `knock` is how the socket
    answered, `redirected` that an environment variable names another socket, `asks_polkit` that
    the service lets polkit decide who comes in, `allowed` whether it lets this session in,
    `hides_processes` that /proc shows nobody else's, and `libraries` the folders of all copies of
    the client library. `related` are services that help it; `settings` what else is set, by the
    system's own names.
    """

    kind: str
    service: Service
    socket: Service | None = None
    version: Known[str] = ABSENT
    features: tuple[str, ...] = ()
    knock: Known[Knock] = ABSENT
    redirected: bool = False
    asks_polkit: Known[bool] = ABSENT
    allowed: Known[bool] = ABSENT
    hides_processes: Known[bool] = ABSENT
    libraries: Known[tuple[str, ...]] = ABSENT
    related: tuple[Service, ...] = ()
    settings: Settings = field(default_factory=dict[str, Known[Scalar]])


@dataclass(frozen=True, slots=True)
class Driver:
    """A reader driver; `version` as its maker writes it."""

    name: str
    version: Known[str] = ABSENT
    readers: Known[int] = ABSENT


@dataclass(frozen=True, slots=True)
class ConfiguredReader:
    """A reader that a file announces to the service, such as a serial one (reader.conf.d)."""

    name: str
    device: Known[str]
    library_exists: Known[bool] = ABSENT


@dataclass(frozen=True, slots=True)
class Drivers:
    """The drivers of readers, and the readers that only a configuration file knows."""

    drivers: Known[tuple[Driver, ...]] = ABSENT
    configured: Known[tuple[ConfiguredReader, ...]] = ABSENT


class HeldBy(StrEnum):
    """How a program was found: it has the USB device open, or a line to the PC/SC service, or
    the PC/SC library loaded, or it is known to use cards and runs.
    """

    USB = "usb"
    PCSC = "pcsc"
    LIBRARY = "library"
    RUNNING = "running"


class Certainty(StrEnum):
    """How sure it is that this program holds a reader."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Holder:
    """A program that holds a reader, or may. `device`: the USB id, where it is told."""

    process: str
    by: HeldBy
    certainty: Certainty
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Holders:
    """All that were found. `lines`: how many lines other programs have to the PC/SC service, seen
    or not; `hidden`: how many processes could not be looked into.
    """

    found: tuple[Holder, ...] = ()
    lines: Known[int] = ABSENT
    hidden: int = 0


class SessionKind(StrEnum):
    """Where the person sits."""

    CONSOLE = "console"
    RDP = "rdp"
    CITRIX = "citrix"
    HORIZON = "horizon"
    XRDP = "xrdp"
    SSH = "ssh"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Session:
    """The session this program runs in.

    `redirection`: whether the system lets readers of the person's own machine through.
    `server`: whether several people work on it at once. `virtual_machine`, `container`: the name
    of the technique.
    """

    kind: Known[SessionKind] = _NOT_ASKED
    remote: Known[bool] = _NOT_ASKED
    active: Known[bool] = ABSENT
    display: Known[str] = ABSENT
    redirection: Known[bool] = ABSENT
    server: Known[bool] = ABSENT
    virtual_machine: Known[str] = ABSENT
    container: Known[str] = ABSENT


@dataclass(frozen=True, slots=True)
class PowerPolicy:
    """Power settings for all USB devices. `fast_startup`: "restart" is not "shut down"."""

    suspend_plugged: Known[bool] = ABSENT
    suspend_battery: Known[bool] = ABSENT
    fast_startup: Known[bool] = ABSENT


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock: set over the network or not. `offset` is in seconds, how far it is wrong."""

    enabled: Known[bool] = _NOT_ASKED
    synchronised: Known[bool] = _NOT_ASKED
    source: Known[str] = ABSENT
    offset: Known[float] = ABSENT
    timezone: Known[str] = ABSENT


class ProxyMode(StrEnum):
    """How programs find their way out."""

    DIRECT = "direct"
    MANUAL = "manual"
    SCRIPT = "script"
    DETECT = "detect"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy setting, without user and password.

    `scope`: whom it is for: "environment", "gnome", "kde", "wininet", "winhttp", "macos"…
    """

    scope: str
    mode: ProxyMode
    servers: tuple[str, ...] = ()
    script: str = ""
    bypass: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardRegistration:
    """A card type the system knows by its ATR (Windows), or a token driver (macOS).

    It is for all cards whose ATR equals `atr` where `mask` has ones. `view`: "64" or "32".
    """

    name: str
    atr: bytes = b""
    mask: bytes = b""
    provider: str = ""
    minidriver: str = ""
    view: str = ""

    def matches(self, atr: bytes) -> bool:
        """Same length and same masked bytes (facts: workstation_systems.md §4.1)."""
        if not self.atr or len(atr) != len(self.atr):
            return False
        mask = self.mask or b"\xff" * len(atr)
        return all((a ^ b) & m == 0 for a, b, m in zip(atr, self.atr, mask, strict=True))


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """All a platform could tell; a part that took too long is `NotReadable(Why.TIMEOUT)`."""

    platform: str
    usb: Known[tuple[UsbDevice, ...]] = _NOT_ASKED
    pcsc: Known[PcscService] = _NOT_ASKED
    drivers: Known[Drivers] = _NOT_ASKED
    holders: Known[Holders] = _NOT_ASKED
    session: Known[Session] = _NOT_ASKED
    power: Known[PowerPolicy] = _NOT_ASKED
    clock: Known[Clock] = _NOT_ASKED
    proxies: Known[tuple[Proxy, ...]] = _NOT_ASKED
    cards: Known[tuple[CardRegistration, ...]] = _NOT_ASKED
