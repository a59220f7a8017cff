"""Whatever faults meet whatever commands: a typed error or an answer, and each time the same."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import ServiceUnavailable, TransmitTimeout, TransportError
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.clock import VirtualClock
from cardio_emulator.faults import (
    ALL_FAULTS,
    CutAnswer,
    ExtraBytes,
    Fault,
    FaultyCard,
    Removed,
    Rule,
    ShortAnswer,
    SlowAnswer,
    TornOut,
    WrongStatus,
    fits,
)
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

READER = "Reader"
SELECT_ROOT = bytes.fromhex("00A4000C023F00")
FILES = ("3F00", "2F00", "D003", "D010", "0001", "3F000001D101", "E828BD080F8025000001FF0010")

INDEXES = st.integers(0, 8)
RULES = st.builds(
    Rule,
    at=st.none() | INDEXES,
    every=st.none() | st.integers(1, 4),
    ins=st.none() | st.sampled_from([0xA4, 0xB0, 0xC0, 0x20]),
    file=st.none() | st.sampled_from([bytes.fromhex(file) for file in FILES]),
    reader=st.sampled_from([None, READER, "another"]),
    probability=st.sampled_from([0.0, 0.3, 1.0]),
    times=st.none() | st.integers(1, 3),
)
RULED: tuple[Callable[[Rule], Fault], ...] = (
    Removed,
    CutAnswer,
    WrongStatus,
    ShortAnswer,
    ExtraBytes,
    lambda rule: SlowAnswer(0.5, rule, 9600),
)
FAULTS: st.SearchStrategy[Fault] = st.builds(
    lambda word, at: ALL_FAULTS[word].samples(at), st.sampled_from([*ALL_FAULTS]), INDEXES
) | st.builds(lambda make_fault, rule: make_fault(rule), st.sampled_from(RULED), RULES)

SELECTS = st.builds(
    lambda p1, p2, data: bytes((0, 0xA4, p1, p2, len(data))) + data,
    st.sampled_from([0, 1, 2, 3, 4, 8, 9]),
    st.sampled_from([0x00, 0x04, 0x0C]),
    st.sampled_from([bytes.fromhex(file) for file in FILES]),
)
READS = st.builds(lambda le: bytes((0, 0xB0, 0, 0, le)), st.integers(0, 255))
GET_RESPONSE = st.builds(lambda le: bytes((0, 0xC0, 0, 0, le)), st.integers(0, 255))
COMMANDS = st.lists(SELECTS | READS | GET_RESPONSE | st.binary(max_size=12), max_size=12)
KIND = st.sampled_from(["cps3", "cps4", "cps2ter", "vitale2"])
FAULT_SETS = st.lists(FAULTS, max_size=4)


def sent_to(card: VirtualCard, commands: list[bytes]) -> list[object]:
    """What comes of each command: the answer, or the class of error and what got out."""
    told: list[object] = []
    for command in commands:
        try:
            answer = card.transmit(command)
        except TornOut as torn:
            told.append((type(torn), torn.sent, torn.announced))
        except TransmitTimeout:
            told.append(TransmitTimeout)
        else:
            told.append((answer, card.atr))
    return told


def is_safe(told: object) -> bool:
    """Nothing that hangs or breaks pcscd: no answer of 0 or 1 byte, nor one cut to that."""
    match told:
        case (bytes() as answer, _):
            return len(answer) >= 2
        case (_, bytes() as sent, int() as announced):
            return len(sent) != 1 and len(sent) <= announced
        case _:
            return told is TransmitTimeout


@given(kind=KIND, faults=FAULT_SETS, commands=COMMANDS, seed=st.integers(0, 3))
def test_a_card_gives_what_its_seed_says_and_nothing_else(
    kind: str, faults: list[Fault], commands: list[bytes], seed: int
) -> None:
    told: list[list[object]] = []
    clocks = VirtualClock(), VirtualClock()
    for clock in clocks:
        card = make(kind)
        fitting = [fault for fault in faults if fits(fault, card)]
        faulty = FaultyCard(card, *fitting, reader=READER, seed=seed, clock=clock)
        told.append(sent_to(faulty, commands))
        assert faulty.count == len(commands)
        assert all(is_safe(each) for each in told[-1])
    assert told[0] == told[1]
    assert clocks[0].now() == clocks[1].now()


def is_told(manager: EmulatedResourceManager, command: bytes) -> bool:
    """Whether there is an answer with a status word, or an error that names the reader.

    A service that is not there knows no reader.
    """
    try:
        return len(manager.connect(READER).transmit(command)) >= 2
    except ServiceUnavailable:
        return True
    except TransportError as error:
        return error.where.reader == READER


@given(kind=KIND, faults=FAULT_SETS, commands=COMMANDS)
def test_a_program_is_told_by_transport_errors_alone(
    kind: str, faults: list[Fault], commands: list[bytes]
) -> None:
    card = make(kind)
    bench = Bench([READER], clock=VirtualClock())
    bench.insert(READER, card)
    for fault in faults:
        if fits(fault, card):
            bench.fault(READER, fault)
    manager = EmulatedResourceManager(bench)
    assert all(is_told(manager, command) for command in commands)
    bench.restart_service()
    bench.plug_reader(READER)
    bench.clear_faults(READER)
    if bench.reader(READER).card is None:
        bench.insert(READER, card)
    fresh = EmulatedResourceManager(bench).connect(READER)
    assert fresh.transmit(SELECT_ROOT) == make(kind).transmit(SELECT_ROOT)
