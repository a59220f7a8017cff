"""Cards for the matrix: made once, put back as they were before each run, and watched.

Below the faults a model, written apart from the emulated cards, is told of every command that a
card really carries out: its counters are what the card's must be.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tests.model.dialects import VARIANTS, Ias
from tests.model.reference import Code, ReferenceCard

from cardio_emulator.card_os import Card
from cardio_emulator.faults import Fault, StateFault
from cardio_emulator.image import ElementaryFile
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

PIN, PUK = b"7391", b"82640517"
WRONG_PIN, WRONG_PUK, NEW_PIN = b"9173", b"46028153", b"3197"
CODES = (PIN, PUK, WRONG_PIN, WRONG_PUK, NEW_PIN)
"""Found nowhere by chance."""

DIALECTS: Mapping[str, Ias] = MappingProxyType({one.kind: one for one in reversed(VARIANTS)})
PROTECTED = {
    "cps3": "CPS_ACTIVITY_01_PS",
    "cps4": "CPS_ACTIVITY_01_PS",
    "cps4-t0": "CPS_ACTIVITY_01_PS",
    "cps2ter": "CPS2TER_ACTIVITY_01_PS",
}
"""A data object behind the PIN."""

_PIN_REFERENCE, _PUK_REFERENCE = 1, 2


@cache
def _card(kind: str) -> Card:
    """One for the whole run."""
    return make(kind)


class WatchedCard:
    """`card`, and a `model` that is told of what it carries out; None for a card without a PIN.

    `presented` counts the codes that got to the card, `was_open` whether a right PIN was one.
    """

    def __init__(self, card: Card, kind: str) -> None:
        self.card = card
        self.kind = kind
        self.presented = 0
        self.was_open = False
        self._dialect = DIALECTS.get(kind)
        self.model = self._dialect and _model(card, self._dialect)

    @property
    def atr(self) -> bytes:
        return self.card.atr

    @property
    def serial(self) -> str:
        return self.card.serial

    def reset(self) -> None:
        self.card.reset()
        if self.model:
            self.model.power_on()

    def transmit(self, command: bytes) -> bytes:
        if self._dialect and self.model:
            self.presented += self._dialect.follow(self.model, command)
            self.was_open |= self.model.pin.is_verified
        return self.card.transmit(command)

    @property
    def tells_tries(self) -> bool:
        return bool(self._dialect and self._dialect.tells_tries)

    def check_counters(self) -> None:
        """The card's are the model's, to the value."""
        if self.model is None:
            return
        codes = ((_PIN_REFERENCE, self.model.pin), (_PUK_REFERENCE, self.model.puk))
        for reference, code in codes:
            state = self.card.pins[reference]
            assert (state.tries_left, state.usage_left) == (code.left, code.uses)
            assert state.value == code.value


def fresh(kind: str, *faults: Fault, blocked: bool = False) -> WatchedCard | None:
    """A card as on its first day, with these states; None where one does not fit."""
    card: VirtualCard = _card(kind)
    assert isinstance(card, Card)
    _put_back(card, blocked=blocked)
    for fault in faults:
        if isinstance(fault, StateFault):
            if not fault.fits(card):
                return None
            card = fault.prepare(card)
    assert isinstance(card, Card)
    return WatchedCard(card, kind)


def _put_back(card: Card, *, blocked: bool) -> None:
    for reference, state in card.pins.items():
        state.tries_left, state.usage_left = state.image.tries, state.image.usage
        state.value = PIN if reference == _PIN_REFERENCE else PUK
    if blocked:
        card.pins[_PIN_REFERENCE].tries_left = 0
    files = card._state.files
    for path, stored in files._stored.items():
        file = files.get(path)
        assert isinstance(file, ElementaryFile)
        stored.content = file.content


def _model(card: Card, dialect: Ias) -> ReferenceCard:
    pin = Code(PIN, most=card.pins[_PIN_REFERENCE].image.tries)
    puk = Code(PUK, most=card.pins[_PUK_REFERENCE].image.tries, uses=dialect.puk_uses)
    pin.left = card.pins[_PIN_REFERENCE].tries_left
    puk.left = card.pins[_PUK_REFERENCE].tries_left
    return ReferenceCard(pin, puk, b"", b"", b"")
