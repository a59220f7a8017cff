"""Cards moved at random around a consultation: never the wrong person, never a hang.

30 runs of 20 moves; 1000 of 50 with CARDIO_NIGHTLY set.
"""

import os
from functools import cache

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.support.consulting import Table, cps, vitale

from cardio.errors import CardChanged, ConsultationEnded, SelectionError
from cardio.workstation.consultation import Consultation
from cardio.workstation.consultation_events import EndReason
from cardio.workstation.consultation_pairing import InsertionPolicy
from cardio.workstation.consultation_patient import VitaleRead
from cardio_emulator.virtual_card import VirtualCard

NIGHTLY = "CARDIO_NIGHTLY" in os.environ
READERS = [f"Lecteur {number} 00 00" for number in range(4)]
CPS = ("medecin", "infirmiere")
VITALES = ("famille", "famille-voisine", "jumeaux")
FOREIGN = "foreign"
CARDS = (*CPS, *VITALES, FOREIGN)


class Foreign:
    """A card of another world: it knows none of our files."""

    atr = bytes.fromhex("3B6500002063CB6600")
    serial = FOREIGN

    def reset(self) -> None:
        """It has no state."""

    def transmit(self, command: bytes) -> bytes:
        return b"\x6a\x82"


def made(who: str) -> VirtualCard:
    if who == FOREIGN:
        return Foreign()
    return cps(who) if who in CPS else vitale(who)


def numbers(read: VitaleRead) -> list[str]:
    return [person.nir.value for person in read.beneficiaries if person.nir]


@cache
def numbers_of(who: str) -> list[str]:
    """The numbers of one card alone on a desk with a CPS."""
    desk = Table("A", "B")
    with desk.workstation as workstation:
        desk.put("A", cps())
        desk.put("B", vitale(who))
        with workstation.consultation() as consultation:
            return numbers(consultation.vitale)


class Moves(RuleBasedStateMachine):
    """`at` is what is in each reader; `patient` whose consultation it is."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, str] = {}
        self.consultation: Consultation | None = None
        self.cps = self.patient = ""
        self.others: set[str] = set()
        self.ends: list[EndReason] = []

    @initialize(size=st.integers(1, len(READERS)))
    def begin_with(self, size: int) -> None:
        self.desk = Table(*READERS[:size])
        self.readers = READERS[:size]

    @rule(who=st.sampled_from(CARDS), number=st.integers(0, len(READERS) - 1))
    def put(self, who: str, number: int) -> None:
        reader = self.readers[number % len(self.readers)]
        if who in self.at.values() or reader in self.at:
            return
        self.desk.put(reader, made(who))
        self.at[reader] = who
        if who in VITALES and who != self.patient:
            self.others.add(who)

    @precondition(lambda self: self.at)
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        reader = data.draw(st.sampled_from(sorted(self.at)))
        who = self.at.pop(reader)
        self.desk.take(reader)
        if self.consultation and who == self.cps:
            self.is_over(self.consultation)

    @precondition(lambda self: not self.consultation)
    @rule()
    def begin(self) -> None:
        there = set(self.at.values())
        professionals, patients = there & set(CPS), there & set(VITALES)
        try:
            begun = self.desk.workstation.consultation(
                insertion=InsertionPolicy.TELL, on_end=self.ends.append
            )
        except SelectionError:
            assert (len(professionals), len(patients)) != (1, 1)
            return
        (self.cps,), (self.patient,) = professionals, patients
        self.consultation, self.others = begun, set()
        assert self.at[begun.cps.reader] == self.cps

    @precondition(lambda self: self.consultation)
    @rule(checking=st.booleans())
    def use(self, checking: bool) -> None:
        assert self.consultation
        try:
            read = self.consultation.check() if checking else self.consultation.vitale
        except CardChanged:
            assert self.others, "nothing changed"
            return
        assert numbers(read) == numbers_of(self.patient), "the wrong person"
        assert set(self.at.values()) & set(VITALES) <= {self.patient}, "another one is there"

    @precondition(lambda self: self.consultation)
    @rule()
    def take_the_next_patient(self) -> None:
        assert self.consultation
        there = set(self.at.values()) & set(VITALES)
        try:
            read = self.consultation.change_patient()
        except SelectionError:
            assert len(there) != 1
            return
        (self.patient,) = there
        self.others = set()
        assert numbers(read) == numbers_of(self.patient)

    @precondition(lambda self: self.consultation)
    @rule()
    def close(self) -> None:
        assert self.consultation
        self.consultation.close()
        self.consultation = None

    @invariant()
    def is_running(self) -> None:
        assert self.consultation is None or self.consultation.ended is None

    def is_over(self, consultation: Consultation) -> None:
        assert consultation.wait(10) is EndReason.CPS_LEFT
        assert self.ends.pop() is EndReason.CPS_LEFT
        assert not self.ends
        for use in (consultation.check, lambda: consultation.vitale, lambda: consultation.cps):
            try:
                use()
            except ConsultationEnded:
                continue
            raise AssertionError("it goes on without its CPS")
        self.consultation = None

    def teardown(self) -> None:
        self.desk.workstation.close()


TestMoves = pytest.mark.timeout(3600 if NIGHTLY else 120)(Moves.TestCase)
TestMoves.settings = settings(
    max_examples=1000 if NIGHTLY else 30, stateful_step_count=50 if NIGHTLY else 20
)
