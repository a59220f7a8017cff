"""Files put together again from the READ BINARY commands of a conversation."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cardio.anonymise.conversation import Told

SELECT = 0xA4
READ_BINARY, READ_BINARY_BY_TAG = 0xB0, 0xB1
_CHAINING_AND_CHANNEL = 0x13
_CPS2TER = 0xA0
_SHORT_IDENTIFIER, _OFFSET = 0x80, 0x54
_DISCRETIONARY = (0x53, 0x73)
_MASTER_FILE = b"\x3f\x00"
_MAX_OFFSET = 1 << 20
_BY_NAME, _BY_PATH, _FILE_BELOW = 0x04, 0x08, 0x02


@dataclass(frozen=True, slots=True)
class Step:
    """One SELECT that went well, or a short identifier (P1 is None then)."""

    cla: int
    p1: int | None
    data: bytes


Place = tuple[Step, ...]
"""What led to the current file."""


@dataclass(slots=True)
class Reading:
    """What is known of one file: its bytes by offset, and where each answer's bytes belong."""

    blocks: list[tuple[int, Told, int]] = field(default_factory=list[tuple[int, Told, int]])
    """Offset in the file, the command, and where in its answer the bytes begin."""
    known: dict[int, int] = field(default_factory=dict[int, int])

    def fits(self, offset: int, data: bytes) -> bool:
        """Whether the bytes agree with those known: the file may have changed."""
        return all(self.known.get(offset + at, byte) == byte for at, byte in enumerate(data))

    def add(self, offset: int, told: Told, at: int) -> None:
        self.blocks.append((offset, told, at))
        self.known.update(enumerate(told.answer[at:], start=offset))

    @property
    def content(self) -> bytes:
        """From the beginning up to the first gap."""
        size = 0
        while size in self.known:
            size += 1
        return bytes(self.known[at] for at in range(size))


class Readings:
    """Follows which file is current, as far as the commands tell."""

    def __init__(self) -> None:
        self.found: list[Reading] = []
        self._by_place: dict[Place, Reading] = {}
        self._place: Place = ()

    def follow(self, conversation: Iterable[Told]) -> list[Told]:
        """Take what reads files; gives the other commands."""
        return [told for told in conversation if not self._take(told)]

    def _take(self, told: Told) -> bool:
        if told.command.ins == SELECT:
            self._select(told)
        block = _block(told)
        if block is None:
            return False
        short, offset, at = block
        if short is not None:
            step = Step(told.command.cla & ~_CHAINING_AND_CHANNEL, None, short.to_bytes(2, "big"))
            self._place = (*_folder(self._place), step)
        if told.answer[at:]:
            self._reading(offset, told.answer[at:]).add(offset, told, at)
        return True

    def _select(self, told: Told) -> None:
        """The file of the same SELECT in the same folder is the same file."""
        if not told.is_success:
            return
        command = told.command
        step = Step(command.cla & ~_CHAINING_AND_CHANNEL, command.p1, told.data)
        absolute = command.p1 in (_BY_NAME, _BY_PATH) or told.data in (b"", _MASTER_FILE)
        below = () if absolute else _folder(self._place)
        self._place = (*below, step)

    def _reading(self, offset: int, data: bytes) -> Reading:
        known = self._by_place.get(self._place)
        if known is None or not known.fits(offset, data):
            known = self._by_place[self._place] = Reading()
            self.found.append(known)
        return known


def _folder(place: Place) -> Place:
    """Without the file in the last place, where it was chosen as one."""
    return place[:-1] if place and place[-1].p1 in (None, _FILE_BELOW) else place


def _block(told: Told) -> tuple[int | None, int, int] | None:
    """Short identifier, offset in the file, and where in the answer its bytes begin."""
    command = told.command
    if command.cla & 0x80 and command.cla != _CPS2TER:
        return None
    if command.ins == READ_BINARY:
        if command.p1 & _SHORT_IDENTIFIER and command.cla != _CPS2TER:
            return command.p1 & 0x1F, command.p2, 0
        return None, command.p1 << 8 | command.p2, 0
    if command.ins == READ_BINARY_BY_TAG:
        return _by_tag(told)
    return None


def _by_tag(told: Told) -> tuple[int | None, int, int]:
    """P1-P2 is a short or a whole file identifier, the offset is in 54 (ISO/IEC 7816-4 §11.3.3)."""
    data, identifier = told.data, told.command.p1 << 8 | told.command.p2
    offset = 0
    if len(data) >= 2 and data[0] == _OFFSET and len(data) >= 2 + data[1]:
        offset = int.from_bytes(data[2 : 2 + data[1]], "big") % _MAX_OFFSET
    return identifier or None, offset, _header_size(told.answer)


def _header_size(answer: bytes) -> int:
    """Of the data object around the bytes."""
    if answer[:1] not in (bytes((tag,)) for tag in _DISCRETIONARY) or len(answer) < 2:
        return 0
    return 2 + (answer[1] & 0x7F if answer[1] > 0x80 else 0)
