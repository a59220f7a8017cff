"""A card around another one: what is not overridden is the card's own."""

from dataclasses import dataclass

from cardio_emulator.virtual_card import VirtualCard


@dataclass
class AroundCard:
    """The base of cards that see, change or refuse what is sent to `card`."""

    card: VirtualCard

    @property
    def atr(self) -> bytes:
        return self.card.atr

    @property
    def serial(self) -> str:
        return self.card.serial

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        return self.card.transmit(command)
