"""The PIN of one card in one session: verified, lost, given again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cardio.cards.cps.layout import PIN_REFERENCE, PUK_REFERENCE
from cardio.errors import PinNotVerified, PinStateLost, SecurityStatusNotSatisfied
from cardio.iasecc.pkcs15 import PinEntry
from cardio.iso7816.status import StatusWord
from cardio.pin.commands import PinCommands
from cardio.pin.guard import Allow, RetryGuard
from cardio.pin.kept import KeptPin
from cardio.pin.outcomes import Blocked, ChangeOutcome, Verified, VerifyOutcome, WrongPin
from cardio.pin.pin import Pin
from cardio.pin.policy import PinPolicy

USUAL_LENGTH = 4
"""Digits of a code porteur (facts: cps.md §3)."""

T = TypeVar("T")
OutcomeT = TypeVar("OutcomeT", VerifyOutcome, ChangeOutcome)


class SettablePinCommands(PinCommands, Protocol):
    """`PinCommands` of a card that may tell what its codes look like after it was connected."""

    policy: PinPolicy  # pyright: ignore[reportIncompatibleMethodOverride]
    puk_policy: PinPolicy  # pyright: ignore[reportIncompatibleMethodOverride]


@dataclass(frozen=True, slots=True)
class Deferred:
    """A PIN to be asked for later."""

    ask: Callable[[], Pin]
    allow: Allow


class PinSession:
    """What `CpsCard` does with its PIN.

    `card_key()` reads the chip's number from the card anew, `entries()` its AODF.
    """

    def __init__(
        self,
        commands: SettablePinCommands,
        card_key: Callable[[], bytes],
        known: bytes,
        entries: Callable[[], Iterable[PinEntry]],
    ) -> None:
        self.commands = commands
        self.guard = RetryGuard(commands, known)
        self._card_key = card_key
        self._known = known
        self._entries = entries
        self._is_verified = False
        self._kept: KeptPin | None = None
        self._deferred: Deferred | None = None

    def learn(self) -> None:
        """Take what the card says of PIN and PUK."""
        for entry in self._entries():
            longest = entry.stored_length if entry.max_length is None else entry.max_length
            policy = PinPolicy(entry.min_length, longest)
            if entry.reference == PIN_REFERENCE:
                self.commands.policy = policy
            elif entry.reference == PUK_REFERENCE:
                self.commands.puk_policy = policy

    def verify(self, pin: Pin, allow: Allow, *, keep: bool) -> VerifyOutcome:
        """As `RetryGuard.verify`; with `keep`, a right PIN is kept for `read` to give again.

        One that has not the usual length is measured against what the card says first.
        """
        if len(pin.reveal()) != USUAL_LENGTH:
            self.learn()
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
        self.learn()
        self.forget()
        return self._noted(self.guard.change(old, new, allow))

    def change_on_pad(self, use_pad: Callable[[], StatusWord], allow: Allow) -> ChangeOutcome:
        """As `RetryGuard.change_on_pad`; a kept PIN is given up."""
        self.forget()
        return self._noted(self.guard.change_on_pad(use_pad, allow))

    def unblock(self, puk: Pin, new: Pin, allow: Allow) -> ChangeOutcome:
        """As `RetryGuard.unblock`; a kept PIN is given up."""
        self.learn()
        self.forget()
        return self.guard.unblock(puk, new, allow)

    def log_out(self) -> None:
        """As `PinCommands.log_out`; a kept or deferred PIN is given up."""
        self.forget()
        self._deferred = None
        self._is_verified = False
        self.commands.log_out()

    def defer(self, ask: Callable[[], Pin], allow: Allow) -> None:
        """Have `ask` called, once, by the next `read` that finds the card closed.

        A PIN verified in the meantime makes an end of it.
        """
        self._deferred = Deferred(ask, allow)

    def forget(self) -> None:
        """Give up a kept PIN."""
        if self._kept:
            self._kept.forget()
            self._kept = None

    def hand_over(self, successor: "PinSession") -> None:
        """Give all that is known of the PIN to the session of another connection to this card."""
        successor.take_over(self._is_verified, self._kept, self._deferred)
        self._is_verified, self._kept, self._deferred = False, None, None

    def take_over(self, is_verified: bool, kept: KeptPin | None, deferred: Deferred | None) -> None:
        """See `hand_over`: should the card have forgotten, `read` tells, or helps."""
        self._is_verified, self._kept, self._deferred = is_verified, kept, deferred

    def read(self, read: Callable[[], T]) -> T:
        """What `read()` gives from behind the PIN.

        Raises `SecurityStatusNotSatisfied` where no PIN was verified in this session,
        `PinNotVerified` where a deferred one did not open the card, and `PinStateLost` where one
        had opened it, unless the PIN kept for the session opens it again, or another was deferred
        since.
        """
        try:
            return read()
        except SecurityStatusNotSatisfied as error:
            if not self._is_verified or (self._deferred and not self._kept):
                self._have_given(error)
                return read()
            with self.commands.transaction():
                self._regain(error)
                return read()

    def _have_given(self, error: SecurityStatusNotSatisfied) -> None:
        """Have a deferred PIN given now. Raises `error` where none is, or `PinNotVerified`."""
        deferred, self._deferred = self._deferred, None
        if deferred is None:
            raise error
        self._is_verified = False
        with deferred.ask() as pin:
            outcome = self.verify(pin, deferred.allow, keep=False)
        if not isinstance(outcome, Verified):
            message = "the PIN asked for on demand did not open the card"
            raise PinNotVerified(message, outcome=outcome).at(error.where.reader) from error

    def _noted(self, outcome: OutcomeT) -> OutcomeT:
        """A right PIN opens the card, a wrong one closes it; what was not sent changes nothing."""
        if isinstance(outcome, Verified):
            self._is_verified, self._deferred = True, None
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
