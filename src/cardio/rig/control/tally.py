"""How many APDUs the cards of a bench have answered, reader by reader; never what they were."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from cardio.transport.json_line import Message
from cardio_emulator.faults import FaultyCard
from cardio_emulator.virtual_card import VirtualCard

_STATUS_SIZE = 2


@dataclass(slots=True)
class Tally:
    """Of one card since it was put in: the APDUs it answered, the last status word."""

    apdus: int = 0
    last: bytes = b""

    def message(self) -> Message:
        return {"apdus": self.apdus, "last": self.last.hex().upper() or None}


class TalliedCard(FaultyCard):
    """A card with a number, whose answers are counted; those it does not give are not."""

    def __init__(self, card: VirtualCard, number: int) -> None:
        super().__init__(card)
        self.number = number
        self.tally = Tally()

    def transmit(self, command: bytes) -> bytes:
        answer = super().transmit(command)
        self.tally.apdus += 1
        self.tally.last = answer[-_STATUS_SIZE:]
        return answer


class Tallies:
    """The tally of the card in each reader, of those that were put in through it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tallies: dict[str, Tally] = {}

    def begin(self, reader: str, card: TalliedCard) -> None:
        """The reader holds this card now, which starts from nothing."""
        card.tally = Tally()
        with self._guard:
            self._tallies[reader] = card.tally

    def end(self, reader: str) -> Tally | None:
        """The card has left; what it had answered."""
        with self._guard:
            return self._tallies.pop(reader, None)

    def all(self) -> Mapping[str, Tally]:
        with self._guard:
            return dict(self._tallies)
