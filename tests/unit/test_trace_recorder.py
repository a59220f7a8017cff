"""Recording, in memory and into files, from several connections and threads."""

import io
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cardio.trace import Recorder, jsonl, recording
from cardio.trace.trace import Entry

ATR = bytes.fromhex("3BAC00402A001225006480000310009000")
VERIFY = bytes.fromhex("0020000104 31323334")
READ = bytes.fromhex("00B0000002")


def test_in_memory() -> None:
    before = datetime.now(UTC)
    recorder = Recorder()
    card = recorder.connection("Reader", ATR, 0)
    card.record(VERIFY, b"\x63\xc2", 0.004)
    card.record(READ, b"\xaa\xbb\x90\x00", 0.002)
    trace = recorder.trace
    assert before <= trace.created <= datetime.now(UTC)
    assert [(c.number, c.reader, c.atr, c.protocol) for c in trace.connections] == [
        (0, "Reader", ATR, 0)
    ]
    assert [(str(e.command), str(e.answer), e.seconds) for e in trace.exchanges] == [
        ("0020000104********", "63C2", 0.004),
        ("00B0000002", "AABB9000", 0.002),
    ]
    assert all(exchange.at >= 0 for exchange in trace.exchanges)


def test_into_a_stream_each_line_at_once() -> None:
    stream = io.StringIO()
    recorder = Recorder(stream)
    assert stream.getvalue().count("\n") == 1
    card = recorder.connection("Reader", ATR, 1)
    card.record(VERIFY, b"\x90\x00", 0.1)
    assert stream.getvalue().count("\n") == 3
    trace = jsonl.decode(stream.getvalue().encode())
    assert trace.connections[0].protocol == 1
    assert str(trace.exchanges[0].command) == "0020000104********"


def test_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with recording(path, with_answers=False) as recorder:
        recorder.connection("Lecteur santé", ATR, 0).record(READ, b"\xaa\xbb\x90\x00", 0.1)
        assert path.read_bytes().count(b"\n") == 3, "flushed line by line"
    trace = jsonl.decode(path.read_bytes())
    assert trace.connections[0].reader == "Lecteur santé"
    assert str(trace.exchanges[0].answer) == "****9000"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with recording(path):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_chains_on_two_connections_are_told_apart() -> None:
    recorder = Recorder()
    first, second = recorder.connection("A", ATR, 0), recorder.connection("B", ATR, 0)
    first.record(bytes.fromhex("10200001023132"), b"\x90\x00", 0)
    second.record(bytes.fromhex("00A40000023F00"), b"\x90\x00", 0)
    first.record(bytes.fromhex("00A40000023334"), b"\x90\x00", 0)
    shown = [(e.connection, str(e.command)) for e in recorder.trace.exchanges]
    assert shown == [(0, "1020000102****"), (1, "00A40000023F00"), (0, "00A4000002****")]


def test_every_entry_passes_through_keep() -> None:
    seen: list[str] = []

    class Watching(Recorder):
        def keep(self, entry: Entry) -> None:
            seen.append(type(entry).__name__)
            super().keep(entry)

    Watching().connection("Reader", ATR, 0).record(READ, b"\x90\x00", 0)
    assert seen == ["TraceHeader", "TracedConnection", "Exchange"]


def test_from_many_threads() -> None:
    stream = io.StringIO()
    recorder = Recorder(stream)

    def work(number: int) -> None:
        card = recorder.connection(f"Reader {number}", ATR, 0)
        for index in range(50):
            card.record(READ, bytes((number, index, 0x90, 0x00)), 0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    trace = jsonl.decode(stream.getvalue().encode())
    for connection in trace.connections:
        answers = [e.answer.before for e in trace.exchanges_of(connection.number)]
        number = int(connection.reader.removeprefix("Reader "))
        assert answers == [bytes((number, index, 0x90, 0x00)) for index in range(50)]
