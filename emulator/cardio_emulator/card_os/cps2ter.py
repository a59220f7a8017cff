"""The CPS2ter part of a card: class A0, status words 9Fxx, 94xx and 98xx (facts: cps.md §2.3).

SELECT, GET RESPONSE and READ BINARY are those the ANS library sends (facts: vendor_library.md §4);
which status word refuses what is a stand-in (docs/reference/emulated-cps2ter.md).
"""

from collections.abc import Callable, Mapping

from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import MASTER_FILE, ROOT, Path
from cardio.iso7816.status import (
    INSTRUCTION_NOT_SUPPORTED,
    SUCCESS,
    WRONG_LENGTH,
    WRONG_P1_P2,
    StatusWord,
)
from cardio_emulator.card_os.file_system import FileSystem, parent
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import DedicatedFile, File, Mode

CPS2TER_CLASS = 0xA0
"""CLA of all its commands."""
BAD_ADDRESS = StatusWord(0x9402)
FID_NOT_FOUND = StatusWord(0x9404)
WRONG_KIND_OF_FILE = StatusWord(0x9408)
PIN_NOT_ACTIVE = StatusWord(0x9802)

_SELECT, _BY_NAME = 0xA4, 0x04
_DESCRIPTION, _MF, _DF, _EF = 0x85, 0x01, 0x02, 0x04
_FETCH = 0x9F00
_NOTHING_WAITS = StatusWord(0x6F00)

Cps2terHandler = Callable[[CardState, CommandApdu], None]
"""Does what a PIN command asks, or raises `Refusal` with the status word."""


class Cps2terPart:
    """The files in class A0 of one card, and which of them is current.

    `pin_commands` are for cards that take their PIN in this class too.
    """

    def __init__(
        self, card: CardState, root: DedicatedFile, pin_commands: Mapping[int, Cps2terHandler]
    ) -> None:
        self._card = card
        self._name = root.name
        self._files = FileSystem(root)
        self._pin_commands = pin_commands
        self.reset()

    def reset(self) -> None:
        self._df, self._ef = ROOT, None
        self._waiting = b""

    def takes(self, command: CommandApdu) -> bool:
        """Whether a command is for this part: by its class, or SELECT of the part's own name."""
        if command.cla == CPS2TER_CLASS:
            return True
        selects = command.cla == 0 and (command.ins, command.p1) == (_SELECT, _BY_NAME)
        return selects and bool(command.data) and command.data == self._name

    def execute(self, command: CommandApdu) -> bytes:
        """The whole answer. Raises `Refusal`."""
        if command.cla != CPS2TER_CLASS:
            self.reset()
            return bytes(SUCCESS)
        if command.ins == 0xC0:
            return self._get_response(command)
        self._waiting = b""
        if command.ins == _SELECT:
            return self._select(command)
        if command.ins == 0xB0:
            return self._read(command) + bytes(SUCCESS)
        handler = self._pin_commands.get(command.ins)
        if handler is None:
            raise Refusal(INSTRUCTION_NOT_SUPPORTED)
        handler(self._card, command)
        return bytes(SUCCESS)

    def _select(self, command: CommandApdu) -> bytes:
        if command.p1 or command.p2:
            raise Refusal(WRONG_P1_P2)
        if len(command.data) != 2:
            raise Refusal(WRONG_LENGTH)
        path = self._find(int.from_bytes(command.data, "big"))
        file = self._files.get(path)
        if file is None:
            raise Refusal(FID_NOT_FOUND)
        is_df = isinstance(file, DedicatedFile)
        self._df, self._ef = (path, None) if is_df else (parent(path), path)
        self._waiting = _describe(file)
        return bytes(StatusWord(_FETCH | len(self._waiting)))

    def _find(self, fid: int) -> Path:
        return ROOT if fid == MASTER_FILE else self._df / fid

    def _get_response(self, command: CommandApdu) -> bytes:
        if not self._waiting:
            raise Refusal(_NOTHING_WAITS)
        if command.le != len(self._waiting):
            raise Refusal(WRONG_LENGTH)
        data, self._waiting = self._waiting, b""
        return data + bytes(SUCCESS)

    def _read(self, command: CommandApdu) -> bytes:
        if command.data or command.le is None:
            raise Refusal(WRONG_LENGTH)
        if self._ef is None:
            raise Refusal(WRONG_KIND_OF_FILE)
        file = self._files.stored(self._ef)
        if not self._card.satisfies(file.access.contact, Mode.READ):
            raise Refusal(PIN_NOT_ACTIVE)
        start = command.p1 << 8 | command.p2
        if start + command.le > len(file.content):
            raise Refusal(BAD_ADDRESS)
        return file.content[start : start + command.le]


def _describe(file: File) -> bytes:
    """`85 05`, size, identifier and kind of the file (facts: cps.md §2.3)."""
    if isinstance(file, DedicatedFile):
        size, kind = 0, _MF if file.fid == MASTER_FILE else _DF
    else:
        size, kind = len(file.content), _EF
    value = size.to_bytes(2, "big") + file.fid.to_bytes(2, "big") + bytes((kind,))
    return bytes((_DESCRIPTION, len(value))) + value
