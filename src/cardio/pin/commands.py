"""How one kind of card spells its PIN commands: the seam below `RetryGuard`."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from cardio.iso7816.status import StatusWord
from cardio.pin.policy import PinPolicy


@dataclass(frozen=True, slots=True)
class PinCounters:
    """What the card tells of its PIN or PUK without spending a try; None where it does not.

    `uses_left` counts how often the code may still be used, right or wrong (a PUK: 100 at
    first). `is_verified` tells whether the card is open now.
    """

    tries_left: int | None = None
    tries_max: int | None = None
    uses_left: int | None = None
    is_verified: bool | None = None

    @property
    def is_blocked(self) -> bool:
        """No try or no use is left (facts: vendor_library.md §2)."""
        return self.tries_left == 0 or self.uses_left == 0


@dataclass(frozen=True, slots=True)
class ReplacementStatus:
    """The card's answers to a change or an unblocking.

    `proof` answers the old PIN or the PUK, `replacement` the new PIN: None when it was not
    sent. A card that takes both in one command has one answer for both.
    """

    proof: StatusWord
    replacement: StatusWord | None = None


class PinCommands(Protocol):
    """The PIN commands of one card. Each method sends; none decides, retries or remembers.

    A PIN command is sent once, whatever the answer. Status words are those of ISO/IEC 7816-4:
    a card with others has them translated (wrong without a count: 6300; blocked: 6983).
    All raise `TransportError`s, and the counters `CardError` or `MalformedData` as well.
    """

    @property
    def policy(self) -> PinPolicy:
        """What a PIN of this card looks like."""
        ...

    @property
    def puk_policy(self) -> PinPolicy:
        """What a PUK of this card looks like."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Keep every other program and thread off the card; may be entered again inside."""
        ...

    def counters(self) -> PinCounters:
        """Those of the PIN; spends nothing."""
        ...

    def puk_counters(self) -> PinCounters:
        """Those of the PUK; spends nothing."""
        ...

    def verify(self, pin: bytes) -> StatusWord: ...

    def change(self, old: bytes, new: bytes) -> ReplacementStatus: ...

    def unblock(self, puk: bytes, new: bytes) -> ReplacementStatus: ...

    def log_out(self) -> None:
        """Close the card. Raises `UnexpectedStatus` where the card does not."""
        ...
