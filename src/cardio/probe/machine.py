"""The machine a report is about: its system, and a stable name that is nobody's."""

import hashlib
import hmac
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_APPLICATION = b"cardio workstation id, version 1"
_ID_SIZE = 16
"""Bytes kept of the digest: as many as a machine-id has (machine-id(5))."""

_MACHINE_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


@dataclass(frozen=True, slots=True)
class Machine:
    """What a report says of the machine. `id` is None where the system has no id of its own."""

    id: str | None
    system: str
    release: str
    architecture: str
    python: str

    @property
    def described(self) -> str:
        """One line for people."""
        return f"{self.system} {self.release} ({self.architecture})"


def this_machine() -> Machine:
    """The machine this program runs on. Neither its network name nor its user is asked."""
    return Machine(
        id=workstation_id(system_id()),
        system=platform.system(),
        release=platform.release(),
        architecture=platform.machine(),
        python=platform.python_version(),
    )


def workstation_id(raw: str | None) -> str | None:
    """The same machine, always the same name, from which its own id cannot be found again.

    A keyed digest, as machine-id(5) asks of programs that would show the id.
    """
    if not raw:
        return None
    return hmac.new(raw.encode(), _APPLICATION, hashlib.sha256).hexdigest()[: 2 * _ID_SIZE]


def system_id() -> str | None:
    """The id the system gave this machine when it was installed; None where it has none."""
    if sys.platform == "win32":
        return _windows_id()
    if sys.platform == "darwin":
        return _macos_id()
    return _file_id(_MACHINE_ID_FILES)


def _file_id(files: Sequence[Path]) -> str | None:
    for file in files:
        try:
            if text := file.read_text(encoding="ascii").strip():
                return text
        except (OSError, UnicodeDecodeError):
            continue
    return None


def _windows_id() -> str | None:
    if sys.platform != "win32":
        return None
    import winreg

    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    try:
        with winreg.OpenKey(
            winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography", 0, access
        ) as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return None


def _macos_id() -> str | None:
    command = ("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
    try:
        shown = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603 (a fixed command)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'"IOPlatformUUID" = "([0-9A-Fa-f-]+)"', shown.stdout)
    return found[1] if found else None
