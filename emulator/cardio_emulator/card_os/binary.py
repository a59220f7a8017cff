"""READ BINARY and UPDATE BINARY (ISO/IEC 7816-4:2020 §11.3.3 and §11.3.5)."""

from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import (
    END_OF_FILE,
    FILE_NOT_FOUND,
    INCORRECT_P1_P2,
    NO_CURRENT_EF,
    NOT_ENOUGH_MEMORY,
    WRONG_LENGTH,
    WRONG_P1_P2,
)
from cardio_emulator.card_os.file_system import StoredFile
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import Mode

_SHORT_IDENTIFIER = 0x80
_MAX_SFI = 30


def read_binary(card: CardState, command: CommandApdu) -> bytes:
    """Up to Le bytes from the offset; 6B00 where nothing is left to read."""
    if command.data or command.le is None:
        raise Refusal(WRONG_LENGTH)
    file, offset = _address(card, command)
    card.require(file.access, Mode.READ)
    if not file.content:
        raise Refusal(END_OF_FILE)
    if offset >= len(file.content):
        raise Refusal(WRONG_P1_P2)
    return file.content[offset : offset + command.le]


def update_binary(card: CardState, command: CommandApdu) -> bytes:
    """Overwrite bytes within the file's size."""
    if not command.data:
        raise Refusal(WRONG_LENGTH)
    file, offset = _address(card, command)
    card.require(file.access, Mode.UPDATE)
    if offset + len(command.data) > len(file.content):
        raise Refusal(NOT_ENOUGH_MEMORY)
    file.update(offset, command.data)
    return b""


def _address(card: CardState, command: CommandApdu) -> tuple[StoredFile, int]:
    """P1-P2: a 15-bit offset in the current EF, or a short identifier and an 8-bit offset."""
    if not command.p1 & _SHORT_IDENTIFIER:
        if card.session.ef is None:
            raise Refusal(NO_CURRENT_EF)
        return card.files.stored(card.session.ef), command.p1 << 8 | command.p2
    sfi = command.p1 & ~_SHORT_IDENTIFIER
    if not 1 <= sfi <= _MAX_SFI:
        raise Refusal(INCORRECT_P1_P2)
    path = card.files.short(card.session.df, sfi)
    if path is None:
        raise Refusal(FILE_NOT_FOUND)
    card.session.enter(card.session.df, path)
    return card.files.stored(path), command.p2
