"""An emulated PIN pad: what PC/SC part 10 has a reader do, with key presses as a script.

Not over vpcd, which passes no command to a reader (facts: pcsc_vpcd.md §2).
"""

import struct
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from cardio.errors import UnsupportedByReader
from cardio.iso7816.status import StatusWord

Transmit = Callable[[bytes], bytes]
"""Sends the card a command and gives its answer."""

FEATURE_REQUESTS = frozenset({0x42000D48, 0x00313520})
"""SCARD_CTL_CODE(3400) as pcsc-lite and as Windows count it."""

_VERIFY, _MODIFY, _PIN_PROPERTIES, _TLV_PROPERTIES = 0x06, 0x07, 0x0A, 0x12
_CODE = 0x42330000
"""Codes are this plus the feature's tag, as the CCID driver of pcsc-lite has them."""

_TIMEOUT, _CANCELLED, _MISMATCH, _LENGTH, _BAD_STRUCTURE = (
    bytes(StatusWord(value)) for value in (0x6400, 0x6401, 0x6402, 0x6403, 0x6B80)
)
_ASCII_IN_BYTES = 0x82
_MAX_SIZE, _VALIDATION_KEY, _TIME_OVER = 0x01, 0x02, 0x04
_CONFIRM, _ASK_CURRENT = 0x01, 0x02

_MESSAGES = {_CONFIRM: 2, _CONFIRM | _ASK_CURRENT: 3}
"""Prompts of a modification; 0 and FF (the reader's own) fit any."""


class PadKey(Enum):
    """What can be done in the place of typing digits."""

    CANCEL = _CANCELLED
    NOTHING = _TIMEOUT


class PadStop(Exception):
    """The pad answers by itself; the card gets nothing."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(answer.hex())
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Request:
    """A structure taken apart; `offsets` are where each PIN goes in the command's data."""

    size: int
    shortest: int
    longest: int
    offsets: tuple[int, ...]
    confirms: bool
    command: bytes


class EmulatedPad:
    """Types `typed` when it is asked for PINs, one entry after the other, then nothing more.

    A modification takes the current PIN (if it is asked for), the new one, and that again.
    `asked` counts the entries. Lengths 0: the pad sets no limits of its own.
    """

    def __init__(
        self,
        typed: Iterable[str | PadKey] = (),
        *,
        display: bool = True,
        modifies: bool = True,
        has_validation_key: bool = True,
        lengths: tuple[int, int] = (0, 0),
    ) -> None:
        self.typed = deque(typed)
        self.asked = 0
        self._layout = (16, 2) if display else (0, 0)
        self._modifies = modifies
        self._completes_by = _MAX_SIZE | _TIME_OVER | (_VALIDATION_KEY if has_validation_key else 0)
        self._lengths = lengths

    def control(self, code: int, data: bytes, transmit: Transmit) -> bytes:
        """One command to the reader. Raises `UnsupportedByReader`, and what `transmit` does."""
        if code in FEATURE_REQUESTS:
            return b"".join(struct.pack(">BBI", tag, 4, _CODE + tag) for tag in self._features)
        tag = code - _CODE
        if tag not in self._features:
            raise UnsupportedByReader("the reader does not know this command")
        if tag == _PIN_PROPERTIES:
            return bytes((*self._layout, self._completes_by, 0))
        if tag == _TLV_PROPERTIES:
            return self._tlv_properties()
        try:
            request = self._verify(data) if tag == _VERIFY else self._modify(data)
            return transmit(self._filled(request))
        except PadStop as stop:
            return stop.answer

    @property
    def _features(self) -> tuple[int, ...]:
        changing = (_MODIFY,) if self._modifies else ()
        return (_VERIFY, *changing, _PIN_PROPERTIES, _TLV_PROPERTIES)

    def _tlv_properties(self) -> bytes:
        shortest, longest = self._lengths
        sizes = bytes((6, 1, shortest)) + bytes((7, 1, longest)) if longest else b""
        layout = bytes((1, 2, *self._layout, 2, 1, self._completes_by))
        return layout + sizes + b"\x08\x08EMULATED" + b"\x0a\x04\x00\x00\x01\x00"

    def _verify(self, raw: bytes) -> _Request:
        _check(len(raw) >= 19)
        _, _, form, size, length_form, longest, shortest, completes_by, messages = raw[:9]
        self._check_form(form, size, length_form, completes_by, raw[12:15])
        _check(messages in (0, 1, 0xFF))
        command = _command(raw, 19, size)
        return _Request(size, shortest, longest, (0,), confirms=False, command=command)

    def _modify(self, raw: bytes) -> _Request:
        _check(len(raw) >= 24)
        form, size, length_form, old, new, longest, shortest = raw[2:9]
        confirm, completes_by, messages = raw[9:12]
        self._check_form(form, size, length_form, completes_by, raw[17:20])
        _check(confirm in _MESSAGES and messages in (0, _MESSAGES[confirm], 0xFF))
        asks_current = bool(confirm & _ASK_CURRENT)
        _check(bool(size) or not asks_current)
        _check(not asks_current or abs(old - new) >= size)
        offsets = (old, new) if asks_current else (new,)
        command = _command(raw, 24, max(offsets) + size if size else 0)
        return _Request(size, shortest, longest, offsets, confirms=True, command=command)

    def _check_form(
        self, form: int, size: int, length_form: int, completes_by: int, prologue: bytes
    ) -> None:
        _check(form == _ASCII_IN_BYTES and length_form == 0 and size >> 4 == 0)
        _check(bool(completes_by & self._completes_by) and not any(prologue))

    def _filled(self, request: _Request) -> bytes:
        """The command with what is typed. Raises `PadStop`."""
        pins = [self._ask(request) for _ in request.offsets]
        if request.confirms and self._ask(request) != pins[-1]:
            raise PadStop(_MISMATCH)
        if not request.size:
            return request.command + bytes((len(pins[0]),)) + pins[0]
        command = bytearray(request.command)
        for offset, pin in zip(request.offsets, pins, strict=True):
            command[5 + offset : 5 + offset + len(pin)] = pin
        return bytes(command)

    def _ask(self, request: _Request) -> bytes:
        self.asked += 1
        entry = self.typed.popleft() if self.typed else PadKey.NOTHING
        if isinstance(entry, PadKey):
            raise PadStop(entry.value)
        if not request.shortest <= len(entry) <= request.longest:
            raise PadStop(_LENGTH)
        return entry.encode("ascii")


def _command(raw: bytes, header: int, size: int) -> bytes:
    """The command behind the header: all of it, with Lc; the first four bytes if `size` is 0."""
    command = raw[header:]
    _check(int.from_bytes(raw[header - 4 : header], "little") == len(command))
    whole = 5 + size if size else 4
    _check(len(command) == whole and (not size or command[4] == size))
    return command


def _check(holds: bool) -> None:
    if not holds:
        raise PadStop(_BAD_STRUCTURE)
