"""The cards on the desk: what is in every reader, each card read once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from cardio.cards.cps.card import CpsCard
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import CardioError, CardRemoved
from cardio.transport.base import CardPresence, ReaderStatus, ResourceManager
from cardio.transport.channel import Channel
from cardio.workstation.consultation_nature import Nature, nature_of_cps
from cardio.workstation.consultation_patient import PatientMemory, VitaleRead
from cardio.workstation.consultation_revocable import Revocable
from cardio.workstation.scan import Connect, Looked, OpenSlot, Slot, close_all, scan
from cardio.workstation.selection import READABLE_CPS, READABLE_VITALE


@dataclass(frozen=True, slots=True)
class CpsSlot(OpenSlot):
    """A reader with a CPS, over a connection that can be revoked."""

    connection: Revocable
    channel: Channel
    card: CpsCard
    nature: Nature


@dataclass(frozen=True, slots=True)
class PatientSlot(OpenSlot):
    """A reader with a Vitale, and what was read of it."""

    read: VitaleRead


class Desk:
    """Looks at each card once, when it is new; for any number of threads.

    Cards of other kinds are let go of at once. None is ever reset, and nothing is locked beyond
    the reading of one card. `looks` counts how often something was looked at.
    """

    def __init__(self, manager: ResourceManager, connect: Connect, memory: PatientMemory) -> None:
        self.manager = manager
        self._connect = connect
        self._memory = memory
        self._slots: dict[str, Looked] = {}
        self._again: set[str] = set()
        self._is_closed = False
        self.looks = 0
        self._looking = threading.Lock()
        self._changing = threading.Lock()

    @property
    def slots(self) -> tuple[Looked, ...]:
        """What is known of every reader."""
        with self._changing:
            return tuple(self._slots.values())

    def is_current(self) -> bool:
        """Whether no card came or went since the last look. Raises as `refresh`."""
        statuses = self.manager.readers()
        gone = {slot.status.name for slot in self.slots} - {status.name for status in statuses}
        return not gone and not any(self._is_new(status) for status in statuses)

    def refresh(self) -> tuple[Looked, ...]:
        """Look at what is new; gives the cards that came. Raises `ServiceUnavailable`, ….

        Takes as long as the slowest new card, 10 seconds at most. What goes wrong with a card is
        in its slot; what may pass is looked at again the next time.
        """
        with self._looking:
            statuses = self.manager.readers()
            new = [status for status in statuses if self._is_new(status)]
            looked = scan(new, self._connect, then=self._read)
            before = {slot.status.name: slot for slot in self.slots}
            self._put(statuses, looked)
            return tuple(s for s in looked if _came(before.get(s.status.name), s))

    def look_again(self, reader: str) -> None:
        """Have the next `refresh` look at the card in this reader, whether it is new or not."""
        with self._changing:
            self._again.add(reader)

    def close(self) -> None:
        """Let go of every card; a look under way ends by itself."""
        with self._changing:
            self._is_closed = True
            slots, self._slots = tuple(self._slots.values()), {}
        close_all(slots)

    def _is_new(self, status: ReaderStatus) -> bool:
        with self._changing:
            slot = self._slots.get(status.name)
            if slot is None or status.name in self._again:
                return True
        return _may_pass(slot) or not is_same_card(slot.status, status)

    def _put(self, statuses: Sequence[ReaderStatus], looked: tuple[Looked, ...]) -> None:
        """Keep what was looked at, in the order of the readers; let go of what it replaces."""
        with self._changing:
            before, known = self._slots, self._slots | {slot.status.name: slot for slot in looked}
            if not self._is_closed:
                self._slots = {status.name: known[status.name] for status in statuses}
            self._again.clear()
            self.looks += 1
            kept = tuple(self._slots.values())
        every = (*before.values(), *looked)
        close_all(slot for slot in every if not any(slot is one for one in kept))

    def _read(self, slot: OpenSlot) -> Looked:
        if slot.match.kind in READABLE_CPS:
            return _read_cps(slot)
        if slot.match.kind in READABLE_VITALE:
            card = VitaleCard(Channel(slot.connection), slot.match)
            return PatientSlot(slot.status, slot.match, slot.connection, self._memory.read(card))
        return slot.close()


def is_same_card(one: ReaderStatus, other: ReaderStatus) -> bool:
    """Whether the service knows of no change of card between two looks at one reader."""
    return (one.name, one.presence, one.atr, one.event_count) == (
        other.name,
        other.presence,
        other.atr,
        other.event_count,
    )


def _came(before: Looked | None, slot: Looked) -> bool:
    """Whether this card was not known before, or could not be read."""
    if not has_card(slot):
        return False
    known = before and is_same_card(before.status, slot.status)
    return not known or (_error_of(before) is not None and _error_of(slot) is None)


def _may_pass(slot: Looked) -> bool:
    """Whether the same card, as far as the service knows, may do better another time."""
    error = _error_of(slot)
    return error is not None and (error.retryable or isinstance(error, CardRemoved))


def _error_of(slot: Looked | None) -> CardioError | None:
    return slot.error if isinstance(slot, Slot) else None


def has_card(slot: Looked) -> bool:
    return slot.status.presence is not CardPresence.ABSENT


def _read_cps(slot: OpenSlot) -> CpsSlot:
    connection = Revocable(slot.connection)
    channel = Channel(connection)
    card = CpsCard(channel, slot.match)
    _ = card.serial  # kept, to compare with
    return CpsSlot(slot.status, slot.match, connection, channel, card, nature_of_cps(card))
