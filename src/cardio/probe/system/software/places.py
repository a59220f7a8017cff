r"""Where things are on a system, and how a path is shown without anybody's name.

Paths of tables are written with names in braces: `{home}`, `{windir}`, `{programs}`…
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known
from cardio.probe.system.software.binary import architectures, file_version
from cardio.probe.system.software.facts import Binary
from cardio.probe.system.sources import Sources

WINDOWS, MACOS, LINUX = "windows", "macos", "linux"

_VARIABLES = {
    "windir": ("windir", "SystemRoot"),
    "programs": ("ProgramW6432", "ProgramFiles"),
    "programs32": ("ProgramFiles(x86)", "ProgramFiles"),
    "programdata": ("ProgramData", "ALLUSERSPROFILE"),
    "appdata": ("APPDATA",),
    "localappdata": ("LOCALAPPDATA",),
}
_HOMES = {WINDOWS: ("USERPROFILE",), MACOS: ("HOME",), LINUX: ("HOME",)}

_SOMEBODY = re.compile(
    r"^([A-Za-z]:\\(?:Users|Documents and Settings)\\|/home/|/Users/|/run/user/|/var/home/)"
    r"([^\\/]+)",
    re.IGNORECASE,
)
_SHARED = frozenset({"public", "shared", "all users", "default"})
"""Names in the folder of homes that are nobody's."""


@dataclass(frozen=True, slots=True)
class Places:
    """The doors of one system, by the names its tables use."""

    sources: Sources
    system: str

    @property
    def home(self) -> str:
        """The user's own folder, or ""."""
        return self._first(_HOMES[self.system])

    @property
    def separator(self) -> str:
        return "\\" if self.system == WINDOWS else "/"

    def path(self, pattern: str) -> str | None:
        """The path a pattern means here; None where a name in it means nothing."""
        values = self._values()
        if any(not values.get(name) for name in re.findall(r"{(\w+)}", pattern)):
            return None
        path = pattern.format_map(values)
        return _unredirected(path, self.sources.environment) if self.system == WINDOWS else path

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """Those of the patterns that mean something here, each once."""
        return tuple(dict.fromkeys(path for one in patterns if (path := self.path(one))))

    def join(self, folder: str, *names: str) -> str:
        """A path below a folder."""
        return self.separator.join((folder.rstrip(self.separator), *names))

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder; none for one that is not there or not readable."""
        found = self.sources.list_dir(folder)
        return found if is_known(found) else ()

    def exists(self, path: str) -> Known[bool]:
        """Whether a file or folder is there; the file itself is not opened."""
        folder, _, name = path.rpartition(self.separator)
        names = self.sources.list_dir(folder or self.separator)
        if isinstance(names, NotReadable):
            return names
        if names is ABSENT:
            return False
        if self.system == LINUX:
            return name in names
        return name.casefold() in (one.casefold() for one in names)

    def binary(self, path: str) -> Known[Binary]:
        """A program or library; `ABSENT` where there is no such file."""
        data = self.sources.read_file(path)
        if not is_known(data):
            return data
        return Binary(self.shown(path), architectures(data), file_version(data))

    def shown(self, path: str) -> str:
        """The path with `~` for the user's own folder and `*` for somebody else's."""
        home = self.home
        if home and path.casefold().startswith((home + self.separator).casefold()):
            return "~" + path[len(home) :]
        match = _SOMEBODY.match(path)
        if match and match[2].casefold() not in _SHARED:
            return match[1] + "*" + path[match.end() :]
        return path

    def _values(self) -> Mapping[str, str]:
        values = {name: self._first(variables) for name, variables in _VARIABLES.items()}
        config = self._first(("XDG_CONFIG_HOME",)) or (self.home and f"{self.home}/.config")
        return values | {"home": self.home, "config": config}

    def _first(self, variables: tuple[str, ...]) -> str:
        """The first variable that is set; Windows does not tell upper and lower case apart."""
        given = self.sources.environment
        if self.system == WINDOWS:
            given = {name.upper(): value for name, value in given.items()}
            variables = tuple(name.upper() for name in variables)
        value = next((given[name] for name in variables if given.get(name)), "")
        return value.rstrip("\\/")


def _unredirected(path: str, environment: Mapping[str, str]) -> str:
    """What a 32-bit program must ask for to see the 64-bit System32
    (facts: workstation_systems.md §0, rule 5).
    """
    if "PROCESSOR_ARCHITEW6432" not in environment:
        return path
    return re.sub(r"\\System32\\", r"\\Sysnative\\", path, flags=re.IGNORECASE)
