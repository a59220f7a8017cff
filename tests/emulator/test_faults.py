"""Every kind of fault, in process: what the card does, and what a program on a bench is told."""

from dataclasses import dataclass, field

import pytest

from cardio.errors import (
    CardMute,
    CardRemoved,
    CardReset,
    ConfigurationError,
    ProtocolMismatch,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransmitTimeout,
    TransportError,
)
from cardio.transport.base import CardPresence
from cardio.workstation.emulated import EmulatedConnection, EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.cards import vitale2
from cardio_emulator.clock import VirtualClock
from cardio_emulator.faults import (
    ALL_FAULTS,
    FIELD_CASES,
    AtrAfterReset,
    CorruptedTlv,
    CutAnswer,
    ExtraBytes,
    Fault,
    FaultKind,
    FaultyCard,
    GarbageAtr,
    HeldByAnother,
    MoreDataStorm,
    Mute,
    ReaderGone,
    Removed,
    RemovedAfter,
    ResetByAnother,
    Rule,
    ServiceGone,
    ShortAnswer,
    SlowAnswer,
    TornOut,
    TriesLeft,
    When,
    WrongLengthStorm,
    WrongStatus,
)

A, B = "Reader A", "Reader B"
READ = bytes.fromhex("00B0000004")
READ_BY_SHORT, READ_NO_SUCH_FILE = bytes.fromhex("00B0820004"), bytes.fromhex("00B0E20004")
SELECT_D101 = bytes.fromhex("00A4020C02D101")
SELECT_BY_PATH = bytes.fromhex("00A4080C040001D102")
SELECT_APPLICATION = bytes.fromhex("00A4040C0BD250000002564954414C45")
DATA = bytes.fromhex("5A020102")
DONE = b"\x90\x00"
FAILED = b"\x6f\x00"


@dataclass
class Echo:
    """Answers every command with the same data and 9000; keeps what it was sent."""

    seen: list[bytes] = field(default_factory=list[bytes])
    resets: int = 0
    atr: bytes = vitale2.ATR
    serial: str = "ECHO"

    def reset(self) -> None:
        self.resets += 1

    def transmit(self, command: bytes) -> bytes:
        self.seen.append(command)
        return DATA + DONE if command[1] == 0xB0 else DONE


def shown(fault: Fault, *commands: bytes, reader: str = "", seed: int = 0) -> list[int]:
    """The indexes at which a status fault shows."""
    card = FaultyCard(Echo(), fault, reader=reader, seed=seed)
    return [at for at, command in enumerate(commands) if card.transmit(command) == FAILED]


@pytest.mark.parametrize(
    ("when", "indexes"),
    [
        (3, [3]),
        (None, [*range(10)]),
        (Rule(), [*range(10)]),
        (Rule(at=4), [4]),
        (Rule(every=4), [0, 4, 8]),
        (Rule(at=1, every=3), [1, 4, 7]),
        (Rule(at=1, every=3, times=2), [1, 4]),
        (Rule(times=3), [0, 1, 2]),
        (Rule(reader=A), [*range(10)]),
        (Rule(reader=B), []),
        (Rule(probability=0.0), []),
        (Rule(ins=0xB0, at=1), [1]),
        (Rule(ins=0x20), []),
    ],
)
def test_rules_say_when(when: When, indexes: list[int]) -> None:
    assert shown(WrongStatus(when), *[READ] * 10, reader=A) == indexes


def test_at_counts_what_the_rule_chooses() -> None:
    commands = [SELECT_D101, READ, READ, SELECT_BY_PATH, READ, READ]
    assert shown(WrongStatus(Rule(ins=0xB0, at=2)), *commands) == [4]


@pytest.mark.parametrize(
    ("file", "indexes"),
    [
        ("D101", [1, 2]),
        ("3F00D101", [1, 2]),
        ("D102", [3, 4]),
        ("3F000001D102", [3, 4]),
        ("0001", []),
        ("3F00", [0]),
        ("D250000002564954414C45", [5, 6]),
    ],
)
def test_a_rule_for_one_file(file: str, indexes: list[int]) -> None:
    commands = [READ, SELECT_D101, READ, SELECT_BY_PATH, READ, SELECT_APPLICATION, READ]
    assert shown(WrongStatus(Rule(file=bytes.fromhex(file)), executed=True), *commands) == indexes


def test_a_file_that_the_card_does_not_find_is_not_current() -> None:
    card = FaultyCard(vitale2.make(), WrongStatus(Rule(file=b"\xd1\x01", ins=0xB0)))
    assert card.transmit(SELECT_D101) == b"\x6a\x82"
    assert card.transmit(READ) != FAILED


@pytest.mark.parametrize("select", [SELECT_APPLICATION, bytes.fromhex("00A4000C023F00")])
def test_a_file_read_by_its_short_identifier_is_current(select: bytes) -> None:
    fault = WrongStatus(Rule(file=b"\x20\x02", ins=0xB0), executed=True)
    card = FaultyCard(FaultyCard(vitale2.make()), fault)
    card.transmit(select)
    assert card.transmit(READ) != FAILED
    assert card.transmit(READ_NO_SUCH_FILE) != FAILED
    assert card.transmit(READ_BY_SHORT) == card.transmit(READ) == FAILED
    card.transmit(SELECT_D101)
    card.transmit(select)
    assert card.transmit(READ) != FAILED


def test_a_card_without_an_image_tells_no_short_identifiers() -> None:
    assert shown(WrongStatus(Rule(file=b"\x20\x02")), READ_BY_SHORT, b"\x00\xb0", READ) == []


def test_the_selection_moves_as_the_card_does() -> None:
    fault = WrongStatus(Rule(file=bytes.fromhex("3F000001"), ins=0xB0))
    down, up = bytes.fromhex("00A4010C020001"), bytes.fromhex("00A4030C")
    assert shown(fault, down, READ, SELECT_D101, READ, up, READ) == [1]
    root = WrongStatus(Rule(file=b"\x3f\x00", ins=0xB0))
    assert shown(root, down, READ, bytes.fromhex("00A4000C023F00"), READ, up, READ) == [3]
    below = WrongStatus(Rule(file=bytes.fromhex("3F000001D103"), ins=0xB0))
    assert shown(below, down, bytes.fromhex("00A4090C02D103"), READ, b"\x00\xa4\x02", READ) == [
        2,
        4,
    ]


def test_chance_is_decided_by_the_seed() -> None:
    fault, commands = WrongStatus(Rule(probability=0.3)), [READ] * 200
    first = shown(fault, *commands, seed=1)
    assert 30 < len(first) < 90
    assert shown(fault, *commands, seed=1) == first
    assert shown(fault, *commands, seed=2) != first


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": -1},
        {"every": 0},
        {"times": 0},
        {"probability": 1.5},
        {"ins": 256},
        {"file": b"\x01"},
    ],
)
def test_rules_that_make_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        Rule(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        (WrongStatus(1, 0x6982), [DATA + DONE, b"\x69\x82", DATA + DONE]),
        (ShortAnswer(1), [DATA + DONE, DATA[:-1] + DONE, DATA + DONE]),
        (ShortAnswer(1, missing=9), [DATA + DONE, DONE, DATA + DONE]),
        (ExtraBytes(1, 2, 0xEE), [DATA + DONE, DATA + b"\xee\xee" + DONE, DATA + DONE]),
        (CorruptedTlv(1), [DATA + DONE, b"\x5a\x7d\x01\x02" + DONE, DATA + DONE]),
        (CorruptedTlv(1, position=4), [DATA + DONE] * 3),
        (MoreDataStorm(1, count=1, length=5), [DATA + DONE, b"\x61\x05", DATA + DONE]),
        (MoreDataStorm(1, data=b"x"), [DATA + DONE, b"x\x61\x00", b"x\x61\x00"]),
        (WrongLengthStorm(1), [DATA + DONE, b"\x6c\x05", b"\x6c\x05"]),
        (MoreDataStorm(Rule(at=0, every=2, times=1)), [b"\x61\x00", DATA + DONE, DATA + DONE]),
    ],
)
def test_answers(fault: Fault, answers: list[bytes]) -> None:
    card = FaultyCard(Echo(), fault)
    assert [card.transmit(READ) for _ in answers] == answers


def test_a_6cxx_storm_is_never_content() -> None:
    card, asked = FaultyCard(Echo(), WrongLengthStorm(0)), 4
    for _ in range(300):
        answer = card.transmit(READ[:4] + bytes((asked,)))
        assert answer == bytes((0x6C, asked + 1 & 0xFF))
        asked = answer[1]
    assert card.transmit(READ) == DATA + DONE


@pytest.mark.parametrize("executed", [False, True])
def test_whether_the_work_was_done(executed: bool) -> None:
    for fault in (Removed(0, executed), Mute(0, 0.0, executed), WrongStatus(0, 0x6F00, executed)):
        card = Echo()
        try:
            answer = FaultyCard(card, fault).transmit(READ)
        except (TornOut, TransmitTimeout):
            answer = FAILED
        assert answer == FAILED
        assert bool(card.seen) is executed


@pytest.mark.parametrize(
    ("fault", "sent", "announced"),
    [
        (CutAnswer(0, 3), DATA[:3], 6),
        (CutAnswer(0, 99), DATA + DONE[:1], 6),
        (RemovedAfter(0), DATA + DONE, 6),
        (Removed(0), b"", 0),
        (ReaderGone(0), b"", 0),
    ],
)
def test_what_gets_out_of_a_card_that_leaves(fault: Fault, sent: bytes, announced: int) -> None:
    with pytest.raises(TornOut) as caught:
        FaultyCard(Echo(), fault).transmit(READ)
    assert (caught.value.sent, caught.value.announced) == (sent, announced)
    assert caught.value.is_whole is isinstance(fault, RemovedAfter)


def test_a_single_byte_never_gets_out() -> None:
    with pytest.raises(TornOut) as caught:
        FaultyCard(Echo(), CutAnswer(0)).transmit(SELECT_D101)
    assert (caught.value.sent, caught.value.announced) == (b"", 0)


def test_slow_and_silent_cards_take_virtual_time() -> None:
    clock = VirtualClock()
    card = FaultyCard(Echo(), SlowAnswer(0.25, bit_rate=9600), Mute(1, 30.0), clock=clock)
    card.transmit(READ)
    assert clock.now() == pytest.approx(0.25 + (len(READ) + 6) * 12 / 9600)
    before = clock.now()
    with pytest.raises(TransmitTimeout):
        card.transmit(READ)
    assert clock.now() == before + 30.0


def test_of_two_faults_the_later_one_shows_outermost() -> None:
    card = Echo()
    both = FaultyCard(card, ExtraBytes(0, 1, 0xEE), ShortAnswer(0, 2))
    assert both.transmit(READ) == DATA[:3] + DONE
    silent = FaultyCard(card, ExtraBytes(1), WrongStatus(0))
    assert [silent.transmit(READ), silent.transmit(READ)] == [FAILED, DATA + b"\x00" + DONE]


def test_faults_come_and_go() -> None:
    card = FaultyCard(Echo())
    card.transmit(READ)
    card.add(WrongStatus(1))
    assert [card.transmit(READ) for _ in range(2)] == [DATA + DONE, FAILED]
    assert card.count == 3
    card.show(WrongStatus(0, 0x6982))
    assert (card.transmit(READ), card.count) == (b"\x69\x82", 1)
    card.show()
    assert card.faults == ()
    assert card.transmit(READ) == DATA + DONE


def test_the_answer_to_reset_changes_once_the_card_was_in_use() -> None:
    card = FaultyCard(Echo(), AtrAfterReset(b"\x3b\x00", resets=2))
    card.reset()
    card.reset()
    assert card.atr == vitale2.ATR
    for _ in range(2):
        assert card.atr == vitale2.ATR
        card.transmit(READ)
        card.reset()
    assert card.atr == b"\x3b\x00"


def on_bench(*faults: Fault, card: Echo | None = None) -> tuple[Bench, EmulatedResourceManager]:
    bench = Bench([A, B], clock=VirtualClock())
    bench.insert(A, card or Echo())
    bench.insert(B, Echo())
    for fault in faults:
        bench.fault(A, fault)
    return bench, EmulatedResourceManager(bench)


def refused(connection: EmulatedConnection) -> type[TransportError] | None:
    try:
        connection.transmit(READ)
    except TransportError as error:
        return type(error) if error.where.reader == connection.reader else TransportError
    return None


def test_a_reset_by_another_program() -> None:
    card = Echo()
    _, manager = on_bench(ResetByAnother(1), card=card)
    first, other, elsewhere = manager.connect(A), manager.connect(A), manager.connect(B)
    before = card.resets
    with first.transaction():
        assert [refused(first) for _ in range(3)] == [None, CardReset, CardReset]
    assert refused(other) is CardReset
    assert refused(elsewhere) is None
    assert (card.resets, len(card.seen)) == (before + 1, 1)
    assert refused(manager.connect(A)) is None


def test_a_card_that_is_held() -> None:
    card = Echo()
    _, manager = on_bench(HeldByAnother(Rule(at=1, every=1, times=2)), card=card)
    connection = manager.connect(A)
    told = [refused(connection) for _ in range(4)]
    assert told == [None, SharingViolation, SharingViolation, None]
    assert len(card.seen) == 2


def test_a_reader_that_goes() -> None:
    bench, manager = on_bench(ReaderGone(1))
    connection = manager.connect(A)
    assert [refused(connection) for _ in range(3)] == [None, ReaderUnavailable, ReaderUnavailable]
    assert [status.name for status in manager.readers()] == [B]
    bench.plug_reader(A)
    bench.clear_faults(A)
    assert refused(connection) is ReaderUnavailable
    assert refused(manager.connect(A)) is None


def test_a_service_that_ends() -> None:
    bench, manager = on_bench(ServiceGone(1))
    connection, elsewhere = manager.connect(A), manager.connect(B)
    assert [refused(connection) for _ in range(2)] == [None, ServiceUnavailable]
    assert refused(elsewhere) is ServiceUnavailable
    with pytest.raises(ServiceUnavailable):
        manager.readers()
    bench.restart_service()
    bench.clear_faults(A)
    fresh = EmulatedResourceManager(bench)
    assert [refused(fresh.connect(name)) for name in (A, B)] == [None, None]


def test_the_whole_answer_then_nothing() -> None:
    _, manager = on_bench(RemovedAfter(0))
    connection = manager.connect(A)
    assert [refused(connection) for _ in range(2)] == [None, CardRemoved]
    assert manager.readers()[0].presence is CardPresence.ABSENT


@pytest.mark.parametrize(
    ("fault", "error"),
    [(GarbageAtr(), ProtocolMismatch), (GarbageAtr(b"\x3b" + bytes(33)), CardMute)],
)
def test_another_answer_to_reset(fault: Fault, error: type[TransportError]) -> None:
    _, manager = on_bench(fault)
    with pytest.raises(error):
        manager.connect(A)


def test_an_answer_to_reset_that_changes_is_seen_on_the_bench() -> None:
    bench, manager = on_bench(AtrAfterReset(b"\x3b\x00"))
    assert refused(manager.connect(A)) is None
    assert manager.readers()[0].atr == vitale2.ATR
    bench.reader(A).sessions[0].reset()
    assert manager.readers()[0].atr == b"\x3b\x00"


def test_a_fault_that_fits_no_card_is_said_at_once_and_passed_over_later() -> None:
    bench, _ = on_bench()
    with pytest.raises(ConfigurationError, match="no PIN"):
        bench.fault(A, TriesLeft())
    assert bench.reader(A).faults == ()
    bench.remove(A)
    bench.fault(A, TriesLeft())
    bench.insert(A, Echo())
    assert bench.reader(A).state.has_card


@pytest.mark.parametrize("kind", ALL_FAULTS.values(), ids=ALL_FAULTS)
def test_the_catalogue_is_whole(kind: FaultKind) -> None:
    assert isinstance(kind.samples(3), kind.fault)
    assert kind.samples(3) == kind.samples(3)
    assert (kind.samples(3) == kind.samples(4)) is not kind.per_apdu
    assert kind.cases or kind.remark
    assert set(kind.cases) <= FIELD_CASES.keys()


def test_every_field_case_has_a_fault() -> None:
    assert {case for kind in ALL_FAULTS.values() for case in kind.cases} == FIELD_CASES.keys()
