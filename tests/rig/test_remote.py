"""A bench over a control socket: its readers read from afar, its cards moved, its losses told."""

import gc
import json
import re
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from cardio import Pin, Verified
from cardio.errors import (
    CardioError,
    CardRemoved,
    CardReset,
    ConfigurationError,
    NoCard,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransmitTimeout,
    TransportError,
    UnsupportedByReader,
)
from cardio.rig.control.absent_card import AbsentCard
from cardio.rig.control.remote import RemoteBench
from cardio.rig.control.server import ControlServer
from cardio.rig.pcscd.private import unavailable
from cardio.transport import monitor
from cardio.transport.base import Disposition, ShareMode, control
from cardio.transport.json_line import MAX_LINE, Endpoint, JsonLine
from cardio.transport.monitor import Monitor
from cardio.transport.remote import RemoteManager
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.faults import (
    CutAnswer,
    FaultyCard,
    Mute,
    ReaderGone,
    Removed,
    SlowAnswer,
    WrongStatus,
)
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad

A, B = "Gemalto PC Twin Reader 00 00", "Gemalto PC Twin Reader 01 00"
SELECT_ROOT = bytes.fromhex("00A40000023F00")
SOON = 30.0
"""Seconds that something of this page may take on a loaded machine; it takes milliseconds."""


def threads() -> set[str]:
    return {t.name for t in threading.enumerate() if t.name.startswith(("bench", "held", "card "))}


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench([A, B]) as bench:
        yield bench


@pytest.fixture
def server(bench: Bench) -> Iterator[ControlServer]:
    """The bench on a free port; nothing of it is left afterwards."""
    with ControlServer(bench, EmulatedResourceManager(bench)) as server:
        yield server
    wait_for(lambda: not threads())


@pytest.fixture
def remote(server: ControlServer) -> Iterator[RemoteBench]:
    with RemoteBench(server.endpoint) as remote:
        yield remote


@pytest.fixture
def manager(remote: RemoteBench) -> Iterator[RemoteManager]:
    with closing(remote.manager()) as manager:
        yield manager


@contextmanager
def raw(endpoint: Endpoint) -> Iterator[JsonLine]:
    with closing(JsonLine(endpoint.connect(SOON))) as line:
        yield line


def ask(line: JsonLine, **command: object) -> dict[str, object]:
    line.send(command)
    return told(line)


def told(line: JsonLine) -> dict[str, object]:
    answer = line.receive(SOON)
    assert answer is not None
    return json.loads(answer)


@pytest.mark.parametrize("is_held_here", [True, False])
def test_cards_are_read_from_afar(remote: RemoteBench, is_held_here: bool) -> None:
    for reader, kind in ((A, "cps3"), (B, "vitale2")):
        if is_held_here:
            remote.insert(reader, make(kind))
        else:
            remote.insert_kind(reader, kind)
    with Workstation(remote.manager()) as workstation:
        cps = workstation.cps()
        assert str(cps.holder.ps_idnat) == "899700982178"
        assert len(workstation.vitale().beneficiaries) == 3
        assert isinstance(cps.verify_pin(Pin.of("1234")), Verified)
        assert cps.situations()


def test_a_remote_bench_does_what_a_bench_does(remote: RemoteBench, bench: Bench) -> None:
    cps, vitale = make("cps3"), make("vitale2")
    assert remote.readers == bench.readers
    remote.insert(A, cps)
    with pytest.raises(ConfigurationError, match="already"):
        remote.insert(A, vitale)
    assert remote.swap(A, vitale) is cps
    remote.reset(A)
    assert remote.remove(A) is vitale
    with pytest.raises(NoCard):
        remote.remove(A)
    remote.unplug_reader(B)
    with pytest.raises(ReaderUnavailable):
        remote.insert(B, cps)
    remote.plug_reader(B)
    remote.insert(B, cps)
    remote.fault(B, WrongStatus(0, 0x6F00))
    with Workstation(remote.manager()) as workstation:
        (slot,) = workstation.scan([workstation.readers()[1]])
        assert slot.error or slot.match
    remote.clear_faults(B)
    remote.kill_service()
    with closing(remote.manager()) as manager:
        with pytest.raises(ServiceUnavailable):
            manager.readers()
        remote.restart_service()
        assert [status.name for status in manager.readers()] == [A, B]


def test_a_card_made_over_there_can_be_put_back(remote: RemoteBench, bench: Bench) -> None:
    remote.insert_kind(A, "cps3")
    serial = bench.reader(A).card
    gone = remote.remove(A)
    assert isinstance(gone, AbsentCard)
    gone.reset()
    with pytest.raises(CardRemoved):
        gone.transmit(SELECT_ROOT)
    remote.insert(B, gone)
    assert bench.reader(B).card is serial
    remote.insert_kind(A, "vitale2")
    assert isinstance(remote.swap(A, make("cps3")), AbsentCard)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Removed(1), CardRemoved),
        (CutAnswer(1, 3), CardRemoved),
        (Mute(1, 0.0), TransmitTimeout),
        (ReaderGone(1), ReaderUnavailable),
    ],
)
@pytest.mark.parametrize("is_held_here", [True, False])
def test_faults_show_from_afar(
    remote: RemoteBench,
    manager: RemoteManager,
    fault: Removed,
    error: type[CardioError],
    is_held_here: bool,
) -> None:
    if is_held_here:
        remote.insert(A, FaultyCard(make("cps3"), fault))
    else:
        remote.insert_kind(A, "cps3")
        remote.fault(A, fault)
    connection = manager.connect(A)
    assert connection.transmit(SELECT_ROOT)
    with pytest.raises(error) as caught:
        connection.transmit(SELECT_ROOT)
    assert caught.value.where.reader == A


def test_connections_are_as_in_process(remote: RemoteBench, manager: RemoteManager) -> None:
    remote.insert_kind(A, "cps3")
    one, other = manager.connect(A), manager.connect(A)
    assert (one.reader, one.atr, one.protocol.value) == (A, make("cps3").atr, 0)
    with one.transaction(), pytest.raises(SharingViolation):
        other.transmit(SELECT_ROOT)
    assert other.transmit(SELECT_ROOT)
    with pytest.raises(SharingViolation):
        manager.connect(A, ShareMode.EXCLUSIVE)
    with pytest.raises(UnsupportedByReader):
        control(one, 0x42000D48)
    one.close(Disposition.RESET)
    with pytest.raises(CardReset):
        other.transmit(SELECT_ROOT)
    with pytest.raises(TransportError, match="closed"):
        one.transmit(SELECT_ROOT)
    with pytest.raises(NoCard):
        manager.connect(B)
    with pytest.raises(ReaderUnavailable):
        manager.connect("Reader 07")


def test_a_pad_is_used_from_afar(remote: RemoteBench, bench: Bench) -> None:
    bench.reader(A).pad = EmulatedPad(("1234",))
    remote.insert_kind(A, "cps3")
    with Workstation(remote.manager()) as workstation:
        card = workstation.cps()
        pad = card.pin_pad()
        assert pad
        assert isinstance(card.verify_pin_on_pad(pad.verify), Verified)


def test_events_come_as_they_happen(remote: RemoteBench, manager: RemoteManager) -> None:
    with Monitor(manager, service_retry=0.01) as events:
        coming = iter(events)
        assert {next(coming), next(coming)} == {monitor.ReaderAdded(A), monitor.ReaderAdded(B)}
        remote.insert_kind(A, "vitale2")
        assert next(coming) == monitor.CardInserted(A, make("vitale2").atr)
        remote.remove(A)
        assert next(coming) == monitor.CardRemoved(A)
        remote.kill_service()
        lost = {next(coming), next(coming), next(coming)}
        assert monitor.ServiceLost() in lost
        remote.restart_service()
        assert next(coming) == monitor.ServiceBack()


def test_a_wait_ends_by_cancel_by_close_and_in_time(manager: RemoteManager) -> None:
    known = manager.readers()
    assert manager.wait(known, 0.0) == known
    assert manager.wait(known, 0.05) == known
    assert manager.wait(()) == known
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(manager.wait, known)
        while not waiting.done():
            manager.cancel()
            time.sleep(0.005)
        assert waiting.result() == known
        waiting = pool.submit(manager.wait, known)
        wait_for(lambda: bool(manager._waiting))
        manager.close()
        with pytest.raises(TransportError):
            waiting.result(SOON)


def test_the_events_of_a_watching_line(
    server: ControlServer, remote: RemoteBench, manager: RemoteManager
) -> None:
    with raw(server.endpoint) as line:
        assert ask(line, do="watch") == {"done": "watch"}
        events: list[dict[str, object]] = []

        def until(word: str) -> dict[str, object]:
            while not events or events[-1]["event"] != word:
                events.append(told(line))
            return events[-1]

        until("alive")
        remote.insert_kind(A, "cps3")
        assert until("inserted")["atr"] == make("cps3").atr.hex().upper()
        with closing(manager.connect(A)) as connection:
            connection.transmit(SELECT_ROOT)
        counted = until("apdus")
        assert (counted["reader"], counted["apdus"]) == (A, 1)
        remote.remove(A)
        assert until("removed")["reader"] == A
        remote.kill_service()
        until("service_lost")
        remote.restart_service()
        until("service_back")
        moments = [event["at"] for event in events]
        assert moments == sorted(moments)  # type: ignore[type-var]


def test_the_loss_of_a_bench_is_told_and_its_return_seen(bench: Bench) -> None:
    with ControlServer(bench, EmulatedResourceManager(bench)) as server:
        at = server.endpoint
        remote = RemoteBench(at)
        manager = remote.manager()
        remote.insert_kind(A, "cps3")
        connection = manager.connect(A)
        held = FaultyCard(make("vitale2"))
        remote.insert(B, held)
        pool = ThreadPoolExecutor(1)

        def watch() -> None:
            known = manager.readers()
            while True:  # cards that leave on the way to the end are changes, too
                known = manager.wait(known)

        waiting = pool.submit(watch)
        wait_for(lambda: bool(manager._waiting))
    with pytest.raises(ServiceUnavailable, match=str(at)):
        waiting.result(SOON)
    pool.shutdown()
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            connection.transmit(SELECT_ROOT)
        with pytest.raises(ServiceUnavailable):
            manager.readers()
    connection.close()
    with ControlServer(bench, EmulatedResourceManager(bench), at):
        assert len(manager.readers()) == 2
        assert bench.reader(B).card is None  # it left with the line
        remote.close()
        manager.close()
    wait_for(lambda: not threads())
    for call in (manager.readers, remote.state):
        with pytest.raises(TransportError):
            call()


def test_a_card_leaves_with_the_client_that_holds_it(server: ControlServer, bench: Bench) -> None:
    with RemoteBench(server.endpoint) as remote:
        remote.insert(A, make("cps3"))
        assert bench.reader(A).state.has_card
    wait_for(lambda: not bench.reader(A).state.has_card)


def test_a_client_that_leaves_ends_its_connection(server: ControlServer, bench: Bench) -> None:
    bench.insert(A, make("cps3"))
    with raw(server.endpoint) as line:
        assert ask(line, do="connect", reader=A, share="exclusive")["protocol"] == 0
        assert ask(line, do="begin") == {"done": "begin"}
        assert bench.reader(A).state.exclusive
    wait_for(lambda: not bench.reader(A).state.in_use)


@contextmanager
def peer(answer: bytes) -> Iterator[Endpoint]:
    """Something that listens, answers whatever comes with this, and says no more."""
    listening = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connections.append(connection)
            connection.recv(1000)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Endpoint(*listening.getsockname())
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        for connection in connections:
            connection.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"{}\n",
        b"[1]\n",
        b'{"done": "readers", "version": 1, "readers": [{"reader": "A"}]}\n',
        b'{"done": "readers", "version": 1, "readers": 5}\n',
        b'{"done": "connect", "atr": "xy", "protocol": 9}\n',
        b"x" * (MAX_LINE + 9),
    ],
)
def test_a_peer_that_is_no_bench_is_told_in_bounded_time(answer: bytes) -> None:
    with peer(answer) as at, closing(RemoteManager(at, answer_within=0.3)) as manager:
        for call in (manager.readers, lambda: manager.wait(()), lambda: manager.connect(A)):
            with pytest.raises(ServiceUnavailable):
                call()


def test_a_card_that_does_not_answer_is_told_in_bounded_time(server: ControlServer) -> None:
    with closing(RemoteManager(server.endpoint, answer_within=0.8)) as manager:
        server.commands.bench.insert(A, FaultyCard(make("cps3"), SlowAnswer(2.0)))
        connection = manager.connect(A)
        for _ in range(2):
            with pytest.raises(TransmitTimeout):
                connection.transmit(SELECT_ROOT)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    for at in (Endpoint("127.0.0.1", 1), Endpoint(path=tmp_path / "no")):
        with pytest.raises(ServiceUnavailable, match="no bench answers"):
            RemoteManager(at).readers()


def test_what_is_no_command_is_told_and_the_line_goes_on(server: ControlServer) -> None:
    with raw(server.endpoint) as line:
        assert ask(line, do="state")["done"] == "state"
        line._sending.sendall(b"nonsense\n")
        assert told(line) == {"error": "this is no JSON"}
        for bad, problem in (
            ({"do": "transmit", "apdu": "00"}, "connected to no card"),
            ({"do": "transmit", "apdu": "xy"}, "connected to no card"),
            ({"do": "wait", "version": "x"}, "must be numbers"),
            ({"do": "wait", "version": 1, "seconds": "x"}, "must be numbers"),
            ({"do": "connect", "reader": A, "share": "all"}, "none of its words"),
            ({"do": "connect", "reader": A}, "empty"),
            ({"do": "control", "code": "x"}, "a number of 32 bits"),
            ({"do": "readers", "x": 1}, "unknown"),
        ):
            assert problem in str(ask(line, **bad)["error"])
        assert ask(line, do="end", id=3) == {"done": "end", "id": 3}
        assert ask(line, do="quit") == {"done": "quit"}
        assert line.receive(SOON) is None


@pytest.mark.parametrize("bad", [{"atr": "xy"}, {"atr": "3B00", "serial": 5}])
def test_a_bad_card_of_a_client_is_refused(server: ControlServer, bad: dict[str, object]) -> None:
    with raw(server.endpoint) as line:
        assert "error" in ask(line, do="hold", reader=A, **bad)
    assert not server.manager.readers()[0].atr


def test_a_client_that_holds_a_card_badly_has_it_torn(server: ControlServer, bench: Bench) -> None:
    for answer in ("{}", '{"answer": "xy"}', '{"torn": "", "announced": "x"}', "nonsense", "[]"):
        with raw(server.endpoint) as line:
            assert ask(line, do="hold", reader=A, atr="3B00")["done"] == "hold"
            connection = server.manager.connect(A)
            with ThreadPoolExecutor(1) as pool:
                asked = pool.submit(connection.transmit, SELECT_ROOT)
                assert told(line) == {"apdu": SELECT_ROOT.hex().upper(), "reset": True}
                line._sending.sendall(answer.encode() + b"\n")
                with pytest.raises(CardRemoved):
                    asked.result(SOON)
        wait_for(lambda: not bench.reader(A).state.has_card)


def test_a_browser_is_let_go_before_it_does_anything(server: ControlServer, bench: Bench) -> None:
    body = json.dumps({"do": "insert", "reader": A, "card": "cps3"})
    page = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n{body}\n"
    with raw(server.endpoint) as line:
        line._sending.sendall(page.encode())
        assert told(line) == {"error": "this is no JSON"}
        with pytest.raises((OSError, AssertionError)):
            told(line)
    assert not bench.reader(A).state.has_card


def test_a_line_without_end_is_let_go(server: ControlServer) -> None:
    with raw(server.endpoint) as line:
        line._sending.sendall(b"{" + b" " * (MAX_LINE + 100_000))
        answers: list[bytes | None] = []
        with suppress(OSError):  # what it has not read makes its end a reset
            answers = [line.receive(SOON), line.receive(SOON)]
        assert not answers or answers[1] is None


def test_only_this_machine_is_served_unless_told(bench: Bench) -> None:
    manager = EmulatedResourceManager(bench)
    for host in ("0.0.0.0", "::", "192.0.2.1", "desk.example"):
        with pytest.raises(ConfigurationError, match="whoever reaches it"):
            ControlServer(bench, manager, Endpoint(host, 0))
    with ControlServer(bench, manager, Endpoint("0.0.0.0", 0), anywhere=True) as server:
        assert not server.endpoint.is_of_this_machine
        with closing(RemoteManager(Endpoint("127.0.0.1", server.endpoint.port))) as from_afar:
            assert from_afar.readers()


def test_a_taken_place_is_told_with_what_helps(
    server: ControlServer, bench: Bench, tmp_path: Path
) -> None:
    manager = EmulatedResourceManager(bench)
    with pytest.raises(ConfigurationError, match=f"ss -ltnp 'sport = :{server.endpoint.port}'"):
        ControlServer(bench, manager, server.endpoint).start()
    path = tmp_path / "bench"
    with (
        ControlServer(bench, manager, Endpoint(path=path)),
        pytest.raises(ConfigurationError, match="choose another"),
    ):
        ControlServer(bench, manager, Endpoint(path=path)).start()
    with pytest.raises(ConfigurationError, match="No such file"):
        ControlServer(bench, manager, Endpoint(path=tmp_path / "no" / "bench")).start()


def test_a_unix_socket_is_for_its_user_and_leaves_no_file(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "bench"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))  # as one that was killed leaves it
    with ControlServer(bench, EmulatedResourceManager(bench), Endpoint(path=path)) as server:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert str(server.endpoint) == f"unix:{path}"
        with Workstation.open(str(server.endpoint)) as workstation:
            assert [reader.name for reader in workstation.readers()] == [A, B]
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("tcp://127.0.0.1:7816", Endpoint("127.0.0.1", 7816)),
        ("127.0.0.1:7816", Endpoint("127.0.0.1", 7816)),
        ("tcp://[::1]:7816", Endpoint("::1", 7816)),
        ("desk.example:1", Endpoint("desk.example", 1)),
        ("unix:/run/bench", Endpoint(path=Path("/run/bench"))),
    ],
)
def test_places_are_read_and_written(text: str, endpoint: Endpoint) -> None:
    assert Endpoint.parse(text) == endpoint == Endpoint.parse(str(endpoint))


@pytest.mark.parametrize("text", ["", "tcp://", "host", ":1", "host:", "host:x", "host:65536"])
def test_a_place_with_a_mistake_is_told(text: str) -> None:
    with pytest.raises(ConfigurationError, match="HOST:PORT"):
        Endpoint.parse(text)


def test_many_clients_at_once_get_their_own_cards(server: ControlServer) -> None:
    def identify(number: int) -> str:
        reader = (A, B)[number % 2]
        with Workstation(RemoteManager(server.endpoint)) as workstation:
            (slot,) = workstation.scan([one for one in workstation.readers() if one.name == reader])
            assert slot.match, slot.error
            return slot.match.kind.name

    server.commands.bench.insert(A, make("cps3"))
    server.commands.bench.insert(B, make("vitale2"))
    with ThreadPoolExecutor(12) as pool:
        kinds = list(pool.map(identify, range(24)))
    assert kinds == ["CPS3", "VITALE2"] * 12


def test_nothing_is_left_of_clients_and_cards(server: ControlServer) -> None:
    def use() -> None:
        with RemoteBench(server.endpoint) as remote, Workstation(remote.manager()) as workstation:
            remote.insert(A, make("vitale2"))
            assert workstation.vitale().beneficiaries
            remote.remove(A)

    def fds() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    use()
    wait_for(lambda: threads() == {"bench door", "bench board"})
    before = fds()
    for _ in range(5):
        use()
    wait_for(lambda: threads() == {"bench door", "bench board"})
    assert fds() == before


def test_the_command_line_reads_a_card_of_another_process(server: ControlServer) -> None:
    server.commands.bench.insert(A, make("cps3"))
    done = subprocess.run(
        [sys.executable, "-m", "cardio", "--workstation", str(server.endpoint), "--json", "cards"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "cps3" in done.stdout.lower()


def test_the_python_of_the_page_runs(
    server: ControlServer, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Path(__file__).parents[2] / "docs/reference/bench-commands.md"
    blocks = re.findall(
        r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    for block in blocks:
        exec(block.replace("tcp://127.0.0.1:7816", str(server.endpoint)), {})
    place, holder = capsys.readouterr().out.split()
    assert place.startswith("tcp://127.0.0.1:")
    assert holder == "899700982178"


@pytest.mark.pcscd
def test_a_bench_of_real_readers_is_driven_from_afar() -> None:
    if reason := unavailable():
        pytest.skip(reason)
    from cardio.rig.benches.service import ServiceBench
    from cardio.transport.pcsc import PcscResourceManager

    with (
        ServiceBench([A, B]) as bench,
        ControlServer(bench, PcscResourceManager()) as server,
        RemoteBench(server.endpoint) as remote,
        Workstation(remote.manager()) as workstation,
    ):
        remote.insert_kind(A, "cps3")
        remote.insert(B, make("vitale2"))
        assert str(workstation.cps().holder.ps_idnat) == "899700982178"
        assert workstation.vitale().beneficiaries
        connection = workstation.manager.connect(remote.readers[0])
        remote.swap(A, make("cps3", "infirmiere"))
        with pytest.raises(TransportError):
            connection.transmit(SELECT_ROOT)
        remote.restart_service()
        shown = {status.name for status in workstation.readers()}
        assert set(remote.readers) <= shown == {one.name for one in server.manager.readers()}
