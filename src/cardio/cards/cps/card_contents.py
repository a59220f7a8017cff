"""What one CPS card holds, read from its own files as it is asked for and never twice."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from cardio.cards.cps import cps2ter
from cardio.cards.cps.contents import Certified, Contents, StoredCertificate
from cardio.cards.cps.generation import Commands, Generation, Place
from cardio.cards.cps.pin_pad import CpsPinPad
from cardio.errors import FileNotFound, UnsupportedCard
from cardio.iasecc.application import Application
from cardio.iasecc.files import read_file
from cardio.iasecc.pkcs15 import CertificateEntry, DataEntry, PinEntry, TokenInfo
from cardio.iasecc.read_once import ReadOnce
from cardio.transport.channel import Channel
from cardio.transport.pinpad import PadLanguage, PinPad

if TYPE_CHECKING:
    from cardio.cards.cps.key_ring import CommandKeys
    from cardio.cards.cps.key_site import Unlocked

_ODF, _DODF = "EF.ODF", "EF.DODF"
_LISTED_BY = (_ODF, _DODF)
"""What the data objects are listed by."""


class CardContents(Contents):
    """`Contents` through the card's commands; finds data objects by their labels."""

    def __init__(self, channel: Channel, generation: Generation) -> None:
        super().__init__()
        self.channel = channel
        self._generation = generation
        self._old_part = Application(channel, cps2ter.HOME, cps2ter.CPS2TER)
        self._application = self._old_part
        if generation.home:
            self._application = Application(channel, generation.home, generation.dialect)
        self._is_listed = False

    @property
    def reader(self) -> str:
        """See `Contents.reader`."""
        return self.channel.reader

    @property
    def atr(self) -> bytes:
        """See `Contents.atr`."""
        return self.channel.atr

    @property
    def application(self) -> Application:
        """See `Contents.application`."""
        return self._application

    @property
    def certificates(self) -> Sequence[StoredCertificate]:
        """What EF.CDF lists."""
        return self._certificates

    @property
    def tells_all(self) -> bool:
        """A sound directory does; a CPS2ter has none."""
        return bool(self._data_objects) or self._generation.home is None

    def present(self, labels: Sequence[str]) -> Sequence[str]:
        """Those that EF.DODF lists; all, where it lists nothing."""
        listed = self._data_objects if labels else {}
        return [label for label in labels if label in listed or not listed]

    def data_object(self, label: str) -> bytes | None:
        """See `Contents.data_object`; raises as `Application.read`.

        A published place is tried before the directory is read, which is trusted once it was.
        """
        place = self._generation.places.get(label)
        if place and not (self._is_listed and label in self._data_objects):
            try:
                return self._read(place)
            except FileNotFound:
                if self._is_listed:
                    return None
        entry = self._data_objects.get(label)
        return self._application.read(entry.path) if entry else None

    def write(self, label: str, content: bytes) -> None:
        """See `Contents.write`; filled up with 00. Raises `FcpError` when it does not fit.

        Where the directories cannot be read, raises why.
        """
        entry = self._data_objects.get(label)
        if entry is None:
            noted = (one.error for one in self.problems if one.part in _LISTED_BY)
            raise next(noted, UnsupportedCard(f"the card has no {label}"))
        self._application.write(entry.path, content)

    def token_info(self) -> TokenInfo | None:
        """EF.TokenInfo."""
        return self._application.token_info if self._generation.home else None

    def update(self) -> bytes | None:
        """See `Contents.update`."""
        path = self._generation.update_file
        try:
            return self._application.read(path) if path else None
        except FileNotFound:
            return None

    def serial(self) -> bytes:
        """See `Contents.serial`."""
        return self._application.read(self._generation.serial_file)

    def serial_anew(self) -> bytes:
        """See `Contents.serial_anew`."""
        generation = self._generation
        return read_file(self.channel, generation.serial_file, generation.dialect)

    def transaction(self) -> AbstractContextManager[None]:
        """See `Contents.transaction`."""
        return self.channel.transaction()

    @property
    def pin(self) -> Commands | None:
        """See `Contents.pin`."""
        return self._pin

    def pin_entries(self) -> Sequence[PinEntry]:
        """What EF.AODF lists."""
        if self._generation.home is None:
            return ()
        self.note(_ODF, self._application.directories.problems)
        self.note("EF.AODF", self._application.pins.problems)
        return self._application.pins.entries

    def pin_pad(self, language: PadLanguage) -> CpsPinPad | None:
        """See `Contents.pin_pad`."""
        pad = PinPad.find(self.channel, language) if self._pin else None
        return CpsPinPad(pad, self._pin, self.reader) if pad and self._pin else None

    def keys(self, certified: Certified, unlocked: "Unlocked") -> "CommandKeys":
        """See `Contents.keys`."""
        from cardio.cards.cps.key_ring import CommandKeys

        return CommandKeys(self.channel, self._generation, self._application, certified, unlocked)

    @ReadOnce
    def _pin(self) -> Commands | None:
        return self._generation.pin(self.channel) if self._generation.pin else None

    @ReadOnce
    def _certificates(self) -> tuple[StoredCertificate, ...]:
        if self._generation.home is None:
            return ()
        application = self._application
        self.note(_ODF, application.directories.problems)
        self.note("EF.CDF", application.certificates.problems)
        return tuple(self._stored(entry) for entry in application.certificates.entries)

    def _stored(self, entry: CertificateEntry) -> StoredCertificate:
        return StoredCertificate(
            entry.label, lambda: self._application.read_certificate(entry.path)
        )

    @ReadOnce
    def _data_objects(self) -> dict[str, DataEntry]:
        """What EF.DODF lists, by label."""
        if self._generation.home is None:
            return {}
        self._is_listed = True
        self.note(_ODF, self._application.directories.problems)
        if self._generation.free_labels:
            self.note(_DODF, self._application.data_objects.problems)
        return {entry.label: entry for entry in reversed(self._application.data_objects.entries)}

    def _read(self, place: Place) -> bytes:
        is_old = place.dialect is cps2ter.CPS2TER
        return (self._old_part if is_old else self._application).read(place.path)
