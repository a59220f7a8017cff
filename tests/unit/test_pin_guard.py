"""RetryGuard: each rule, on a card of a few lines; what counts is what was sent."""

import gc
import logging
from collections.abc import Callable

import pytest
from tests.support.pin_card import PinCard, new_card_key, torn

from cardio.errors import CardRemoved, TlvError, UnexpectedStatus, UnsupportedByReader
from cardio.iso7816.status import StatusWord
from cardio.pin.guard import Allow, RetryGuard
from cardio.pin.kept import KeptPin
from cardio.pin.memory import WRONG_CODES
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

RIGHT, WRONG, OTHER = "1234", "9999", "8888"
PUK, WRONG_PUK = "12345678", "87654321"


@pytest.fixture
def card() -> PinCard:
    return PinCard()


@pytest.fixture
def key() -> bytes:
    return new_card_key()


@pytest.fixture
def guard(card: PinCard, key: bytes) -> RetryGuard:
    return RetryGuard(card, key)


def refused(reason: RefusalReason, status: int | None = None) -> Refused:
    return Refused(reason, None if status is None else StatusWord(status))


# Verify -----------------------------------------------------------------------------------------
def test_the_right_pin(card: PinCard, guard: RetryGuard) -> None:
    assert guard.verify(Pin.of(RIGHT)) == Verified()
    assert card.sent == [("verify", b"1234")]
    assert card.reads == 1
    assert not card.locked


def test_a_wrong_pin_latches_until_the_caller_allows_a_retry(
    card: PinCard, guard: RetryGuard
) -> None:
    assert guard.verify(Pin.of(WRONG)) == WrongPin(2)
    assert guard.verify(Pin.of(RIGHT)) == refused(RefusalReason.LATCHED)
    assert guard.change(Pin.of(RIGHT), Pin.of(OTHER)) == refused(RefusalReason.LATCHED)
    assert len(card.sent) == 1
    assert guard.verify(Pin.of(RIGHT), Allow.RETRY) == Verified()
    assert guard.verify(Pin.of(RIGHT)) == Verified()


def test_a_latched_pin_does_not_latch_the_puk(guard: RetryGuard) -> None:
    assert guard.verify(Pin.of(WRONG)) == WrongPin(2)
    assert guard.unblock(Pin.of(PUK), Pin.of(OTHER)) == Changed()
    assert guard.verify(Pin.of(OTHER)) == Verified()


@pytest.mark.parametrize("text", ["123", "123456789", "12a4", "12 4", "１２３４"])
def test_a_pin_the_card_cannot_have_does_not_touch_the_card(
    card: PinCard, guard: RetryGuard, text: str
) -> None:
    bad = refused(RefusalReason.BAD_FORMAT)
    assert guard.verify(Pin.of(text)) == bad
    assert guard.change(Pin.of(RIGHT), Pin.of(text)) == bad
    assert guard.change(Pin.of(text), Pin.of(RIGHT)) == bad
    assert guard.unblock(Pin.of(PUK), Pin.of(text)) == bad
    assert guard.unblock(Pin.of(text), Pin.of(RIGHT)) == bad
    assert (card.reads, card.sent) == (0, [])


def test_no_pin_at_all(card: PinCard, guard: RetryGuard) -> None:
    used = Pin.of(RIGHT)
    used.wipe()
    for nothing in (used, Pin.of("")):
        assert guard.verify(nothing) == refused(RefusalReason.NOT_GIVEN)
    assert card.reads == 0


def test_the_last_try_is_kept_unless_allowed(card: PinCard, guard: RetryGuard) -> None:
    card.pin.tries_left = 1
    assert guard.verify(Pin.of(RIGHT)) == refused(RefusalReason.LAST_TRY)
    assert guard.verify(Pin.of(RIGHT), ~Allow.LAST_TRY) == refused(RefusalReason.LAST_TRY)
    assert not card.sent
    assert guard.verify(Pin.of(RIGHT), Allow.LAST_TRY) == Verified()


def test_a_wrong_last_try_is_told_as_blocked(card: PinCard, guard: RetryGuard) -> None:
    card.pin.tries_left = 1
    assert guard.verify(Pin.of(WRONG), Allow.LAST_TRY) == Blocked()
    assert card.sent == [("verify", b"9999")]


def test_nothing_is_sent_to_a_blocked_card(card: PinCard, guard: RetryGuard) -> None:
    card.pin.tries_left = 0
    assert guard.verify(Pin.of(RIGHT), ~Allow.NOTHING) == Blocked()
    assert guard.change(Pin.of(RIGHT), Pin.of(OTHER), ~Allow.NOTHING) == Blocked()
    assert not card.sent


def test_a_card_that_says_blocked_though_its_counter_did_not(guard: RetryGuard) -> None:
    card = PinCard(tells=False)
    card.pin.tries_left = 0
    guard = RetryGuard(card, new_card_key())
    assert guard.verify(Pin.of(RIGHT), Allow.UNKNOWN_COUNTER) == Blocked()


def test_a_pin_whose_uses_are_spent_is_blocked(card: PinCard, guard: RetryGuard) -> None:
    card.pin.uses_left = 0
    assert guard.verify(Pin.of(RIGHT)) == Blocked()
    assert not card.sent


@pytest.mark.parametrize(
    "error",
    [
        None,
        UnexpectedStatus("no such object", status=0x6A88),
        TlvError("nonsense"),
    ],
)
def test_an_unknown_counter_is_refused_unless_allowed(
    card: PinCard, guard: RetryGuard, error: Exception | None
) -> None:
    card.tells, card.counter_error = False, error
    assert guard.verify(Pin.of(RIGHT)) == refused(RefusalReason.COUNTER_UNKNOWN)
    assert guard.verify(Pin.of(RIGHT), ~Allow.UNKNOWN_COUNTER) == refused(
        RefusalReason.COUNTER_UNKNOWN
    )
    assert not card.sent
    assert guard.verify(Pin.of(RIGHT), Allow.UNKNOWN_COUNTER) == Verified()


def test_a_counter_hidden_by_an_open_card(card: PinCard, guard: RetryGuard) -> None:
    card.tells, card.is_open = False, True
    assert guard.verify(Pin.of(RIGHT)) == refused(RefusalReason.ALREADY_VERIFIED)
    assert guard.verify(Pin.of(RIGHT), Allow.UNKNOWN_COUNTER) == Verified()


def test_a_card_that_does_not_count_aloud_is_asked(card: PinCard, guard: RetryGuard) -> None:
    card.counts = False
    assert guard.verify(Pin.of(WRONG)) == WrongPin(2)
    assert guard.verify(Pin.of(OTHER), Allow.RETRY) == WrongPin(1)
    assert guard.verify(Pin.of("7777"), Allow.RETRY | Allow.LAST_TRY) == Blocked()


def test_a_card_that_never_tells_its_tries() -> None:
    guard = RetryGuard(PinCard(counts=False, tells=False), new_card_key())
    assert guard.verify(Pin.of(WRONG), Allow.UNKNOWN_COUNTER) == WrongPin(None)


def test_a_wrong_pin_stays_told_when_the_counter_is_lost(card: PinCard, guard: RetryGuard) -> None:
    def lose_the_counter(moment: str) -> None:
        card.counter_error = CardRemoved("pulled") if moment == "after verify" else None

    card.counts, card.tears = False, lose_the_counter
    assert guard.verify(Pin.of(WRONG)) == WrongPin(None)


@pytest.mark.parametrize("status", [0x6700, 0x6985, 0x6A88, 0x6581, 0x6400, 0x6401])
def test_any_other_answer_is_a_refusal_that_latches(
    card: PinCard, guard: RetryGuard, status: int
) -> None:
    odd = StatusWord(status)
    card.verify = lambda pin: odd  # type: ignore[method-assign]
    assert guard.verify(Pin.of(RIGHT)) == Refused(RefusalReason.CARD_REFUSED, odd)
    assert guard.verify(Pin.of(RIGHT)) == refused(RefusalReason.LATCHED)


# The same wrong code ----------------------------------------------------------------------------
def test_a_wrong_pin_is_never_sent_twice(card: PinCard, guard: RetryGuard) -> None:
    guard.verify(Pin.of(WRONG))
    known = refused(RefusalReason.KNOWN_WRONG)
    assert guard.verify(Pin.of(WRONG), ~Allow.NOTHING) == known
    assert guard.change(Pin.of(WRONG), Pin.of(OTHER), ~Allow.NOTHING) == known
    assert len(card.sent) == 1


def test_nor_by_another_session_with_the_same_card(
    card: PinCard, guard: RetryGuard, key: bytes
) -> None:
    guard.verify(Pin.of(WRONG))
    again = RetryGuard(card, key)
    assert again.verify(Pin.of(WRONG)) == refused(RefusalReason.KNOWN_WRONG)
    assert again.verify(Pin.of(RIGHT)) == Verified()


def test_but_to_another_card() -> None:
    RetryGuard(PinCard(), new_card_key()).verify(Pin.of(WRONG))
    other = PinCard()
    other.pin.value = WRONG.encode()
    assert RetryGuard(other, new_card_key()).verify(Pin.of(WRONG)) == Verified()


def test_a_pin_that_became_right_is_not_held_wrong(card: PinCard, guard: RetryGuard) -> None:
    guard.verify(Pin.of(WRONG))
    assert guard.change(Pin.of(RIGHT), Pin.of(WRONG), Allow.RETRY) == Changed()
    assert guard.verify(Pin.of(WRONG)) == Verified()


def test_a_failed_change_does_not_forget_what_is_wrong(card: PinCard, guard: RetryGuard) -> None:
    guard.verify(Pin.of(WRONG))
    assert guard.change(Pin.of(OTHER), Pin.of(WRONG), Allow.RETRY) == WrongPin(1)
    assert guard.verify(Pin.of(WRONG), ~Allow.NOTHING) == refused(RefusalReason.KNOWN_WRONG)


def test_a_pin_and_a_puk_of_the_same_digits_are_two_codes(key: bytes) -> None:
    card = PinCard()
    card.puk.value = b"99999999"
    guard = RetryGuard(card, key)
    assert guard.verify(Pin.of("99999999")) == WrongPin(2)
    assert guard.unblock(Pin.of("99999999"), Pin.of(RIGHT)) == Changed()


# Torn exchanges ---------------------------------------------------------------------------------
@pytest.mark.parametrize("moment", ["before verify", "after verify"])
def test_a_lost_answer_latches(card: PinCard, guard: RetryGuard, moment: str) -> None:
    card.tears = torn(moment)
    with pytest.raises(CardRemoved) as caught:
        guard.verify(Pin.of(RIGHT))
    assert RIGHT not in repr(caught.value)
    card.tears = torn("never")
    assert guard.verify(Pin.of(RIGHT)) == refused(RefusalReason.LATCHED)
    assert guard.verify(Pin.of(RIGHT), Allow.RETRY) == Verified()
    assert not card.locked


def test_a_counter_that_is_lost_latches_nothing(card: PinCard, guard: RetryGuard) -> None:
    card.counter_error = CardRemoved("pulled")
    with pytest.raises(CardRemoved):
        guard.verify(Pin.of(RIGHT))
    card.counter_error = None
    assert guard.verify(Pin.of(RIGHT)) == Verified()


def test_a_change_whose_answer_is_lost_leaves_both_pins_possible(
    card: PinCard, guard: RetryGuard
) -> None:
    guard.verify(Pin.of(WRONG))
    card.tears = torn("replaced by change")
    with pytest.raises(CardRemoved):
        guard.change(Pin.of(RIGHT), Pin.of(WRONG), Allow.RETRY)
    assert guard.verify(Pin.of(WRONG)) == refused(RefusalReason.LATCHED)
    assert guard.verify(Pin.of(WRONG), Allow.RETRY) == Verified()


# Change and unblock -----------------------------------------------------------------------------
def test_change(card: PinCard, guard: RetryGuard) -> None:
    assert guard.change(Pin.of(RIGHT), Pin.of(OTHER)) == Changed()
    assert card.pin.value == OTHER.encode()
    assert card.reads == 1


def test_change_with_a_wrong_old_pin(card: PinCard, guard: RetryGuard) -> None:
    assert guard.change(Pin.of(WRONG), Pin.of(OTHER)) == WrongPin(2)
    assert guard.change(Pin.of(RIGHT), Pin.of(OTHER)) == refused(RefusalReason.LATCHED)
    assert card.pin.value == RIGHT.encode()


def test_a_new_pin_the_card_does_not_take(card: PinCard, guard: RetryGuard) -> None:
    card.new_pin_status = StatusWord(0x6A80)
    expected = refused(RefusalReason.NEW_PIN_REFUSED, 0x6A80)
    assert guard.change(Pin.of(RIGHT), Pin.of(OTHER)) == expected
    assert guard.unblock(Pin.of(PUK), Pin.of(OTHER)) == expected
    assert guard.verify(Pin.of(RIGHT)) == Verified()


def test_unblock(card: PinCard, guard: RetryGuard) -> None:
    card.pin.tries_left = 0
    assert guard.unblock(Pin.of(PUK), Pin.of(OTHER)) == Changed()
    assert (card.pin.tries_left, card.puk.uses_left) == (3, 99)
    assert guard.verify(Pin.of(OTHER)) == Verified()


def test_unblocking_opens_the_latch_of_the_pin(card: PinCard, guard: RetryGuard) -> None:
    guard.verify(Pin.of(WRONG))
    guard.unblock(Pin.of(PUK), Pin.of(RIGHT))
    assert guard.verify(Pin.of(RIGHT)) == Verified()


def test_the_puk_is_guarded_alike(card: PinCard, guard: RetryGuard) -> None:
    new = Pin.of(OTHER)
    assert guard.unblock(Pin.of(WRONG_PUK), new) == WrongPin(9, Secret.PUK)
    assert guard.unblock(Pin.of(WRONG_PUK), new) == refused(RefusalReason.KNOWN_WRONG)
    assert guard.unblock(Pin.of(PUK), new) == refused(RefusalReason.LATCHED)
    card.puk.tries_left = 1
    assert guard.unblock(Pin.of(PUK), new, Allow.RETRY) == refused(RefusalReason.LAST_TRY)
    card.puk.tries_left, card.puk.uses_left = 10, 1
    assert guard.unblock(Pin.of(PUK), new, ~Allow.LAST_USE) == refused(RefusalReason.LAST_USE)
    assert len(card.sent) == 1
    assert guard.unblock(Pin.of(PUK), new, Allow.RETRY | Allow.LAST_USE) == Changed()
    assert guard.unblock(Pin.of(PUK), new, ~Allow.NOTHING) == Blocked(Secret.PUK)
    assert len(card.sent) == 2


# PIN pads ---------------------------------------------------------------------------------------
@pytest.fixture
def pad(card: PinCard) -> Callable[[str], Callable[[], StatusWord]]:
    """A pad on which a person types these digits; the card is not locked meanwhile."""

    def typed(digits: str) -> Callable[[], StatusWord]:
        def use() -> StatusWord:
            assert not card.locked
            with card.transaction():
                return card.verify(digits.encode())

        return use

    return typed


Pad = Callable[[str], Callable[[], StatusWord]]


def test_a_pad_follows_the_same_rules(card: PinCard, guard: RetryGuard, pad: Pad) -> None:
    assert guard.verify_on_pad(pad(WRONG)) == WrongPin(2)
    assert guard.verify_on_pad(pad(RIGHT)) == refused(RefusalReason.LATCHED)
    card.pin.tries_left = 1
    last = guard.verify_on_pad(pad(RIGHT), Allow.RETRY)
    assert last == refused(RefusalReason.LAST_TRY)
    assert len(card.sent) == 1
    assert guard.verify_on_pad(pad(RIGHT), Allow.RETRY | Allow.LAST_TRY) == Verified()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0x6400, RefusalReason.PAD_TIMEOUT),
        (0x6401, RefusalReason.PAD_CANCELLED),
        (0x6402, RefusalReason.PAD_MISMATCH),
        (0x6403, RefusalReason.PAD_LENGTH),
    ],
)
def test_what_ends_at_the_pad_spends_and_latches_nothing(
    guard: RetryGuard, pad: Pad, status: int, reason: RefusalReason
) -> None:
    assert guard.verify_on_pad(lambda: StatusWord(status)) == refused(reason, status)
    assert guard.change_on_pad(lambda: StatusWord(status)) == refused(reason, status)
    assert guard.verify_on_pad(pad(RIGHT)) == Verified()


def test_a_cancelled_pad_leaves_the_latch_closed(guard: RetryGuard, pad: Pad) -> None:
    guard.verify_on_pad(pad(WRONG))
    guard.verify_on_pad(lambda: StatusWord(0x6401), Allow.RETRY)
    assert guard.verify_on_pad(pad(RIGHT)) == refused(RefusalReason.LATCHED)


def test_a_change_on_a_pad_makes_every_pin_possible(card: PinCard, guard: RetryGuard) -> None:
    guard.verify(Pin.of(WRONG))

    def change() -> StatusWord:
        with card.transaction():
            return card.change(RIGHT.encode(), WRONG.encode()).proof

    assert guard.change_on_pad(change, Allow.RETRY) == Changed()
    assert guard.verify(Pin.of(WRONG)) == Verified()


def test_a_change_on_a_pad_that_failed_or_was_lost(card: PinCard, guard: RetryGuard) -> None:
    def lost() -> StatusWord:
        raise CardRemoved("pulled")

    guard.verify(Pin.of(WRONG))
    wrong = guard.change_on_pad(lambda: StatusWord(0x63C1), Allow.RETRY)
    assert wrong == WrongPin(1)
    assert guard.verify(Pin.of(WRONG), ~Allow.NOTHING) == refused(RefusalReason.KNOWN_WRONG)
    with pytest.raises(CardRemoved):
        guard.change_on_pad(lost, Allow.RETRY)
    assert guard.verify(Pin.of(WRONG)) == refused(RefusalReason.LATCHED)


def test_a_change_that_the_pad_never_began_changes_nothing(guard: RetryGuard) -> None:
    def unable() -> StatusWord:
        raise UnsupportedByReader("no such pad")

    guard.verify(Pin.of(WRONG))
    with pytest.raises(UnsupportedByReader):
        guard.change_on_pad(unable, Allow.RETRY)
    assert guard.verify(Pin.of(WRONG), ~Allow.NOTHING) == refused(RefusalReason.KNOWN_WRONG)


# Kept for the session ---------------------------------------------------------------------------
def test_a_kept_pin_opens_the_same_card_again(card: PinCard, key: bytes) -> None:
    given = Pin.of(RIGHT)
    kept = KeptPin(given, key)
    given.wipe()
    for _ in range(3):
        assert kept.present_again(RetryGuard(card, key), key) == Verified()
    assert len(card.sent) == 3


def test_a_kept_pin_goes_to_no_other_card(card: PinCard, key: bytes) -> None:
    kept = KeptPin(Pin.of(RIGHT), key)
    other = new_card_key()
    changed = kept.present_again(RetryGuard(card, other), other)
    assert changed == refused(RefusalReason.CARD_CHANGED)
    gone = kept.present_again(RetryGuard(card, key), key)
    assert gone == refused(RefusalReason.NOT_KEPT)
    assert not card.sent


def test_a_kept_pin_the_card_refuses_is_given_up_and_latches(
    card: PinCard, guard: RetryGuard, key: bytes
) -> None:
    kept = KeptPin(Pin.of(RIGHT), key)
    card.pin.value = b"5555"
    assert kept.present_again(guard, key) == WrongPin(2)
    assert kept.present_again(guard, key) == refused(RefusalReason.NOT_KEPT)
    assert guard.verify(Pin.of("5555")) == refused(RefusalReason.LATCHED)
    assert len(card.sent) == 1


def test_a_kept_pin_never_takes_the_last_try(card: PinCard, guard: RetryGuard, key: bytes) -> None:
    card.pin.tries_left = 1
    kept = KeptPin(Pin.of(RIGHT), key)
    assert kept.present_again(guard, key) == refused(RefusalReason.LAST_TRY)
    assert not card.sent


def test_a_kept_pin_is_given_up_when_its_answer_is_lost(
    card: PinCard, guard: RetryGuard, key: bytes
) -> None:
    card.tears = torn("after verify")
    kept = KeptPin(Pin.of(RIGHT), key)
    with pytest.raises(CardRemoved):
        kept.present_again(guard, key)
    assert kept.present_again(guard, key) == refused(RefusalReason.NOT_KEPT)


def test_a_forgotten_pin_is_gone(guard: RetryGuard, key: bytes) -> None:
    kept = KeptPin(Pin.of(RIGHT), key)
    kept.forget()
    assert kept.present_again(guard, key) == refused(RefusalReason.NOT_KEPT)


# Nothing left behind ----------------------------------------------------------------------------
def test_no_object_of_the_core_keeps_a_pin(
    key: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Everything the guard, its memory and its outcomes reach is searched for the digits."""
    caplog.set_level(logging.DEBUG)
    wrong, card = "407193", PinCard()
    guard = RetryGuard(card, key)
    kept = KeptPin(Pin.of(wrong), key)
    assert any(_holds(thing, wrong) for thing in _reached(kept)), "the search finds what is there"
    outcomes = [guard.verify(Pin.of(wrong)), kept.present_again(guard, key)]
    card.sent.clear()
    found = [thing for thing in _reached(guard, kept, outcomes) if _holds(thing, wrong)]
    assert not found
    assert wrong not in caplog.text + "".join(capfd.readouterr()) + repr((guard, kept, outcomes))


def _reached(*roots: object) -> list[object]:
    """The objects these lead to; types, modules and functions lead nowhere."""
    seen: dict[int, object] = {}
    left: list[object] = [*roots, WRONG_CODES]
    while left:
        thing = left.pop()
        if id(thing) not in seen and not isinstance(thing, type) and not callable(thing):
            seen[id(thing)] = thing
            left += gc.get_referents(thing)
    return list(seen.values())


def _holds(thing: object, digits: str) -> bool:
    return isinstance(thing, (str, bytes, bytearray)) and thing in (
        digits,
        digits.encode(),
        digits.encode().hex(),
    )
