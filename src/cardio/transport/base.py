"""The seam between cardio and anything that holds cards: real readers, emulated ones, traces."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

from cardio.errors import UnsupportedByReader


class TransmissionProtocol(Enum):
    """The protocol a connection speaks (ISO/IEC 7816-3); contactless shows as T=1."""

    T0 = 0
    T1 = 1


class ShareMode(Enum):
    """Whether other programs may use the card at the same time (PC/SC part 5)."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"


class Disposition(Enum):
    """What becomes of the card when a connection or transaction ends (PC/SC part 5)."""

    LEAVE = "leave"
    RESET = "reset"
    UNPOWER = "unpower"
    EJECT = "eject"


class CardPresence(Enum):
    """What a reader says of its card."""

    ABSENT = "absent"
    PRESENT = "present"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """One reader as seen at one moment. `atr` is empty unless a card answered its reset.

    `in_use` and `exclusive` tell whether some program is connected to the card, and whether it
    let nobody else in. `event_count` is the service's own count of insertions and removals.
    """

    name: str
    presence: CardPresence = CardPresence.ABSENT
    atr: bytes = b""
    in_use: bool = False
    exclusive: bool = False
    event_count: int = 0


class Connection(Protocol):
    """One card in one reader. Not for use by two threads at once."""

    @property
    def reader(self) -> str:
        """Name of the reader."""
        ...

    @property
    def atr(self) -> bytes: ...

    @property
    def protocol(self) -> TransmissionProtocol: ...

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU, give its answer (2 bytes at least).

        Raises a `TransportError`: `CardRemoved`, `CardReset`, `CardMute`, `TransmitTimeout`,
        `ReaderUnavailable`, `ServiceUnavailable` …
        """
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Keep every other program off the card for the length of a `with` block.

        Never to be held while a person is asked something.
        """
        ...

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        """End the connection; a second call does nothing."""
        ...


@runtime_checkable
class ReaderControl(Protocol):
    """What a `Connection` may have beside: commands to the reader itself (SCardControl)."""

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """Send the reader a command, give its answer (PC/SC part 3 §4.1.2).

        `limit` is the time in seconds it may take, where a person has to act. Raises
        `UnsupportedByReader` when the reader does not know the command, and as `transmit`.
        """
        ...


def control(
    connection: Connection, code: int, data: bytes = b"", *, limit: float | None = None
) -> bytes:
    """`ReaderControl.control` of any connection; one without it knows no command at all."""
    if not isinstance(connection, ReaderControl):
        raise UnsupportedByReader("no command reaches this reader").at(connection.reader)
    return connection.control(code, data, limit=limit)


class ResourceManager(Protocol):
    """Lists readers, tells what changes, opens cards (the ICC resource manager of PC/SC)."""

    def readers(self) -> tuple[ReaderStatus, ...]:
        """Every reader, as it is now; empty when there is none."""
        ...

    def wait(
        self, known: Sequence[ReaderStatus], timeout: float | None = None
    ) -> tuple[ReaderStatus, ...]:
        """Block until something differs from `known` or `timeout` seconds pass; as `readers`.

        Raises `TransportError` once the manager is closed, also in the middle of the wait.
        """
        ...

    def cancel(self) -> None:
        """Make the waits now under way return; called from another thread."""
        ...

    def connect(self, reader: str, share: ShareMode = ShareMode.SHARED) -> Connection:
        """Open the card in this reader. Raises `NoCard`, `CardMute`, `SharingViolation` …"""
        ...

    def close(self) -> None:
        """End every `wait`, now and later."""
        ...
