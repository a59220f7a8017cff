"""What `cardio` exits with; scripts may rely on these numbers."""

from enum import IntEnum

from cardio.errors import (
    AccessRefused,
    AuthenticationBlocked,
    CardioError,
    CardRemoved,
    ConfigurationError,
    NoCard,
    NoReader,
    PcscMissing,
    ReaderUnavailable,
    SelectionError,
    ServiceUnavailable,
)
from cardio.workstation.selection import SelectionReason


class ExitCode(IntEnum):
    """Documented in docs/reference/cli.md."""

    FINE = 0
    CHECK_FAILED = 1
    USAGE = 2
    NO_SERVICE = 3
    NO_READER = 4
    NO_CARD = 5
    PIN = 6
    CARD_ERROR = 7


_BY_CLASS: dict[type[CardioError], ExitCode] = {
    ConfigurationError: ExitCode.USAGE,
    PcscMissing: ExitCode.NO_SERVICE,
    ServiceUnavailable: ExitCode.NO_SERVICE,
    AccessRefused: ExitCode.NO_SERVICE,
    NoReader: ExitCode.NO_READER,
    ReaderUnavailable: ExitCode.NO_READER,
    NoCard: ExitCode.NO_CARD,
    CardRemoved: ExitCode.NO_CARD,
    AuthenticationBlocked: ExitCode.PIN,
}

_BY_REASON = {
    SelectionReason.NO_READER.value: ExitCode.NO_READER,
    SelectionReason.NO_CARD.value: ExitCode.NO_CARD,
    SelectionReason.NOT_FOUND.value: ExitCode.NO_CARD,
    SelectionReason.SEVERAL.value: ExitCode.NO_CARD,
}


def exit_code(error: CardioError) -> ExitCode:
    """The exit code of a command that ended with `error`."""
    if isinstance(error, SelectionError):
        return _BY_REASON.get(error.reason, ExitCode.CARD_ERROR)
    return _BY_CLASS.get(type(error), ExitCode.CARD_ERROR)
