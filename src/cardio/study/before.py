"""The study before: who was there then, told by keys, not by names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardio.errors import ConfigurationError
from cardio.study.result import SCHEMA_VERSION, Since
from cardio.study.series import Series
from cardio.study.streamed import StreamedObject

FILE = "study.json"


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody of the study before whom the roster has no more: the line of that roster."""

    line: int
    site: str
    profession: str | None


@dataclass(slots=True)
class Before:
    """Everybody of the study before, each key of theirs, and whom this study has met."""

    people: list[Left] = field(default_factory=list[Left])
    _by_key: dict[str, int] = field(default_factory=dict[str, int])
    _met: set[int] = field(default_factory=set[int])

    @classmethod
    def read(cls, path: Path, series: Series) -> "Before":
        """`path`: a study's file or folder. Raises `ConfigurationError` for one of other series."""
        made = cls()
        for name, value in members(path):
            if name == "series" and value != series.id:
                raise ConfigurationError(
                    f"{path}: a study with another key: people cannot be compared; the file"
                    " study.key of its folder must stand beside it"
                )
            if name == "people":
                made.add(value)
        return made

    def add(self, person: dict[str, Any]) -> None:
        """A person of its JSON document."""
        for key in person["keys"]:
            self._by_key.setdefault(key, len(self.people))
        self.people.append(Left(person["line"], person["site"], person["profession"]))

    def meet(self, keys: tuple[str, ...]) -> Since:
        """Whether the person with these keys was there."""
        found = [self._by_key[key] for key in keys if key in self._by_key]
        self._met.update(found)
        return Since.STAYED if found else Since.ARRIVED

    def left(self) -> Iterator[Left]:
        """Whom nobody met so far, but those without any key."""
        known = set(self._by_key.values())
        for place, person in enumerate(self.people):
            if place in known and place not in self._met:
                yield person


def file_of(path: Path) -> Path:
    """The study's file, for it or for its folder."""
    return path / FILE if path.is_dir() else path


def members(path: Path) -> Iterator[tuple[str, Any]]:
    """The members of a study's document, the elements of its lists one by one.

    Raises `ConfigurationError` for what is no study, or one of a newer schema.
    """
    file = file_of(path)
    try:
        with file.open(encoding="utf-8") as opened:
            found = iter(StreamedObject(opened, str(file)))
            name, version = next(found, ("", None))
            if name != "schema_version" or type(version) is not int:
                raise ConfigurationError(f"{file}: not a study of `cardio study`")
            if version > SCHEMA_VERSION:
                raise ConfigurationError(
                    f"{file}: a study of version {version}; this cardio reads up to"
                    f" {SCHEMA_VERSION}: update it"
                )
            kind = next(found, ("", None))
            if kind != ("kind", "study"):
                raise ConfigurationError(f"{file}: not a study of `cardio study`")
            yield from found
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: is not UTF-8 at byte {error.start}") from error
