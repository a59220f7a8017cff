"""PC/SC return codes as cardio errors: one table.

Codes 801000xx: PC/SC part 5 and winerror.h, the same in pcsc-lite's pcsclite.h. Smaller ones are
Windows system codes (winerror.h) that winscard lets through.
"""

import sys

from cardio.errors import (
    AccessRefused,
    CardMute,
    CardRemoved,
    CardReset,
    CommunicationFailed,
    NoCard,
    NoReader,
    PcscFailure,
    ProtocolMismatch,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransmitTimeout,
    TransportError,
    Where,
)

SUCCESS = 0
CANCELLED = 0x80100002
UNKNOWN_READER = 0x80100009
TIMEOUT = 0x8010000A
PROTO_MISMATCH = 0x8010000F
NO_READERS_AVAILABLE = 0x8010002E

UNSUPPORTED_CONTROL = (
    frozenset({0x80100022, 1, 22, 50}) if sys.platform == "win32" else frozenset({0x8010001F})
)
"""What SCardControl gives for a command the reader does not know, and so did not carry out:
unsupported feature (winerror.h and pcsclite.h differ); on Windows also invalid function, bad
command, not supported.
"""

IS_PCSC_LITE = sys.platform not in ("win32", "darwin")
_PCSC_CODES = 0x801000
"""The first three bytes of every code but success in pcsclite.h."""

_TABLE: dict[int, tuple[type[TransportError], str]] = {
    0x80100003: (ServiceUnavailable, "the PC/SC service was restarted"),
    0x80100009: (ReaderUnavailable, "there is no such reader any more"),
    0x8010000A: (TransmitTimeout, "the PC/SC service did not answer in time"),
    0x8010000B: (SharingViolation, "another program holds the card"),
    0x8010000C: (NoCard, "there is no card in the reader"),
    0x8010000F: (ProtocolMismatch, "the card does not speak this protocol"),
    0x80100010: (CommunicationFailed, "the reader is not ready"),
    0x80100012: (ServiceUnavailable, "the system ended the call"),
    0x80100013: (ServiceUnavailable, "the PC/SC service closed the line"),
    0x80100015: (CardMute, "the card's answer to reset makes no sense"),
    0x80100016: (CommunicationFailed, "the exchange with the card failed"),
    0x80100017: (ReaderUnavailable, "the reader is gone"),
    0x80100018: (ServiceUnavailable, "the system shuts down"),
    0x8010001D: (ServiceUnavailable, "the PC/SC service does not run"),
    0x8010001E: (ServiceUnavailable, "the PC/SC service was stopped"),
    0x80100027: (AccessRefused, "access to the card is refused"),
    0x8010002E: (NoReader, "no reader is connected"),
    0x8010002F: (CommunicationFailed, "data were lost between reader and card"),
    0x80100031: (ServiceUnavailable, "the PC/SC service is too busy"),
    0x80100065: (CardMute, "the reader cannot speak with this card"),
    0x80100066: (CardMute, "the card does not answer its reset"),
    0x80100067: (CardMute, "the card has no power"),
    0x80100068: (CardReset, "another program reset the card"),
    0x80100069: (CardRemoved, "the card was taken out"),
    0x8010006A: (AccessRefused, "the PC/SC service refuses this user"),
    6: (ServiceUnavailable, "the PC/SC service was restarted"),
    22: (CommunicationFailed, "the device does not know the command"),
    31: (CommunicationFailed, "the reader does not work"),
    109: (ServiceUnavailable, "the line to the PC/SC service was cut"),
    121: (TransmitTimeout, "the reader did not answer in time"),
    1117: (CommunicationFailed, "the reader had an input/output error"),
    1167: (ReaderUnavailable, "the reader is gone"),
}


def unsigned(code: int) -> int:
    """A code as the unsigned 32-bit value; some platforms give it signed."""
    return code & 0xFFFFFFFF


def is_muddled(code: int) -> bool:
    """Whether a look at the readers that gives this is worth another one.

    It names a reader that just went, or is from libpcsclite: "unsupported feature" for a length
    of its table that cannot be, or a part of that table where a code should be.
    """
    code = unsigned(code)
    return code == UNKNOWN_READER or (
        IS_PCSC_LITE
        and code != SUCCESS
        and (code in UNSUPPORTED_CONTROL or code >> 8 != _PCSC_CODES)
    )


def pcsc_error(code: int, reader: str | None = None) -> TransportError:
    """The error for a code other than success, from whichever platform it comes."""
    code, where = unsigned(code), Where(reader)
    kind, text = _TABLE.get(code, (PcscFailure, "PC/SC failed"))
    message = f"{text} (PC/SC {code:#010x})"
    if kind is PcscFailure:
        return PcscFailure(message, pcsc_code=code, where=where)
    return kind(message, where=where)
