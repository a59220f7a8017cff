"""The doors opened for real. Reads only, and nothing longer than its limit."""

import errno
import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cardio.probe.system.facts import Knock
from cardio.probe.system.known import ABSENT, Known, NotReadable, Unknown, Why
from cardio.probe.system.recorded_registry import NO_REGISTRY
from cardio.probe.system.sources import (
    COMMAND_LIMIT,
    FILE_LIMIT,
    CommandResult,
    Registry,
)

_PLAIN_WORDS = {"LC_ALL": "C", "LANGUAGE": "C"}
"""So that commands answer in the words the parsers know (facts: workstation_systems.md §0)."""

_KNOCK_LIMIT = 2.0
"""Seconds for a local socket to take a connection; a service that waits longer hangs."""

_KNOCKS = {
    errno.ECONNREFUSED: Knock.REFUSED,
    errno.EACCES: Knock.DENIED,
    errno.EPERM: Knock.DENIED,
    errno.ENOENT: Knock.NO_SOCKET,
    errno.ENOTDIR: Knock.NO_SOCKET,
}


class LiveSources:
    """The machine it runs on. Windows has more doors: its own registry, and `ask`."""

    registry: Registry

    def __init__(self, registry: Registry = NO_REGISTRY) -> None:
        self.registry = registry

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of this process."""
        return os.environ

    def read_file(self, path: str) -> Known[bytes]:
        """A file's first bytes, at most `FILE_LIMIT`; a pipe or device is never opened."""
        try:
            if not Path(path).is_file():
                return _missing(path)
            with Path(path).open("rb") as file:
                return file.read(FILE_LIMIT)
        except OSError as error:
            return unreadable(error)

    def list_dir(self, path: str) -> Known[tuple[str, ...]]:
        """The names in a folder, sorted."""
        try:
            return tuple(sorted(os.listdir(path)))  # noqa: PTH208 (names, not paths)
        except OSError as error:
            return unreadable(error)

    def read_link(self, path: str) -> Known[str]:
        """What a symbolic link says, unresolved."""
        try:
            return os.readlink(path)  # noqa: PTH115 (its text, "socket:[1]" included)
        except OSError as error:
            return unreadable(error)

    def run(self, *command: str, limit: float = COMMAND_LIMIT) -> Known[CommandResult]:
        """A command that reads only; ended when it takes longer than `limit` seconds."""
        try:
            done = subprocess.run(  # noqa: S603 (fixed commands of the platforms)
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limit,
                check=False,
                env={**os.environ, **_PLAIN_WORDS},
            )
        except subprocess.TimeoutExpired:
            return NotReadable(Why.TIMEOUT, f"{command[0]}: {limit:g} s")
        except OSError as error:
            return unreadable(error)
        return CommandResult(done.returncode, done.stdout, done.stderr)

    def knock(self, path: str) -> Known[Knock]:
        """Connect to a local stream socket and hang up, as any client of the service does."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(_KNOCK_LIMIT)
            try:
                line.connect(path)
            except TimeoutError:
                return NotReadable(Why.TIMEOUT, f"{_KNOCK_LIMIT:g} s")
            except OSError as error:
                return _KNOCKS.get(error.errno or 0) or unreadable(error)
        return Knock.ANSWERED

    def ask(self, what: str) -> Known[object]:  # noqa: ARG002 (the seam's)
        """Nothing: these systems show all they show in files and commands."""
        return ABSENT


def unreadable(error: OSError) -> Unknown:
    """Absent, refused or failed: three different things."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ABSENT
    if isinstance(error, PermissionError):
        return NotReadable(Why.DENIED)
    return NotReadable(Why.FAILED, errno.errorcode.get(error.errno or 0, ""))


def _missing(path: str) -> Unknown:
    try:
        Path(path).stat()
    except OSError as error:
        return unreadable(error)
    return NotReadable(Why.FAILED, "not a file")
