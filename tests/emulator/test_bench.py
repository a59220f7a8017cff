"""Readers in process: what PC/SC promises about insertion, removal, sharing and resets."""

import threading
import time
from collections.abc import Callable

import pytest

from cardio.errors import (
    CardioError,
    CardMute,
    CardRemoved,
    CardReset,
    ConfigurationError,
    NoCard,
    ProtocolMismatch,
    ReaderUnavailable,
    SharingViolation,
    TransmitTimeout,
    TransportError,
)
from cardio.transport.base import (
    CardPresence,
    Connection,
    Disposition,
    ReaderStatus,
    ResourceManager,
    ShareMode,
    TransmissionProtocol,
)
from cardio.transport.monitor import Monitor, ReaderAdded
from cardio.workstation import emulated
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.cards import vitale2
from cardio_emulator.faults import (
    CutAnswer,
    Fault,
    FaultyCard,
    GarbageAtr,
    Mute,
    Removed,
    SlowAnswer,
    WrongStatus,
)

SELECT_ROOT = bytes.fromhex("00A40000023F00")
ROOT_SELECTED = bytes.fromhex("6112")
READ_SFI_2 = bytes.fromhex("00B0820000")


@pytest.fixture
def bench() -> Bench:
    made = Bench(("A", "B"))
    made.reader("A").insert(vitale2.make())
    return made


@pytest.fixture
def manager(bench: Bench) -> ResourceManager:
    return EmulatedResourceManager(bench)


def faulty(*faults: Fault) -> EmulatedResourceManager:
    bench = Bench()
    bench.add_reader("F", FaultyCard(vitale2.make(), *faults))
    return EmulatedResourceManager(bench)


def test_readers_as_they_are(manager: ResourceManager) -> None:
    assert manager.readers() == (
        ReaderStatus("A", CardPresence.PRESENT, vitale2.ATR, event_count=1),
        ReaderStatus("B"),
    )


def test_a_connection(manager: ResourceManager) -> None:
    connection: Connection = manager.connect("A")
    assert (connection.reader, connection.atr) == ("A", vitale2.ATR)
    assert connection.protocol is TransmissionProtocol.T0
    assert connection.transmit(SELECT_ROOT) == ROOT_SELECTED
    assert manager.readers()[0].in_use
    connection.close()
    connection.close()
    assert not manager.readers()[0].in_use
    with pytest.raises(TransportError, match="closed"):
        connection.transmit(SELECT_ROOT)


def test_empty_and_unknown_readers(manager: ResourceManager) -> None:
    with pytest.raises(NoCard, match="'B'"):
        manager.connect("B")
    with pytest.raises(ReaderUnavailable, match="'C'"):
        manager.connect("C")


def test_removal_ends_the_connection_for_good(bench: Bench, manager: ResourceManager) -> None:
    connection = manager.connect("A")
    card = bench.reader("A").remove()
    with pytest.raises(CardRemoved, match="'A'"):
        connection.transmit(SELECT_ROOT)
    bench.reader("A").insert(card)
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT_ROOT)
    assert manager.readers()[0].event_count == 3
    assert manager.connect("A").transmit(SELECT_ROOT) == ROOT_SELECTED


def test_a_card_removed_while_it_answers(bench: Bench) -> None:
    card = FaultyCard(vitale2.make(), SlowAnswer(0.3))
    bench.reader("B").insert(card)
    connection = EmulatedResourceManager(bench).connect("B")
    timer = threading.Timer(0.1, bench.reader("B").remove)
    timer.start()
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT_ROOT)
    timer.join()


def test_one_card_a_reader(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="already holds a card"):
        bench.reader("A").insert(vitale2.make())
    with pytest.raises(NoCard):
        bench.reader("B").remove()


def test_reader_names_are_unique(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="two readers are named 'A'"):
        bench.add_reader("A")


def test_exclusive_keeps_others_out(manager: ResourceManager) -> None:
    alone = manager.connect("A", ShareMode.EXCLUSIVE)
    assert manager.readers()[0].exclusive
    with pytest.raises(SharingViolation):
        manager.connect("A")
    alone.close()
    first, second = manager.connect("A"), manager.connect("A")
    with pytest.raises(SharingViolation):
        manager.connect("A", ShareMode.EXCLUSIVE)
    first.close()
    second.close()


def test_a_transaction_keeps_others_off(manager: ResourceManager) -> None:
    first, second = manager.connect("A"), manager.connect("A")
    with first.transaction():
        assert first.transmit(SELECT_ROOT) == ROOT_SELECTED
        with pytest.raises(SharingViolation):
            second.transmit(SELECT_ROOT)
    assert second.transmit(SELECT_ROOT) == ROOT_SELECTED


def test_a_transaction_waits_for_the_other_to_end(manager: ResourceManager) -> None:
    first, second = manager.connect("A"), manager.connect("A")
    order: list[str] = []

    def other() -> None:
        with second.transaction():
            order.append("second")

    with first.transaction():
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.05)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_a_transaction_ends_with_its_connection(manager: ResourceManager) -> None:
    first, second = manager.connect("A"), manager.connect("A")
    with first.transaction():
        first.close()
        assert second.transmit(SELECT_ROOT) == ROOT_SELECTED


@pytest.mark.parametrize("disposition", [Disposition.RESET, Disposition.UNPOWER])
def test_others_are_told_of_a_reset(manager: ResourceManager, disposition: Disposition) -> None:
    first, second = manager.connect("A"), manager.connect("A")
    first.close(disposition)
    for _ in range(2):
        with pytest.raises(CardReset):
            second.transmit(SELECT_ROOT)


def test_the_session_of_the_card_outlives_leave_but_not_reset(manager: ResourceManager) -> None:
    one = manager.connect("A")
    one.transmit(bytes.fromhex("00A404000BD250000002564954414C45"))
    one.close(Disposition.LEAVE)
    two = manager.connect("A")
    nirs = two.transmit(READ_SFI_2)
    two.close(Disposition.RESET)
    assert manager.connect("A").transmit(READ_SFI_2) != nirs


def test_closing_the_manager_closes_its_connections(bench: Bench) -> None:
    manager = EmulatedResourceManager(bench)
    connection = manager.connect("A")
    manager.close()
    assert not bench.states[0].in_use
    with pytest.raises(TransportError):
        connection.transmit(SELECT_ROOT)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda bench: bench.reader("B").insert(vitale2.make()), ("A", "B")),
        (lambda bench: bench.reader("A").remove(), ("A", "B")),
        (lambda bench: bench.add_reader("C"), ("A", "B", "C")),
        (lambda bench: bench.unplug_reader("A"), ("B",)),
    ],
)
def test_wait_wakes_on_every_change(
    bench: Bench,
    manager: ResourceManager,
    change: Callable[[Bench], object],
    seen: tuple[str, ...],
) -> None:
    before = manager.readers()
    timer = threading.Timer(0.05, change, (bench,))
    timer.start()
    start = time.monotonic()
    after = manager.wait(before, timeout=60)
    assert time.monotonic() - start < 30
    assert after != before
    assert tuple(status.name for status in after) == seen


def test_wait_gives_up_in_time_and_does_not_wait_for_the_past(manager: ResourceManager) -> None:
    start = time.monotonic()
    assert manager.wait(manager.readers(), timeout=0.1) == manager.readers()
    assert time.monotonic() - start >= 0.09
    assert manager.wait((), timeout=60) == manager.readers()
    assert time.monotonic() - start < 30


def test_closing_ends_a_wait(bench: Bench) -> None:
    manager = EmulatedResourceManager(bench)
    timer = threading.Timer(0.05, manager.close)
    timer.start()
    start = time.monotonic()
    for _ in range(2):  # also one that begins after
        with pytest.raises(TransportError, match="were closed"):
            manager.wait(manager.readers(), timeout=60)
    assert time.monotonic() - start < 30


def test_a_monitor_ends_with_its_manager(manager: ResourceManager) -> None:
    with Monitor(manager) as monitor:
        events = iter(monitor)
        assert next(events) == ReaderAdded("A")
        manager.close()
        with pytest.raises(TransportError, match="were closed"):
            list(events)


def test_a_reader_that_goes_away(bench: Bench, manager: ResourceManager) -> None:
    connection = manager.connect("A")
    bench.unplug_reader("A")
    with pytest.raises(ReaderUnavailable):
        connection.transmit(SELECT_ROOT)
    with pytest.raises(ReaderUnavailable):
        manager.connect("A")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Removed(at=1), CardRemoved),
        (CutAnswer(at=1), CardRemoved),
        (Mute(at=1, seconds=0.05), TransmitTimeout),
    ],
)
def test_faults_of_one_exchange(fault: Fault, error: type[CardioError]) -> None:
    manager = faulty(fault)
    connection = manager.connect("F")
    assert connection.transmit(SELECT_ROOT) == ROOT_SELECTED
    with pytest.raises(error):
        connection.transmit(SELECT_ROOT)
    gone = manager.readers()[0].presence is CardPresence.ABSENT
    assert gone is (error is CardRemoved)


def test_a_wrong_status_is_shown_once() -> None:
    connection = faulty(WrongStatus(at=1, status=0x6F00)).connect("F")
    answers = [connection.transmit(SELECT_ROOT) for _ in range(3)]
    assert answers == [ROOT_SELECTED, b"\x6f\x00", ROOT_SELECTED]


def test_a_slow_card_is_right() -> None:
    connection = faulty(SlowAnswer(0.02)).connect("F")
    start = time.monotonic()
    assert [connection.transmit(SELECT_ROOT) for _ in range(3)] == [ROOT_SELECTED] * 3
    assert time.monotonic() - start >= 0.06


def test_a_removed_card_may_have_done_the_work() -> None:
    card = vitale2.make()
    seen: list[bytes] = []
    inner = FaultyCard(card, Removed(at=0, executed=True))
    original = card.transmit
    card.transmit = lambda command: (seen.append(command), original(command))[1]
    with pytest.raises(CardRemoved):
        inner.transmit(SELECT_ROOT)
    assert seen == [SELECT_ROOT]


@pytest.mark.parametrize(
    ("atr", "presence", "error"),
    [
        (b"\xff\x00\xa5", CardPresence.PRESENT, ProtocolMismatch),
        (b"\x3b" + bytes(33), CardPresence.MUTE, CardMute),
    ],
)
def test_garbage_atr(atr: bytes, presence: CardPresence, error: type[CardioError]) -> None:
    manager = faulty(GarbageAtr(atr))
    assert manager.readers()[0].presence is presence
    with pytest.raises(error):
        manager.connect("F")


def test_an_atr_that_cannot_be_parsed_but_starts_well_connects_with_t0() -> None:
    assert faulty(GarbageAtr(b"\x3b\xff")).connect("F").protocol is TransmissionProtocol.T0


def test_t1_is_chosen_where_both_are_offered() -> None:
    both = bytes.fromhex("3BAC00402A001225006480000310009000")
    assert faulty(GarbageAtr(both)).connect("F").protocol is TransmissionProtocol.T0
    t0_t1 = bytes.fromhex("3B80800101")
    assert faulty(GarbageAtr(t0_t1)).connect("F").protocol is TransmissionProtocol.T1


def test_the_demo_has_a_cps_and_a_vitale() -> None:
    first, second = emulated.demo().readers()
    assert first.name.startswith("Gemalto PC Twin Reader")
    assert first.atr.hex().upper() == "3BAC00402A001225006480000310009000"
    assert second.atr == vitale2.ATR


def test_eight_threads_on_one_card(manager: ResourceManager) -> None:
    answers: list[bytes] = []

    def work() -> None:
        connection = manager.connect("A")
        answers.extend(connection.transmit(SELECT_ROOT) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == [ROOT_SELECTED] * 400
