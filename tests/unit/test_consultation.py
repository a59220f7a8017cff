"""A consultation gives the right two cards, says when they are no longer, and ends with the CPS."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from tests.support.consulting import (
    A,
    B,
    C,
    Hands,
    Swapped,
    Table,
    UnmarkedVitale,
    card,
    cps,
    real_cps,
    table,
    vitale,
)

from cardio.errors import (
    CardChanged,
    CardRemoved,
    CardReset,
    ConsultationEnded,
    MixedTestAndReal,
    NoReader,
    PatientNotConfirmed,
    PinStateLost,
    SelectionError,
    StaleRead,
    TransmitTimeout,
    VitaleTooOld,
)
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.transport.base import ShareMode
from cardio.transport.monitor import CardInserted
from cardio.transport.monitor import CardRemoved as Removed
from cardio.workstation.consultation import Consultation
from cardio.workstation.consultation_events import (
    CardFound,
    CardUnreadable,
    CpsLeft,
    EndReason,
    NatureDoubtful,
    PatientChanged,
    VitaleBack,
    VitaleLeft,
    VitaleWasThere,
)
from cardio.workstation.consultation_pairing import InsertionPolicy, Prompt, Role
from cardio.workstation.consultation_patient import PatientMemory, VitaleRead
from cardio.workstation.freshness import INSI, LIMITS, Instant
from cardio.workstation.selection import SelectionReason
from cardio_emulator.faults import FaultyCard, GarbageAtr, Mute
from cardio_emulator.faults import Removed as TakenOut


@pytest.fixture
def desk() -> Iterator[Table]:
    with table(A, B, C) as made:
        yield made


def names(read: VitaleRead) -> list[str | None]:
    return [person.given_name for person in read.beneficiaries]


def next_event(consultation: Consultation, kind: type[object]) -> object:
    """The next event of this kind; those before it are dropped."""
    return next(event for event in consultation.events() if isinstance(event, kind))


FAMILY = ["CARDIOLINE", "NOÉ", "ZOÉLIE"]


# Which cards ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("of_cps", "of_vitale"), [(A, B), (B, A), (C, B), (A, C)])
def test_both_cards_are_found_in_whichever_reader(desk: Table, of_cps: str, of_vitale: str) -> None:
    desk.put(of_cps, cps())
    desk.put(of_vitale, vitale())
    with desk.workstation.consultation() as consultation:
        assert consultation.cps.reader == of_cps
        assert str(consultation.cps.holder.ps_idnat) == "899700982178"
        assert consultation.vitale.reader == of_vitale
        assert names(consultation.vitale) == FAMILY
        assert consultation.is_vitale_present
        assert consultation.needs_confirmation is None
        assert consultation.ended is None


@pytest.mark.parametrize(
    "readers",
    [
        ("0123 TL eS-KAP-Ad 1 [CCID] 00 00", "0123 TL eS-KAP-Ad 2 [CCID] 00 01"),
        ("KAP-LINK 0", "KAP-LINK 1"),
        ("Reader 00 01", "Reader 00 00"),
    ],
)
def test_two_slots_of_one_unit_are_two_readers(readers: tuple[str, str]) -> None:
    """Names of two-slot units (facts: vitale.md §7.2), swapped after a restart or not."""
    for of_cps, of_vitale in (readers, readers[::-1]):
        with table(*readers) as desk:
            desk.put(of_cps, cps())
            desk.put(of_vitale, vitale())
            with desk.workstation.consultation() as consultation:
                assert (consultation.cps.reader, consultation.vitale.reader) == (of_cps, of_vitale)


def test_why_there_is_no_pair(desk: Table) -> None:
    def reason() -> str:
        with pytest.raises(SelectionError) as refused:
            desk.workstation.consultation()
        return refused.value.reason

    assert reason() == SelectionReason.NO_CARD
    desk.put(A, vitale())
    assert reason() == SelectionReason.NOT_FOUND
    desk.swap(A, cps())
    assert reason() == SelectionReason.NOT_FOUND
    desk.put(B, FaultyCard(vitale(), GarbageAtr(bytes.fromhex("3B" + "00" * 33))))
    assert reason() == SelectionReason.NOT_READABLE
    assert not desk.bench.reader(A).state.in_use, "nothing stays connected after a failure"


def test_of_two_cps_none_is_taken_unless_one_is_named(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, cps("infirmiere"))
    desk.put(C, vitale())
    with pytest.raises(SelectionError) as refused:
        desk.workstation.consultation()
    assert refused.value.reason == SelectionReason.SEVERAL
    with desk.workstation.consultation(cps_reader="lecteur b") as consultation:
        assert consultation.cps.reader == B
    with desk.workstation.consultation(cps_serial="09821700") as consultation:
        assert consultation.cps.reader == A
    with pytest.raises(SelectionError) as refused:
        desk.workstation.consultation(cps_serial="00000000")
    assert refused.value.reason == SelectionReason.NOT_FOUND
    with pytest.raises(NoReader):
        desk.workstation.consultation(cps_reader="nowhere")


def test_of_two_vitales_none_is_taken_unless_its_reader_is_named(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    desk.put(C, vitale("famille-voisine"))
    with pytest.raises(SelectionError) as refused:
        desk.workstation.consultation()
    assert refused.value.reason == SelectionReason.SEVERAL
    with desk.workstation.consultation(vitale_reader="lecteur b") as consultation:
        assert names(consultation.vitale) == FAMILY
        assert names(consultation.check()) == FAMILY


def test_a_vitale_1_is_too_old(desk: Table) -> None:
    from cardio_emulator.kinds import make

    desk.put(A, cps())
    desk.put(B, make("vitale1"))
    asked: list[Prompt] = []
    with pytest.raises(VitaleTooOld, match="too old") as refused:
        desk.workstation.consultation(wait=0.1, on_prompt=asked.append)
    assert refused.value.reason == SelectionReason.NOT_SUPPORTED
    assert [(prompt.missing, prompt.instead_of) for prompt in asked] == [((), None)]


def test_of_several_cards_none_is_asked_for(desk: Table) -> None:
    """They have to be taken out: putting another one in would not help."""
    desk.put(A, cps())
    desk.put(B, cps("infirmiere"))
    hands = Hands(lambda: desk.put(C, vitale()), lambda: desk.take(A))
    with desk.workstation.consultation(wait=30, on_prompt=hands) as consultation:
        assert consultation.cps.reader == B
    first, second = hands.asked
    assert isinstance(first, Prompt)
    assert isinstance(second, Prompt)
    assert (first.missing, first.free) == ((Role.VITALE,), (C,))
    assert (second.missing, second.free, second.instead_of) == ((), (), None)
    assert "several CPS" in second.error.message


# Test and real ----------------------------------------------------------------------------------
def test_a_test_card_and_a_real_one_are_refused(desk: Table) -> None:
    desk.put(A, real_cps())
    desk.put(B, vitale())
    with pytest.raises(MixedTestAndReal) as refused:
        desk.workstation.consultation()
    assert refused.value.reason == SelectionReason.TEST_AND_REAL
    desk.swap(B, UnmarkedVitale())
    with desk.workstation.consultation() as consultation:
        assert consultation.vitale.nature.value == "unknown"
    desk.swap(A, cps())
    with desk.workstation.consultation(insertion=InsertionPolicy.TELL) as consultation:
        doubt = next_event(consultation, NatureDoubtful)
        assert doubt == NatureDoubtful(cps=doubt.cps, vitale=consultation.vitale.nature)  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(MixedTestAndReal):
        desk.workstation.consultation(refuse_doubtful=True)


def test_a_patient_whose_card_does_not_fit_is_not_taken_later_either(desk: Table) -> None:
    desk.put(A, real_cps())
    desk.put(B, UnmarkedVitale())
    with desk.workstation.consultation() as consultation:
        desk.swap(B, vitale())
        with pytest.raises(MixedTestAndReal):
            consultation.change_patient()
        with pytest.raises(CardChanged):
            _ = consultation.vitale


# One reader in turn -----------------------------------------------------------------------------
def test_one_reader_takes_the_vitale_then_the_cps() -> None:
    with table(A) as desk:
        hands = Hands(
            lambda: desk.put(A, vitale()),
            lambda: desk.take(A),
            lambda: desk.put(A, cps()),
        )
        with desk.workstation.consultation(wait=30, on_prompt=hands) as consultation:
            assert names(consultation.vitale) == names(consultation.check()) == FAMILY
            assert not consultation.is_vitale_present
            assert consultation.cps.reader == consultation.vitale.reader == A
        first, second, third = hands.asked
        assert isinstance(first, Prompt)
        assert (first.missing, first.free) == ((Role.CPS, Role.VITALE), (A,))
        assert isinstance(second, Prompt)
        assert (second.missing, second.free, second.instead_of) == ((Role.CPS,), (), A)
        assert isinstance(third, Prompt)
        assert (third.missing, third.free, third.instead_of) == ((Role.CPS,), (A,), None)


def test_one_reader_that_begins_with_the_cps_gets_it_back_in_the_end() -> None:
    with table(A) as desk:
        desk.put(A, cps())
        hands = Hands(
            lambda: desk.swap(A, vitale()),
            lambda: desk.swap(A, cps()),
        )
        with desk.workstation.consultation(wait=30, on_prompt=hands) as consultation:
            assert names(consultation.vitale) == FAMILY
            assert consultation.cps.tries_left() == 3
        first = hands.asked[0]
        assert isinstance(first, Prompt)
        assert (first.missing, first.instead_of) == ((Role.VITALE,), A)


def test_the_last_vitale_in_the_reader_counts() -> None:
    with table(A) as desk:
        desk.put(A, vitale())
        hands = Hands(
            lambda: (desk.take(A), desk.put(A, vitale("famille-voisine")), desk.take(A)),
            lambda: desk.put(A, vitale("famille-voisine")),
            lambda: desk.swap(A, cps()),
        )
        with desk.workstation.consultation(wait=30, on_prompt=hands) as consultation:
            assert names(consultation.vitale) not in ([], FAMILY)


def test_a_vitale_too_quick_to_be_seen_is_not_overlooked() -> None:
    """The counter of the reader tells that there was another card between Vitale and CPS."""
    with table(A) as desk:
        desk.put(A, vitale())

        def swap_twice() -> None:
            desk.swap(A, vitale("famille-voisine"))
            desk.swap(A, cps())

        with pytest.raises(SelectionError):
            desk.workstation.consultation(wait=0.5, on_prompt=Hands(swap_twice))


def test_a_vitale_that_left_is_not_taken_when_the_cps_comes_elsewhere(desk: Table) -> None:
    desk.put(A, vitale())
    hands = Hands(lambda: desk.take(A), lambda: desk.put(B, cps()))
    with pytest.raises(SelectionError) as refused:
        desk.workstation.consultation(wait=0.8, on_prompt=hands)
    assert refused.value.reason == SelectionReason.NOT_FOUND
    assert [prompt.missing for prompt in hands.asked if isinstance(prompt, Prompt)][-1] == (
        Role.VITALE,
    )


def test_another_card_in_between_makes_an_end_of_the_turn() -> None:
    with table(A) as desk:
        desk.put(A, vitale())
        hands = Hands(
            lambda: desk.swap(A, FaultyCard(vitale(), GarbageAtr())),
            lambda: desk.swap(A, cps()),
        )
        with pytest.raises(SelectionError):
            desk.workstation.consultation(wait=0.8, on_prompt=hands)


def test_nobody_waits_longer_than_told(desk: Table) -> None:
    began = datetime.now(UTC)
    asked: list[Prompt] = []
    with pytest.raises(SelectionError):
        desk.workstation.consultation(wait=0.2, on_prompt=asked.append)
    assert timedelta(seconds=0.2) <= datetime.now(UTC) - began < timedelta(seconds=20)
    assert len(asked) == 1
    assert asked[0].missing == (Role.CPS, Role.VITALE)
    assert asked[0].free == (A, B, C)


# The wrong patient's card -----------------------------------------------------------------------
def test_a_vitale_left_in_has_to_be_confirmed(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        assert next_event(consultation, VitaleWasThere) == VitaleWasThere(B, left_in=False)
        assert names(consultation.vitale) == FAMILY
    with desk.workstation.consultation() as consultation:
        assert next_event(consultation, VitaleWasThere) == VitaleWasThere(B, left_in=True)
        assert consultation.needs_confirmation is SelectionReason.LEFT_IN
        with pytest.raises(PatientNotConfirmed) as refused:
            _ = consultation.vitale
        assert refused.value.reason == SelectionReason.LEFT_IN
        with pytest.raises(PatientNotConfirmed):
            consultation.check()
        assert names(consultation.confirm()) == FAMILY
        assert names(consultation.check()) == FAMILY
    desk.swap(B, vitale())
    with desk.workstation.consultation() as consultation:
        assert names(consultation.vitale) == FAMILY


@pytest.mark.parametrize("policy", InsertionPolicy)
def test_policies_for_a_vitale_that_was_there(desk: Table, policy: InsertionPolicy) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    if policy is InsertionPolicy.REQUIRE_FRESH:
        with pytest.raises(PatientNotConfirmed) as refused:
            desk.workstation.consultation(insertion=policy)
        assert refused.value.reason == SelectionReason.WAS_THERE
        hands = Hands(lambda: desk.swap(B, vitale()))
        with desk.workstation.consultation(
            insertion=policy, wait=30, on_prompt=hands
        ) as consultation:
            assert names(consultation.vitale) == FAMILY
        return
    with desk.workstation.consultation(insertion=policy) as consultation:
        wants = policy is InsertionPolicy.CONFIRM
        assert (consultation.needs_confirmation is SelectionReason.WAS_THERE) is wants
        assert names(consultation.confirm()) == FAMILY


# A card that changes ----------------------------------------------------------------------------
def test_another_vitale_is_never_taken_for_the_patient(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        first = consultation.vitale
        desk.swap(B, vitale("famille-voisine"))
        with pytest.raises(CardChanged) as changed:
            _ = consultation.vitale
        assert changed.value.where.reader == B
        with pytest.raises(CardChanged):
            consultation.check()
        assert next_event(consultation, PatientChanged) == PatientChanged(B)
        desk.swap(B, vitale())
        with pytest.raises(CardChanged):  # until somebody says so
            consultation.check()
        assert consultation.change_patient().is_of_same_card(first)
        assert names(consultation.check()) == FAMILY
    assert names(first) == FAMILY


def test_another_vitale_in_another_reader_is_noticed_too(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        desk.put(C, vitale("famille-voisine"))
        with pytest.raises(CardChanged):
            _ = consultation.vitale
        with pytest.raises(SelectionError):  # which of the two?
            consultation.change_patient()
        desk.take(B)
        assert names(consultation.change_patient()) != FAMILY


def test_a_vitale_that_leaves_and_comes_back(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        before = consultation.vitale
        desk.take(B)
        assert next_event(consultation, VitaleLeft) == VitaleLeft(B)
        assert not consultation.is_vitale_present
        assert consultation.vitale is before
        assert consultation.check() is before
        desk.put(C, vitale())
        assert next_event(consultation, VitaleBack) == VitaleBack(C)
        assert consultation.vitale.reader == C
        assert consultation.vitale.taken.steady > before.taken.steady


def test_a_card_that_cannot_be_read_may_be_another_patients(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        desk.swap(B, FaultyCard(vitale("famille-voisine"), Mute(1, 0.0)))
        with pytest.raises(TransmitTimeout):
            _ = consultation.vitale
        assert isinstance(next_event(consultation, CardUnreadable), CardUnreadable)
        desk.take(B)
        assert names(consultation.vitale) == FAMILY


def test_a_foreign_card_that_was_mute_from_the_start_is_no_trouble(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    desk.put(C, FaultyCard(vitale(), GarbageAtr(bytes.fromhex("3B" + "00" * 33))))
    with desk.workstation.consultation() as consultation:
        assert names(consultation.check()) == FAMILY


@pytest.mark.parametrize("kind", ["cps3", "cps4", "cps2ter", "vitale2"])
def test_a_swap_without_any_event_is_noticed_before_use(desk: Table, kind: str) -> None:
    swapped = "vitale" if kind == "vitale2" else "cps"
    switch = (
        Swapped(card(kind, "medecin"), card(kind, "infirmiere"))
        if swapped == "cps"
        else Swapped(vitale(), vitale("famille-voisine"))
    )
    desk.put(A, switch if swapped == "cps" else cps())
    desk.put(B, switch if swapped == "vitale" else vitale())
    with desk.workstation.consultation() as consultation:
        consultation.check()
        switch.swap()
        with pytest.raises(CardChanged) as changed:
            consultation.check()
        assert changed.value.where.reader == (A if swapped == "cps" else B)
        if swapped == "cps":
            assert consultation.wait(5) is EndReason.CPS_CHANGED
            with pytest.raises(ConsultationEnded):
                _ = consultation.cps


# Freshness --------------------------------------------------------------------------------------
class Clock:
    """Both clocks of a computer, set by hand."""

    def __init__(self) -> None:
        self.utc, self.steady = datetime(2026, 11, 22, 9, 0, tzinfo=UTC), 1000.0

    def __call__(self) -> Instant:
        return Instant(self.utc, self.steady)

    def pass_by(self, minutes: float, *, asleep: bool = False) -> None:
        self.utc += timedelta(minutes=minutes)
        self.steady += 0 if asleep else 60 * minutes


def test_a_read_gets_too_old_for_a_service(desk: Table) -> None:
    clock = Clock()
    desk.workstation._memory = PatientMemory(clock)
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        clock.pass_by(25)
        with pytest.raises(StaleRead) as stale:
            consultation.vitale.require_fresh(INSI, clock())
        assert (stale.value.age, stale.value.limit) == (1500, 1200)
        assert consultation.check(INSI).age(clock()) == timedelta(), "it was read again"
        desk.take(B)
        clock.pass_by(19)
        consultation.check(INSI)
        clock.pass_by(2)
        with pytest.raises(StaleRead):
            consultation.check(INSI)
        consultation.check(timedelta(minutes=30))
        assert consultation.check().read_at == datetime(2026, 11, 22, 9, 25, tzinfo=UTC)


def test_a_computer_that_slept_or_was_set_back_makes_no_read_younger() -> None:
    clock = Clock()
    taken = clock()
    clock.pass_by(30, asleep=True)
    assert clock().since(taken) == timedelta(minutes=30)
    clock.pass_by(10)
    clock.utc -= timedelta(hours=5)
    assert clock().since(taken) == timedelta(minutes=10)
    clock.steady = 0
    assert clock().since(taken) == timedelta()


def test_known_limits_tell_their_source() -> None:
    assert LIMITS["insi"].limit == timedelta(minutes=20)
    assert all(limit.source and limit.confidence for limit in LIMITS.values())


# The end ----------------------------------------------------------------------------------------
def test_it_ends_when_the_cps_leaves(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    ends: list[tuple[EndReason, str]] = []
    with desk.workstation.consultation(
        on_end=lambda why: ends.append((why, threading.current_thread().name))
    ) as consultation:
        card = consultation.cps
        assert card.verify_pin(Pin.of("1234"), keep_for_session=True) == Verified()
        desk.take(A)
        assert consultation.wait(5) is EndReason.CPS_LEFT
        assert ends == [(EndReason.CPS_LEFT, "cardio watch")]
        for use in (card.tries_left, card.situations, lambda: consultation.vitale):
            with pytest.raises(ConsultationEnded) as ended:
                use()
            assert ended.value.why == EndReason.CPS_LEFT
            assert isinstance(ended.value, CardRemoved)
        assert list(consultation.events())[-1] == CpsLeft(A)
        desk.put(A, cps())
        with pytest.raises(ConsultationEnded):
            card.situations()
    assert len(ends) == 1
    assert not desk.bench.reader(A).state.in_use


def test_its_keys_sign_until_it_ends(desk: Table) -> None:
    """A check in between costs the key its place on the card, and no more."""
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        assert consultation.cps.verify_pin(Pin.of("1234")) == Verified()
        key = consultation.cps.keys.authentication
        signatures = {key.sign(b"challenge", padding.PKCS1v15(), hashes.SHA256())}
        consultation.check()
        signatures.add(key.sign(b"challenge", padding.PKCS1v15(), hashes.SHA256()))
        assert len(signatures) == 1
        desk.take(A)
        with pytest.raises(ConsultationEnded):
            key.sign(b"challenge", padding.PKCS1v15(), hashes.SHA256())


def test_a_normal_end_calls_nobody_and_leaves_the_cards_alone(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    ends: list[EndReason] = []
    with desk.workstation.consultation(on_end=ends.append) as consultation:
        card = consultation.cps
        assert card.verify_pin(Pin.of("1234")) == Verified()
    assert (ends, consultation.ended) == ([], EndReason.CLOSED)
    with pytest.raises(ConsultationEnded):
        card.situations()
    resets = [desk.bench.reader(name).reset_count for name in (A, B)]
    assert resets == [0, 0]
    consultation.close()
    cps().reset()


def test_a_reader_that_goes_ends_it_too(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    ends: list[EndReason] = []
    with desk.workstation.consultation(on_end=ends.append) as consultation:
        desk.bench.unplug_reader(A)
        assert consultation.wait(5) is EndReason.READERS_LOST
        assert ends == [EndReason.READERS_LOST]


def test_the_exchange_that_meets_the_removal_ends_it(desk: Table) -> None:
    """As after a tear that PC/SC has not noticed yet: no event tells of it."""
    torn = FaultyCard(cps(), TakenOut(60))
    desk.put(A, torn)
    desk.put(B, vitale())
    ends: list[EndReason] = []
    with desk.workstation.consultation(on_end=ends.append) as consultation:
        card = consultation.cps
        with pytest.raises(ConsultationEnded) as ended:
            [card.tries_left() for _ in range(100)]
        assert isinstance(ended.value.__cause__, CardRemoved)
        assert consultation.wait(5) is EndReason.CPS_LEFT
    assert ends == [EndReason.CPS_LEFT]


def test_it_may_be_closed_in_a_transaction(desk: Table) -> None:
    """The watcher cannot let go of the card before the transaction ends: nobody waits for it."""
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        with consultation.cps.transaction():
            consultation.close()
        assert consultation.ended is EndReason.CLOSED


def test_the_workstation_ends_its_consultations(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    consultation = desk.workstation.consultation()
    desk.workstation.close()
    assert consultation.ended is EndReason.CLOSED


def test_a_callback_may_close_and_an_event_loop_ends(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    begun: list[Consultation] = []
    begun.append(desk.workstation.consultation(on_end=lambda _: begun[0].close()))
    seen: list[object] = []
    reader = threading.Thread(target=lambda: seen.extend(begun[0].events()))
    reader.start()
    desk.take(A)
    assert begun[0].wait(5) is EndReason.CPS_LEFT
    reader.join(5)
    assert not reader.is_alive()
    assert [event for event in seen if isinstance(event, Removed | CpsLeft)] == [
        Removed(A),
        CpsLeft(A),
    ]


# Other programs ---------------------------------------------------------------------------------
def test_a_reset_by_another_program_is_got_over(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        kept = consultation.cps.verify_pin(Pin.of("1234"), keep_for_session=True)
        assert kept == Verified()
        desk.reset(A)
        desk.reset(B)
        with pytest.raises(CardReset):
            consultation.cps.situations()
        assert consultation.ended is None
        assert consultation.reopen_cps().situations()
        assert names(consultation.check()) == FAMILY
        desk.take(A)
        assert consultation.wait(5) is EndReason.CPS_LEFT


def test_a_reset_forgets_a_pin_that_was_not_kept(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        assert consultation.cps.verify_pin(Pin.of("1234")) == Verified()
        desk.reset(A)
        with pytest.raises(PinStateLost):
            consultation.reopen_cps().situations()
        assert consultation.cps.tries_left() == 3


def test_another_cps_is_not_reopened(desk: Table) -> None:
    switch = Swapped(cps(), cps("infirmiere"))
    desk.put(A, switch)
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        switch.swap()
        with pytest.raises(CardChanged):
            consultation.reopen_cps()
        assert consultation.wait(5) is EndReason.CPS_CHANGED


def test_cards_of_others_are_left_alone(desk: Table) -> None:
    """A program that keeps its card for itself, and one that works with the Vitale."""
    desk.put(A, cps())
    desk.put(B, vitale())
    desk.put(C, cps("infirmiere"))
    held = desk.bench.reader(C).connect(exclusive=True)
    works = desk.workstation.manager.connect(B, ShareMode.SHARED)
    with desk.workstation.consultation() as consultation:
        consultation.check()
        assert works.transmit(bytes.fromhex("00A40000023F00"))
    assert held.transmit(bytes.fromhex("00A4000C023F00")) == b"\x90\x00"
    assert [desk.bench.reader(name).reset_count for name in (A, B, C)] == [0, 0, 0]
    held.close()


def test_what_happens_is_told(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        told: list[object] = []
        thread = threading.Thread(target=lambda: told.extend(consultation.events()))
        thread.start()
        desk.put(C, cps("infirmiere"))
        _ = consultation.vitale
        desk.take(A)
        consultation.wait(5)
        thread.join(5)
    words = [type(event).__name__ for event in told]
    assert words[0] == "VitaleWasThere"
    assert {"CardInserted", "CardFound", "CardRemoved", "CpsLeft"} <= set(words)
    assert words[-1] == "CpsLeft"
    found = [event for event in told if isinstance(event, CardInserted | CardFound)]
    assert {event.reader for event in found} == {C}


def test_a_check_costs_few_commands(desk: Table) -> None:
    counted = {A: FaultyCard(cps()), B: FaultyCard(vitale())}
    for reader, one in counted.items():
        desk.put(reader, one)
    with desk.workstation.consultation() as consultation:
        before = {reader: one.count for reader, one in counted.items()}
        consultation.check()
        spent = {reader: one.count - before[reader] for reader, one in counted.items()}
    assert spent[A] == 2
    assert spent[B] <= 5 + 5, "5 commands, and GET RESPONSE where the card announces more"


def test_no_name_is_in_any_repr(desk: Table) -> None:
    desk.put(A, cps())
    desk.put(B, vitale())
    with desk.workstation.consultation() as consultation:
        shown = repr(consultation.vitale) + repr(consultation._desk.slots) + repr(consultation)
    assert "CARDIOLINE" not in shown
    assert "28519" not in shown
