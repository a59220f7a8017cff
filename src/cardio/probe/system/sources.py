"""Where facts come from: files, folders, links, commands, registry, sockets.

The only doors through which a platform looks at its machine. `LiveSources` (live.py) opens them
for real; `RecordedSources` (recorded.py) answers from a snapshot, so that the same parsers run on
a machine we do not have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cardio.probe.system.facts import Knock
from cardio.probe.system.known import Known

COMMAND_LIMIT = 5.0
"""Seconds a command may take (facts: workstation_systems.md §0, rule 8)."""

FILE_LIMIT = 4 * 1024 * 1024
"""Bytes read of a file at most; the largest one read is libccid's list, about 200 KiB."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command printed, and its exit code."""

    exit_code: int
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def text(self) -> str:
        """Its output as UTF-8; what is not becomes a replacement character."""
        return self.stdout.decode("utf-8", "replace")


class View(StrEnum):
    """One of the two registries of 64-bit Windows."""

    BITS_64 = "64"
    BITS_32 = "32"


RegistryValue = str | int | bytes | tuple[str, ...]


class Registry(Protocol):
    r"""The Windows registry, read only. `key` begins with `HKLM\`, `HKCU\` or `HKCR\`.

    On other systems everything is `ABSENT`.
    """

    def value(self, key: str, name: str, view: View = View.BITS_64) -> Known[RegistryValue]:
        """One value; `name` "" is the key's default value."""
        ...

    def names(self, key: str, view: View = View.BITS_64) -> Known[tuple[str, ...]]:
        """The names of the values of a key."""
        ...

    def keys(self, key: str, view: View = View.BITS_64) -> Known[tuple[str, ...]]:
        """The names of the keys right below a key."""
        ...


class Sources(Protocol):
    """All doors. Nothing here raises: a failure is `ABSENT` or `NotReadable`."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of this process."""
        ...

    @property
    def registry(self) -> Registry:
        """The Windows registry; elsewhere an empty one."""
        ...

    def read_file(self, path: str) -> Known[bytes]:
        """A file's bytes, at most `FILE_LIMIT`."""
        ...

    def list_dir(self, path: str) -> Known[tuple[str, ...]]:
        """The names in a folder, sorted."""
        ...

    def read_link(self, path: str) -> Known[str]:
        """What a symbolic link says, unresolved."""
        ...

    def run(self, *command: str, limit: float = COMMAND_LIMIT) -> Known[CommandResult]:
        """A command that reads only; `ABSENT` where it is not installed."""
        ...

    def knock(self, path: str) -> Known[Knock]:
        """Connect to a local stream socket and hang up."""
        ...

    def ask(self, what: str) -> Known[object]:
        """The answer of a system call with no file or command form, as JSON has it.

        The words are the platform's; `ABSENT` for those this system does not know.
        """
        ...
