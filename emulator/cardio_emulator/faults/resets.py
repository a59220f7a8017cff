"""The answer to reset is not the card's own."""

from dataclasses import dataclass

from cardio.errors import ConfigurationError
from cardio_emulator.faults.seam import MIN_SENT, check_range

_NONSENSE = bytes.fromhex("FF00A5A5")
_ANOTHER = bytes.fromhex("3B0112")
"""TS, T0 and one historical byte: a card with T=0 that nobody knows."""


@dataclass(frozen=True, slots=True)
class GarbageAtr:
    """Another answer to reset; the default starts with neither 3B nor 3F."""

    atr: bytes = _NONSENSE

    def __post_init__(self) -> None:
        _check(self.atr)

    def atr_of(self, atr: bytes, resets: int) -> bytes:  # noqa: ARG002
        return self.atr


@dataclass(frozen=True, slots=True)
class AtrAfterReset:
    """Another answer to reset once the card has been reset `resets` times in use.

    A reset before its first APDU, as when it is put in, does not count.
    """

    atr: bytes = _ANOTHER
    resets: int = 1

    def __post_init__(self) -> None:
        _check(self.atr)
        check_range("resets", self.resets, 1, 1_000_000)

    def atr_of(self, atr: bytes, resets: int) -> bytes:
        return self.atr if resets >= self.resets else atr


def _check(atr: bytes) -> None:
    if len(atr) < MIN_SENT:
        raise ConfigurationError(f"atr: at least {MIN_SENT} bytes, not {len(atr)}")
