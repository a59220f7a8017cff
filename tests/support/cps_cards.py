"""Emulated cards of every CPS kind, opened as a workstation does, each exchange counted."""

from collections.abc import Callable, Mapping

from tests.support.cps3 import Wire

from cardio.cards.cps import CpsCard
from cardio.cards.identify import identify
from cardio.transport.base import Disposition, TransmissionProtocol
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio_emulator.cards import cps2ter, cps3, cps3_contactless, cps4
from cardio_emulator.virtual_card import VirtualCard

KINDS: Mapping[str, Callable[..., VirtualCard]] = {
    "cps3": cps3.make,
    "cps3-contactless": cps3_contactless.make,
    "cps4": cps4.make,
    "cps4-t0": cps4.make_t0,
    "cps2ter": cps2ter.make,
}
_T1 = ("cps3-contactless", "cps4")


class CountedWire(Wire):
    """Speaks the card's protocol, resets it when closed so; `answers` stand in for the card's."""

    def __init__(self, card: VirtualCard, protocol: TransmissionProtocol) -> None:
        super().__init__(card)
        self.card = card
        self.protocol = protocol
        self.answers: list[bytes | None] = []

    def transmit(self, command: bytes) -> bytes:
        answer = self.answers.pop(0) if self.answers else None
        if answer is None:
            return super().transmit(command)
        self.commands.append(command)
        return answer

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        if disposition is Disposition.RESET:
            self.card.reset()

    def since(self, start: int) -> list[str]:
        """The commands from `start` on, in hexadecimal."""
        return [command.hex().upper() for command in self.commands[start:]]


def opened(kind: str, persona: str = "medecin") -> tuple[CountedWire, CpsCard]:
    """A card just inserted and identified."""
    protocol = TransmissionProtocol.T1 if kind in _T1 else TransmissionProtocol.T0
    wire = CountedWire(KINDS[kind](persona), protocol)
    channel = Channel(stack(wire))
    return wire, CpsCard(channel, identify(channel))
