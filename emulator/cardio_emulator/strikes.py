"""What `Struck` asks for, done to a reader in process."""

from typing import TYPE_CHECKING

from cardio.errors import (
    CardReset,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransportError,
)
from cardio_emulator.faults import Strike

if TYPE_CHECKING:
    from cardio_emulator.reader import VirtualReader


def apply(strike: Strike, reader: "VirtualReader") -> TransportError:
    """Have it happen; gives what the program at work is told."""
    match strike:
        case Strike.RESET:
            _reset(reader)
            error = CardReset("another program reset the card")
        case Strike.HELD:
            error = SharingViolation("another program holds the card")
        case Strike.READER_GONE:
            reader.unplug()
            error = ReaderUnavailable("the reader is gone")
        case Strike.SERVICE_GONE:
            _end_service(reader)
            error = ServiceUnavailable("the PC/SC service went away")
    return error.at(reader.name)


def _reset(reader: "VirtualReader") -> None:
    """In a transaction of that program, too: nobody has to be asked."""
    if reader.shown is not None:
        reader.shown.reset()
    reader.count_reset()


def _end_service(reader: "VirtualReader") -> None:
    if reader.bench is None:
        reader.lose_service()
    else:
        reader.bench.kill_service()
