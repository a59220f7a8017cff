"""A PIN typed on an emulated reader's pad, through all layers to emulated cards of each kind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cardio.cards.cps.generation import Commands
from cardio.cards.cps.pin_cps2ter import Cps2terPin
from cardio.cards.cps.pin_cps3 import Cps3Pin
from cardio.cards.cps.pin_cps4 import Cps4Pin
from cardio.cards.cps.pin_pad import CpsPinPad
from cardio.errors import (
    CardRemoved,
    ConfigurationError,
    SharingViolation,
    UnsupportedByReader,
)
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import StatusWord
from cardio.pin.guard import Allow, RetryGuard
from cardio.pin.outcomes import (
    Blocked,
    Changed,
    RefusalReason,
    Refused,
    Verified,
    WrongPin,
)
from cardio.pin.policy import PinPolicy
from cardio.trace import Recorder, jsonl
from cardio.transport.channel import Channel
from cardio.transport.pinpad import (
    PadLanguage,
    PadProperties,
    PinLayout,
    PinPad,
    verify_structure,
)
from cardio.transport.stack import stack
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import FaultyCard, Removed
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad, PadKey

READER = "Ingenico 00 00"
ROOT = CommandApdu(0x00, 0xA4, 0x09, 0x0C, b"\x3f\x00")
VERIFY = CommandApdu(0x00, 0x20, 0x00, 0x01)
FOUR = PinLayout(4, 4)
VERIFY_CODE, MODIFY_CODE = 0x42330006, 0x42330007
KINDS: dict[str, Callable[[Channel], Commands]] = {
    "cps3": Cps3Pin,
    "cps4": Cps4Pin,
    "cps2ter": Cps2terPin,
}


class Desk:
    """A card in a reader with a PIN pad, and cardio in front of it."""

    def __init__(
        self, *typed: str | PadKey, kind: str = "cps3", pad: EmulatedPad | None = None
    ) -> None:
        self.card = make(kind)
        self.pad = pad or EmulatedPad()
        self.pad.typed.extend(typed)
        self.bench = Bench()
        self.bench.add_reader(READER, self.card).pad = self.pad
        self.manager = EmulatedResourceManager(self.bench)
        self.recorder = Recorder()
        connection = self.manager.connect(READER)
        self.channel = Channel(stack(connection, recorder=self.recorder))
        self.commands = KINDS[kind](self.channel)
        self.commands.policy = PinPolicy(4, 4)
        self.allow = Allow.UNKNOWN_COUNTER if kind == "cps2ter" else Allow.NOTHING
        self.guard = RetryGuard(self.commands, repr(id(self)).encode())

    @property
    def found(self) -> PinPad:
        pad = PinPad.find(self.channel)
        assert pad is not None
        return pad

    @property
    def tries_left(self) -> int:
        return self.card.pins[1].tries_left

    @property
    def is_open(self) -> bool:
        return 1 in self.card.verified

    def verify(self, allow: Allow | None = None) -> object:
        typing = CpsPinPad(self.found, self.commands, READER)
        return self.guard.verify_on_pad(typing.verify, self.allow if allow is None else allow)

    def change(self) -> object:
        return self.guard.change_on_pad(
            CpsPinPad(self.found, self.commands, READER).change, self.allow
        )


every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_the_right_pin(kind: str) -> None:
    desk = Desk("1234", kind=kind)
    assert desk.verify() == Verified()
    assert desk.is_open
    assert desk.tries_left == 3


@every_kind
def test_a_wrong_pin_then_the_right_one(kind: str) -> None:
    desk = Desk("4321", "1234", kind=kind)
    told = None if kind == "cps2ter" else 2
    assert desk.verify() == WrongPin(told)
    assert desk.tries_left == 2
    assert desk.verify() == Refused(RefusalReason.LATCHED)
    assert desk.pad.asked == 1, "the pad was not even asked"
    assert desk.verify(desk.allow | Allow.RETRY) == Verified()
    assert desk.tries_left == 3


@every_kind
def test_changing_the_pin(kind: str) -> None:
    desk = Desk("1234", "5678", "5678", kind=kind)
    assert desk.change() == Changed()
    assert desk.pad.asked == 3
    desk.pad.typed.append("5678")
    assert desk.verify(desk.allow | Allow.UNKNOWN_COUNTER) == Verified()


@every_kind
@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (["1234", "5678", "5679"], RefusalReason.PAD_MISMATCH),
        (["1234", "5678", PadKey.CANCEL], RefusalReason.PAD_CANCELLED),
        (["1234", PadKey.NOTHING], RefusalReason.PAD_TIMEOUT),
        (["1234", "567"], RefusalReason.PAD_LENGTH),
    ],
)
def test_a_change_given_up(kind: str, typed: list[str | PadKey], reason: RefusalReason) -> None:
    desk = Desk(*typed, kind=kind)
    outcome = desk.change()
    assert isinstance(outcome, Refused)
    assert outcome.reason is reason
    assert desk.tries_left == 3
    desk.pad.typed.append("1234")
    assert desk.verify(desk.allow | Allow.UNKNOWN_COUNTER) == Verified(), "the old PIN stays"


@every_kind
@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ([PadKey.CANCEL], RefusalReason.PAD_CANCELLED),
        ([PadKey.NOTHING], RefusalReason.PAD_TIMEOUT),
        ([], RefusalReason.PAD_TIMEOUT),
        (["123"], RefusalReason.PAD_LENGTH),
        (["12345"], RefusalReason.PAD_LENGTH),
    ],
)
def test_nothing_is_spent_when_nothing_is_sent(
    kind: str, typed: list[str | PadKey], reason: RefusalReason
) -> None:
    desk = Desk(*typed, kind=kind)
    outcome = desk.verify()
    assert isinstance(outcome, Refused)
    assert outcome.reason is reason
    assert desk.tries_left == 3
    assert not desk.is_open
    desk.pad.typed.append("1234")
    assert desk.verify() == Verified(), "giving up is no reason to refuse the next time"


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_the_last_try_and_a_blocked_pin(kind: str) -> None:
    desk = Desk("0000", "0000", kind=kind)
    retry = desk.allow | Allow.RETRY
    assert desk.verify() == WrongPin(2)
    assert desk.verify(retry) == WrongPin(1)
    assert desk.verify(retry) == Refused(RefusalReason.LAST_TRY)
    assert desk.pad.asked == 2
    desk.pad.typed.append("0000")
    assert desk.verify(retry | Allow.LAST_TRY) == Blocked()
    asked = desk.pad.asked
    assert desk.verify(retry | Allow.LAST_TRY) == Blocked()
    assert desk.pad.asked == asked


def test_a_pin_of_any_length() -> None:
    """Without the card's one length the pad sets Lc itself."""
    desk = Desk("1234")
    desk.commands.policy = PinPolicy(4, 8)
    assert desk.verify() == Verified()
    with pytest.raises(UnsupportedByReader, match="where one PIN ends"):
        desk.change()
    desk.pad.typed.append("1234")
    assert desk.verify() == Verified(), "nothing was sent, so nothing is held against it"


def test_a_simple_pad_has_neither_display_nor_validation_key() -> None:
    pad = EmulatedPad(display=False, has_validation_key=False, modifies=False, lengths=(4, 4))
    desk = Desk("1234", pad=pad)
    assert not desk.found.properties.has_display
    desk.commands.policy = PinPolicy(4, 8)
    assert desk.verify() == Verified()
    with pytest.raises(UnsupportedByReader, match="cannot change"):
        desk.change()


def test_no_transaction_is_held_while_a_person_types() -> None:
    desk = Desk("1234")
    other = desk.manager.connect(READER)
    seen: list[str] = []

    def typing() -> StatusWord:
        with other.transaction():
            seen.append("another program's transaction")
        return CpsPinPad(desk.found, desk.commands, READER).verify()

    assert desk.guard.verify_on_pad(typing) == Verified()
    assert seen


def test_another_programs_transaction_is_respected() -> None:
    desk = Desk("1234")
    pad = desk.found
    other = desk.manager.connect(READER)
    with other.transaction(), pytest.raises(SharingViolation):
        pad.verify(VERIFY, FOUR)
    assert desk.pad.asked == 0


def test_the_card_taken_out_while_the_pin_is_sent() -> None:
    for executed in (False, True):
        card = make("cps3")
        bench = Bench()
        pad = EmulatedPad(["4321"])
        bench.add_reader(READER, FaultyCard(card, Removed(at=1, executed=executed))).pad = pad
        channel = Channel(stack(EmulatedResourceManager(bench).connect(READER)))
        found = PinPad.find(channel)
        assert found is not None
        channel.send(ROOT)
        with pytest.raises(CardRemoved):
            found.verify(VERIFY, FOUR)
        assert card.pins[1].tries_left == (2 if executed else 3)


@every_kind
def test_the_pin_never_gets_to_the_computer(kind: str) -> None:
    desk = Desk("1234", "8317", "8317", kind=kind)
    assert desk.change() == Changed()
    desk.pad.typed.append("8317")
    assert desk.verify(desk.allow | Allow.UNKNOWN_COUNTER) == Verified()
    told = jsonl.encode(desk.recorder.trace).decode()
    for pin in ("1234", "8317"):
        assert pin.encode().hex().upper() not in told
    assert desk.pad.asked == 4


@every_kind
def test_from_the_card_in_a_workstation(kind: str) -> None:
    desk = Desk("4321", "1234", "1234", "5678", "5678", kind=kind)
    desk.channel.reset()
    with Workstation(desk.manager) as workstation:
        cps = workstation.cps()
        pad = cps.pin_pad()
        assert pad is not None
        assert pad.can_change
        assert isinstance(cps.verify_pin_on_pad(pad.verify, allow=desk.allow), WrongPin)
        allow = Allow.RETRY | Allow.UNKNOWN_COUNTER
        assert cps.verify_pin_on_pad(pad.verify, allow=allow) == Verified()
        assert cps.change_pin_on_pad(pad.change, allow=allow) == Changed()
    assert not desk.pad.typed


def test_a_contactless_card_has_no_pin_to_type() -> None:
    bench = Bench()
    bench.add_reader(READER, make("cps3-contactless")).pad = EmulatedPad(["1234"])
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        assert workstation.cps().pin_pad() is None


def test_a_reader_without_pad() -> None:
    bench = Bench()
    bench.add_reader(READER, make("cps3"))
    channel = Channel(stack(EmulatedResourceManager(bench).connect(READER)))
    assert PinPad.find(channel) is None
    assert channel.send(ROOT).status.is_success, "the connection goes on"


def structure(**changes: int) -> bytes:
    """A right PIN_VERIFY with single bytes changed, `b4=1` the fifth."""
    made = bytearray(verify_structure(VERIFY, FOUR, PadProperties(), PadLanguage.FRENCH))
    for name, value in changes.items():
        made[int(name[1:])] = value
    return bytes(made)


BAD = {
    "binary digits": structure(b2=0x80),
    "another size": structure(b3=0x08),
    "length inserted": structure(b4=0x10),
    "no way to end": structure(b7=0x00),
    "two messages": structure(b8=0x02),
    "prologue": structure(b12=0x01),
    "command too short": structure()[:-1],
    "command too long": structure() + b"\xff",
    "Lc": structure(b23=0x05),
    "cut": structure()[:18],
    "empty": b"",
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("code", [VERIFY_CODE, MODIFY_CODE])
def test_the_pad_refuses_a_structure_that_is_wrong(raw: bytes, code: int) -> None:
    card: Card = make("cps3")
    pad = EmulatedPad(["1234", "1234", "1234"])
    assert pad.control(code, raw, card.transmit) == b"\x6b\x80"
    assert pad.asked == 0


def test_the_right_structure_for_comparison() -> None:
    card = make("cps3")
    card.transmit(ROOT.encode())
    assert EmulatedPad(["1234"]).control(VERIFY_CODE, structure(), card.transmit) == b"\x90\x00"


def test_a_code_the_pad_does_not_know() -> None:
    pad = EmulatedPad(modifies=False)
    for code in (0, MODIFY_CODE, 0x42330099):
        with pytest.raises(UnsupportedByReader):
            pad.control(code, b"", lambda _: b"\x90\x00")


def test_a_pad_in_a_bench_file(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text('[[reader]]\nname = "R"\ncard = "cps3"\npad = "cancel 1234 nothing"\n')
    pad = Bench.load(path).reader("R").pad
    assert pad is not None
    assert list(pad.typed) == [PadKey.CANCEL, "1234", PadKey.NOTHING]
    path.write_text('[[reader]]\nname = "R"\n')
    assert Bench.load(path).reader("R").pad is None
    path.write_text('[[reader]]\nname = "R"\npad = "12a4"\n')
    with pytest.raises(ConfigurationError, match="reader 1: 'pad' must hold digits or the words"):
        Bench.load(path)
