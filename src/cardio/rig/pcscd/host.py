"""What this machine has of what a private PC/SC service needs, and how to get the rest."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cardio.errors import RigUnavailable

MAX_ENTRIES = 8
"""pcscd up to 2.4 holds 16 readers, two for each entry (facts: pcsc_vpcd.md §0.3)."""
MANY_READERS_SINCE = (2, 5)
"""The first pcsc-lite without that limit (§0.3); 48 readers were run with 2.5.1."""

_PACKAGE_OF = {"unshare": "util-linux", "setpriv": "util-linux", "mount": "mount"}
_DRIVERS = ("usr/lib/pcsc/drivers/serial/libifdvpcd.so*", "usr/lib/*/pcsc/**/libifdvpcd.so*")
_USB_DRIVERS, _SOCKET_FOLDER = "/usr/lib/pcsc/drivers", "/run/pcscd"
"""As Debian builds pcscd, for one that does not tell."""
_SYSCTL = Path("/proc/sys")
_USER_NAMESPACE_SWITCHES = (
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("user/max_user_namespaces", "0", "15000"),
)
"""Switch, the value that forbids, one that allows: Ubuntu since 23.10, Debian up to 10, any."""


@dataclass(frozen=True, slots=True)
class PcscdBuild:
    """What `pcscd --version` tells: the folders are those of USB drivers and of the socket."""

    version: tuple[int, ...]
    has_polkit: bool
    usb_drivers: str
    socket_folder: str

    @property
    def max_entries(self) -> int | None:
        """How many entries it takes; None where there is no limit."""
        return None if self.version >= MANY_READERS_SINCE else MAX_ENTRIES

    @property
    def options(self) -> tuple[str, ...]:
        """Asks no polkit, which refuses in a container; pcscd without it knows no such option."""
        return ("--disable-polkit",) if self.has_polkit else ()


def unavailable() -> str | None:
    """Why there can be no private PC/SC service with vpcd readers here; None if there can.

    It names the command that helps.
    """
    return service_unavailable() or _told(vpcd_driver)


def service_unavailable() -> str | None:
    """As `unavailable`, for the service alone, whatever driver its readers have."""
    missing = [name for name in _PACKAGE_OF if not shutil.which(name)]
    if missing:
        packages = " ".join(sorted({_PACKAGE_OF[name] for name in missing}))
        return f"no {', '.join(missing)} on this machine: apt-get install {packages}"
    if not Path(pcscd_path()).exists():
        return "pcscd is not installed: apt-get install pcscd"
    return _told(namespace_option)


def check_available() -> None:
    """Raises `RigUnavailable` with what `unavailable` tells."""
    if reason := unavailable():
        raise RigUnavailable(reason)


def check_service() -> None:
    """Raises `RigUnavailable` with what `service_unavailable` tells."""
    if reason := service_unavailable():
        raise RigUnavailable(reason)


def pcscd_path() -> str:
    return shutil.which("pcscd") or "/usr/sbin/pcscd"


def vpcd_driver() -> Path:
    """The stock driver. Raises `RigUnavailable` where it is not installed."""
    for pattern in _DRIVERS:
        for path in sorted(Path("/").glob(pattern)):
            return path
    raise RigUnavailable("the vpcd reader driver is not installed: apt-get install vsmartcard-vpcd")


@cache
def pcscd_build() -> PcscdBuild:
    """The pcscd of this machine."""
    done = subprocess.run([pcscd_path(), "--version"], capture_output=True, check=False)  # noqa: S603
    return read_build((done.stdout + done.stderr).decode(errors="replace"))


def read_build(told: str) -> PcscdBuild:
    """Take the text of `pcscd --version` apart."""
    number = re.search(r"version (\d+(?:\.\d+)*)", told)
    folders = dict(re.findall(r"(usbdropdir|ipcdir)=(\S+)", told))
    return PcscdBuild(
        version=tuple(map(int, number[1].split("."))) if number else (),
        has_polkit="polkit" in told,
        usb_drivers=folders.get("usbdropdir", _USB_DRIVERS),
        socket_folder=folders.get("ipcdir", _SOCKET_FOLDER),
    )


@cache
def namespace_option() -> str:
    """The option of unshare(1) that gives this user a mount namespace.

    Raises `RigUnavailable` if none does.
    """
    is_root = os.geteuid() == 0
    for option in ("-m", "-Urm") if is_root else ("-Urm",):
        if _may_mount(option):
            return option
    raise RigUnavailable(namespace_advice(_SYSCTL, is_root=is_root))


def namespace_advice(sysctl: Path, *, is_root: bool) -> str:
    """Why there is no mount namespace to be had, and the command that helps."""
    said = "this user may not make a mount namespace"
    for switch, forbids, allows in _USER_NAMESPACE_SWITCHES:
        file = sysctl / switch
        if file.exists() and file.read_text().strip() == forbids:
            return f"{said}: sudo sysctl {switch.replace('/', '.')}={allows}"
    if is_root:
        return f"{said}: start the container with --cap-add SYS_ADMIN (or --privileged)"
    return f"{said}: run it as root, or in a container with --security-opt seccomp=unconfined"


def _told(needed: Callable[[], object]) -> str | None:
    """Why this cannot be had; None when it can."""
    try:
        needed()
    except RigUnavailable as error:
        return error.message
    return None


def _may_mount(option: str) -> bool:
    command = ("unshare", option, "mount", "-t", "tmpfs", "none", "/run")
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
