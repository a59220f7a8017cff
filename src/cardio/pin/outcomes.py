"""What became of a PIN: values to match, never exceptions.

match card.verify_pin(pin):
    case Verified(): ...
    case WrongPin(tries_left=left): ...
    case Blocked() | Refused(): ...
"""

from dataclasses import dataclass
from enum import Enum

from cardio.iso7816.status import StatusWord


class Secret(Enum):
    """The two codes of a card: the holder's PIN, and the PUK that unblocks it."""

    PIN = "pin"
    PUK = "puk"


class RefusalReason(Enum):
    """Why nothing was done. No code was sent, but for `NEW_PIN_REFUSED` and `CARD_REFUSED`."""

    NOT_GIVEN = "not given"
    """No PIN was typed, or it has been wiped."""
    BAD_FORMAT = "bad format"
    """The card takes no code of this length or with these characters."""
    NO_PIN = "no PIN"
    """This card, or this interface of it, has no PIN (contactless)."""
    COUNTER_UNKNOWN = "counter unknown"
    """The card does not tell how many tries are left: see `Allow.UNKNOWN_COUNTER`."""
    ALREADY_VERIFIED = "already verified"
    """The card is open and for this does not tell its counter: see `Allow.UNKNOWN_COUNTER`."""
    LAST_TRY = "last try"
    """One more wrong code blocks it: see `Allow.LAST_TRY`."""
    LAST_USE = "last use"
    """The PUK can be used once more only: see `Allow.LAST_USE`."""
    LATCHED = "latched"
    """A code went wrong earlier in this session: see `Allow.RETRY`."""
    KNOWN_WRONG = "known wrong"
    """The card has refused this very code before; nothing allows it again."""
    NEW_PIN_REFUSED = "new PIN refused"
    """The old PIN or the PUK was right, but the card did not take the new PIN."""
    CARD_REFUSED = "card refused"
    """The card answered something else, see `Refused.status`."""
    SKIPPED = "skipped"
    """The caller chose to go without a PIN."""
    DEFERRED = "deferred"
    """The PIN will be asked for when something needs it."""
    NO_PAD = "no PIN pad"
    """The reader has no PIN pad that can be used."""
    PAD_TIMEOUT = "PIN pad timeout"
    """Nobody typed on the PIN pad in time."""
    PAD_CANCELLED = "PIN pad cancelled"
    """The person pressed the cancel key of the PIN pad."""
    PAD_MISMATCH = "PIN pad mismatch"
    """The new PIN was typed in two different ways."""
    PAD_LENGTH = "PIN pad length"
    """Too few or too many digits were typed on the PIN pad."""
    CARD_CHANGED = "card changed"
    """The PIN kept for the session belongs to another card."""
    NOT_KEPT = "not kept"
    """No PIN is kept for the session (any more)."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The PIN was right; the card is open."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The card has its new PIN (after a change, or after unblocking)."""


@dataclass(frozen=True, slots=True)
class WrongPin:
    """The code was wrong; `tries_left` is None where the card does not tell, never 0."""

    tries_left: int | None
    secret: Secret = Secret.PIN


@dataclass(frozen=True, slots=True)
class Blocked:
    """No try is left: of the PIN (the PUK helps), or of the PUK (a new card does)."""

    secret: Secret = Secret.PIN


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done; `status` is the card's answer where there was one."""

    reason: RefusalReason
    status: StatusWord | None = None


VerifyOutcome = Verified | WrongPin | Blocked | Refused
ChangeOutcome = Changed | WrongPin | Blocked | Refused
"""Of a change, and of unblocking: there `WrongPin` and `Blocked` tell of the PUK."""
