"""One PKCS#15 application of a card, read as it is asked for and never twice."""

from collections.abc import Callable
from typing import TypeVar

from cardio.errors import (
    CardError,
    CardioError,
    MalformedData,
    RecordError,
    SecurityStatusNotSatisfied,
)
from cardio.iasecc import pkcs15
from cardio.iasecc.files import IAS_ECC, Dialect, read_certificate, read_file, write_file
from cardio.iasecc.pkcs15 import (
    CertificateEntry,
    DataEntry,
    DirectoryEntry,
    Home,
    Listing,
    PinEntry,
    PrivateKeyEntry,
    TokenInfo,
)
from cardio.iasecc.read_once import ReadOnce
from cardio.iso7816.path import Path
from cardio.transport.channel import Channel

EntryT = TypeVar("EntryT")

ODF, TOKEN_INFO = 0x5031, 0x5032
"""File identifiers fixed by ISO/IEC 7816-15 §7.3 and §7.4."""


class Application:
    """The directories and files of the application at `home`.

    Directories are lenient: what a damaged one still tells is in `entries`, what is wrong with
    it in `problems`, and only a `TransportError` is raised. The other
    methods raise. Contents are kept, and failures that trying again would not mend: nothing is read
    twice.
    """

    def __init__(self, channel: Channel, home: Home, dialect: Dialect = IAS_ECC) -> None:
        self.home = home
        self.dialect = dialect
        self._channel = channel
        self._contents: dict[Path, bytes | CardioError] = {}

    @ReadOnce
    def token_info(self) -> TokenInfo:
        """Raises `CardError` or `MalformedData`."""
        return TokenInfo.decode(self.read(self.home.path / TOKEN_INFO))

    @ReadOnce
    def directories(self) -> Listing[DirectoryEntry]:
        """What EF.ODF lists."""
        return self._directory([self.home.path / ODF], pkcs15.read_odf)

    @ReadOnce
    def private_keys(self) -> Listing[PrivateKeyEntry]:
        return self._listed("PrKDF", pkcs15.read_private_keys)

    @ReadOnce
    def certificates(self) -> Listing[CertificateEntry]:
        return self._listed("CDF", pkcs15.read_certificates)

    @ReadOnce
    def data_objects(self) -> Listing[DataEntry]:
        return self._listed("DODF", pkcs15.read_data_objects)

    @ReadOnce
    def pins(self) -> Listing[PinEntry]:
        return self._listed("AODF", pkcs15.read_pins)

    def read(self, path: Path) -> bytes:
        """A file's content. Raises as `files.read_file`."""
        return self._kept(path, read_file)

    def read_certificate(self, path: Path) -> bytes:
        """A certificate's DER. Raises as `files.read_certificate`."""
        return self._kept(path, read_certificate)

    def write(self, path: Path, content: bytes) -> None:
        """Replace a file's content. Raises as `files.write_file`."""
        self._contents.pop(path, None)
        write_file(self._channel, path, content, self.dialect)

    def _kept(self, path: Path, read: Callable[[Channel, Path, Dialect], bytes]) -> bytes:
        if path not in self._contents:
            try:
                self._contents[path] = read(self._channel, path, self.dialect)
            except (CardError, MalformedData) as error:
                if error.retryable or isinstance(error, SecurityStatusNotSatisfied):
                    raise
                self._contents[path] = error
        content = self._contents[path]
        if isinstance(content, CardioError):
            raise content
        return content

    def _listed(
        self, kind: str, parse: Callable[[bytes, Home], Listing[EntryT]]
    ) -> Listing[EntryT]:
        paths = [entry.path for entry in self.directories.entries if entry.kind == kind]
        if not paths:
            return Listing(problems=(RecordError(f"EF.ODF names no {kind}"),))
        return self._directory(paths, parse)

    def _directory(
        self, paths: list[Path], parse: Callable[[bytes, Home], Listing[EntryT]]
    ) -> Listing[EntryT]:
        listings: list[Listing[EntryT]] = []
        for path in paths:
            try:
                listings.append(parse(self.read(path), self.home))
            except (CardError, MalformedData) as error:
                listings.append(Listing(problems=(error,)))
        if not any(listing.entries or listing.problems for listing in listings):
            return Listing(problems=(RecordError("the directory is empty"),))
        return Listing(
            tuple(entry for listing in listings for entry in listing.entries),
            tuple(problem for listing in listings for problem in listing.problems),
        )
