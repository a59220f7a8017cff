"""The authorities at hand: from files the user names, or from where they are installed."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509 import (
    Certificate,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)

from cardio.cards.cps.trust import pinned
from cardio.cards.cps.trust.authority import Authority, Standing
from cardio.cards.cps.trust.damage import DAMAGED
from cardio.errors import ConfigurationError

MAX_FILE, MAX_FILES, MAX_AUTHORITIES = 256 * 1024, 256, 256
"""Bytes of a file, files of a folder and authorities in all: our choice. IGC-Santé has nine
authorities of some 2 kB (facts: certificates_identifiers_services.md §1.1)."""

_PEM = b"-----BEGIN "


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Authorities, each once. TEST roots are anchors only if `allow_test`."""

    authorities: tuple[Authority, ...] = ()
    allow_test: bool = False

    @classmethod
    def load(cls, *paths: Path, allow_test: bool = False) -> Self:
        """From PEM, DER and PKCS#7 (.p7b) files, and folders of them (not their sub-folders).

        What else a folder holds is passed over. Raises `ConfigurationError` for a path that
        cannot be read or gives no certificate.
        """
        return cls._of((one for path in paths for one in _load(path)), allow_test)

    @classmethod
    def of_workstation(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Those `CARDIO_ANCHORS` and `CARDIO_TEST_ANCHORS` name, and those that are installed.

        The variables hold paths with the system's separator (`:` or `;`); test cards are allowed
        if the second is set. Empty where there is none. Raises as `load`, for the variables only.
        """
        names = (pinned.PRODUCTION_VARIABLE, pinned.TEST_VARIABLE)
        paths = [path for name in names for path in environ.get(name, "").split(os.pathsep) if path]
        given = [one for path in paths for one in _load(Path(path))]
        found = (one for folder in pinned.installed(environ) for one in _installed(folder))
        return cls._of([*given, *found], bool(environ.get(pinned.TEST_VARIABLE)))

    @classmethod
    def _of(cls, certificates: Iterable[Certificate], allow_test: bool) -> Self:
        unique: dict[bytes, Authority] = {}
        for certificate in certificates:
            try:
                authority = Authority.of(certificate)
            except ValueError:
                continue
            unique[authority.fingerprint] = authority
            if len(unique) > MAX_AUTHORITIES:
                raise ConfigurationError(f"more than {MAX_AUTHORITIES} authorities are given")
        return cls(tuple(unique.values()), allow_test)

    def is_anchor(self, authority: Authority) -> bool:
        """Whether a chain may end with it."""
        if authority.standing is Standing.TEST:
            return self.allow_test
        return authority.standing is Standing.PRODUCTION

    @property
    def anchors(self) -> tuple[Authority, ...]:
        """The authorities a chain may end with."""
        return tuple(one for one in self.authorities if self.is_anchor(one))


def _load(path: Path) -> list[Certificate]:
    try:
        files = _files(path) if path.is_dir() else [path]
        found = [one for file in files for one in _certificates(_read(file))]
    except OSError as error:
        raise ConfigurationError(f"cannot read {str(path)!r}: {error.strerror}") from None
    if not found:
        raise ConfigurationError(f"there is no certificate in {str(path)!r}")
    return found


def _installed(folder: Path) -> list[Certificate]:
    try:
        return _load(folder)
    except ConfigurationError:
        return []


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())[:MAX_FILES]


def _read(path: Path) -> bytes:
    """A file's content; nothing of a larger one, which is no authority."""
    with path.open("rb") as file:
        raw = file.read(MAX_FILE + 1)
    return raw if len(raw) <= MAX_FILE else b""


def _certificates(raw: bytes) -> list[Certificate]:
    """Those of a file; none where it is of another kind, or damaged."""
    for load in _readers(raw):
        try:
            return load(raw)
        except DAMAGED:
            continue
    return []


def _readers(raw: bytes) -> Iterator[Callable[[bytes], list[Certificate]]]:
    if _PEM in raw:
        yield load_pem_x509_certificates
        yield pkcs7.load_pem_pkcs7_certificates
    else:
        yield lambda raw: [load_der_x509_certificate(raw)]
        yield pkcs7.load_der_pkcs7_certificates
