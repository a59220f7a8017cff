"""The PIN of one card in one session: verified, lost, given again."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from cardio.cards.cps.generation import Commands
from cardio.cards.cps.layout import PIN_REFERENCE, PUK_REFERENCE
from cardio.errors import PinNotVerified, PinStateLost, SecurityStatusNotSatisfied
from cardio.iasecc.pkcs15 import PinEntry
from cardio.iso7816.status import StatusWord
from cardio.pin.guard import Allow, RetryGuard
from cardio.pin.kept import KeptPin
from cardio.pin.outcomes import Blocked, ChangeOutcome, Verified, VerifyOutcome, WrongPin
from cardio.pin.pin import Pin
from cardio.pin.policy import PinPolicy

USUAL_LENGTH = 4
"""Digits of a code porteur (facts: cps.md §3)."""

T = TypeVar("T")
OutcomeT = TypeVar("OutcomeT", VerifyOutcome, ChangeOutcome)


class PinSession:
    """What `CpsCard` does with its PIN; `card_key()` reads the chip's number from the card anew."""

    def __init__(self, commands: Commands, card_key: Callable[[], bytes], known: bytes) -> None:
        self.commands = commands
        self.guard = RetryGuard(commands, known)
        self._card_key = card_key
        self._known = known
        self._is_verified = False
        self._kept: KeptPin | None = None
        self._deferred: Callable[[], VerifyOutcome] | None = None

    def learn(self, entries: Iterable[PinEntry]) -> None:
        """Take what the card's AODF says of PIN and PUK."""
        for entry in entries:
            longest = entry.stored_length if entry.max_length is None else entry.max_length
            policy = PinPolicy(entry.min_length, longest)
            if entry.reference == PIN_REFERENCE:
                self.commands.policy = policy
            elif entry.reference == PUK_REFERENCE:
                self.commands.puk_policy = policy

    def verify(self, pin: Pin, allow: Allow, *, keep: bool) -> VerifyOutcome:
        """As `RetryGuard.verify`; with `keep`, a right PIN is kept for `read` to give again."""
        self.forget()
        outcome = self._noted(self.guard.verify(pin, allow))
        if isinstance(outcome, Verified) and keep:
            self._kept = KeptPin(pin, self._known)
        return outcome

    def verify_on_pad(self, use_pad: Callable[[], StatusWord], allow: Allow) -> VerifyOutcome:
        """As `RetryGuard.verify_on_pad`; nothing can be kept of what is typed there."""
        self.forget()
        return self._noted(self.guard.verify_on_pad(use_pad, allow))

    def change(self, old: Pin, new: Pin, allow: Allow) -> ChangeOutcome:
        """As `RetryGuard.change`; a kept PIN is given up."""
        self.forget()
        return self._noted(self.guard.change(old, new, allow))

    def change_on_pad(self, use_pad: Callable[[], StatusWord], allow: Allow) -> ChangeOutcome:
        """As `RetryGuard.change_on_pad`; a kept PIN is given up."""
        self.forget()
        return self._noted(self.guard.change_on_pad(use_pad, allow))

    def unblock(self, puk: Pin, new: Pin, allow: Allow) -> ChangeOutcome:
        """As `RetryGuard.unblock`; a kept PIN is given up."""
        self.forget()
        return self.guard.unblock(puk, new, allow)

    def log_out(self) -> None:
        """As `PinCommands.log_out`; a kept or deferred PIN is given up."""
        self.forget()
        self._deferred = None
        self._is_verified = False
        self.commands.log_out()

    def defer(self, give: Callable[[], VerifyOutcome]) -> None:
        """Have `give` called by the next `read` that needs the PIN; once."""
        self._deferred = give

    def forget(self) -> None:
        """Give up a kept PIN."""
        if self._kept:
            self._kept.forget()
            self._kept = None

    def hand_over(self, successor: "PinSession") -> None:
        """Give what was verified and kept to the session of another connection to this card."""
        successor.take_over(is_verified=self._is_verified, kept=self._kept)
        self._is_verified, self._kept = False, None

    def take_over(self, *, is_verified: bool, kept: KeptPin | None) -> None:
        """See `hand_over`: should the card have forgotten, `read` tells, or helps."""
        self._is_verified, self._kept = is_verified, kept

    def read(self, read: Callable[[], T]) -> T:
        """What `read()` gives from behind the PIN.

        Raises `SecurityStatusNotSatisfied` where no PIN was verified in this session,
        `PinNotVerified` where a deferred one did not open the card, and `PinStateLost` where one
        had opened it, unless the PIN kept for the session opens it again.
        """
        try:
            return read()
        except SecurityStatusNotSatisfied as error:
            if not self._is_verified:
                self._have_given(error)
                return read()
            with self.commands.transaction():
                self._regain(error)
                return read()

    def _have_given(self, error: SecurityStatusNotSatisfied) -> None:
        """Have a deferred PIN given now. Raises `error` where none is, or `PinNotVerified`."""
        give, self._deferred = self._deferred, None
        if give is None:
            raise error
        outcome = give()
        if not isinstance(outcome, Verified):
            message = "the PIN asked for on demand did not open the card"
            raise PinNotVerified(message, outcome=outcome).at(error.where.reader) from error

    def _noted(self, outcome: OutcomeT) -> OutcomeT:
        """A right PIN opens the card, a wrong one closes it; what was not sent changes nothing."""
        if isinstance(outcome, Verified):
            self._is_verified = True
        elif isinstance(outcome, WrongPin | Blocked):
            self._is_verified = False
        return outcome

    def _regain(self, error: SecurityStatusNotSatisfied) -> None:
        """Verify the kept PIN once. Raises `PinStateLost`."""
        self._is_verified = False
        outcome = self._kept and self._kept.present_again(self.guard, self._card_key())
        if not isinstance(outcome, Verified):
            self.forget()
            message = "the card forgot that the PIN was verified"
            raise PinStateLost(message).at(error.where.reader, error.where.apdu_index) from error
        self._is_verified = True
