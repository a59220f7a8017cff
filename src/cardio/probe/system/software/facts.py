"""What is installed on a workstation, in the same words on Windows, macOS and Linux.

Paths are shown without anybody's name (places.py), profiles by their number only. A part may be
`ABSENT` (looked for, not there) or `NotReadable`.
"""

from dataclasses import dataclass
from enum import StrEnum

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.software.galss import GalssConfig

_NOT_ASKED = NotReadable(Why.FAILED, "not asked")


@dataclass(frozen=True, slots=True)
class GalssFile:
    """The galss.ini that counts, and other copies of it that a program may read instead.

    `port_map`: whether io_comm.ini, which names serial devices on Unix, stands beside it.
    """

    place: str
    config: Known[GalssConfig]
    copies: tuple[str, ...] = ()
    port_map: Known[bool] = ABSENT


@dataclass(frozen=True, slots=True)
class Binary:
    """A program or library: `architectures` as "x86", "x86_64", "arm64"; `version` where the file
    tells it.
    """

    place: str
    architectures: Known[tuple[str, ...]]
    version: Known[str] = ABSENT


@dataclass(frozen=True, slots=True)
class Registration:
    """An entry in the system's list of programs; `view`: the Windows registry, "64" or "32"."""

    version: str
    view: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """One product of products.toml, installed or not.

    `NotReadable(Why.NO_WAY)`: nobody published where this system would have it.
    """

    id: str
    installed: Known[bool]
    registrations: tuple[Registration, ...] = ()
    files: tuple[Binary, ...] = ()

    @property
    def versions(self) -> tuple[str, ...]:
        """All different versions the system lists; where it lists none, those of the files."""
        listed = (one.version for one in self.registrations if one.version)
        of_files = (one.version for one in self.files if is_known(one.version))
        return tuple(dict.fromkeys(listed)) or tuple(dict.fromkeys(of_files))


@dataclass(frozen=True, slots=True)
class CardCache:
    """Cryptolib's copies of card files, counted. `torn`: shorter or longer than the card said."""

    files: int
    empty: int = 0
    torn: int = 0


@dataclass(frozen=True, slots=True)
class Cryptolib:
    """How the CPS library is set. `traces`: whether it writes traces."""

    cache: Known[CardCache] = _NOT_ASKED
    traces: Known[bool] = _NOT_ASKED


class ModuleKind(StrEnum):
    """Whose PKCS#11 module it is. `VENDOR_OLD`: the CPS modules before Cryptolib CPS 5."""

    VENDOR = "vendor"
    VENDOR_OLD = "vendor_old"
    OPENSC = "opensc"
    P11_KIT = "p11_kit"
    NSS = "nss"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Module:
    """A PKCS#11 module that somebody registered. `ABSENT` architectures: the file is not there.

    A bare file name is looked for by the system's loader: its architectures are not readable.
    """

    library: str
    kind: ModuleKind
    architectures: Known[tuple[str, ...]] = _NOT_ASKED


@dataclass(frozen=True, slots=True)
class Extension:
    """A browser extension this family of services needs: "vitale" or "cps"."""

    id: str
    version: str
    active: Known[bool]


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's settings in a browser. `modules` in the order they are loaded."""

    number: int
    is_default: bool
    modules: Known[tuple[Module, ...]] = ABSENT
    extensions: Known[tuple[Extension, ...]] = ABSENT


@dataclass(frozen=True, slots=True)
class NativeHost:
    """A native-messaging host registered for a browser; `flaws` is empty if it can start.

    `scope` is "system" or "user".
    """

    name: str
    scope: str
    flaws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """What an administrator decided: hosts that may not start, and whether a user's own may."""

    blocked: tuple[str, ...] = ()
    user_hosts: bool = True


@dataclass(frozen=True, slots=True)
class ModulePolicy:
    """Firefox's SecurityDevices policy; `removed` counts the modules it takes away."""

    added: tuple[Module, ...] = ()
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser as it is packaged ("native", "snap", "flatpak").

    `installed` False: it left profiles behind. `id`: "firefox", "chrome", "edge", "chromium".
    """

    id: str
    packaging: str
    installed: Known[bool]
    version: Known[str] = ABSENT
    is_esr: Known[bool] = ABSENT
    architectures: Known[tuple[str, ...]] = ABSENT
    profiles: Known[tuple[Profile, ...]] = ABSENT
    module_policy: Known[ModulePolicy] = ABSENT
    hosts: Known[tuple[NativeHost, ...]] = ABSENT
    host_policy: Known[HostPolicy] = ABSENT


@dataclass(frozen=True, slots=True)
class SoftwareFacts:
    """All of it. `shared_modules`: those of the user's NSS database (Chromium on Linux);
    `p11_kit`: those p11-kit offers to programs that ask it.
    """

    platform: str
    galss: Known[GalssFile] = _NOT_ASKED
    products: Known[tuple[Product, ...]] = _NOT_ASKED
    cryptolib: Known[Cryptolib] = _NOT_ASKED
    browsers: Known[tuple[Browser, ...]] = _NOT_ASKED
    default_browser: Known[str] = _NOT_ASKED
    shared_modules: Known[tuple[Module, ...]] = _NOT_ASKED
    p11_kit: Known[tuple[Module, ...]] = _NOT_ASKED

    def product(self, product_id: str) -> Known[Product]:
        """One product; `NotReadable` where the products could not be listed."""
        if isinstance(self.products, tuple):
            return next((one for one in self.products if one.id == product_id), ABSENT)
        return self.products
