"""The bench over a real pcscd: what hands, plugs and other programs do, as PC/SC tells it."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cardio.errors import (
    CardMute,
    CardRemoved,
    CardReset,
    ConfigurationError,
    NoCard,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransportError,
)
from cardio.rig.benches.service import ServiceBench
from cardio.rig.pcscd.private import unavailable
from cardio.transport.base import CardPresence, ReaderStatus, ShareMode
from cardio.transport.monitor import CardInserted, Event, Monitor
from cardio.transport.monitor import CardRemoved as RemovedEvent
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.faults import (
    CutAnswer,
    Fault,
    HeldByAnother,
    Mute,
    ReaderGone,
    Removed,
    ResetByAnother,
    ServiceGone,
    WrongStatus,
)
from cardio_emulator.virtual_card import VirtualCard

pytestmark = pytest.mark.pcscd

A, B, TWIN_1, TWIN_2 = "A 00 00", "B 00 00", "Twin 00 00", "Twin 00 01"
ASK = bytes.fromhex("0084000008")


class NumberedCard:
    """Answers every command with its number; its ATR is no other card's."""

    def __init__(self, number: int, atr: bytes | None = None) -> None:
        self.atr = bytes((0x3B, 0x01, number)) if atr is None else atr
        self.serial = str(number)
        self.answer = bytes((number, 0x90, 0x00))
        self.resets = 0
        self.asked = 0

    def reset(self) -> None:
        self.resets += 1

    def transmit(self, command: bytes) -> bytes:
        self.asked += 1
        return self.answer


@pytest.fixture(scope="module")
def shared_bench() -> Iterator[ServiceBench]:
    if reason := unavailable():
        pytest.skip(reason)
    with ServiceBench(["A", "B", TWIN_1, TWIN_2]) as bench:
        yield bench


@pytest.fixture
def bench(shared_bench: ServiceBench) -> Iterator[ServiceBench]:
    """Empty, plugged in, without faults and running, before the test and after it."""
    yield shared_bench
    shared_bench.restart_service()
    for reader in shared_bench.readers:
        shared_bench.plug_reader(reader)
        shared_bench.clear_faults(reader)
        with suppress(NoCard):
            shared_bench.remove(reader)


@pytest.fixture
def manager() -> Iterator[PcscResourceManager]:
    manager = PcscResourceManager(limit=5)
    yield manager
    manager.close()


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: PC/SC in this one speaks to one service for ever."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def look(manager: PcscResourceManager, reader: str) -> ReaderStatus:
    (found,) = (status for status in manager.readers() if status.name == reader)
    return found


def test_readers_by_both_names(bench: ServiceBench, manager: PcscResourceManager) -> None:
    assert bench.readers == (A, B, TWIN_1, TWIN_2)
    card: VirtualCard = NumberedCard(1)
    bench.insert("A", card)
    assert look(manager, A).atr == card.atr
    assert bench.remove(A) is card


def test_what_is_done_is_seen_when_it_returns(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    for number, reader in enumerate(bench.readers):
        card = NumberedCard(number)
        bench.insert(reader, card)
        assert look(manager, reader).atr == card.atr
        connection = manager.connect(reader)
        assert connection.transmit(ASK) == card.answer
        assert bench.remove(reader) is card
        assert look(manager, reader).presence is CardPresence.ABSENT
        with pytest.raises(CardRemoved):
            connection.transmit(ASK)
        connection.close()


def test_mistakes(bench: ServiceBench) -> None:
    bench.insert(A, NumberedCard(1))
    with pytest.raises(ConfigurationError, match="already holds a card"):
        bench.insert(A, NumberedCard(2))
    for act in (bench.remove, bench.reset):
        with pytest.raises(NoCard):
            act(B)
    with pytest.raises(NoCard):
        bench.swap(B, NumberedCard(3))
    for act in (bench.remove, bench.reset, bench.unplug_reader, bench.plug_reader):
        with pytest.raises(ReaderUnavailable):
            act("C")


def test_a_swap_is_a_removal_and_an_insertion(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    first, second = NumberedCard(1, NumberedCard(0).atr), NumberedCard(2, NumberedCard(0).atr)
    bench.insert(A, first)
    events: list[Event] = []
    both = threading.Event()

    def listen(monitor: Monitor) -> None:
        for event in monitor:
            events.append(event)
            if events[-2:] == [RemovedEvent(A), CardInserted(A, second.atr)]:
                both.set()

    with Monitor(PcscResourceManager(), known=manager.readers()) as monitor:
        listening = threading.Thread(target=listen, args=(monitor,))
        listening.start()
        assert bench.swap(A, second) is first
        assert both.wait(20), events
    listening.join(5)


@pytest.mark.parametrize("fault", [Removed(at=1), CutAnswer(at=1, size=2)])
def test_after_a_tear_an_old_connection_never_meets_the_new_card(
    bench: ServiceBench, manager: PcscResourceManager, fault: Fault
) -> None:
    """Stock vpcd hides a swap in mid-command: same ATR, same count (facts: pcsc_vpcd.md §0.5)."""
    first, second = NumberedCard(1, NumberedCard(0).atr), NumberedCard(2, NumberedCard(0).atr)
    for _ in range(3):
        bench.fault(A, fault)
        bench.insert(A, first)
        count = look(manager, A).event_count
        other_program, connection = manager.connect(A), manager.connect(A)
        assert connection.transmit(ASK) == first.answer
        with pytest.raises(CardRemoved):
            connection.transmit(ASK)
        with pytest.raises(NoCard):
            bench.remove(A)
        bench.clear_faults(A)
        bench.insert(A, second)
        for old in (connection, other_program):
            with pytest.raises(CardRemoved):
                old.transmit(ASK)
            old.close()
        assert look(manager, A).event_count == count + 2
        assert second.asked == 0
        bench.remove(A)


def test_a_reset_by_another_program(bench: ServiceBench, manager: PcscResourceManager) -> None:
    card = NumberedCard(1)
    bench.insert(A, card)
    connection = manager.connect(A)
    before = card.resets
    bench.reset(A)
    assert card.resets > before
    with pytest.raises(CardReset):
        connection.transmit(ASK)
    connection.close()
    exclusive = manager.connect(A, ShareMode.EXCLUSIVE)
    with pytest.raises(SharingViolation):
        bench.reset(A)
    exclusive.close()
    holder = manager.connect(A)
    with holder.transaction(), pytest.raises(SharingViolation):
        bench.reset(A)
    holder.close()


def test_the_service_goes_and_comes_back(bench: ServiceBench, manager: PcscResourceManager) -> None:
    card, later = NumberedCard(1), NumberedCard(2)
    bench.insert(A, card)
    connection = manager.connect(A)
    bench.kill_service()
    bench.kill_service()
    with pytest.raises(TransportError):
        connection.transmit(ASK)
    connection.close()
    with pytest.raises(ServiceUnavailable):
        manager.readers()
    bench.insert(B, later)
    bench.restart_service()
    assert manager.connect(A).transmit(ASK) == card.answer
    assert manager.connect(B).transmit(ASK) == later.answer
    bench.kill_service()
    assert bench.remove(A) is card
    bench.restart_service()
    assert look(manager, A).presence is CardPresence.ABSENT


def test_a_reader_goes_and_comes_back_with_its_card(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    card, other = NumberedCard(1), NumberedCard(2)
    bench.insert(A, card)
    bench.insert(B, other)
    bench.unplug_reader(A)
    assert A not in {status.name for status in manager.readers()}
    assert look(manager, B).atr == other.atr
    for act in (bench.remove, bench.reset, bench.unplug_reader, bench.clear_faults):
        with pytest.raises(ReaderUnavailable):
            act(A)
    bench.plug_reader(A)
    bench.plug_reader(A)
    assert manager.connect(A).transmit(ASK) == card.answer
    bench.unplug_reader(TWIN_2)
    assert not {TWIN_1, TWIN_2} & {status.name for status in manager.readers()}
    bench.plug_reader(TWIN_1)
    assert look(manager, TWIN_2).presence is CardPresence.ABSENT


def test_faults_on_the_card_and_on_later_ones(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    bench.insert(A, NumberedCard(1))
    bench.fault(A, WrongStatus(at=0, status=0x6A82))
    assert manager.connect(A).transmit(ASK) == b"\x6a\x82"
    bench.swap(A, NumberedCard(2))
    assert manager.connect(A).transmit(ASK) == b"\x6a\x82"
    bench.clear_faults(A)
    bench.swap(A, NumberedCard(3))
    assert manager.connect(A).transmit(ASK) == NumberedCard(3).answer


def test_a_mute_card_leaves_and_another_may_come(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    bench.fault(A, Mute(at=0, seconds=0.05))
    bench.insert(A, NumberedCard(1))
    with pytest.raises(CardRemoved):
        manager.connect(A).transmit(ASK)
    bench.clear_faults(A)
    bench.insert(A, NumberedCard(2))
    assert manager.connect(A).transmit(ASK) == NumberedCard(2).answer


class SlowCard(NumberedCard):
    """Answers when it is told to."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def transmit(self, command: bytes) -> bytes:
        self.is_asked.set()
        self.may_answer.wait(20)
        return super().transmit(command)


def test_a_card_is_taken_out_in_the_middle_of_a_command(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    card, errors = SlowCard(1), list[TransportError]()
    bench.insert(A, card)
    connection = manager.connect(A)

    def ask() -> None:
        try:
            connection.transmit(ASK)
        except TransportError as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert card.is_asked.wait(20)
    removing = threading.Thread(target=bench.remove, args=(A,))
    removing.start()
    asking.join(20)
    assert [type(error) for error in errors] == [CardRemoved]
    card.may_answer.set()
    removing.join(20)
    assert not removing.is_alive()


def test_another_program_resets_the_card_between_two_commands(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    for _ in range(5):
        bench.fault(A, ResetByAnother(at=1))
        bench.insert(A, NumberedCard(1))
        connection = manager.connect(A)
        assert connection.transmit(ASK) == NumberedCard(1).answer
        assert connection.transmit(ASK) == NumberedCard(1).answer
        with pytest.raises(CardReset):
            connection.transmit(ASK)
        connection.close()
        bench.clear_faults(A)
        bench.remove(A)


def test_another_program_holds_the_card_for_a_while(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    bench.insert(A, NumberedCard(1))
    bench.fault(A, HeldByAnother(at=0))
    connection = manager.connect(A)
    assert connection.transmit(ASK) == NumberedCard(1).answer
    assert look(manager, A).in_use
    impatient = PcscResourceManager(limit=0.1)
    with pytest.raises(TransportError), impatient.connect(A).transaction():
        pass
    assert connection.transmit(ASK) == NumberedCard(1).answer


def test_the_service_ends_in_the_middle_of_a_command(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    card = NumberedCard(1)
    bench.insert(A, card)
    bench.fault(A, ServiceGone(at=0))
    connection = manager.connect(A)
    with pytest.raises(ServiceUnavailable):
        connection.transmit(ASK)
    connection.close()
    bench.clear_faults(A)
    bench.restart_service()
    assert manager.connect(A).transmit(ASK) == card.answer


def test_the_reader_goes_in_the_middle_of_a_command(
    bench: ServiceBench, manager: PcscResourceManager
) -> None:
    card = NumberedCard(1)
    bench.insert(A, card)
    bench.fault(A, ReaderGone(at=0))
    connection = manager.connect(A)
    with pytest.raises((ServiceUnavailable, ReaderUnavailable)):
        connection.transmit(ASK)
    connection.close()
    bench.plug_reader(A)
    bench.clear_faults(A)
    assert manager.connect(A).transmit(ASK) == card.answer


@pytest.mark.parametrize("atr", [bytes.fromhex("FF00A5A5"), bytes(34)])
def test_an_atr_that_is_none(bench: ServiceBench, manager: PcscResourceManager, atr: bytes) -> None:
    bench.insert(A, NumberedCard(1, atr))
    assert look(manager, A).presence is not CardPresence.ABSENT
    with pytest.raises(CardMute):
        manager.connect(A)


def test_a_bench_file(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(
        '[[reader]]\nname = "CPS 00 00"\ncard = "cps3"\n\n[[reader]]\nname = "Empty"\n', "ascii"
    )
    program = f"""
from pathlib import Path
from cardio.rig.benches.service import ServiceBench
from cardio.transport.pcsc import PcscResourceManager
with ServiceBench.load(Path({str(file)!r})) as bench:
    print(*bench.readers, sep="|")
    print(*(bool(reader.atr) for reader in PcscResourceManager().readers()))
"""
    done = run(program)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["CPS 00 00|Empty 00 00", "True False False False"]


def test_pcsc_that_speaks_to_another_service_is_told() -> None:
    program = """
import os
os.environ["PCSCLITE_CSOCK_NAME"] = "/nowhere/pcscd.comm"
from cardio.errors import ServiceUnavailable
from cardio.transport.pcsc import PcscResourceManager
try:
    PcscResourceManager().readers()
except ServiceUnavailable:
    pass
from cardio.rig.benches.service import ServiceBench
ServiceBench(["A"])
"""
    done = run(program)
    assert "RigUnavailable: PC/SC in this process speaks to another service" in done.stderr
    assert "PCSCLITE_CSOCK_NAME=" in done.stderr


def test_nothing_is_left_open() -> None:
    program = """
import os, threading
from cardio.errors import CardRemoved
from cardio.rig.benches.service import ServiceBench
from cardio.rig.pcscd.own_socket import own_directory
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.faults import Removed, ResetByAnother
from cardio_emulator.kinds import make
def work():
    with ServiceBench(["A", "B"]) as bench:
        card = make("vitale2") if not cards else cards[0]
        cards[:] = [card]
        bench.insert("A", card)
        bench.fault("B", Removed(at=0))
        bench.fault("A", ResetByAnother(at=5))
        bench.insert("B", make("vitale1"))
        manager = PcscResourceManager()
        connection = manager.connect("B 00 00")
        try:
            connection.transmit(bytes.fromhex("00A40000"))
        except CardRemoved:
            pass
        connection.close()
        bench.restart_service()
        manager.close()
cards = []
work()
def count():
    for thread in set(threading.enumerate()) - {threading.main_thread()}:
        thread.join(10)
    return len(os.listdir("/proc/self/fd")), sorted(thread.name for thread in threading.enumerate())
before = count()
work()
assert count() == before, (before, count())
print(own_directory(), os.path.exists(own_directory() / "pid"))
"""
    done = run(program)
    assert done.stderr == ""
    assert not Path(done.stdout.split()[0]).exists()


@pytest.mark.opensc
@pytest.mark.parametrize("number", [0, 1])
def test_the_page_runs_as_it_stands(number: int) -> None:
    if reason := unavailable():
        pytest.skip(reason)
    page = Path(__file__).parents[2] / "docs" / "how-to" / "private-pcscd.md"
    program = re.findall(
        r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )[number]
    done = run(program)
    assert done.stderr == ""
    assert ("Kapelse KAP-LINK 00 00" in done.stdout) == (number == 0)
