"""The card: takes the bytes of a command, finds its handler, gives the bytes of the answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from cardio.errors import ApduError
from cardio.iso7816.apdu import CHAINING_BIT, CommandApdu
from cardio.iso7816.status import (
    CHANNEL_NOT_SUPPORTED,
    CLASS_NOT_SUPPORTED,
    INSTRUCTION_NOT_SUPPORTED,
    SUCCESS,
    WRONG_LENGTH,
    StatusWord,
)
from cardio_emulator.card_os.binary import read_binary
from cardio_emulator.card_os.cps2ter import Cps2terPart
from cardio_emulator.card_os.cps2ter_pin import CPS2TER_PIN
from cardio_emulator.card_os.delivery import Outbox
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.selecting import select
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import CardImage

Handler = Callable[[CardState, CommandApdu], bytes]
"""Gives the answer's data, or raises `Refusal` with the status word."""

GET_RESPONSE = 0xC0
PERFORM_SECURITY_OPERATION = 0x2A
FILE_READING: Mapping[int, Handler] = {0xA4: select, 0xB0: read_binary}
"""The instructions of a card that only lets its files be read."""

_CHANNEL_BITS, _SECURE_MESSAGING_BITS = 0x03, 0x0C
_SECURE_MESSAGING_NOT_SUPPORTED = StatusWord(0x6882)
_CHAINING_NOT_SUPPORTED = StatusWord(0x6884)
_MAX_CHAIN = 1024
"""Bytes a chain may gather; the longest known, a cryptogram to decipher, has 257."""


class Card:
    """A `VirtualCard` that plays an image with the instructions given."""

    def __init__(
        self, image: CardImage, instructions: Mapping[int, Handler] = FILE_READING
    ) -> None:
        self._state = CardState(image)
        self._cps2ter = _cps2ter_part(self._state)
        self._instructions = instructions
        self._outbox = Outbox(image.manners.delivery)
        self._chain: CommandApdu | None = None

    @property
    def image(self) -> CardImage:
        return self._state.image

    @property
    def atr(self) -> bytes:
        return self.image.atr

    @property
    def serial(self) -> str:
        return self.image.serial

    @property
    def pins(self) -> Mapping[int, PinState]:
        """The PINs by reference, with their counters as they are now."""
        return self._state.pins

    @property
    def verified(self) -> frozenset[int]:
        """References of the PINs verified since the last reset."""
        return frozenset(self._state.session.verified)

    def reset(self) -> None:
        self._state.reset()
        self._outbox.clear()
        self._chain = None
        if self._cps2ter:
            self._cps2ter.reset()

    def transmit(self, command: bytes) -> bytes:
        """Answer one command APDU; whatever is sent, the answer has at least two bytes."""
        try:
            return self._execute(_parse(command))
        except Refusal as refusal:
            return bytes(refusal.status)

    def _execute(self, command: CommandApdu) -> bytes:
        if self._cps2ter and self._cps2ter.takes(command):
            return self._cps2ter.execute(command)
        _check_class(command.cla, self.image.manners.channel)
        if command.ins == GET_RESPONSE:
            return self._outbox.get_response(command)
        self._outbox.clear()
        handler = self._instructions.get(command.ins)
        if handler is None:
            raise Refusal(INSTRUCTION_NOT_SUPPORTED)
        whole = self._unchained(command)
        if whole is None:
            return bytes(SUCCESS)
        return self._outbox.send(command, handler(self._state, whole))

    def _unchained(self, command: CommandApdu) -> CommandApdu | None:
        """The command with the data of its whole chain; None while more parts are to come.

        A chain broken off by another command is forgotten (ISO/IEC 7816-4 §5.4.1).
        """
        before, self._chain = self._chain, None
        if before and before.header[1:] == command.header[1:]:
            command = replace(command, data=before.data + command.data)
        if not command.is_chained:
            return command
        if command.ins != PERFORM_SECURITY_OPERATION:
            raise Refusal(_CHAINING_NOT_SUPPORTED)
        if len(command.data) > _MAX_CHAIN:
            raise Refusal(WRONG_LENGTH)
        self._chain = command
        return None


def _parse(raw: bytes) -> CommandApdu:
    """Extended lengths are refused: neither card announces them (EF.ATR tag 47, bit 40)."""
    try:
        command = CommandApdu.decode(raw)
    except ApduError as error:
        raise Refusal(WRONG_LENGTH) from error
    if command.extended:
        raise Refusal(WRONG_LENGTH)
    return command


def _check_class(cla: int, channel: int | None) -> None:
    """Interindustry classes of one channel, no secure messaging (ISO/IEC 7816-4 §5.4.1)."""
    if channel is None or cla & ~(CHAINING_BIT | _CHANNEL_BITS | _SECURE_MESSAGING_BITS):
        raise Refusal(CLASS_NOT_SUPPORTED)
    if cla & _CHANNEL_BITS != channel:
        raise Refusal(CLASS_NOT_SUPPORTED if channel else CHANNEL_NOT_SUPPORTED)
    if cla & _SECURE_MESSAGING_BITS:
        raise Refusal(_SECURE_MESSAGING_NOT_SUPPORTED)


def _cps2ter_part(card: CardState) -> Cps2terPart | None:
    """The part in class A0, which takes the PIN itself where the card has nothing else."""
    image = card.image
    if image.cps2ter is None:
        return None
    return Cps2terPart(card, image.cps2ter, CPS2TER_PIN if image.manners.channel is None else {})
