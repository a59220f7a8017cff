"""The rules under which a code is sent to a card: no try is spent unknowingly."""

from collections.abc import Callable
from contextlib import suppress
from enum import Flag, auto

from cardio.errors import CardError, CardioError, MalformedData, UnsupportedByReader
from cardio.iso7816.status import AUTHENTICATION_BLOCKED, StatusWord
from cardio.pin.commands import PinCommands, PinCounters, ReplacementStatus
from cardio.pin.memory import WRONG_CODES
from cardio.pin.outcomes import (
    Blocked,
    Changed,
    ChangeOutcome,
    RefusalReason,
    Refused,
    Secret,
    Verified,
    VerifyOutcome,
    WrongPin,
)
from cardio.pin.pin import Pin
from cardio.pin.policy import PinPolicy

_WRONG_WITHOUT_COUNT = StatusWord(0x6300)
"""ISO/IEC 7816-4 table 6; the ANS library takes it as well (facts: vendor_library.md §2)."""

_PAD_REFUSALS = {
    0x6400: RefusalReason.PAD_TIMEOUT,
    0x6401: RefusalReason.PAD_CANCELLED,
    0x6402: RefusalReason.PAD_MISMATCH,
    0x6403: RefusalReason.PAD_LENGTH,
}
"""What the reader answers in the card's place: nothing was sent (PC/SC part 10 §2.5)."""


class Allow(Flag):
    """What the caller takes upon itself; each lifts one rule of `RetryGuard`, for one call."""

    NOTHING = 0
    LAST_TRY = auto()
    """Send the code though a wrong one would block it."""
    LAST_USE = auto()
    """Use the PUK though it cannot be used again."""
    UNKNOWN_COUNTER = auto()
    """Send the code though the card does not tell how many tries are left."""
    RETRY = auto()
    """Send a code though one went wrong earlier in this session (the person typed it anew)."""


class RetryGuard:
    """Verify, change and unblock, for one session with one card.

    Every code goes out at most once per call, after the counter was read in the same
    transaction. From that moment the guard is latched; only the card's word that the code was
    right opens it. So it stays latched after a wrong code, and after an answer that was lost.
    """

    def __init__(self, commands: PinCommands, card_key: bytes) -> None:
        """`card_key` is this card's own (its chip serial): wrong codes are remembered for it."""
        self._commands = commands
        self._card_key = card_key
        self._latched: set[Secret] = set()

    def verify(self, pin: Pin, allow: Allow = Allow.NOTHING) -> VerifyOutcome:
        """Open the card. Raises `TransportError`: whether a try was spent is then unknown."""
        if refusal := _unfit(pin, self._commands.policy):
            return refusal
        with self._commands.transaction():
            if refusal := self._enter(Secret.PIN, pin, allow):
                return refusal
            status = self._commands.verify(pin.reveal())
            return self._judge(Secret.PIN, pin, status) or Verified()

    def change(self, old: Pin, new: Pin, allow: Allow = Allow.NOTHING) -> ChangeOutcome:
        """Put `new` in the place of `old`. Raises `TransportError`: either may then be right."""
        return self._replace(Secret.PIN, old, new, allow)

    def unblock(self, puk: Pin, new: Pin, allow: Allow = Allow.NOTHING) -> ChangeOutcome:
        """Give the card a new PIN and all its tries, by the PUK; blocked or not.

        Raises `TransportError`: whether it was done, and a try or use spent, is then unknown.
        """
        return self._replace(Secret.PUK, puk, new, allow)

    def verify_on_pad(
        self, use_pad: Callable[[], StatusWord], allow: Allow = Allow.NOTHING
    ) -> VerifyOutcome:
        """Open the card with what is typed on the reader; `use_pad` makes it ask and send.

        The counter is read in a transaction that ends before anybody types. What was typed is
        not known here, so nothing tells whether the card has refused it before.
        """
        return self._on_pad(use_pad, allow) or Verified()

    def change_on_pad(
        self, use_pad: Callable[[], StatusWord], allow: Allow = Allow.NOTHING
    ) -> ChangeOutcome:
        """Change the PIN with what is typed on the reader, as `verify_on_pad`."""
        try:
            failure = self._on_pad(use_pad, allow)
        except UnsupportedByReader:
            raise
        except CardioError:  # the card may have taken another one
            WRONG_CODES.forget(self._card_key, Secret.PIN)
            raise
        if failure:
            return failure
        WRONG_CODES.forget(self._card_key, Secret.PIN)
        return Changed()

    def _replace(self, secret: Secret, proof: Pin, new: Pin, allow: Allow) -> ChangeOutcome:
        commands = self._commands
        policy = commands.policy if secret is Secret.PIN else commands.puk_policy
        if refusal := _unfit(proof, policy) or _unfit(new, commands.policy):
            return refusal
        with commands.transaction():
            if refusal := self._enter(secret, proof, allow):
                return refusal
            answer = self._send_replacement(secret, proof, new)
            if failure := self._judge(secret, proof, answer.proof):
                return failure
            if not (answer.replacement and answer.replacement.is_success):
                return Refused(RefusalReason.NEW_PIN_REFUSED, answer.replacement)
            WRONG_CODES.forget(self._card_key, Secret.PIN, new)
            self._latched.discard(Secret.PIN)
            return Changed()

    def _send_replacement(self, secret: Secret, proof: Pin, new: Pin) -> ReplacementStatus:
        send = self._commands.change if secret is Secret.PIN else self._commands.unblock
        try:
            return send(proof.reveal(), new.reveal())
        except CardioError:  # the card may have taken it
            WRONG_CODES.forget(self._card_key, Secret.PIN, new)
            raise

    def _on_pad(
        self, use_pad: Callable[[], StatusWord], allow: Allow
    ) -> WrongPin | Blocked | Refused | None:
        latched_before = set(self._latched)
        with self._commands.transaction():
            if refusal := self._enter(Secret.PIN, None, allow):
                return refusal
        try:
            status = use_pad()
        except UnsupportedByReader:  # the pad refused before anybody typed
            self._latched = latched_before
            raise
        if reason := _PAD_REFUSALS.get(status.value):
            self._latched = latched_before
            return Refused(reason, status)
        return self._judge(Secret.PIN, None, status)

    def _enter(self, secret: Secret, code: Pin | None, allow: Allow) -> Blocked | Refused | None:
        """Why not to send the code; or latch, and None."""
        if code and WRONG_CODES.knows(self._card_key, secret, code):
            return Refused(RefusalReason.KNOWN_WRONG)
        if secret in self._latched and Allow.RETRY not in allow:
            return Refused(RefusalReason.LATCHED)
        refusal = _weigh(secret, self._counters(secret), allow)
        if not refusal:
            self._latched.add(secret)
        return refusal

    def _counters(self, secret: Secret) -> PinCounters:
        """Nothing known when the card does not tell them, or not in a way that can be read."""
        commands = self._commands
        try:
            return commands.counters() if secret is Secret.PIN else commands.puk_counters()
        except (CardError, MalformedData):
            return PinCounters()

    def _judge(
        self, secret: Secret, code: Pin | None, status: StatusWord
    ) -> WrongPin | Blocked | Refused | None:
        """What the card's word on a code means; None, and unlatched, when it was right."""
        if status.is_success:
            self._latched.discard(secret)
            return None
        if status == AUTHENTICATION_BLOCKED:
            return Blocked(secret)
        if status.tries_left is None and status != _WRONG_WITHOUT_COUNT:
            return Refused(RefusalReason.CARD_REFUSED, status)
        if code:
            WRONG_CODES.remember(self._card_key, secret, code)
        tries_left = status.tries_left
        if tries_left is None:
            with suppress(CardioError):  # that the code was wrong matters more
                tries_left = self._counters(secret).tries_left
        return Blocked(secret) if tries_left == 0 else WrongPin(tries_left, secret)


def _unfit(code: Pin, policy: PinPolicy) -> Refused | None:
    value = code.reveal()
    if not value:
        return Refused(RefusalReason.NOT_GIVEN)
    return None if policy.allows(value) else Refused(RefusalReason.BAD_FORMAT)


def _weigh(secret: Secret, counters: PinCounters, allow: Allow) -> Blocked | Refused | None:
    """What the counters say against sending a code."""
    if counters.is_blocked:
        return Blocked(secret)
    if counters.tries_left is None and Allow.UNKNOWN_COUNTER not in allow:
        unknown = RefusalReason.COUNTER_UNKNOWN
        return Refused(RefusalReason.ALREADY_VERIFIED if counters.is_verified else unknown)
    if counters.tries_left == 1 and Allow.LAST_TRY not in allow:
        return Refused(RefusalReason.LAST_TRY)
    if counters.uses_left == 1 and Allow.LAST_USE not in allow:
        return Refused(RefusalReason.LAST_USE)
    return None
