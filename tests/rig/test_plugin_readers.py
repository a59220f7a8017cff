"""The interlock of the pytest plugin, on readers in this process."""

import threading
from pathlib import Path
from typing import cast

import pytest

from cardio.cards.identify import identify
from cardio.errors import CardChanged, ConfigurationError, ReaderUnavailable
from cardio.pytest_plugin.card_serial import card_serial
from cardio.pytest_plugin.real_readers import NamedReaders
from cardio.pytest_plugin.recording import PerTestRecorder, file_name
from cardio.pytest_plugin.targets import EmulatedTarget
from cardio.trace.jsonl import decode
from cardio.transport.base import ResourceManager, control
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.control import BenchControl
from cardio_emulator.kinds import make

MINE, OTHER = "Mine 00 00", "Other 00 00"
VERIFY = bytes.fromhex("002000010431323334")
CHANGE = bytes.fromhex("00D600000155")
COUNTER = bytes.fromhex("00200001")
FOR_GOOD = [
    bytes.fromhex(command)
    for command in (
        "00E40000",  # DELETE FILE
        "00E60000",  # TERMINATE DF
        "00FE0000",  # TERMINATE CARD USAGE
        "000E0000",  # ERASE BINARY
        "00040000",  # DEACTIVATE FILE
        "002C0301",  # RESET RETRY COUNTER
        "00460000",  # GENERATE ASYMMETRIC KEY PAIR
        "80E40000",
        "A0E40000",
    )
]
"""Without data (ISO/IEC 7816-4 §11, -8 §5, -9 §7), so that nothing of them is masked in a trace."""


@pytest.fixture
def bench() -> Bench:
    bench = Bench([MINE, OTHER])
    bench.insert(MINE, make("cps3"))
    return bench


def named(bench: Bench, serial: str = "09821700", *, pins: bool = False) -> NamedReaders:
    return NamedReaders(EmulatedResourceManager(bench), {MINE: serial}, pins=pins)


@pytest.mark.parametrize(
    ("kind", "serial"),
    [
        ("cps3", "09821700"),
        ("cps3-contactless", "09821700"),
        ("cps4", "09821700"),
        ("cps4-t0", "09821700"),
        ("cps2ter", "09821700"),
        ("vitale2", "5A059900000349"),
        ("vitale1", None),
    ],
)
def test_the_serial_number_of_each_kind(kind: str, serial: str | None) -> None:
    bench = Bench([MINE])
    bench.insert(MINE, make(kind))
    channel = Channel(stack(EmulatedResourceManager(bench).connect(MINE)))
    match = identify(channel)
    before = channel.exchanged
    assert card_serial(channel, match) == serial
    assert channel.exchanged - before <= 4


def test_a_card_that_tells_no_number_cannot_be_used() -> None:
    bench = Bench([MINE])
    bench.insert(MINE, make("vitale1"))
    with pytest.raises(CardChanged):
        named(bench, "None").connect(MINE)


def test_only_the_card_named(bench: Bench) -> None:
    assert named(bench).match(MINE).kind.value == "cps3"
    for refused in (named(bench, "09821701").connect, named(bench, "09821701").match):
        with pytest.raises(CardChanged) as error:
            refused(MINE)
        assert "0982" not in str(error.value)
    assert not bench.reader(MINE).state.in_use
    with pytest.raises(ReaderUnavailable):
        named(bench).connect(OTHER)


def test_no_pin_and_no_change_unasked(bench: Bench) -> None:
    card = bench.reader(MINE).card
    connection = named(bench).connect(MINE)
    assert connection.transmit(COUNTER).hex() == "63c3"
    for command in (VERIFY, CHANGE, b"1234", *FOR_GOOD):
        with pytest.raises(ConfigurationError, match="needs_pin"):
            connection.transmit(command)
    with pytest.raises(ConfigurationError, match="needs_pin"):
        control(connection, 0x42330006, b"verify")
    connection.close()
    assert named(bench, pins=True).connect(MINE).transmit(VERIFY).hex() == "9000"
    assert bench.reader(MINE).card is card


class Wrapped:
    """A bench of somebody else's making, which does not tell how its readers are reached."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __getattr__(self, name: str) -> object:
        return getattr(self._bench, name)


class Reached(Wrapped):
    def manager(self) -> ResourceManager:
        return EmulatedResourceManager(self._bench)


def test_a_bench_of_ones_own_never_leads_to_the_readers_of_the_machine(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="no manager"):
        EmulatedTarget(cast("BenchControl", Wrapped(bench))).manager()
    for one in (bench, cast("BenchControl", Reached(bench))):
        shown = EmulatedTarget(one).manager().readers()
        assert [status.name for status in shown] == [MINE, OTHER]


def test_other_readers_are_not_seen_and_wake_nobody(bench: Bench) -> None:
    readers = named(bench)
    known = readers.readers()
    assert [status.name for status in known] == [MINE]
    found: list[object] = []
    waiting = threading.Thread(target=lambda: found.append(readers.wait(known, 30)))
    waiting.start()
    bench.insert(OTHER, make("vitale1"))
    assert readers.wait(known, 0.05) == known
    assert found == []
    bench.remove(MINE)
    waiting.join(30)
    assert found == [readers.readers()]
    assert readers.wait(known) == readers.readers()  # it differs already


def test_a_wait_can_be_cancelled(bench: Bench) -> None:
    readers = named(bench)
    known = readers.readers()
    waiting = threading.Thread(target=readers.wait, args=(known,))
    waiting.start()
    while waiting.is_alive():
        readers.cancel()
        waiting.join(0.005)
    readers.close()


def test_trace_files_have_plain_names_like_no_other() -> None:
    first, second = file_name("tests/a.py::test_é[x/y]"), file_name("tests/a.py::test_é[x:y]")
    assert first.startswith("tests-a.py-test_-x-y-")
    assert first.isascii()
    assert first != second
    assert len(file_name("x" * 5000)) < 150


def test_an_older_trace_gives_way_to_one_for_its_owner_only(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "trace.jsonl", tmp_path / "elsewhere"
    path.symlink_to(elsewhere)
    recorder = PerTestRecorder(path)
    assert path.is_symlink()
    recorder.connection(MINE, b"\x3b\x00", 0).record(COUNTER, b"\x63\xc3", 0.0)
    recorder.close()
    recorder.connection(MINE, b"\x3b\x00", 0)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not elsewhere.exists()
    assert len(decode(path.read_bytes()).connections) == 1
    assert len(recorder.trace.connections) == 2


def test_a_trace_that_cannot_be_written_disturbs_no_exchange(tmp_path: Path) -> None:
    recorder = PerTestRecorder(tmp_path / "gone" / "trace.jsonl")
    recorder.connection(MINE, b"\x3b\x00", 0).record(COUNTER, b"\x63\xc3", 0.0)
    assert recorder.failure == "No such file or directory"
    assert len(recorder.trace.exchanges) == 1
    recorder.close()
