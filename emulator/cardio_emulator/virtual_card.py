"""The seam between a software card and whatever holds it."""

from typing import Protocol


class VirtualCard(Protocol):
    """A card that answers APDUs. Powered on by `reset`, it starts from a fresh session."""

    @property
    def atr(self) -> bytes: ...

    @property
    def serial(self) -> str:
        """What tells this card from others of its kind, as printable text."""
        ...

    def reset(self) -> None:
        """Power on or warm reset: the security status and the current file are lost."""
        ...

    def transmit(self, command: bytes) -> bytes:
        """Answer one command APDU; never raises on what a client sends."""
        ...
