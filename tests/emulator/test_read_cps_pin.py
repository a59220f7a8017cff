"""The PIN through the card: what is sent, what is lost to others, what is given again."""

import pytest
from tests.support.cps_cards import CountedWire, opened

from cardio.cards.cps import CpsCard
from cardio.errors import CardReset, PinStateLost, SecurityStatusNotSatisfied
from cardio.iso7816.status import StatusWord
from cardio.pin.guard import Allow
from cardio.pin.outcomes import Blocked, Changed, RefusalReason, Refused, Verified, WrongPin
from cardio.pin.pin import Pin
from cardio.transport.base import Disposition
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make

GOOD, WRONG, PUK, NEW = "1234", "9081", "12345678", "4567"
KINDS = ("cps3", "cps4", "cps4-t0", "cps2ter")
SERIAL = "00A4090C043F00D003"


def verify(card: CpsCard, pin: str = GOOD, **more: bool) -> object:
    return card.verify_pin(Pin.of(pin), allow=Allow.UNKNOWN_COUNTER | Allow.RETRY, **more)


def sent_pins(wire: CountedWire, start: int = 0) -> list[bytes]:
    return [c for c in wire.commands[start:] if c[1] in (0x20, 0x24, 0x2C) and len(c) > 5]


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        ("cps3", ["00A4090C023F00", "00CB3FFF0A4D087006BF810102A080", "00C0000018",
                  "002000010431323334"]),
        ("cps4", ["01200001", "012000010431323334"]),
        ("cps4-t0", ["01200001", "012000010431323334"]),
        ("cps2ter", ["A0200001", "A02000010831323334FFFFFFFF"]),
    ],
)  # fmt: skip
def test_login_byte_by_byte(kind: str, commands: list[str]) -> None:
    wire, card = opened(kind)
    at = len(wire.commands)
    assert verify(card) == Verified()
    assert wire.since(at) == commands


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        ("cps3", ["00240001083132333434353637"]),
        ("cps4", ["012000010431323334", "012401010434353637"]),
        ("cps2ter", ["A02400011031323334FFFFFFFF34353637FFFFFFFF"]),
    ],
)
def test_change_byte_by_byte(kind: str, commands: list[str]) -> None:
    wire, card = opened(kind)
    assert card.change_pin(Pin.of(GOOD), Pin.of(NEW), allow=Allow.UNKNOWN_COUNTER) == Changed()
    assert [command.hex().upper() for command in sent_pins(wire)] == commands
    wire.card.reset()
    assert verify(card, NEW) == Verified()


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        ("cps3", ["00200002083132333435363738", "002C02010434353637"]),
        ("cps4", ["01200002083132333435363738", "012401010434353637"]),
        ("cps2ter", ["A02C000110313233343536373834353637FFFFFFFF"]),
    ],
)
def test_unblock_byte_by_byte(kind: str, commands: list[str]) -> None:
    wire, card = opened(kind)
    for pin in ("0001", "0002", "0003"):
        last = card.verify_pin(Pin.of(pin), allow=~Allow.NOTHING)
    assert last == Blocked()
    assert verify(card) == Blocked()
    at = len(wire.commands)
    assert card.unblock_pin(Pin.of(PUK), Pin.of(NEW), allow=Allow.UNKNOWN_COUNTER) == Changed()
    assert [command.hex().upper() for command in sent_pins(wire, at)] == commands
    assert kind != "cps4" or "012C0381" in wire.since(at)
    wire.card.reset()
    assert verify(card, NEW) == Verified()


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_pin(kind: str) -> None:
    wire, card = opened(kind)
    told = None if kind == "cps2ter" else 2
    assert verify(card, WRONG) == WrongPin(told)
    before = sent_pins(wire)
    assert verify(card, WRONG) == Refused(RefusalReason.KNOWN_WRONG)
    again = card.verify_pin(Pin.of(GOOD), allow=Allow.UNKNOWN_COUNTER)
    assert again == Refused(RefusalReason.LATCHED)
    assert sent_pins(wire) == before
    assert card.tries_left() == told


def test_a_cps2ter_is_sent_no_pin_unless_asked_to() -> None:
    wire, card = opened("cps2ter")
    assert card.verify_pin(Pin.of(GOOD)) == Refused(RefusalReason.COUNTER_UNKNOWN)
    assert sent_pins(wire) == []


def test_a_cps4_that_is_open_tells_no_counter() -> None:
    _, card = opened("cps4")
    assert verify(card) == Verified()
    assert (card.tries_left(), card.pin_counters().is_verified) == (None, True)
    assert card.verify_pin(Pin.of(GOOD)) == Refused(RefusalReason.ALREADY_VERIFIED)
    assert card.situations()


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
@pytest.mark.parametrize("pin", ["12345", "123456789", "12a4", "123"])
def test_the_cards_own_aodf_refuses_a_length_before_any_try(kind: str, pin: str) -> None:
    wire, card = opened(kind)
    assert card.verify_pin(Pin.of(pin)) == Refused(RefusalReason.BAD_FORMAT)
    short = card.change_pin(Pin.of(GOOD), Pin.of(pin))
    assert short == Refused(RefusalReason.BAD_FORMAT)
    assert card.unblock_pin(Pin.of("1234"), Pin.of(NEW)) == Refused(RefusalReason.BAD_FORMAT)
    assert sent_pins(wire) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_lost_to_another_program_is_said_and_nothing_is_sent(kind: str) -> None:
    wire, card = opened(kind)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()
    assert verify(card) == Verified()
    wire.card.reset()
    at = len(wire.commands)
    with pytest.raises(PinStateLost) as caught:
        card.situations()
    assert caught.value.where.reader == "Reader"
    assert sent_pins(wire, at) == []
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()
    assert verify(card) == Verified()
    assert card.situations()


@pytest.mark.parametrize("kind", ["cps3", "cps4", "cps4-t0"])
def test_a_kept_pin_is_given_again_once_each_time(kind: str) -> None:
    wire, card = opened(kind)
    assert verify(card, keep_for_session=True) == Verified()
    for label in ("CPS_ACTIVITY_01_PS", "CPS_ACTIVITY_02_PS"):
        wire.card.reset()
        at = len(wire.commands)
        assert card.data_object(label) is not None
        assert len(sent_pins(wire, at)) == 1


def test_a_kept_pin_is_not_given_to_another_chip() -> None:
    wire, card = opened("cps3")
    assert verify(card, keep_for_session=True) == Verified()
    at = len(wire.commands)
    other, _ = opened("cps3", "infirmiere")
    wire._card = other.card
    with pytest.raises(PinStateLost):
        card.situations()
    assert SERIAL.replace("0C04", "0404") in wire.since(at)
    assert sent_pins(wire, at) == []


def test_a_kept_pin_that_is_wrong_by_now_is_sent_once() -> None:
    wire, card = opened("cps3")
    assert verify(card, keep_for_session=True) == Verified()
    changed, other = opened("cps3")
    assert other.change_pin(Pin.of(GOOD), Pin.of("7391")) == Changed()
    wire._card = changed.card
    changed.card.reset()
    at = len(wire.commands)
    for error in (PinStateLost, SecurityStatusNotSatisfied):
        with pytest.raises(error):
            card.situations()
    assert len(sent_pins(wire, at)) == 1
    assert card.tries_left() == 2


def test_a_cps2ter_keeps_no_pin_as_its_serial_is_not_sure() -> None:
    wire, card = opened("cps2ter")
    assert verify(card, keep_for_session=True) == Verified()
    wire.card.reset()
    at = len(wire.commands)
    with pytest.raises(PinStateLost):
        card.situations()
    assert sent_pins(wire, at) == []


@pytest.mark.parametrize("kind", KINDS)
def test_log_out_closes_the_card_and_forgets(kind: str) -> None:
    wire, card = opened(kind)
    assert verify(card, keep_for_session=True) == Verified()
    card.log_out()
    at = len(wire.commands)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()
    assert sent_pins(wire, at) == []


def test_a_wrong_pin_closes_what_was_open() -> None:
    _, card = opened("cps3")
    assert verify(card) == Verified()
    assert verify(card, WRONG) == WrongPin(2)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()


def test_a_pad_opens_the_card() -> None:
    wire, card = opened("cps3")

    def pad() -> StatusWord:
        answer = wire.transmit(bytes.fromhex("002000010431323334"))
        return StatusWord(int.from_bytes(answer, "big"))

    assert card.verify_pin_on_pad(pad) == Verified()
    wire.card.reset()
    with pytest.raises(PinStateLost):
        card.situations()


@pytest.fixture
def workstation() -> Workstation:
    bench = Bench(["R"])
    bench.reader("R").insert(make("cps3"))
    return Workstation(EmulatedResourceManager(bench))


@pytest.mark.parametrize("keep", [False, True])
def test_reset_by_another_program_and_reopened(workstation: Workstation, keep: bool) -> None:
    card = workstation.cps()
    assert verify(card, keep_for_session=keep) == Verified()
    workstation.manager.connect("R").close(Disposition.RESET)
    with pytest.raises(CardReset):
        card.situations()
    again = workstation.reopen(card)
    if keep:
        assert len(again.situations()) == 2
    else:
        with pytest.raises(PinStateLost):
            again.situations()
    workstation.close()


def test_log_out_is_seen_by_every_program(workstation: Workstation) -> None:
    other = workstation.manager.connect("R")
    card = workstation.cps()
    assert verify(card) == Verified()
    card.log_out()
    with pytest.raises(CardReset):
        other.transmit(bytes.fromhex("00A4090C023F00"))
    with pytest.raises(SecurityStatusNotSatisfied):
        workstation.reopen(card).situations()
    workstation.close()


def test_the_holders_card_is_taken_before_the_contactless_one() -> None:
    bench = Bench(["Contactless", "Contact"])
    bench.reader("Contactless").insert(make("cps3-contactless"))
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        assert not workstation.cps().has_pin
        bench.reader("Contact").insert(make("cps4"))
        assert workstation.cps().reader == "Contact"
        assert workstation.cps("Contactless").card.card_number is None
