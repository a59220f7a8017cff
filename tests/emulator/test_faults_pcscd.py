"""Faults through a real (private) pcscd: the same answers, and removals where no answer comes."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from cardio.errors import CardRemoved, CommunicationFailed
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.base import Connection
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.cards import vitale2
from cardio_emulator.faults import (
    ALL_FAULTS,
    CutAnswer,
    Fault,
    FaultyCard,
    RemovedAfter,
    ResetByAnother,
)
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.pcscd

StartPcscd = Callable[..., PrivatePcscd]
SELECT_ROOT = bytes.fromhex("00A40000023F00")
READ_IDENTITIES = bytes.fromhex("00B0820067")
COMMANDS = (SELECT_ROOT, READ_IDENTITIES, SELECT_ROOT)
ANSWERED = ("status", "slow", "short", "extra", "61xx", "6cxx", "tlv")


class Rig:
    """Cards with faults, each in its own reader of one pcscd."""

    def __init__(self, service: PrivatePcscd, exits: ExitStack) -> None:
        self.service, self.exits = service, exits
        self.manager = PcscResourceManager()
        exits.callback(self.manager.close)

    def connect(self, reader: str, fault: Fault) -> Connection:
        card = FaultyCard(vitale2.make(), fault)
        inserted = attach(card, "127.0.0.1", self.service.ports[reader])
        insertion = self.exits.enter_context(inserted)
        assert insertion.seen.wait(10), "pcscd never saw the card"
        seen = self.manager.readers()
        while not any(status.name == reader and status.atr for status in seen):
            seen = self.manager.wait(seen, 10)
        connection = self.manager.connect(reader)
        self.exits.callback(connection.close)
        return connection


def test_the_same_answers_as_in_process(start_pcscd: StartPcscd) -> None:
    service = start_pcscd([f"R{word}" for word in ANSWERED])
    with ExitStack() as exits:
        rig = Rig(service, exits)
        for word, reader in zip(ANSWERED, sorted_as_named(service), strict=True):
            fault = ALL_FAULTS[word].samples(1)
            connection = rig.connect(reader, fault)
            in_process = FaultyCard(vitale2.make(), fault)
            for command in COMMANDS:
                assert connection.transmit(command) == in_process.transmit(command), word


def sorted_as_named(service: PrivatePcscd) -> list[str]:
    """The readers in the order of `ANSWERED`."""
    names = service.reader_names
    return [next(name for name in names if name.startswith(f"R{word} ")) for word in ANSWERED]


@pytest.mark.parametrize(
    ("fault", "command"),
    [
        (CutAnswer(1, 2), SELECT_ROOT),
        (CutAnswer(1, 4), READ_IDENTITIES),
        (ResetByAnother(1), READ_IDENTITIES),
    ],
)
def test_what_ends_in_a_removal(start_pcscd: StartPcscd, fault: Fault, command: bytes) -> None:
    service = start_pcscd(["Vitale"])
    with ExitStack() as exits:
        connection = Rig(service, exits).connect(service.reader_names[0], fault)
        assert connection.transmit(SELECT_ROOT) == b"\x61\x12"
        with pytest.raises(CardRemoved):
            connection.transmit(command)


def test_a_cut_that_looks_like_a_status_word_cannot_be_told_from_one(
    start_pcscd: StartPcscd,
) -> None:
    service = start_pcscd(["Vitale"])
    with ExitStack() as exits:
        connection = Rig(service, exits).connect(service.reader_names[0], CutAnswer(0, 2))
        assert connection.transmit(READ_IDENTITIES) == b"\x65\x24", "tag and length of a record"
        with pytest.raises((CardRemoved, CommunicationFailed)):
            connection.transmit(SELECT_ROOT)


def test_the_whole_answer_then_a_removal(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(["Vitale"])
    with ExitStack() as exits:
        connection = Rig(service, exits).connect(service.reader_names[0], RemovedAfter(1))
        connection.transmit(SELECT_ROOT)
        assert connection.transmit(READ_IDENTITIES) == vitale2.make().transmit(READ_IDENTITIES)
        with pytest.raises(CardRemoved):
            connection.transmit(SELECT_ROOT)
