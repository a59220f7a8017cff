"""The four ways to have a PIN given: now, on the reader's pad, when needed, never."""

from collections.abc import Iterator

import pytest

from cardio import (
    Pin,
    PinEntryMode,
    RefusalReason,
    Refused,
    Verified,
    Workstation,
    WrongPin,
)
from cardio.cards.cps.card import CpsCard
from cardio.errors import PinNotVerified, PinStateLost, SecurityStatusNotSatisfied
from cardio.transport.base import Disposition
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad

READER = "Lecteur 00 00"


class Person:
    """Gives a PIN when asked, and counts how often that was."""

    def __init__(self, pin: str = "1234") -> None:
        self.pin = pin
        self.asked = 0

    def __call__(self) -> Pin:
        self.asked += 1
        return Pin.of(self.pin)


@pytest.fixture
def emulated() -> Card:
    return make("cps3")


@pytest.fixture
def workstation(emulated: Card) -> Iterator[Workstation]:
    bench = Bench()
    bench.add_reader(READER, emulated)
    with Workstation(EmulatedResourceManager(bench)) as opened:
        yield opened


@pytest.fixture
def card(workstation: Workstation) -> CpsCard:
    return workstation.cps()


def tries_left(emulated: Card) -> int:
    return emulated.pins[1].tries_left


def test_prompt_asks_at_once(card: CpsCard) -> None:
    person = Person()
    assert card.log_in(PinEntryMode.PROMPT, person) == Verified()
    assert person.asked == 1
    assert card.situations()


def test_skip_never_asks(card: CpsCard, emulated: Card) -> None:
    person = Person()
    assert card.log_in(PinEntryMode.SKIP, person) == Refused(RefusalReason.SKIPPED)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()
    assert (person.asked, tries_left(emulated)) == (0, 3)


def test_defer_asks_once_when_something_needs_it(card: CpsCard) -> None:
    person = Person()
    assert card.log_in(PinEntryMode.DEFER, person) == Refused(RefusalReason.DEFERRED)
    assert card.holder.ps_idnat is not None
    assert person.asked == 0
    assert card.situations()
    assert person.asked == 1


def test_a_wrong_deferred_pin_is_told_and_not_asked_for_again(
    card: CpsCard, emulated: Card
) -> None:
    person = Person("9081")
    card.log_in(PinEntryMode.DEFER, person)
    with pytest.raises(PinNotVerified) as told:
        card.situations()
    assert told.value.outcome == WrongPin(2)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()
    assert (person.asked, tries_left(emulated)) == (1, 2)


def test_logging_out_forgets_a_deferred_pin(card: CpsCard) -> None:
    person = Person()
    card.log_in(PinEntryMode.DEFER, person)
    card.log_out()
    assert person.asked == 0


def opened_again(workstation: Workstation, card: CpsCard) -> CpsCard:
    """After another program's reset."""
    workstation.manager.connect(READER).close(Disposition.RESET)
    return workstation.reopen(card)


def test_a_deferred_pin_outlives_a_reset(workstation: Workstation) -> None:
    person, card = Person(), workstation.cps()
    card.log_in(PinEntryMode.DEFER, person)
    again = opened_again(workstation, card)
    assert again.situations()
    assert person.asked == 1


def test_a_pin_deferred_after_a_reset_is_asked_for(workstation: Workstation) -> None:
    person, card = Person(), workstation.cps()
    assert card.verify_pin(Pin.of("1234")) == Verified()
    again = opened_again(workstation, card)
    again.log_in(PinEntryMode.DEFER, person)
    assert again.situations()
    with pytest.raises(PinStateLost):
        opened_again(workstation, again).situations()
    assert person.asked == 1


def test_a_pin_deferred_before_one_was_given_is_not_asked_for(workstation: Workstation) -> None:
    person, card = Person(), workstation.cps()
    card.log_in(PinEntryMode.DEFER, person)
    assert card.verify_pin(Pin.of("1234")) == Verified()
    with pytest.raises(PinStateLost):
        opened_again(workstation, card).situations()
    assert person.asked == 0


def test_a_kept_pin_is_given_before_a_deferred_one_is_asked_for(workstation: Workstation) -> None:
    person, card = Person(), workstation.cps()
    assert card.verify_pin(Pin.of("1234"), keep_for_session=True) == Verified()
    again = opened_again(workstation, card)
    again.log_in(PinEntryMode.DEFER, person)
    assert again.situations()
    assert person.asked == 0


def test_pad_without_a_pad(card: CpsCard, emulated: Card) -> None:
    person = Person()
    assert card.log_in(PinEntryMode.PAD, person) == Refused(RefusalReason.NO_PAD)
    assert (person.asked, tries_left(emulated)) == (0, 3)


def test_pad_has_it_typed_on_the_reader(emulated: Card) -> None:
    bench, person = Bench(), Person()
    bench.add_reader(READER, emulated).pad = EmulatedPad(["1234"])
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        assert card.log_in(PinEntryMode.PAD, person) == Verified()
        assert card.situations()
    assert person.asked == 0


def test_a_card_without_pin() -> None:
    bench = Bench()
    bench.add_reader(READER, make("cps3-contactless"))
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        for mode in (PinEntryMode.PROMPT, PinEntryMode.DEFER):
            assert card.log_in(mode, Person()) == Refused(RefusalReason.NO_PIN)
