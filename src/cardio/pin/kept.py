"""A PIN lent for a session: the one way in which cardio may present it a second time."""

from hmac import compare_digest

from cardio.pin.guard import RetryGuard
from cardio.pin.outcomes import RefusalReason, Refused, Verified, VerifyOutcome
from cardio.pin.pin import Pin


class KeptPin:
    """Made only because the caller asked to keep the PIN, after the card has taken it.

    For the moment when another program's reset closed the card. It is given up with the first
    answer that is not `Verified`, and when another card is there.
    """

    def __init__(self, pin: Pin, card_key: bytes) -> None:
        """Keep a copy of `pin`, for the card whose serial is `card_key` only."""
        self._pin = Pin.of(pin.reveal())
        self._card_key = card_key

    def present_again(self, guard: RetryGuard, card_key: bytes) -> VerifyOutcome:
        """Verify once more, under all rules of `guard` with nothing allowed.

        `card_key` is the serial read from the card after its state was lost. Raises
        `TransportError`; the PIN is then given up as well.
        """
        if not self._pin.reveal():
            return Refused(RefusalReason.NOT_KEPT)
        with self._pin as lent:
            if not compare_digest(card_key, self._card_key):
                return Refused(RefusalReason.CARD_CHANGED)
            outcome = guard.verify(lent)
            if isinstance(outcome, Verified):
                self._pin = Pin.of(lent.reveal())
            return outcome

    def forget(self) -> None:
        """Wipe it: logged out, session over."""
        self._pin.wipe()

    def __repr__(self) -> str:
        return f"KeptPin({self._pin})"
