"""One reader of a `ServiceBench`: the card in it, its faults, and the thread that serves it."""

import threading
from collections.abc import Callable
from contextlib import suppress

from cardio.errors import NoCard, ServiceUnavailable
from cardio_emulator.control import Answered
from cardio_emulator.faults import (
    Fault,
    FaultyCard,
    HeldByAnother,
    ResetByAnother,
    Strike,
    Struck,
    TornOut,
    fits,
)
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import Address, Insertion

_CONNECTS_WITHIN = 5.0
_JOIN_WITHIN = 5.0

_STATUS_SIZE = 2

OnStrike = Callable[["ServiceSlot", Strike], None]
"""Has it happen to the reader while a program waits for the card's answer."""


class ServiceSlot:
    """A reader by its full name; itself the `VirtualCard` that is served, faults included.

    `card` is the card as it was put in, until a hand or a fault takes it out; it stays in while
    the reader is unplugged or the service gone. `seed` decides what faults leave to chance,
    `on_answer` is told once an answer was sent.
    """

    def __init__(
        self, name: str, address: Address, on_strike: OnStrike, on_answer: Answered, *, seed: int
    ) -> None:
        self.name = name
        self.seed = seed
        self.plugged = True
        self._address = address
        self._on_strike = on_strike
        self._on_answer = on_answer
        self._faults: tuple[Fault, ...] = ()
        self._card: VirtualCard | None = None
        self._shown: VirtualCard | None = None
        self._insertion: Insertion | None = None
        self._thread: threading.Thread | None = None

    @property
    def card(self) -> VirtualCard | None:
        return None if self._insertion and self._insertion.has_left else self._card

    @property
    def needs_rival(self) -> bool:
        """Whether a fault is another program's doing."""
        return any(isinstance(fault, (ResetByAnother, HeldByAnother)) for fault in self._faults)

    def put(self, card: VirtualCard) -> None:
        """A card is in that the service does not know of yet."""
        self._insertion = None
        fitting = [fault for fault in self._faults if fits(fault, card)]
        self._shown = self._faulty(card, *fitting) if fitting else card
        self._card = card

    def connect(self) -> None:
        """Let the service have the card. Raises `ServiceUnavailable`."""
        self.join()
        self._insertion = Insertion(self, self._address, holds_back=False)
        self._insertion.on_answer = self._answered
        self._insertion.insert(_CONNECTS_WITHIN)
        self._thread = threading.Thread(
            target=_serve, args=(self._insertion,), name=f"card in {self.name}", daemon=True
        )
        self._thread.start()

    def take(self) -> VirtualCard:
        """Take the card out, whatever is under way. Raises `NoCard`."""
        if (card := self.card) is None:
            raise NoCard("the reader is empty").at(self.name)
        self.disconnect()
        self._card = None
        return card

    def disconnect(self) -> None:
        """Away from the service."""
        if self._insertion:
            self._insertion.eject()

    def join(self) -> None:
        """Wait for the thread that served the last card."""
        if self._thread:
            self._thread.join(_JOIN_WITHIN)

    def fault(self, fault: Fault) -> None:
        """Show it from now on. Raises `ConfigurationError` if it does not fit the card."""
        card = self.card
        if card is not None and isinstance(self._shown, FaultyCard) and self._shown is not card:
            self._shown.add(fault)
        elif card is not None:
            self._shown = self._faulty(card, fault)
        self._faults += (fault,)

    def clear_faults(self) -> None:
        """The card as it was put in, and so later ones."""
        self._faults = ()
        self._shown = self._card

    @property
    def atr(self) -> bytes:
        return self._present(self._shown).atr

    @property
    def serial(self) -> str:
        return self._present(self._shown).serial

    def reset(self) -> None:
        self._present(self._shown).reset()

    def transmit(self, command: bytes) -> bytes:
        try:
            return self._present(self._shown).transmit(command)
        except Struck as struck:
            self._on_strike(self, struck.strike)
            return self._present(self._card).transmit(command)

    def _present(self, card: VirtualCard | None) -> VirtualCard:
        if card is None:
            raise TornOut
        return card

    def _faulty(self, card: VirtualCard, *faults: Fault) -> FaultyCard:
        return FaultyCard(card, *faults, reader=self.name, seed=self.seed)

    def _answered(self, answer: bytes) -> None:
        self._on_answer(self.name, answer[-_STATUS_SIZE:])


def _serve(insertion: Insertion) -> None:
    with suppress(ServiceUnavailable):
        insertion.serve()
