"""Status words SW1-SW2 (ISO/IEC 7816-4:2020 §5.6, tables 5 and 6)."""

from dataclasses import dataclass
from enum import Enum


class StatusCategory(Enum):
    """Families of ISO/IEC 7816-4 table 5, and the class-A0 errors of CPS2ter cards."""

    SUCCESS = "success"
    MORE_DATA = "more data"
    WARNING = "warning"
    EXECUTION_ERROR = "execution error"
    CHECKING_ERROR = "checking error"
    PROPRIETARY = "proprietary"


_TEXTS = {
    0x6200: "warning, memory unchanged",
    0x6281: "part of the data may be corrupted",
    0x6282: "end of file before Le bytes",
    0x6283: "selected file deactivated",
    0x6285: "selected file in termination state",
    0x6300: "warning, memory changed",
    0x6400: "execution error, memory unchanged",
    0x6500: "execution error, memory changed",
    0x6581: "memory failure",
    0x6700: "wrong length",
    0x6881: "logical channel not supported",
    0x6882: "secure messaging not supported",
    0x6883: "last command of the chain expected",
    0x6884: "command chaining not supported",
    0x6900: "command not allowed",
    0x6981: "command incompatible with file structure",
    0x6982: "security status not satisfied",
    0x6983: "authentication method blocked",
    0x6984: "reference data not usable",
    0x6985: "conditions of use not satisfied",
    0x6986: "no current EF",
    0x6987: "secure messaging data objects missing",
    0x6988: "secure messaging data objects incorrect",
    0x6A80: "incorrect parameters in the data field",
    0x6A81: "function not supported",
    0x6A82: "file or application not found",
    0x6A83: "record not found",
    0x6A84: "not enough memory in the file",
    0x6A86: "incorrect parameters P1-P2",
    0x6A87: "Lc inconsistent with P1-P2",
    0x6A88: "referenced data not found",
    0x6A89: "file already exists",
    0x6A8A: "DF name already exists",
    0x6B00: "wrong parameters P1-P2",
    0x6D00: "instruction not supported",
    0x6E00: "class not supported",
    0x6F00: "no precise diagnosis",
    0x9000: "success",
}

_CATEGORIES = {
    0x61: StatusCategory.MORE_DATA,
    0x62: StatusCategory.WARNING,
    0x63: StatusCategory.WARNING,
    0x64: StatusCategory.EXECUTION_ERROR,
    0x65: StatusCategory.EXECUTION_ERROR,
    0x66: StatusCategory.EXECUTION_ERROR,
    **dict.fromkeys(range(0x67, 0x70), StatusCategory.CHECKING_ERROR),
}


@dataclass(frozen=True, slots=True)
class StatusWord:
    """SW1-SW2 as a value; `StatusWord(0x63C2).tries_left == 2`."""

    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 0xFFFF:
            raise ValueError(f"a status word has 16 bits, not {self.value:#x}")

    @property
    def sw1(self) -> int:
        return self.value >> 8

    @property
    def sw2(self) -> int:
        return self.value & 0xFF

    @property
    def is_success(self) -> bool:
        return self.value == 0x9000

    @property
    def tries_left(self) -> int | None:
        """Tries left after a failed verification, 0 to 15 (63CX, ISO/IEC 7816-4 table 6)."""
        return self.value & 0xF if self.value & 0xFFF0 == 0x63C0 else None

    @property
    def available(self) -> int | None:
        """Bytes that GET RESPONSE can fetch, 1 to 256 (61XX; 6100 means 256 or more)."""
        return (self.sw2 or 256) if self.sw1 == 0x61 else None

    @property
    def exact_le(self) -> int | None:
        """The Le to send the same command with, 1 to 256 (6CXX)."""
        return (self.sw2 or 256) if self.sw1 == 0x6C else None

    @property
    def category(self) -> StatusCategory:
        if self.is_success:
            return StatusCategory.SUCCESS
        return _CATEGORIES.get(self.sw1, StatusCategory.PROPRIETARY)

    @property
    def text(self) -> str:
        """What it means, in a few English words."""
        if (tries := self.tries_left) is not None:
            return f"verification failed, {tries} tries left"
        if (available := self.available) is not None:
            return f"{available} more bytes to fetch"
        if (exact := self.exact_le) is not None:
            return f"wrong Le, {exact} bytes available"
        return _TEXTS.get(self.value, self.category.value)

    def __int__(self) -> int:
        return self.value

    def __bytes__(self) -> bytes:
        return self.value.to_bytes(2, "big")

    def __str__(self) -> str:
        return f"{self.value:04X}"


SUCCESS = StatusWord(0x9000)
END_OF_FILE = StatusWord(0x6282)
SECURITY_STATUS_NOT_SATISFIED = StatusWord(0x6982)
AUTHENTICATION_BLOCKED = StatusWord(0x6983)
REFERENCE_DATA_NOT_USABLE = StatusWord(0x6984)
CONDITIONS_NOT_SATISFIED = StatusWord(0x6985)
NO_CURRENT_EF = StatusWord(0x6986)
WRONG_LENGTH = StatusWord(0x6700)
CHANNEL_NOT_SUPPORTED = StatusWord(0x6881)
LAST_OF_CHAIN_EXPECTED = StatusWord(0x6883)
WRONG_DATA = StatusWord(0x6A80)
FILE_NOT_FOUND = StatusWord(0x6A82)
NOT_ENOUGH_MEMORY = StatusWord(0x6A84)
INCORRECT_P1_P2 = StatusWord(0x6A86)
INCONSISTENT_LC = StatusWord(0x6A87)
REFERENCE_NOT_FOUND = StatusWord(0x6A88)
WRONG_P1_P2 = StatusWord(0x6B00)
INSTRUCTION_NOT_SUPPORTED = StatusWord(0x6D00)
CLASS_NOT_SUPPORTED = StatusWord(0x6E00)
