r"""A machine from a snapshot: the doors answer what was recorded (vectors/systems/README.md).

A snapshot is a JSON object; every part may be missing:

    {"system": "linux",
     "environment": {"NAME": "value"},
     "files": {"/path": "text" or {"hex": "…"} or {"unreadable": "denied"}},
     "dirs": {"/path": ["name"]},                     also made from the paths of files and links
     "links": {"/path": "target"},
     "commands": {"timedatectl show": {"exit_code": 0, "stdout": "…", "stderr": "…"}},
     "sockets": {"/run/pcscd/pcscd.comm": "answered"},
     "registry": {"64": {"HKLM\\…": {"name": value}}, "32": …},
     "asked": {"word": anything}}

What is not in it is `ABSENT`; `{"unreadable": "denied"}` stands wherever a value may.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from cardio.errors import ConfigurationError
from cardio.probe.system.facts import Knock
from cardio.probe.system.known import ABSENT, Known, is_known
from cardio.probe.system.platform import Platform, platform_of
from cardio.probe.system.recorded_registry import Json, RecordedRegistry, part
from cardio.probe.system.sources import COMMAND_LIMIT, CommandResult


def read_snapshot(path: Path) -> Platform:
    """The platform a snapshot file was taken on.

    Raises `ConfigurationError` if the file is no snapshot.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: is no snapshot of a system: {error}") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path}: is no snapshot of a system: no JSON object")
    return recorded_platform(cast(Json, document))


def recorded_platform(document: Json) -> Platform:
    """The platform a snapshot was taken on. Raises `ConfigurationError` for an unknown one."""
    return platform_of(str(document.get("system")), RecordedSources(document))


class RecordedSources:
    """The doors of a machine that is not here."""

    def __init__(self, document: Json) -> None:
        self.environment: Mapping[str, str] = document.get("environment", {})
        self.registry = RecordedRegistry(document.get("registry", {}))
        self._files: Json = document.get("files", {})
        self._links: Json = document.get("links", {})
        self._dirs: Json = document.get("dirs", {})
        self._commands: Json = document.get("commands", {})
        self._sockets: Json = document.get("sockets", {})
        self._asked: Json = document.get("asked", {})

    def read_file(self, path: str) -> Known[bytes]:
        """What the file held."""
        found = part(self._files, path)
        if isinstance(found, str):
            return found.encode()
        return bytes.fromhex(found["hex"]) if is_known(found) else found

    def list_dir(self, path: str) -> Known[tuple[str, ...]]:
        """The names recorded for the folder, or those of all paths below it."""
        if path in self._dirs:
            found = part(self._dirs, path)
            return tuple(sorted(found)) if is_known(found) else found
        separator = "\\" if "\\" in path else "/"
        start = path.rstrip(separator) + separator
        paths = (*self._files, *self._links, *self._dirs)
        below = {one[len(start) :].split(separator)[0] for one in paths if one.startswith(start)}
        return tuple(sorted(below)) or ABSENT

    def read_link(self, path: str) -> Known[str]:
        """Where the link pointed."""
        return part(self._links, path)

    def run(
        self,
        *command: str,
        limit: float = COMMAND_LIMIT,  # noqa: ARG002 (the seam's)
    ) -> Known[CommandResult]:
        """What the command printed: recorded under its words, joined by spaces."""
        found = part(self._commands, " ".join(command))
        if not is_known(found):
            return found
        printed = (found.get(stream, "").encode() for stream in ("stdout", "stderr"))
        return CommandResult(found.get("exit_code", 0), *printed)

    def knock(self, path: str) -> Known[Knock]:
        """How the socket answered; one that is not recorded is not there."""
        found = part(self._sockets, path)
        if found is ABSENT:
            return Knock.NO_SOCKET
        return Knock(found) if is_known(found) else found

    def ask(self, what: str) -> Known[object]:
        """What the system answered."""
        return part(self._asked, what)
