"""Situations of practice: which one is meant is never guessed. EF_ACTUA: what its dates mean."""

import pytest
from tests.support.cps3 import emulated
from tests.support.cps_cards import opened

from cardio.cards.cps import CpsCard
from cardio.cards.cps.records import Activity, decode
from cardio.cards.cps.situation import PracticeSituation, SituationReason, choose_situation
from cardio.cards.cps.update import CardUpdate
from cardio.errors import RecordError, SelectionError, SituationNotChosen
from cardio.iso7816.tlv import Tlv
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin

STARTED, ENDED = "20260102030405", "20260102030907"


def situation(number: int, structure: bytes) -> PracticeSituation:
    activity = decode(
        Activity, Tlv.of(0xEE, Tlv.of(0x80, b"\x00"), Tlv.of(0x85, structure)).encode()
    )
    return PracticeSituation.of_record(number, activity)


TWO = (situation(1, b"499700982178008"), situation(4, b"10B0309829"))


def test_the_only_one_is_chosen() -> None:
    assert choose_situation(TWO[:1]) is TWO[0]


def test_one_of_several_is_chosen_by_number_or_structure() -> None:
    assert choose_situation(TWO, number=4) is TWO[1]
    assert choose_situation(TWO, structure="10B0309829") is TWO[1]
    assert choose_situation(TWO, number=1, structure="499700982178008") is TWO[0]


@pytest.mark.parametrize(
    ("situations", "wanted", "reason"),
    [
        ((), {}, SituationReason.NONE),
        (TWO, {}, SituationReason.SEVERAL),
        (TWO, {"number": 2}, SituationReason.UNKNOWN),
        (TWO[:1], {"number": 4}, SituationReason.UNKNOWN),
        (TWO, {"structure": "10B0000000"}, SituationReason.UNKNOWN),
        (TWO, {"number": 1, "structure": "10B0309829"}, SituationReason.UNKNOWN),
        ((*TWO, situation(5, b"10B0309829")), {"structure": "10B0309829"}, SituationReason.SEVERAL),
    ],
)
def test_no_choice_is_made_for_the_user(
    situations: tuple[PracticeSituation, ...], wanted: dict[str, str], reason: SituationReason
) -> None:
    with pytest.raises(SituationNotChosen) as caught:
        choose_situation(situations, **wanted)  # pyright: ignore[reportArgumentType]
    assert caught.value.reason == reason
    assert isinstance(caught.value, SelectionError)
    assert "10B" not in str(caught.value)


def situations(card: CpsCard) -> tuple[PracticeSituation, ...]:
    assert card.verify_pin(Pin.of("1234")) == Verified()
    return card.situations()


def test_numbers_may_have_holes() -> None:
    _, card = emulated()
    entries = {e.kind: e.path for e in card.application.directories.entries}
    dodf = card.application.read(entries["DODF"])
    _, card = emulated(dodf=dodf.replace(b"CPS_ACTIVITY_01_PS", b"CPS_ACTIVITY_07_PS"))
    assert [one.number for one in situations(card)] == [2, 7]
    assert card.problems == ()


@pytest.mark.parametrize("dodf", [None, b"", b"\xff" * 64])
def test_without_directory_the_published_places_are_read(dodf: bytes | None) -> None:
    _, card = emulated(dodf=dodf)
    assert [one.number for one in situations(card)] == [1, 2]


@pytest.mark.parametrize("filling", [b"", b"\x00", b"\xff" * 40])
def test_an_empty_activity_is_no_situation(filling: bytes) -> None:
    _, card = emulated(CPS_ACTIVITY_01_PS=filling)
    assert [one.number for one in situations(card)] == [2]
    assert card.problems == ()


def test_a_damaged_activity_costs_none_of_the_others() -> None:
    _, card = emulated(CPS_ACTIVITY_01_PS=b"\xe3\x01\x00")
    assert [one.number for one in situations(card)] == [2]
    assert [(p.part, type(p.error)) for p in card.problems] == [("CPS_ACTIVITY_01_PS", RecordError)]
    _, card = emulated(CPS_ACTIVITY_02_PS=bytes.fromhex("EE07800101860253AA0"[:-1]))
    assert [one.number for one in situations(card)] == [1, 2]


def test_of_two_professions_each_card_tells_its_own() -> None:
    _, doctor = opened("cps3")
    _, nurse = opened("cps3", "infirmiere")
    assert doctor.holder.profession != nurse.holder.profession
    assert [one.number for one in situations(nurse)] == [1]


def actua(start: str, end: str) -> bytes:
    parts = [Tlv.of(tag, bytes.fromhex(v)) for tag, v in ((0x81, start), (0x82, end)) if v]
    return Tlv.of(0xEC, *parts).encode()


def test_an_update_that_ended() -> None:
    update = CardUpdate.decode(actua(STARTED, ENDED))
    assert str(update.started) == "2026-01-02 03:04:05"
    assert str(update.ended) == "2026-01-02 03:09:07"
    assert (update.is_interrupted, update.problem) == (False, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(20),
        b"\xff" * 20,
        actua(STARTED, ""),
        actua("", ENDED),
        actua(ENDED, STARTED),
        actua(STARTED, "20261301000000"),
        actua(STARTED, "AB"),
        b"\xec\x12\x81\x07",
        b"\xee" + actua(STARTED, ENDED)[1:],
    ],
    ids=bytes.hex,
)
def test_an_interrupted_update(raw: bytes) -> None:
    update = CardUpdate.decode(raw)
    assert update.is_interrupted
    assert isinstance(update.problem, RecordError)


def test_a_card_never_updated_takes_one_exchange_to_say_so() -> None:
    wire, card = opened("cps3")
    at = len(wire.commands)
    assert card.last_update is None
    assert card.last_update is None
    assert len(wire.commands) == at + 1
    assert card.problems == ()
