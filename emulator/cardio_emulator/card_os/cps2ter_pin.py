"""VERIFY, CHANGE and UNBLOCK in class A0. All of it a STAND-IN: the coding is not public.

It follows the GSM cards that class A0 and status words 98xx come from, and is described for
readers in docs/reference/emulated-cps2ter.md (facts: cps.md §2.3: verify coding unknown).
"""

import re
from collections.abc import Mapping

from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import WRONG_LENGTH, WRONG_P1_P2, StatusWord
from cardio_emulator.card_os.cps2ter import PIN_NOT_ACTIVE, Cps2terHandler
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.state import CardState

WRONG_PIN = StatusWord(0x9804)
PIN_INVALIDATED = StatusWord(0x9808)
PIN_BLOCKED = StatusWord(0x9840)

_PIN, _PUK = 1, 2
_SIZE = 8
"""Bytes of a value on the wire, filled up with FF."""
_VALUE = re.compile(rb"(\d{4,8})\xff*")


def verify(card: CardState, command: CommandApdu) -> None:
    """Compare the PIN; without data, tell the state and cost no try."""
    _check_reference(command)
    if command.data:
        _present(card, _PIN, _values(command, 1)[0], blocked=PIN_BLOCKED)
    elif card.pins[_PIN].is_blocked:
        raise Refusal(PIN_BLOCKED)
    elif _PIN not in card.session.verified:
        raise Refusal(PIN_NOT_ACTIVE)


def change(card: CardState, command: CommandApdu) -> None:
    """Old PIN, then new PIN."""
    _check_reference(command)
    old, new = _values(command, 2)
    _check_new(card, new)
    _present(card, _PIN, old, blocked=PIN_BLOCKED).restore(new)


def unblock(card: CardState, command: CommandApdu) -> None:
    """PUK, then new PIN, which is not verified by it."""
    _check_reference(command)
    puk, new = _values(command, 2)
    _check_new(card, new)
    _present(card, _PUK, puk, blocked=PIN_INVALIDATED)
    card.session.verified -= {_PIN, _PUK}
    card.pins[_PIN].restore(new)


def _check_reference(command: CommandApdu) -> None:
    if (command.p1, command.p2) != (0, _PIN):
        raise Refusal(WRONG_P1_P2)


def _values(command: CommandApdu, count: int) -> list[bytes]:
    """The digits of each value."""
    if len(command.data) != count * _SIZE:
        raise Refusal(WRONG_LENGTH)
    parts = (command.data[at : at + _SIZE] for at in range(0, len(command.data), _SIZE))
    found = [match[1] for part in parts if (match := _VALUE.fullmatch(part))]
    if len(found) != count:
        raise Refusal(WRONG_P1_P2)
    return found


def _check_new(card: CardState, value: bytes) -> None:
    """A card takes a PIN of its own length only."""
    if len(value) != card.pins[_PIN].image.length:
        raise Refusal(WRONG_P1_P2)


def _present(card: CardState, reference: int, value: bytes, *, blocked: StatusWord) -> PinState:
    pin = card.pins[reference]
    if pin.is_blocked:
        raise Refusal(blocked)
    if not pin.present(value):
        card.session.verified.discard(reference)
        raise Refusal(blocked if pin.is_blocked else WRONG_PIN)
    card.session.verified.add(reference)
    return pin


CPS2TER_PIN: Mapping[int, Cps2terHandler] = {0x20: verify, 0x24: change, 0x2C: unblock}
