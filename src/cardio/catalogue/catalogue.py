"""Every service known: those that come with cardio, and those of the user's files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from cardio.catalogue.model import Service
from cardio.catalogue.reading import read_service
from cardio.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Services by their ids, in alphabetical order."""

    services: dict[str, Service]

    @classmethod
    def load(cls, *own: Path) -> "Catalogue":
        """The shipped services; a file in `own` (files or folders) replaces the one of its id.

        A later file replaces an earlier one. Raises `ConfigurationError` for the first mistake.
        """
        services = {service.id: service for service in _shipped()}
        for path in own:
            services |= {service.id: service for service in _read(path)}
        return cls(dict(sorted(services.items())))

    def choose(self, ids: Iterable[str]) -> tuple[Service, ...]:
        """The services of these ids, or all. Raises `ConfigurationError` for one not known."""
        wanted = tuple(ids) or tuple(self.services)
        for one in wanted:
            if one not in self.services:
                known = ", ".join(self.services)
                raise ConfigurationError(f"no service {one!r} in the catalogue; known: {known}")
        return tuple(self.services[one] for one in wanted)


def read_file(path: Path) -> Service:
    """The service of one file. Raises `ConfigurationError` with line and reason."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 at byte {error.start}") from error
    return read_service(text, str(path))


def _read(path: Path) -> Iterator[Service]:
    if not path.is_dir():
        yield read_file(path)
        return
    found = sorted(path.glob("*.toml"))
    if not found:
        raise ConfigurationError(f"{path}: no *.toml file in this folder")
    for file in found:
        yield read_file(file)


def _shipped() -> Iterator[Service]:
    for file in files("cardio.catalogue").joinpath("services").iterdir():
        if file.name.endswith(".toml"):
            yield read_service(file.read_text(encoding="utf-8"), file.name)
