"""A wrapper that makes any card show faults."""

from functools import partial
from random import Random

from cardio_emulator.card_os import Card
from cardio_emulator.clock import Clock, RealClock
from cardio_emulator.faults.rule import Turns
from cardio_emulator.faults.seam import (
    Ask,
    AtrFault,
    ExchangeFault,
    Fault,
    Moment,
    StateFault,
)
from cardio_emulator.faults.selection import (
    Selection,
    ShortIdentifiers,
    is_by_short_identifier,
    is_done,
    is_select,
    short_identifiers,
)
from cardio_emulator.virtual_card import VirtualCard


class FaultyCard:
    """`card`, showing `faults`; of two faults at one APDU the later one shows outermost.

    APDUs are counted from 0, GET RESPONSE included and resets not, in `count` since the card was
    made and by each fault since it was added. `reader` is where rules take the card to be, `seed`
    decides what they leave to chance, and `clock` is the time that slow and silent answers take.

    `transmit` raises `TornOut` or `TransmitTimeout` where no answer comes: whatever holds the
    card takes it out, or reports the silence. The same card works in process and over vpcd
    (facts: pcsc_vpcd.md §2 "Faults as a pyscard user sees them").
    """

    def __init__(
        self,
        card: VirtualCard,
        *faults: Fault,
        reader: str = "",
        seed: int = 0,
        clock: Clock | None = None,
    ) -> None:
        self.card = card
        self.reader = reader
        self.clock: Clock = clock or RealClock()
        self._seed = seed
        self._selection = Selection()
        self._short: ShortIdentifiers | None = None
        self.show(*faults)

    @property
    def atr(self) -> bytes:
        atr = self.card.atr
        for fault in self._atr_faults:
            atr = fault.atr_of(atr, self._resets)
        return atr

    @property
    def serial(self) -> str:
        return self.card.serial

    def show(self, *faults: Fault) -> None:
        """These faults and no others from now on; everything is counted anew.

        What `StateFault`s did to the card stays done. Raises `ConfigurationError` for one that
        does not fit the card.
        """
        self.count = self._resets = 0
        self.faults: tuple[Fault, ...] = ()
        self._atr_faults: tuple[AtrFault, ...] = ()
        self._turns: tuple[tuple[ExchangeFault, Turns], ...] = ()
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """One fault more. Raises `ConfigurationError` for one that does not fit the card."""
        if isinstance(fault, StateFault):
            self._change(fault)
        elif isinstance(fault, AtrFault):
            self._atr_faults += (fault,)
        else:
            chance = Random(f"{self._seed}:{len(self.faults)}:{type(fault).__name__}")  # noqa: S311
            self._turns += ((fault, Turns(fault.rule, chance)),)
        self.faults += (fault,)

    def reset(self) -> None:
        if self.count:
            self._resets += 1
        self._selection = Selection()
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        if not self._turns:
            return self._carry_out(command)
        ask: Ask = partial(self._carry_out, command)
        selection = self._after(command)
        moment = Moment(command, self.clock)
        for fault, turns in self._turns:
            if turns.take(command, selection, self.reader):
                ask = partial(fault.answer, ask, moment)
        return ask()

    def _carry_out(self, command: bytes) -> bytes:
        answer = self.card.transmit(command)
        if (is_select(command) or is_by_short_identifier(command)) and is_done(answer):
            self._selection = self._after(command)
        return answer

    def _after(self, command: bytes) -> Selection:
        if self._short is None:
            card = bare(self.card)
            self._short = short_identifiers(card.image.root) if isinstance(card, Card) else {}
        return self._selection.after(command, self._short)

    def _change(self, fault: StateFault) -> None:
        if isinstance(self.card, FaultyCard):
            self.card.add(fault)
        else:
            self.card = fault.prepare(self.card)


def fits(fault: Fault, card: VirtualCard) -> bool:
    """Whether `card` can show it: only a `StateFault` may have nothing to act on."""
    return not isinstance(fault, StateFault) or fault.fits(bare(card))


def bare(card: VirtualCard) -> VirtualCard:
    """The card itself, without what faults and counters wrap around it."""
    while isinstance(card, FaultyCard):
        card = card.card
    return card
