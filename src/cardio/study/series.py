"""Keys that say "the same person" from one study to the next, and nothing else.

A number of RPPS is public: a digest without a secret would name its holder. The secret stays in the
folder of the studies and is in none of them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.study.roster.people import Person

FILE = "study.key"
_SECRET_SIZE = 32
_KEY_SIZE = 16
"""Hexadecimal digits kept of a digest: 64 bits, enough for a million people."""


@dataclass(frozen=True, slots=True)
class Series:
    """Studies with one secret. People of studies of two series cannot be told to be the same."""

    secret: bytes = field(repr=False)

    @classmethod
    def once(cls) -> "Series":
        """For a study that nothing will be compared with."""
        return cls(secrets.token_bytes(_SECRET_SIZE))

    @classmethod
    def of(cls, folder: Path, previous: Path | None = None) -> "Series":
        """That of the study before, else of the folder, else a new one; kept in the folder.

        Raises `ConfigurationError` where the secret cannot be read or written.
        """
        own = cls.found(folder)
        chosen = cls.found(previous) or own or cls.once()
        if chosen != own:
            chosen.keep(folder)
        return chosen

    @classmethod
    def found(cls, folder: Path | None) -> "Series | None":
        """That of a folder; None where it has none."""
        file = folder / FILE if folder else None
        return cls(_read(file)) if file and file.is_file() else None

    def keep(self, folder: Path) -> None:
        """Write the secret, for its owner only. Raises `ConfigurationError`."""
        file = folder / FILE
        try:
            file.touch(mode=0o600)
            file.write_text(self.secret.hex() + "\n", encoding="ascii")
        except OSError as error:
            raise ConfigurationError(f"{file}: {error.strerror}") from error

    @property
    def id(self) -> str:
        """The same for all studies of the series; tells nothing of the secret."""
        return self._digest("series")

    def keys(self, person: Person) -> tuple[str, ...]:
        """One a number, by site; by both names where there is no number. None: empty.

        Whoever has one key in common in two studies is the same person at the same site.
        """
        return tuple(self._digest(f"{kind}|{person.finess}") for kind in _kinds(person))

    def _digest(self, text: str) -> str:
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:_KEY_SIZE]


def _kinds(person: Person) -> Iterator[str]:
    if person.rpps:
        yield f"rpps|{person.rpps}"
    if person.adeli:
        yield f"adeli|{person.adeli}"
    if not (person.rpps or person.adeli) and person.name_key:
        yield f"name|{person.name_key}"


def _read(file: Path) -> bytes:
    try:
        secret = bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: the key of these studies cannot be read") from error
    if len(secret) != _SECRET_SIZE:
        raise ConfigurationError(f"{file}: not the key of a study")
    return secret
