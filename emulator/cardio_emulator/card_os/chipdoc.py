"""The ChipDoc application of a CPS4, on logical channel 1 (facts: cps.md §3, vendor_library.md §2).

It is there once its name has been selected on the channel; before, and after a reset or another
selection by name there, all else is refused with 6985.
"""

from collections.abc import Mapping

from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import MASTER_FILE, ROOT, Path
from cardio.iso7816.status import (
    CONDITIONS_NOT_SATISFIED,
    FILE_NOT_FOUND,
    INCORRECT_P1_P2,
    SECURITY_STATUS_NOT_SATISFIED,
    WRONG_LENGTH,
)
from cardio.iso7816.tlv import Tlv
from cardio_emulator.card_os import chipdoc_keys
from cardio_emulator.card_os.binary import read_binary, update_binary
from cardio_emulator.card_os.card import Handler
from cardio_emulator.card_os.pin_commands import addressed, check_length, verify
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.security_operations import get_challenge
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import DedicatedFile, File, Mode

CARD_MANAGER = bytes.fromhex("A0000001510000")
"""Selected by the ANS library to leave ChipDoc, before it begins anew (facts: cps.md §2.1)."""

_BY_ID, _BY_NAME, _FROM_MF = 0x00, 0x04, 0x08
_FCI, _NOTHING = 0x00, 0x0C
_FCI_TEMPLATE, _SIZE, _DESCRIPTOR, _FID = 0x6F, 0x80, 0x82, 0x83
_TRANSPARENT, _DF = b"\x01", b"\x38"
_GLOBAL_BIT = 0x80


def select(card: CardState, command: CommandApdu) -> bytes:
    """By name, or by a path below the root; P2=00 gives a flat 6F template, 0C nothing."""
    if command.p2 not in (_FCI, _NOTHING):
        raise Refusal(INCORRECT_P1_P2)
    if command.p1 == _BY_NAME:
        path = _named(card, command.data)
    elif card.session.selected:
        path = _below_root(command)
    else:
        raise Refusal(CONDITIONS_NOT_SATISFIED)
    file = card.files.get(path)
    if file is None:
        raise Refusal(FILE_NOT_FOUND)
    card.session.make_current(path, is_df=isinstance(file, DedicatedFile))
    return card.files.template(path, _flat_fci) if command.p2 == _FCI else b""


def _named(card: CardState, name: bytes) -> Path:
    """The DF of this name; the card manager holds no files and leaves ChipDoc."""
    path = ROOT if name == CARD_MANAGER else card.files.named(name)
    if path is None:
        raise Refusal(FILE_NOT_FOUND)
    card.session.selected = name != CARD_MANAGER
    return path


def _below_root(command: CommandApdu) -> Path:
    """P1=08: a path without 3F00; P1=00: 3F00 itself (facts: vendor_library.md §2)."""
    if command.p1 not in (_BY_ID, _FROM_MF):
        raise Refusal(INCORRECT_P1_P2)
    if not command.data or len(command.data) % 2:
        raise Refusal(WRONG_LENGTH)
    path = Path.decode(command.data)
    if command.p1 == _BY_ID and path.fids != (MASTER_FILE,):
        raise Refusal(FILE_NOT_FOUND)
    if command.p1 == _FROM_MF and path.is_absolute:
        raise Refusal(FILE_NOT_FOUND)
    return ROOT / path


def _flat_fci(file: File) -> bytes:
    if isinstance(file, DedicatedFile):
        parts = [Tlv.of(_DESCRIPTOR, _DF)]
    else:
        size = len(file.content).to_bytes(2, "big")
        parts = [Tlv.of(_SIZE, size), Tlv.of(_DESCRIPTOR, _TRANSPARENT)]
    return Tlv.of(_FCI_TEMPLATE, *parts, Tlv.of(_FID, file.fid.to_bytes(2, "big"))).encode()


def change(card: CardState, command: CommandApdu) -> bytes:
    """The new PIN alone, after VERIFY of the old one or of the PUK (facts: cps.md §3)."""
    pin = addressed(card, command, p1=(0x01,))
    rule = pin.image.access
    if not (card.satisfies(rule, Mode.CHANGE_PIN) or card.satisfies(rule, Mode.RESET_PIN)):
        raise Refusal(SECURITY_STATUS_NOT_SATISFIED)
    check_length(command.data, pin.image.length)
    pin.restore(command.data)
    return b""


def unblock(card: CardState, command: CommandApdu) -> bytes:
    """Give the tries back, after VERIFY of the PUK; P2 has bit 80 set (facts: cps.md §3)."""
    if not command.p2 & _GLOBAL_BIT:
        raise Refusal(INCORRECT_P1_P2)
    pin = addressed(card, command, p1=(0x03,), mask=~_GLOBAL_BIT)
    card.require_rule(pin.image.access, Mode.RESET_PIN)
    check_length(command.data, 0)
    pin.restore(pin.value)
    return b""


def _once_selected(handler: Handler) -> Handler:
    """A handler that answers 6985 unless the application is selected."""

    def guarded(card: CardState, command: CommandApdu) -> bytes:
        if not card.session.selected:
            raise Refusal(CONDITIONS_NOT_SATISFIED)
        return handler(card, command)

    return guarded


_ONCE_SELECTED: Mapping[int, Handler] = {
    0x20: verify,
    0x22: chipdoc_keys.manage,
    0x24: change,
    0x2A: chipdoc_keys.perform,
    0x2C: unblock,
    0x84: get_challenge,
    0xB0: read_binary,
    0xD6: update_binary,
}
CHIPDOC: Mapping[int, Handler] = {
    0xA4: select,
    **{instruction: _once_selected(handler) for instruction, handler in _ONCE_SELECTED.items()},
}
"""The instructions of a CPS4 on channel 1; INTERNAL AUTHENTICATE is none of them."""
