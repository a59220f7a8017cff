"""What a bench file describes, as data: readers, cards to make, and what happens when."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

from cardio.errors import ConfigurationError
from cardio_emulator.clock import Clock, RealClock, VirtualClock
from cardio_emulator.faults import Fault, FaultyCard
from cardio_emulator.image import CardImage
from cardio_emulator.image_cards import card_from, play
from cardio_emulator.kinds import make
from cardio_emulator.pad import PadKey
from cardio_emulator.persona_files import PersonaSource, persona_path
from cardio_emulator.recorded import RecordedCard, Replay
from cardio_emulator.recorded.card import opened_trace
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import Address

_IMAGES = 64
"""Images kept; whoever has more personas than that waits for their making again."""


@dataclass(frozen=True, slots=True)
class OfKind:
    """A card of a kind that is emulated, made for a persona."""

    kind: str
    persona: PersonaSource

    def make(self) -> VirtualCard:
        """A fresh card; all of one persona play one image, made once a day."""
        return play(_image(self.kind, self.persona, _stamp(self.persona)))


@dataclass(frozen=True, slots=True)
class OfImage:
    """The card of an image file (docs/reference/card-image.md)."""

    file: Path

    def make(self) -> VirtualCard:
        return card_from(self.file)


@dataclass(frozen=True, slots=True)
class OfTrace:
    """A recorded card, played again (docs/how-to/record-and-replay.md).

    Without a `connection` it is the card that was recorded in the reader of the same name, or
    the first one of all.
    """

    file: Path
    connection: int | None = None
    replay: Replay = Replay.BY_COMMAND

    def make(self, reader: str = "") -> VirtualCard:
        with opened_trace(self.file) as trace:
            is_known = any(found.reader == reader for found in trace.connections)
            return RecordedCard(
                trace, self.connection, self.replay, reader=reader if is_known else None
            )


CardSource: TypeAlias = OfKind | OfImage | OfTrace


@dataclass(frozen=True, slots=True)
class CardPlan:
    """A card to make, and the faults it shows.

    `place` says in errors where the plan stands.
    """

    source: CardSource
    faults: tuple[Fault, ...] = ()
    place: str = field(default="", compare=False, repr=False)

    def make(self, *, reader: str = "", seed: int = 0, clock: Clock | None = None) -> VirtualCard:
        """A fresh card with its faults; for the rest see `FaultyCard`.

        Raises `ConfigurationError` for a bad file, or faults that do not fit the card.
        """
        try:
            source = self.source
            card = source.make(reader) if isinstance(source, OfTrace) else source.make()
            if not self.faults:
                return card
            return FaultyCard(card, *self.faults, reader=reader, seed=seed, clock=clock)
        except ConfigurationError as error:
            where = f"{self.place}: " if self.place else ""
            raise ConfigurationError(f"{where}{error.message}") from error


@dataclass(frozen=True, slots=True)
class ReaderPlan:
    """One PC/SC reader by its full name: `card` is None for an empty one.

    `vpcd` is where `cardio emulate` puts the card, `typed` what is typed on its PIN pad (None
    where it has none). Readers of one `unit` are slots of one device.
    """

    name: str
    card: CardPlan | None = None
    vpcd: Address | None = None
    typed: tuple[str | PadKey, ...] | None = None
    unit: int = field(default=0, compare=False)
    place: str = field(default="", compare=False, repr=False)


class Act(Enum):
    """What a step of a timeline does; each is a method of `BenchControl`."""

    INSERT = "insert"
    REMOVE = "remove"
    SWAP = "swap"
    RESET = "reset"
    UNPLUG_READER = "unplug_reader"
    PLUG_READER = "plug_reader"
    KILL_SERVICE = "kill_service"
    RESTART_SERVICE = "restart_service"
    FAULT = "fault"
    CLEAR_FAULTS = "clear_faults"

    @property
    def has_reader(self) -> bool:
        """Whether it is done to one reader, and not to the service."""
        return self not in (Act.KILL_SERVICE, Act.RESTART_SERVICE)

    @property
    def puts_a_card_in(self) -> bool:
        return self in (Act.INSERT, Act.SWAP)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: `at` seconds after the start, or `after` APDUs of reader `counted`.

    `reader` is "" for an act on the service. An insertion without `card` puts the one back that
    a step took out of this reader last.
    """

    act: Act
    reader: str = ""
    at: float | None = None
    after: int | None = None
    counted: str = ""
    card: CardPlan | None = None
    faults: tuple[Fault, ...] = ()
    place: str = field(default="", compare=False, repr=False)


class Time(Enum):
    """Which time cards and timelines take."""

    REAL = "real"
    VIRTUAL = "virtual"

    def clock(self) -> Clock:
        return VirtualClock() if self is Time.VIRTUAL else RealClock()


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """A whole bench file. `seed` decides all that is left to chance."""

    readers: tuple[ReaderPlan, ...]
    steps: tuple[Step, ...] = ()
    seed: int = 0
    time: Time = Time.REAL

    def check_names(self) -> None:
        """Raises `ConfigurationError` at the first reader whose name pcscd can't show.

        It cuts names at 121 bytes, and programs fail on those beyond ASCII (facts: pcsc_vpcd.md
        §2 "Names"); its configuration puts them between quotes.
        """
        for reader in self.readers:
            if problem := _pcscd_problem(reader.name):
                where = f"{reader.place}: " if reader.place else ""
                raise ConfigurationError(f"{where}'name' {problem}; over pcscd it can't be shown")


def seed_for(seed: int, reader: str) -> int:
    """The seed of one reader: what is left to chance differs from one to the next."""
    return crc32(f"{seed}:{reader}".encode())


_MAX_NAME = 121


def _pcscd_problem(name: str) -> str | None:
    if not name.isascii():
        return "has letters beyond ASCII"
    if not name.isprintable() or '"' in name:
        return "has a quote or a control character"
    if len(name) > _MAX_NAME:
        return f"is longer than {_MAX_NAME} letters"
    return None


def _stamp(persona: PersonaSource) -> tuple[object, ...]:
    """What tells whether the image of a persona is still the same: cards are valid from today."""
    path = persona_path(persona)
    try:
        found = path.stat()
    except (OSError, ValueError):
        return (None,)  # whoever reads the file says why
    return (found.st_mtime_ns, found.st_size, datetime.now(UTC).date())


@lru_cache(_IMAGES)
def _image(kind: str, persona: PersonaSource, _: tuple[object, ...]) -> CardImage:
    return make(kind, persona).image
