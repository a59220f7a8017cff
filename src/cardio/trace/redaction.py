"""What is masked before anything is kept: data of every command not known to be harmless.

The rule is a list of what may be shown, so a PIN command nobody thought of is masked too.
"""

from cardio.errors import ApduError
from cardio.iso7816.apdu import CommandApdu
from cardio.trace.masked import MaskedBytes

_PROPRIETARY_CLASS = 0x80
_RESERVED_CLASSES = range(0x20, 0x40)
"""Reserved by ISO/IEC 7816-4:2020 §5.4.1; also where the ASCII digits of a bare PIN would be."""

CPS2TER_CLASS = 0xA0
"""Class of the older CPS commands (facts: cps.md §2.3)."""

GET_RESPONSE = 0xC0

_SHOWN = frozenset({
    0x22,  # MANAGE SECURITY ENVIRONMENT
    0x2A,  # PERFORM SECURITY OPERATION
    0x70,  # MANAGE CHANNEL
    0x84,  # GET CHALLENGE
    0x88,  # INTERNAL AUTHENTICATE
    0xA4,  # SELECT
    0xB0, 0xB1,  # READ BINARY
    0xB2, 0xB3,  # READ RECORD
    GET_RESPONSE,
    0xCA, 0xCB,  # GET DATA
})  # fmt: skip
"""Instructions (ISO/IEC 7816-4:2020 table 4, -8 table 1) whose data names what is wanted."""

_PIN_STRUCTURES = (19, 24)
"""Sizes of PIN_VERIFY_STRUCTURE and PIN_MODIFY_STRUCTURE (reader.h of pcsc-lite)."""

_VERIFY = 0x20
_PIN_INSTRUCTIONS = (b"\x20", b"\x24", b"\x2c")
"""VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER."""

_SHOWN_CPS2TER = frozenset({0xA4, 0xB0, GET_RESPONSE})
"""The class-A0 commands seen in public (facts: cps.md §2.3, vendor_library.md §4)."""


def redact_command(raw: bytes, *, continues_secret: bool = False) -> MaskedBytes:
    """Mask what must be: the data field, or all of it where it is not a command APDU.

    `continues_secret` masks the data field whatever the instruction.
    """
    try:
        command = CommandApdu.decode(raw)
    except ApduError:
        return MaskedBytes(b"", len(raw))
    if command.cla in _RESERVED_CLASSES:
        return MaskedBytes(b"", len(raw))
    if not command.data or (_is_shown(command) and not continues_secret):
        return MaskedBytes(raw)
    start = 7 if command.extended else 5
    return MaskedBytes(raw[:start], len(command.data), raw[start + len(command.data) :])


def is_harmless(raw: bytes) -> bool:
    """Whether the command reads, selects or computes, and so neither spends a try nor changes.

    That is one whose data may be shown, or VERIFY without data, which asks for the tries left.
    Others without data are not: DELETE FILE, TERMINATE CARD USAGE, RESET RETRY COUNTER….
    """
    if redact_command(raw).hidden:
        return False
    command = CommandApdu.decode(raw)
    return _is_shown(command) or (command.ins == _VERIFY and not command.data)


def _is_shown(command: CommandApdu) -> bool:
    if command.cla == CPS2TER_CLASS:
        return command.ins in _SHOWN_CPS2TER
    return not command.cla & _PROPRIETARY_CLASS and command.ins in _SHOWN


def pin_structure_size(raw: bytes) -> int | None:
    """Size of the structure before the command of a PIN pad's verify or modify; None for others.

    Its last four bytes are the command's length.
    """
    for size in _PIN_STRUCTURES:
        length = int.from_bytes(raw[size - 4 : size], "little")
        if length and size + length == len(raw) and raw[size + 1 : size + 2] in _PIN_INSTRUCTIONS:
            return size
    return None


def redact_control(raw: bytes) -> MaskedBytes:
    """Mask what is sent to the reader itself: all but the structures for its PIN pad.

    Their command is masked like any other, though it holds placeholders only.
    """
    size = pin_structure_size(raw)
    if size is None:
        return MaskedBytes(b"", len(raw))
    command = redact_command(raw[size:])
    return MaskedBytes(raw[:size] + command.before, command.hidden, command.after)


def mask_answer(raw: bytes) -> MaskedBytes:
    """Keep the status word and the length only."""
    return MaskedBytes(b"", len(raw) - 2, raw[-2:]) if len(raw) > 2 else MaskedBytes(raw)


class Redactor:
    """Redacts the exchanges of one connection in their order.

    Beyond the rule for a single command: what follows a masked command of a chain is masked,
    and so is every answer to a masked command, GET RESPONSE included, in case the card repeats
    what it was sent.
    """

    def __init__(self, *, with_answers: bool = True) -> None:
        self._with_answers = with_answers
        self._chain_is_secret = False
        self._answer_is_secret = False

    def redact(self, command: bytes, answer: bytes) -> tuple[MaskedBytes, MaskedBytes]:
        """Mask the next command and its answer."""
        shown = redact_command(command, continues_secret=self._chain_is_secret)
        fetches = len(command) >= 2 and command[1] == GET_RESPONSE
        self._answer_is_secret = bool(shown.hidden) or (self._answer_is_secret and fetches)
        self._chain_is_secret = self._is_chain_secret(shown, fetches=fetches)
        if self._answer_is_secret or not self._with_answers:
            return shown, mask_answer(answer)
        return shown, MaskedBytes(answer)

    def redact_control(self, data: bytes, answer: bytes) -> tuple[MaskedBytes, MaskedBytes]:
        """Mask the next command to the reader and its answer."""
        shown = redact_control(data)
        self._answer_is_secret = self._chain_is_secret = False
        if shown.hidden or not self._with_answers:
            return shown, mask_answer(answer)
        return shown, MaskedBytes(answer)

    def _is_chain_secret(self, shown: MaskedBytes, *, fetches: bool) -> bool:
        if fetches:
            return self._chain_is_secret
        chained = bool(shown.before) and _is_chained(shown.before[0])
        return chained and (bool(shown.hidden) or self._chain_is_secret)


def _is_chained(cla: int) -> bool:
    return CommandApdu(cla, 0, 0, 0).is_chained
