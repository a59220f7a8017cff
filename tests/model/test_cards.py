"""Emulated cards of every generation do what a small independent model does, whatever comes.

Raw commands through a reader: right and wrong values in any order, other programs' resets,
removals, files read and written, and commands that mean nothing.
"""

from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.model.dialects import VARIANTS, Ias, Told
from tests.model.reference import Code, ReferenceCard, Verdict

from cardio.errors import CardRemoved, CardReset
from cardio_emulator.kinds import make
from cardio_emulator.reader import Session, VirtualReader

SIZE = 12
"""Bytes of each file that are compared: EF.SN.ICC has no more."""
STEPS = 60
FIRST_PIN, FIRST_PUK = b"1234", b"12345678"

PINS = st.none() | st.sampled_from([b"0000", b"9999", b"1234"])
PUKS = st.none() | st.just(b"87654321")
"""None stands for the right value."""
NEW_PINS = st.sampled_from([b"1234", b"4711", b"0000"])
NOISE = st.one_of(
    st.binary(max_size=8),
    st.binary(max_size=6).map(lambda tail: b"\x00\x84\x00\x00" + tail),
    st.tuples(st.sampled_from(["0020", "0120", "A020", "0024", "A024"]), st.binary(max_size=3)).map(
        lambda parts: bytes.fromhex(parts[0] + "0001") + bytes((len(parts[1]),)) + parts[1]
    ),
)
"""Rubbish, GET CHALLENGE, and values of a length that no code has."""


class CardMachine(RuleBasedStateMachine):
    """One card in a reader, beside the model of it."""

    dialect: ClassVar[Ias]

    @initialize()
    def insert_a_new_card(self) -> None:
        self.card = make(self.dialect.kind)
        self.reader = VirtualReader("R")
        self.reader.insert(self.card)
        self.model = ReferenceCard(
            pin=Code(FIRST_PIN, most=3),
            puk=Code(FIRST_PUK, most=10, uses=self.dialect.puk_uses),
            free=b"",
            protected=b"",
            writable=bytes(SIZE),
        )
        self.connect()
        self.learn_contents()

    def learn_contents(self) -> None:
        """What the files hold is no matter of this test: one login tells."""
        assert self.dialect.read(self.send, self.dialect.protected, SIZE) is None
        self.model.free = self.dialect.read(self.send, self.dialect.free, SIZE) or b""
        assert self.dialect.verify(self.send, FIRST_PIN) == Told(Verdict.DONE)
        self.model.protected = self.dialect.read(self.send, self.dialect.protected, SIZE) or b""
        assert len(self.model.free) == len(self.model.protected) == SIZE
        self.reset_by_us()

    def connect(self) -> None:
        self.session: Session = self.reader.connect()
        self.send = self.session.transmit
        self.dialect.power_on(self.send)

    def expect(self, got: Told, verdict: Verdict, code: Code) -> None:
        """The verdict, and the number of tries where this card tells it."""
        if verdict is Verdict.WRONG and self.dialect.blocks_with_last_try and code.is_blocked:
            verdict = Verdict.BLOCKED
        tells = verdict is Verdict.WRONG and self.dialect.tells_tries
        assert got == Told(verdict, code.left if tells else None)

    @rule(value=PINS)
    def verify(self, value: bytes | None) -> None:
        value = value or self.model.pin.value
        got = self.dialect.verify(self.send, value)
        self.expect(got, self.model.pin.present(value), self.model.pin)

    @rule(old=PINS, new=NEW_PINS)
    def change(self, old: bytes | None, new: bytes) -> None:
        old = old or self.model.pin.value
        got = self.dialect.change(self.send, old, new)
        self.expect(got, self.model.change(old, new), self.model.pin)

    @rule(puk=PUKS, new=NEW_PINS)
    def unblock(self, puk: bytes | None, new: bytes) -> None:
        puk = puk or self.model.puk.value
        got = self.dialect.unblock(self.send, puk, new)
        verdict = self.model.puk.present(puk)
        if verdict is Verdict.DONE:
            self.model.unblock(new)
        if not self.dialect.puk_is_verified_apart:
            self.model.puk.is_verified = False
            self.model.pin.is_verified &= verdict is not Verdict.DONE
        self.expect(got, verdict, self.model.puk)

    @precondition(lambda self: self.dialect.puk_is_verified_apart)
    @rule(new=NEW_PINS)
    def renew_without_the_puk(self, new: bytes) -> None:
        self.expect(self.dialect.renew(self.send, new), self.model.unblock(new), self.model.puk)

    @rule()
    def read_protected(self) -> None:
        got = self.dialect.read(self.send, self.dialect.protected, SIZE)
        assert got == self.model.read_protected()

    @rule()
    def read_free(self) -> None:
        assert self.dialect.read(self.send, self.dialect.free, SIZE) == self.model.free

    @precondition(lambda self: self.dialect.writable)
    @rule(offset=st.integers(0, SIZE - 4), data=st.binary(min_size=1, max_size=4))
    def write(self, offset: int, data: bytes) -> None:
        got = self.dialect.write(self.send, offset, data)
        assert got == Told(self.model.write(offset, data))
        assert self.dialect.read(self.send, self.dialect.writable, SIZE) == self.model.writable

    @rule()
    def reset_by_us(self) -> None:
        self.session.reset()
        self.model.power_on()
        self.dialect.power_on(self.send)

    @rule()
    def reset_by_another_program(self) -> None:
        other = self.reader.connect()
        other.reset()
        other.close()
        with pytest.raises(CardReset):
            self.dialect.read(self.send, self.dialect.free, SIZE)
        self.session.close()
        self.model.power_on()
        self.connect()

    @rule()
    def take_out_and_put_back(self) -> None:
        self.reader.remove()
        with pytest.raises(CardRemoved):
            self.dialect.verify(self.send, self.model.pin.value)
        self.reader.insert(self.card)
        self.model.power_on()
        self.connect()

    @rule(command=NOISE)
    def send_what_means_nothing(self, command: bytes) -> None:
        assert len(self.send(command)) >= 2

    @invariant()
    def the_status_is_right(self) -> None:
        pin, got = self.model.pin, self.dialect.status(self.send)
        if pin.is_verified:
            assert got == Told(Verdict.DONE)
        elif pin.is_blocked:
            assert got == Told(Verdict.BLOCKED)
        else:
            untold = Told(Verdict.DENIED)
            assert got == (Told(Verdict.WRONG, pin.left) if self.dialect.tells_tries else untold)

    @invariant()
    def the_counters_are_right(self) -> None:
        assert self.card.pins[1].tries_left == self.model.pin.left
        assert self.card.pins[2].tries_left == self.model.puk.left
        assert self.card.pins[2].usage_left == self.model.puk.uses


@pytest.mark.parametrize("dialect", VARIANTS, ids=lambda dialect: type(dialect).__name__)
def test_the_card_does_what_the_model_does(dialect: Ias) -> None:
    machine = type("Machine", (CardMachine,), {"dialect": dialect})
    run_state_machine_as_test(machine, settings=settings(stateful_step_count=STEPS))
