"""VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER (facts: iasecc_opensc.md §1.8, §3)."""

from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import (
    AUTHENTICATION_BLOCKED,
    INCORRECT_P1_P2,
    REFERENCE_NOT_FOUND,
    WRONG_LENGTH,
    StatusWord,
)
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import Mode

_TRIES_LEFT = 0x63C0
_NEW_VALUE, _COUNTER_ONLY = 0x02, 0x03
"""P1 of RESET RETRY COUNTER where the PUK was verified before (facts: iasecc_opensc.md §3)."""


def verify(card: CardState, command: CommandApdu) -> bytes:
    """Compare a PIN. Without data it tells the state and costs no try."""
    pin = addressed(card, command, p1=(0,))
    if command.data:
        card.require_rule(pin.image.access, Mode.VERIFY_PIN)
        check_length(command.data, pin.image.length)
        present(card, pin, command.data)
    elif pin.image.reference not in card.session.verified:
        raise Refusal(_status(pin))
    return b""


def change(card: CardState, command: CommandApdu) -> bytes:
    """Old PIN, then new PIN; a wrong old one costs a try."""
    pin = addressed(card, command, p1=(0,))
    card.require_rule(pin.image.access, Mode.CHANGE_PIN)
    check_length(command.data, 2 * pin.image.length)
    present(card, pin, command.data[: pin.image.length])
    pin.restore(command.data[pin.image.length :])
    return b""


def reset_retry_counter(card: CardState, command: CommandApdu) -> bytes:
    """Give the tries back, with a new PIN (P1=02) or the old one (P1=03), after the PUK."""
    pin = addressed(card, command, p1=(_NEW_VALUE, _COUNTER_ONLY))
    card.require_rule(pin.image.access, Mode.RESET_PIN)
    new = command.p1 == _NEW_VALUE
    check_length(command.data, pin.image.length if new else 0)
    pin.restore(command.data if new else pin.value)
    return b""


def addressed(
    card: CardState, command: CommandApdu, *, p1: tuple[int, ...], mask: int = 0xFF
) -> PinState:
    """The PIN that P2 names in the bits of `mask`.

    Refuses with 6A86 for another P1, with 6A88 where there is no such PIN.
    """
    if command.p1 not in p1:
        raise Refusal(INCORRECT_P1_P2)
    pin = card.pins.get(command.p2 & mask)
    if pin is None:
        raise Refusal(REFERENCE_NOT_FOUND)
    return pin


def check_length(data: bytes, wanted: int) -> None:
    """A length that can't be right costs no try (inferred: clients refuse it before the card)."""
    if len(data) != wanted:
        raise Refusal(WRONG_LENGTH)


def present(card: CardState, pin: PinState, value: bytes) -> None:
    """Compare and count. Refuses with 63CX, or 6983 where no try was left."""
    if pin.is_blocked:
        raise Refusal(AUTHENTICATION_BLOCKED)
    if not pin.present(value):
        card.session.verified.discard(pin.image.reference)
        raise Refusal(StatusWord(_TRIES_LEFT | pin.tries_left))
    card.session.verified.add(pin.image.reference)


def _status(pin: PinState) -> StatusWord:
    return AUTHENTICATION_BLOCKED if pin.is_blocked else StatusWord(_TRIES_LEFT | pin.tries_left)
