"""Whatever is asked of guards, in any order: no try is spent that the caller did not allow."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.support.pin_card import PinCard, new_card_key, torn

from cardio.errors import CardRemoved
from cardio.pin.guard import Allow, RetryGuard
from cardio.pin.memory import WrongCodes
from cardio.pin.outcomes import (
    Blocked,
    Changed,
    RefusalReason,
    Refused,
    Secret,
    Verified,
    WrongPin,
)
from cardio.pin.pin import Pin
from cardio.pin.policy import PinPolicy

PINS = st.sampled_from(["1234", "4321", "0000", "12345678", "1111"])
PUKS = st.sampled_from(["12345678", "87654321", "00000000"])
ALLOWED = st.sets(st.sampled_from(list(Allow))).map(
    lambda allowed: Allow(sum(allow.value for allow in allowed))
)
MOMENTS = st.sampled_from(
    ["never"] * 4
    + [f"{when} {what}" for when in ("before", "after") for what in ("verify", "change", "unblock")]
    + ["replaced by change", "replaced by unblock"]
)
GUARDS = st.integers(0, 1)


class Sessions(RuleBasedStateMachine):
    """Two sessions with one card, in one process."""

    @initialize(
        tells=st.sampled_from([True, True, True, False]),
        counts=st.booleans(),
        pin=PINS,
        puk=PUKS,
        puk_uses=st.sampled_from([None, 2, 3, 100]),
    )
    def insert(self, tells: bool, counts: bool, pin: str, puk: str, puk_uses: int | None) -> None:
        self.card = PinCard(tells=tells, counts=counts)
        self.card.pin.value, self.card.puk.value = pin.encode(), puk.encode()
        self.card.puk.tries_left = self.card.puk.tries_max = 3
        self.card.puk.uses_left = puk_uses
        key = new_card_key()
        self.guards = [RetryGuard(self.card, key) for _ in range(2)]
        self.wrong: set[tuple[Secret, bytes]] = set()
        self.latched: set[tuple[int, Secret]] = set()

    @rule(which=GUARDS, pin=PINS, allow=ALLOWED, moment=MOMENTS)
    def verify(self, which: int, pin: str, allow: Allow, moment: str) -> None:
        self._use(which, Secret.PIN, pin, None, allow, moment)

    @rule(which=GUARDS, old=PINS, new=PINS, allow=ALLOWED, moment=MOMENTS)
    def change(self, which: int, old: str, new: str, allow: Allow, moment: str) -> None:
        self._use(which, Secret.PIN, old, new, allow, moment)

    @rule(which=GUARDS, puk=PUKS, new=PINS, allow=ALLOWED, moment=MOMENTS)
    def unblock(self, which: int, puk: str, new: str, allow: Allow, moment: str) -> None:
        self._use(which, Secret.PUK, puk, new, allow, moment)

    def _use(
        self, which: int, secret: Secret, code: str, new: str | None, allow: Allow, moment: str
    ) -> None:
        card, guard = self.card, self.guards[which]
        count = card.pin if secret is Secret.PIN else card.puk
        tries, uses, right = count.tries_left, count.uses_left, count.value == code.encode()
        card.sent.clear()
        card.tears = torn(moment)
        try:
            if secret is Secret.PUK:
                outcome = guard.unblock(Pin.of(code), Pin.of(new or ""), allow)
            elif new is None:
                outcome = guard.verify(Pin.of(code), allow)
            else:
                outcome = guard.change(Pin.of(code), Pin.of(new), allow)
        except CardRemoved:
            outcome = None
        if card.sent or outcome is None:
            self._was_allowed((which, secret), code, tries, uses, allow)
        self._spent_what_it_says(outcome, secret, right, tries)
        self._remember(which, secret, code, right, outcome, new)

    def _was_allowed(
        self, latch: tuple[int, Secret], code: str, tries: int, uses: int | None, allow: Allow
    ) -> None:
        told = self.card.tells
        assert told or Allow.UNKNOWN_COUNTER in allow
        assert latch not in self.latched or Allow.RETRY in allow
        assert (latch[1], code.encode()) not in self.wrong
        if told:
            assert tries > 1 or (tries == 1 and Allow.LAST_TRY in allow)
            assert uses is None or uses > 1 or (uses == 1 and Allow.LAST_USE in allow)

    def _spent_what_it_says(self, outcome: object, secret: Secret, right: bool, tries: int) -> None:
        count = self.card.pin if secret is Secret.PIN else self.card.puk
        match outcome:
            case Verified() | Changed():
                assert right
                assert count.tries_left == count.tries_max
            case WrongPin(tries_left=left, secret=of):
                assert (of, right) == (secret, False)
                assert left == (count.tries_left if self.card.counts or self.card.tells else None)
                assert count.tries_left == tries - 1
            case Blocked(secret=of):
                assert of is secret
                assert 0 in (count.tries_left, count.uses_left)
            case Refused(reason=reason):
                assert not (right and reason is RefusalReason.KNOWN_WRONG)
                assert count.tries_left == tries
                assert not self.card.sent
            case _:
                assert count.tries_left in (tries, tries - 1, count.tries_max)
        assert len(self.card.sent) <= 1, "one code a call"

    def _remember(
        self, which: int, secret: Secret, code: str, right: bool, outcome: object, new: str | None
    ) -> None:
        was_judged_wrong = bool(self.card.sent) and isinstance(outcome, (WrongPin, Blocked))
        if was_judged_wrong and not right and self.card.tells:
            self.wrong.add((secret, code.encode()))
        if was_judged_wrong or outcome is None:
            self.latched.add((which, secret))
        if isinstance(outcome, (Verified, Changed)):
            self.latched.discard((which, secret))
        if isinstance(outcome, Changed):
            self.latched.discard((which, Secret.PIN))
        if new and (outcome is None or isinstance(outcome, Changed)):
            self.wrong.discard((Secret.PIN, new.encode()))

    @invariant()
    def nothing_stays_locked(self) -> None:
        assert not self.card.locked


TestSessions = Sessions.TestCase
TestSessions.settings = settings(stateful_step_count=20)


@given(st.text(), st.text())
def test_no_pin_shows_or_equals_another(one: str, other: str) -> None:
    assert repr(Pin.of(one)) == repr(Pin.of(other)) == f"Pin({Pin.of(one)})"
    assert (Pin.of(one) == Pin.of(other)) == (
        one.encode(errors="replace") == other.encode(errors="replace")
    )


@given(st.text(max_size=10) | st.text("0123456789", max_size=10))
def test_a_policy_takes_four_to_eight_ascii_digits(text: str) -> None:
    expected = re.fullmatch("[0-9]{4,8}", text, re.ASCII) is not None
    assert PinPolicy().allows(Pin.of(text).reveal()) == expected


@given(st.binary(), st.binary(), st.binary(), st.binary())
def test_wrong_codes_are_kept_apart(card: bytes, other: bytes, code: bytes, others: bytes) -> None:
    memory = WrongCodes()
    memory.remember(card, Secret.PIN, Pin.of(code))
    assert memory.knows(card, Secret.PIN, Pin.of(code))
    assert not memory.knows(card, Secret.PUK, Pin.of(code))
    assert memory.knows(other, Secret.PIN, Pin.of(code)) == (other == card)
    assert memory.knows(card, Secret.PIN, Pin.of(others)) == (others == code)
    memory.forget(card, Secret.PIN, Pin.of(others))
    assert memory.knows(card, Secret.PIN, Pin.of(code)) == (others != code)
