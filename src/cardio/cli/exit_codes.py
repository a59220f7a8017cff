"""What `cardio` exits with; scripts may rely on these numbers."""

from enum import IntEnum


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
    INTERRUPTED = 130
