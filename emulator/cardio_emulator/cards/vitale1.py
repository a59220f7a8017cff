"""The emulated Vitale 1: its answer to reset, its refusals, and a sample of memory.

What is known is little (facts: vitale.md §3): class 00 gets 6E00, an unknown instruction in class
BC 6D00, and class BC reads memory by address. What is in the memory is our sample, no card's.
"""

from dataclasses import dataclass

from cardio.errors import ApduError
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import MASTER_FILE
from cardio.iso7816.status import (
    INSTRUCTION_NOT_SUPPORTED,
    SECURITY_STATUS_NOT_SATISFIED,
    SUCCESS,
    WRONG_LENGTH,
    WRONG_P1_P2,
)
from cardio_emulator.card_os import Card
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.cards.vitale_atrs import VITALE1_ATRS, chosen_atr
from cardio_emulator.image import CardImage, DedicatedFile, Manners, PlainSelect
from cardio_emulator.persona_files import PersonaSource, persona_path
from cardio_emulator.settings import Settings

CLASS = 0xBC
FIRST_ADDRESS, FIRST_FREE_ADDRESS, TOP_ADDRESS = 0x0200, 0x0288, 0x2188
"""Of the memory, of what may be read, and its end; addresses count half bytes
(facts: vitale.md §3)."""

_READ_BINARY, _MEMORY_END = 0xB0, 0xC0
_WORD_SIZE = 4
_NIBBLES = 2
_FILLING = bytes.fromhex("3FFFFFFF")
"""Example answers start with 3F FF (facts: vitale.md §3); the rest of the word is ours."""
_LABEL = b"CARDIO STAND-IN: NO CARD'S DATA "
_SERIAL_SIZE = 8


@dataclass(frozen=True, slots=True)
class Vitale1Persona:
    """A card that says nothing about anybody: `serial`, digits of ours, and a published ATR."""

    serial: str
    atr: bytes = VITALE1_ATRS[0]


class Vitale1(Card):
    """A card that knows class BC alone; the rest is refused as a card without channels does."""

    def transmit(self, command: bytes) -> bytes:
        if command[:1] != bytes((CLASS,)):
            return super().transmit(command)
        try:
            return _answer(CommandApdu.decode(command)) + bytes(SUCCESS)
        except ApduError:
            return bytes(WRONG_LENGTH)
        except Refusal as refusal:
            return bytes(refusal.status)


def make(source: PersonaSource = "vitale1") -> Vitale1:
    """A fresh card of a persona that comes with cardio, or one's own file.

    Raises `ConfigurationError`.
    """
    return Vitale1(image(load(source)))


def load(source: PersonaSource) -> Vitale1Persona:
    """Raises `ConfigurationError` naming the file, the key and what is allowed."""
    settings = Settings.read(persona_path(source))
    serial = settings.text("serial")
    if len(serial) != _SERIAL_SIZE or not (serial.isascii() and serial.isdecimal()):
        raise settings.error("serial", f"must be {_SERIAL_SIZE} digits in quotes")
    persona = Vitale1Persona(serial, chosen_atr(settings, VITALE1_ATRS))
    settings.finish()
    return persona


def image(persona: Vitale1Persona) -> CardImage:
    """A card without files."""
    return CardImage(
        kind="vitale1",
        atr=persona.atr,
        serial=persona.serial,
        root=DedicatedFile(MASTER_FILE),
        manners=Manners(PlainSelect.NAME, channel=None),
    )


def _answer(command: CommandApdu) -> bytes:
    if command.ins not in (_READ_BINARY, _MEMORY_END):
        raise Refusal(INSTRUCTION_NOT_SUPPORTED)
    if command.data or command.le is None or command.extended:
        raise Refusal(WRONG_LENGTH)
    if command.ins == _MEMORY_END:
        return _memory_end(command)
    return _read(command.p1 << 8 | command.p2, command.le)


def _memory_end(command: CommandApdu) -> bytes:
    """8 bytes; where in them the address is, is not public: it comes first here."""
    end = TOP_ADDRESS.to_bytes(2, "big").ljust(8, b"\x00")
    if command.le != len(end):
        raise Refusal(WRONG_LENGTH)
    return end


def _read(address: int, size: int) -> bytes:
    """Stand-in: whole words only, 6982 before the free zone, 6B00 beyond the end."""
    if address % (_WORD_SIZE * _NIBBLES) or not FIRST_ADDRESS <= address < TOP_ADDRESS:
        raise Refusal(WRONG_P1_P2)
    if address < FIRST_FREE_ADDRESS:
        raise Refusal(SECURITY_STATUS_NOT_SATISFIED)
    if address + size * _NIBBLES > TOP_ADDRESS:
        raise Refusal(WRONG_P1_P2)
    start = (address - FIRST_FREE_ADDRESS) // _NIBBLES
    return _SAMPLE[start : start + size]


def _sample() -> bytes:
    size = (TOP_ADDRESS - FIRST_FREE_ADDRESS) // _NIBBLES
    return (_FILLING + _LABEL).ljust(size, _FILLING[-1:])


_SAMPLE = _sample()
