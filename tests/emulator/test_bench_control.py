"""What hands, plugs, other programs and the service do to a bench in process."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cardio.errors import (
    CardioError,
    CardRemoved,
    CardReset,
    ConfigurationError,
    NoCard,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransportError,
)
from cardio.transport.base import ReaderStatus, ShareMode
from cardio.transport.monitor import (
    CardInserted,
    Event,
    Monitor,
    ReaderAdded,
    ReaderRemoved,
    ServiceBack,
    ServiceLost,
)
from cardio.transport.monitor import CardRemoved as CardLeft
from cardio.workstation.emulated import EmulatedResourceManager, from_file
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.cards import vitale2
from cardio_emulator.control import AnswerSource, BenchControl
from cardio_emulator.faults import (
    BlockedPin,
    GarbageAtr,
    Removed,
    ServiceGone,
    SlowAnswer,
    WrongStatus,
)
from cardio_emulator.kinds import make

SOON = 20.0
SELECT_ROOT = bytes.fromhex("00A4000C023F00")


@pytest.fixture
def bench() -> Bench:
    bench = Bench(("A", "B"))
    bench.insert("A", vitale2.make())
    return bench


@pytest.fixture
def manager(bench: Bench) -> EmulatedResourceManager:
    return EmulatedResourceManager(bench)


def within(event: threading.Event) -> bool:
    return event.wait(SOON)


def test_it_is_a_bench_control(bench: Bench) -> None:
    control: BenchControl = bench
    assert control.readers == ("A", "B")
    assert isinstance(bench, AnswerSource)


def test_what_is_put_in_comes_out(bench: Bench) -> None:
    card = vitale2.make()
    bench.insert("B", card)
    bench.fault("B", SlowAnswer(0.0))
    assert bench.remove("B") is card
    with pytest.raises(NoCard):
        bench.remove("B")
    with pytest.raises(NoCard):
        bench.swap("B", card)
    bench.insert("B", card)
    other = vitale2.make()
    assert bench.swap("B", other) is card
    assert bench.reader("B").card is other


@pytest.mark.parametrize(
    "act",
    [
        lambda bench: bench.insert("C", vitale2.make()),
        lambda bench: bench.remove("C"),
        lambda bench: bench.swap("C", vitale2.make()),
        lambda bench: bench.reset("C"),
        lambda bench: bench.unplug_reader("C"),
        lambda bench: bench.plug_reader("C"),
        lambda bench: bench.fault("C", SlowAnswer(0.0)),
        lambda bench: bench.clear_faults("C"),
    ],
)
def test_a_reader_that_is_not_there(bench: Bench, act: Callable[[Bench], object]) -> None:
    with pytest.raises(ReaderUnavailable) as caught:
        act(bench)
    assert caught.value.where.reader == "C"


def test_a_swap_is_seen_as_a_removal_and_an_insertion(
    bench: Bench, manager: EmulatedResourceManager
) -> None:
    known, connection = manager.readers(), manager.connect("A")
    bench.swap("A", vitale2.make())
    assert manager.wait(known, 0)[0].event_count == known[0].event_count + 2
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT_ROOT)


def test_a_reset_tells_every_session(bench: Bench, manager: EmulatedResourceManager) -> None:
    first, second = manager.connect("A"), manager.connect("A")
    bench.reset("A")
    for connection in (first, second):
        with pytest.raises(CardReset):
            connection.transmit(SELECT_ROOT)
    with pytest.raises(NoCard):
        bench.reset("B")


@pytest.mark.parametrize("share", ShareMode)
def test_a_card_kept_by_a_program_cannot_be_reset(
    bench: Bench, manager: EmulatedResourceManager, share: ShareMode
) -> None:
    connection = manager.connect("A", share)
    with connection.transaction(), pytest.raises(SharingViolation):
        bench.reset("A")
    assert connection.transmit(SELECT_ROOT)


def test_an_unplugged_reader_comes_back_with_its_card(
    bench: Bench, manager: EmulatedResourceManager
) -> None:
    connection, card = manager.connect("A"), bench.reader("A").card
    bench.unplug_reader("A")
    assert [reader.name for reader in manager.readers()] == ["B"]
    assert bench.readers == ("A", "B")
    with pytest.raises(ReaderUnavailable):
        connection.transmit(SELECT_ROOT)
    with pytest.raises(ReaderUnavailable):
        bench.unplug_reader("A")
    with pytest.raises(ReaderUnavailable):
        bench.remove("A")
    bench.plug_reader("A")
    bench.plug_reader("A")
    assert [reader.name for reader in manager.readers()] == ["A", "B"]
    with pytest.raises(ReaderUnavailable):
        connection.transmit(SELECT_ROOT)
    assert manager.connect("A").transmit(SELECT_ROOT)
    assert bench.remove("A") is card


def test_a_verified_pin_is_lost_with_the_reader() -> None:
    bench, card = Bench(), make("cps3")
    bench.add_reader("A", card)
    verify = bytes.fromhex("00200001") + b"\x04" + b"1234"
    for lose in (
        lambda: (bench.unplug_reader("A"), bench.plug_reader("A")),
        bench.restart_service,
        lambda: bench.reset("A"),
        lambda: bench.insert("A", bench.remove("A")),
    ):
        connection = bench.reader("A").connect()
        connection.transmit(verify)
        held = card.verified
        lose()
        assert (bool(held), card.verified) == (True, frozenset())


def test_without_the_service_nothing_works(bench: Bench, manager: EmulatedResourceManager) -> None:
    connection = manager.connect("A")
    bench.kill_service()
    bench.kill_service()
    uses: tuple[Callable[[], object], ...] = (
        manager.readers,
        lambda: manager.wait((), 0),
        lambda: manager.connect("A"),
        lambda: connection.transmit(SELECT_ROOT),
        lambda: connection.transaction().__enter__(),
        lambda: bench.reader("A").connect(),
    )
    for use in uses:
        with pytest.raises(ServiceUnavailable):
            use()
    connection.close()


def test_a_new_service_finds_the_cards_and_counts_anew(
    bench: Bench, manager: EmulatedResourceManager
) -> None:
    connection = manager.connect("A")
    bench.insert("A", bench.remove("A"))
    assert [reader.event_count for reader in manager.readers()] == [3, 0]
    bench.kill_service()
    bench.insert("B", vitale2.make())
    bench.restart_service()
    assert [reader.event_count for reader in manager.readers()] == [1, 1]
    with pytest.raises(CardRemoved):  # before the service went, and so it stays
        connection.transmit(SELECT_ROOT)
    assert manager.connect("B").transmit(SELECT_ROOT)


class Watched(threading.Condition):
    """Tells when somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.set()
        return super().wait(timeout)


@pytest.mark.parametrize("how", ["kill", "restart"])
def test_a_wait_ends_when_the_service_does(how: str) -> None:
    """Also when it is back before the waiting thread looks."""
    bench, changed = Bench(), Watched()
    bench.changed = changed
    bench.add_reader("A")
    manager = EmulatedResourceManager(bench)
    errors: list[CardioError] = []

    def wait() -> None:
        try:
            manager.wait(manager.readers(), SOON)
        except ServiceUnavailable as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert within(changed.waited)
    (bench.kill_service if how == "kill" else bench.restart_service)()
    thread.join(SOON)
    assert [type(error) for error in errors] == [ServiceUnavailable]


def test_the_monitor_sees_the_service_go_and_come(
    bench: Bench, manager: EmulatedResourceManager
) -> None:
    events: list[Event] = []
    known, lost, back = threading.Event(), threading.Event(), threading.Event()
    monitor = Monitor(manager, service_retry=0.005)

    def watch() -> None:
        for event in monitor:
            events.append(event)
            if event == ServiceLost():
                lost.set()
            if event == ReaderAdded("B"):
                (back if lost.is_set() else known).set()

    thread = threading.Thread(target=watch)
    thread.start()
    assert within(known)
    bench.kill_service()
    assert within(lost)
    bench.restart_service()
    assert within(back)
    monitor.stop()
    thread.join(SOON)
    atr = vitale2.make().atr
    gone = events.index(ServiceLost())
    assert set(events[:gone]) >= {CardLeft("A"), ReaderRemoved("A"), ReaderRemoved("B")}
    assert events[gone + 1 :][:4] == [
        ServiceBack(),
        ReaderAdded("A"),
        CardInserted("A", atr),
        ReaderAdded("B"),
    ]


def test_a_closed_bench_holds_no_session(bench: Bench, manager: EmulatedResourceManager) -> None:
    connection = manager.connect("A")
    with bench:
        pass
    bench.close()
    with pytest.raises(ServiceUnavailable):
        connection.transmit(SELECT_ROOT)
    assert bench.reader("A").card


def test_faults_hold_for_later_cards_too(bench: Bench, manager: EmulatedResourceManager) -> None:
    right = manager.connect("A").transmit(SELECT_ROOT)
    bench.fault("A", WrongStatus(1, 0x6F01))
    bench.fault("A", GarbageAtr(bytes.fromhex("3B00")))
    for card in (None, vitale2.make()):
        if card:
            bench.swap("A", card)
        connection = manager.connect("A")
        assert connection.atr == bytes.fromhex("3B00")
        assert [connection.transmit(SELECT_ROOT) for _ in range(3)] == [
            right,
            bytes.fromhex("6F01"),
            right,
        ]
    bench.clear_faults("A")
    assert manager.connect("A").atr == vitale2.make().atr


def test_a_fault_that_does_not_fit_is_told(bench: Bench) -> None:
    with pytest.raises(ConfigurationError):
        bench.fault("A", BlockedPin())
    assert bench.reader("A").faults == ()
    bench.fault("B", BlockedPin())
    bench.insert("B", vitale2.make())
    assert bench.remove("B")


def test_a_card_that_leaves_by_a_fault_is_out_for_good(
    bench: Bench, manager: EmulatedResourceManager
) -> None:
    bench.fault("A", Removed(0))
    with pytest.raises(CardRemoved):
        manager.connect("A").transmit(SELECT_ROOT)
    with pytest.raises(NoCard):
        bench.remove("A")


def test_a_fault_that_ends_the_service_ends_it_for_all(
    bench: Bench, manager: EmulatedResourceManager
) -> None:
    bench.insert("B", vitale2.make())
    other = manager.connect("B")
    bench.fault("A", ServiceGone(0))
    with pytest.raises(ServiceUnavailable):
        manager.connect("A").transmit(SELECT_ROOT)
    with pytest.raises(ServiceUnavailable):
        other.transmit(SELECT_ROOT)
    bench.restart_service()
    assert manager.connect("B").transmit(SELECT_ROOT)


def test_it_tells_of_answers_but_not_of_data(
    bench: Bench, manager: EmulatedResourceManager
) -> None:
    told: list[tuple[str, bytes]] = []
    bench.listen(lambda reader, status: told.append((reader, status)))
    bench.add_reader("C", vitale2.make())
    connection = manager.connect("A")
    connection.transmit(SELECT_ROOT)
    connection.transmit(bytes.fromhex("00FF000000"))
    manager.connect("C").transmit(SELECT_ROOT)
    assert told == [("A", b"\x90\x00"), ("A", b"\x6d\x00"), ("C", b"\x90\x00")]


def test_programs_and_hands_at_the_same_time(manager: EmulatedResourceManager) -> None:
    """Eight programs use a card that other threads take, reset, unplug and kill."""
    bench = manager.bench
    ended = threading.Event()
    odd: list[BaseException] = []

    def use() -> None:
        while not ended.is_set():
            try:
                connection = manager.connect("A")
                connection.transmit(SELECT_ROOT)
                connection.close()
            except TransportError:
                pass
            except BaseException as error:
                odd.append(error)
                raise

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        bench.swap("A", vitale2.make())
        bench.unplug_reader("A")
        bench.plug_reader("A")
        bench.kill_service()
        bench.restart_service()
        bench.reset("A")
        bench.fault("A", SlowAnswer(0.0))
    ended.set()
    for thread in threads:
        thread.join(SOON)
    assert not any(thread.is_alive() for thread in threads)
    assert odd == []
    known: tuple[ReaderStatus, ...] = manager.readers()
    assert [reader.in_use for reader in known] == [False, False]


def test_a_workstation_closes_the_bench_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(
        '[[reader]]\nname = "R"\n[[timeline]]\nat = 3600\ndo = "kill_service"\n', encoding="utf-8"
    )
    manager = from_file(file)
    timeline = manager.bench.timeline
    assert timeline
    with Workstation(manager):
        assert not timeline.is_over
    assert timeline.is_over
