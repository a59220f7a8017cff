"""PIN pads: the digits go from the reader's keys to the card, never through the computer.

The computer sends the reader a structure with an empty command; the reader asks for the digits,
lays them into the command and gives the card's status word (PC/SC part 10 v2.02.09; field by
field in docs/explanation/pin-pads.md). Not run on a real PIN pad yet.
"""

import struct
import sys
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from cardio.errors import CommunicationFailed, TlvError, UnsupportedByReader
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import StatusWord
from cardio.transport.base import ReaderControl

FEATURE_REQUEST = 0x31 << 16 | 3400 << 2 if sys.platform == "win32" else 0x42000000 + 3400
"""CM_IOCTL_GET_FEATURE_REQUEST, SCARD_CTL_CODE(3400): winsmcrd.h, reader.h of pcsc-lite."""

PAD_TIMEOUT = StatusWord(0x6400)
PAD_CANCELLED = StatusWord(0x6401)
PAD_MISMATCH = StatusWord(0x6402)
PAD_LENGTH = StatusWord(0x6403)
"""Answers of the pad itself: in time nothing was typed; the cancel key; two different new PINs;
too few or too many digits. None of these PINs got to the card."""

TYPING_SECONDS = 30
"""How long the pad waits for a key; what OpenSC asks for as well."""

_STRUCTURE_REFUSED = StatusWord(0x6B80)
_MARGIN = 30.0
"""Seconds for card and driver, after the longest typing."""

_ASCII_FROM_FIRST_BYTE = 0x82
"""bmFormatString: positions count bytes, offset 0, left-justified, ASCII digits."""
_PLACEHOLDER = b"\xff"
_VALIDATION_KEY = 0x02
_DEFAULT_MESSAGE = 0xFF
_CONFIRM_NEW, _ASK_CURRENT = 0x01, 0x02

_FEATURE_SIZE = 6
_LONGEST_NUMBER = 4
_PIN_PROPERTIES = struct.Struct("<BBBB")
_PIN_VERIFY = struct.Struct("<5BH2BHB3xI")
_PIN_MODIFY = struct.Struct("<7BH3BH3B3xI")


class Feature(IntEnum):
    """What a reader can do beyond exchanges: the tags used here (reader.h of pcsc-lite)."""

    VERIFY_PIN_DIRECT = 0x06
    MODIFY_PIN_DIRECT = 0x07
    PIN_PROPERTIES = 0x0A
    TLV_PROPERTIES = 0x12


class _Property(IntEnum):
    """Tags of the answer to TLV_PROPERTIES (reader.h of pcsc-lite)."""

    LCD_LAYOUT = 1
    ENTRY_VALIDATION = 2
    MIN_PIN_SIZE = 6
    MAX_PIN_SIZE = 7


class PadLanguage(IntEnum):
    """Language of what the pad displays, as a Windows language identifier (MS-LCID)."""

    FRENCH = 0x040C
    ENGLISH = 0x0409


@dataclass(frozen=True, slots=True)
class PinLayout:
    """How many digits the card's PIN has, and how they go into the command's data.

    They are filled up with FF to `block` bytes; 0 is no filling.
    """

    min_length: int
    max_length: int
    block: int = 0

    @property
    def size(self) -> int:
        """Bytes of the PIN in the command; 0 where the pad has to set the length itself.

        Not all pads can do that (an OpenSC developer's word): better know the card's one length.
        """
        return self.block or (self.min_length if self.min_length == self.max_length else 0)


@dataclass(frozen=True, slots=True)
class PadProperties:
    """What a pad tells of itself; 0 where it does not.

    `columns` and `lines` are those of its display, `entry_validation` the bits of the ways in
    which it takes an entry for complete (01 all digits typed, 02 validation key, 04 time over).
    """

    columns: int = 0
    lines: int = 0
    entry_validation: int = 0
    min_length: int = 0
    max_length: int = 0

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Read the 4 bytes of PIN_PROPERTIES. Raises `TlvError`."""
        if len(raw) < _PIN_PROPERTIES.size:
            raise TlvError("the PIN pad's properties have less than 4 bytes", offset=len(raw))
        columns, lines, validation, _ = _PIN_PROPERTIES.unpack_from(raw)
        return cls(columns, lines, validation)

    @classmethod
    def decode_tlv(cls, raw: bytes) -> Self:
        """Read TLV_PROPERTIES: tag, length, value, numbers little-endian. Raises `TlvError`."""
        told = _parse_properties(raw)
        layout = told.get(_Property.LCD_LAYOUT, 0)
        return cls(
            columns=layout & 0xFF,
            lines=layout >> 8,
            entry_validation=told.get(_Property.ENTRY_VALIDATION, 0),
            min_length=told.get(_Property.MIN_PIN_SIZE, 0),
            max_length=told.get(_Property.MAX_PIN_SIZE, 0),
        )

    @property
    def has_display(self) -> bool:
        return bool(self.columns and self.lines)

    @property
    def completes_by(self) -> int:
        """What to ask for as bEntryValidationCondition: the validation key where there is one."""
        has_key = not self.entry_validation or self.entry_validation & _VALIDATION_KEY
        return _VALIDATION_KEY if has_key else self.entry_validation

    def narrow(self, layout: PinLayout) -> PinLayout:
        """The lengths that card and pad both take. Raises `UnsupportedByReader` if none."""
        shortest = max(layout.min_length, self.min_length)
        longest = min(layout.max_length, self.max_length or layout.max_length)
        if shortest > longest:
            raise UnsupportedByReader("the PIN pad takes no PIN of this card's length")
        return PinLayout(shortest, longest, layout.block)


class PinPad:
    """The PIN pad of the reader that holds a card; one command at a time.

    While a person types, the reader is busy for everyone: it takes no other command. Hold no
    transaction meanwhile.
    """

    def __init__(
        self,
        reader: ReaderControl,
        features: dict[int, int],
        properties: PadProperties,
        language: PadLanguage = PadLanguage.FRENCH,
    ) -> None:
        self._reader = reader
        self._features = features
        self._language = language
        self.properties = properties

    @classmethod
    def find(cls, reader: ReaderControl, language: PadLanguage = PadLanguage.FRENCH) -> Self | None:
        """The pad of this connection's reader, None where it has none or cannot tell.

        Takes one to three commands to the reader, none to the card. Raises `TlvError` when the
        reader's answer is damaged, and `TransportError`s.
        """
        try:
            features = parse_features(reader.control(FEATURE_REQUEST))
        except UnsupportedByReader:
            return None
        if Feature.VERIFY_PIN_DIRECT not in features:
            return None
        return cls(reader, features, _read_properties(reader, features), language)

    @property
    def can_modify(self) -> bool:
        """Whether a PIN can be changed on it, too."""
        return Feature.MODIFY_PIN_DIRECT in self._features

    def verify(self, command: CommandApdu, layout: PinLayout) -> StatusWord:
        """Have a PIN typed and sent in `command`, which comes without data.

        Gives the card's status word, or one of the `PAD_` ones. Raises `UnsupportedByReader`
        where the pad cannot do that, and `TransportError`s: then a try may have been spent.
        """
        structure = verify_structure(command, layout, self.properties, self._language)
        return self._run(Feature.VERIFY_PIN_DIRECT, structure, entries=1)

    def modify(self, command: CommandApdu, layout: PinLayout, *, asks_current: bool) -> StatusWord:
        """Have a new PIN typed twice, after the current one if `asks_current`; see `verify`.

        The command's data are the current PIN, if asked, and the new one.
        """
        structure = modify_structure(
            command, layout, self.properties, self._language, asks_current=asks_current
        )
        return self._run(Feature.MODIFY_PIN_DIRECT, structure, entries=2 + asks_current)

    def _run(self, feature: Feature, structure: bytes, *, entries: int) -> StatusWord:
        if feature not in self._features:
            raise UnsupportedByReader("the PIN pad cannot change a PIN")
        # Two waits for each entry: for the first key, and for the others.
        limit = entries * 2 * TYPING_SECONDS + _MARGIN
        answer = self._reader.control(self._features[feature], structure, limit=limit)
        if len(answer) != 2:
            raise CommunicationFailed("the PIN pad's answer is not a status word")
        status = StatusWord(int.from_bytes(answer, "big"))
        if status == _STRUCTURE_REFUSED:
            raise UnsupportedByReader("the PIN pad does not take PINs in this form")
        return status


def verify_structure(
    command: CommandApdu, layout: PinLayout, properties: PadProperties, language: PadLanguage
) -> bytes:
    """PIN_VERIFY_STRUCTURE: 19 bytes, and the command the PIN is laid into."""
    layout = properties.narrow(layout)
    template = _template(command, layout.size)
    header = _PIN_VERIFY.pack(
        TYPING_SECONDS,
        TYPING_SECONDS,
        _ASCII_FROM_FIRST_BYTE,
        layout.size,
        0,  # the PIN's length is told nowhere but in Lc
        layout.min_length << 8 | layout.max_length,
        properties.completes_by,
        _DEFAULT_MESSAGE if properties.has_display else 0,
        language,
        0,  # index of the message
        len(template),
    )
    return header + template


def modify_structure(
    command: CommandApdu,
    layout: PinLayout,
    properties: PadProperties,
    language: PadLanguage,
    *,
    asks_current: bool,
) -> bytes:
    """PIN_MODIFY_STRUCTURE: 24 bytes, and the command the PINs are laid into."""
    layout = properties.narrow(layout)
    if asks_current and not layout.size:
        why = "no pad can tell where one PIN ends and the next begins"
        raise UnsupportedByReader(f"the card does not say how long its PIN is: {why}")
    template = _template(command, layout.size * (1 + asks_current))
    messages = (0, 1, 2) if asks_current else (1, 2, 2)
    header = _PIN_MODIFY.pack(
        TYPING_SECONDS,
        TYPING_SECONDS,
        _ASCII_FROM_FIRST_BYTE,
        layout.size,
        0,  # the PIN's length is told nowhere but in Lc
        0,  # where the current PIN goes
        layout.size if asks_current else 0,
        layout.min_length << 8 | layout.max_length,
        _CONFIRM_NEW | (_ASK_CURRENT if asks_current else 0),
        properties.completes_by,
        2 + asks_current if properties.has_display else 0,
        language,
        *messages,
        len(template),
    )
    return header + template


def parse_features(raw: bytes) -> dict[int, int]:
    """Control code by feature tag, unknown ones too (part 10 §2.2: tag, 04, code big-endian).

    Raises `TlvError`.
    """
    if len(raw) % _FEATURE_SIZE:
        raise TlvError("the reader's list of features is cut short", offset=len(raw))
    found: dict[int, int] = {}
    for at in range(0, len(raw), _FEATURE_SIZE):
        tag, length, code = struct.unpack_from(">BBI", raw, at)
        if length != 4:
            raise TlvError("a reader's feature has no code of 4 bytes", offset=at + 1)
        found[tag] = code
    return found


def _parse_properties(raw: bytes) -> dict[int, int]:
    """Values up to 4 bytes, as numbers; longer ones are texts, left out."""
    found: dict[int, int] = {}
    at = 0
    while at < len(raw):
        tag, length, value = raw[at], raw[at + 1 : at + 2], raw[at + 2 :]
        if not length or len(value) < length[0]:
            raise TlvError("the reader's properties are cut short", offset=at)
        if length[0] <= _LONGEST_NUMBER:
            found[tag] = int.from_bytes(value[: length[0]], "little")
        at += 2 + length[0]
    return found


def _read_properties(reader: ReaderControl, features: dict[int, int]) -> PadProperties:
    if code := features.get(Feature.TLV_PROPERTIES):
        return PadProperties.decode_tlv(reader.control(code))
    if code := features.get(Feature.PIN_PROPERTIES):
        return PadProperties.decode(reader.control(code))
    return PadProperties()


def _template(command: CommandApdu, size: int) -> bytes:
    """The command with `size` placeholders; the bare header where the pad adds Lc and PIN."""
    return command.header + (bytes((size,)) + _PLACEHOLDER * size if size else b"")
