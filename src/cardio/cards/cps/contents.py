"""The files of one CPS card, read as they are asked for and never twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from cardio.cards.cps import cps2ter
from cardio.cards.cps.generation import Generation, Place
from cardio.errors import CardError, CardioError, FileNotFound, MalformedData, RecordError
from cardio.iasecc.application import Application
from cardio.iasecc.pkcs15 import CertificateEntry, DataEntry
from cardio.iasecc.read_once import ReadOnce
from cardio.transport.channel import Channel

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: the part of the card, and why. No data of the card is in it."""

    part: str
    error: CardioError


class Contents:
    """Finds data objects by their labels; notes what could not be read in `problems`."""

    def __init__(self, channel: Channel, generation: Generation) -> None:
        self._generation = generation
        self._old_part = Application(channel, cps2ter.HOME, cps2ter.CPS2TER)
        self.application = self._old_part
        if generation.home:
            self.application = Application(channel, generation.home, generation.dialect)
        self._problems: dict[Problem, None] = {}
        self._is_listed = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read so far."""
        return tuple(self._problems)

    @ReadOnce
    def certificates(self) -> tuple[CertificateEntry, ...]:
        """What EF.CDF lists."""
        if self._generation.home is None:
            return ()
        self.note("EF.ODF", self.application.directories.problems)
        self.note("EF.CDF", self.application.certificates.problems)
        return self.application.certificates.entries

    @ReadOnce
    def data_objects(self) -> dict[str, DataEntry]:
        """What EF.DODF lists, by label."""
        if self._generation.home is None:
            return {}
        self._is_listed = True
        self.note("EF.ODF", self.application.directories.problems)
        if self._generation.free_labels:
            self.note("EF.DODF", self.application.data_objects.problems)
        return {entry.label: entry for entry in reversed(self.application.data_objects.entries)}

    def data_object(self, label: str) -> bytes | None:
        """Its content; None when the card has none of this label. Raises as `Application.read`.

        A published place is tried before the directory is read, which is trusted once it was.
        """
        place = self._generation.places.get(label)
        if place and not (self._is_listed and label in self.data_objects):
            try:
                return self._read(place)
            except FileNotFound:
                if self._is_listed:
                    return None
        entry = self.data_objects.get(label)
        return self.application.read(entry.path) if entry else None

    def expected(self, label: str) -> bytes | None:
        """As `data_object`; that a sound directory lacks the label is an error."""
        content = self.data_object(label)
        if content is None and (self.data_objects or self._generation.home is None):
            raise RecordError(f"the card has no {label}")
        return content

    def attempt(self, part: str, read: Callable[[], ValueT]) -> ValueT | None:
        """What `read()` gives; None, with a note, when that part of the card is damaged."""
        try:
            return read()
        except (CardError, MalformedData) as error:
            self.note(part, (error,))
            return None

    def note(self, part: str, errors: Iterable[CardioError]) -> None:
        """Add to `problems`, each once."""
        self._problems.update((Problem(part, error), None) for error in errors)

    def _read(self, place: Place) -> bytes:
        is_old = place.dialect is cps2ter.CPS2TER
        return (self._old_part if is_old else self.application).read(place.path)
