"""What stands for a card of a bench that is out of its reader."""

from dataclasses import dataclass
from typing import Self, cast

from cardio.errors import CardRemoved
from cardio.transport.json_line import Message


@dataclass(frozen=True, slots=True)
class AbsentCard:
    """A `VirtualCard` that answers nobody: it can be put back, by its number, and no more."""

    number: int
    atr: bytes
    serial: str

    @classmethod
    def told(cls, gone: Message) -> Self:
        """The one that the answer to `remove` tells of."""
        atr, serial = cast(str, gone["atr"]), cast(str, gone["serial"])
        return cls(cast(int, gone["number"]), bytes.fromhex(atr), serial)

    def reset(self) -> None:
        """Nothing to do: it has no power."""

    def transmit(self, command: bytes) -> bytes:
        """Raises `CardRemoved`."""
        del command
        raise CardRemoved("the card is out of its reader")
