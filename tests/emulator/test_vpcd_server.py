"""Other people's cards in our readers: our own client, hostile ones, and the real vicc."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from cardio.cards.atrs import CardKind
from cardio.cards.identify import identify
from cardio.errors import (
    CardRemoved,
    ConfigurationError,
    NoCard,
    RigUnavailable,
    TransmitTimeout,
)
from cardio.transport.channel import Channel
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.faults import CutAnswer, FaultyCard, Removed
from cardio_emulator.kinds import make
from cardio_emulator.reader import VirtualReader
from cardio_emulator.vpcd import attach
from cardio_emulator.vpcd_server import VpcdServer

READER = "Remote 00 00"
SELECT_ROOT = bytes.fromhex("00A40000023F00")
ATR = bytes.fromhex("3B751300004409EA9000")
VICC = Path("/usr/bin/vicc")
VICC_MODULES = Path("/usr/lib/python3/site-packages/virtualsmartcard")


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench([READER]) as bench:
        yield bench


@pytest.fixture
def server(bench: Bench) -> Iterator[VpcdServer]:
    with VpcdServer(bench.reader(READER), port=0, limit=0.3) as server:
        yield server
    assert "vpcd" not in " ".join(thread.name for thread in threading.enumerate())


def wait_for(reader: VirtualReader, holds: Callable[[VirtualReader], bool]) -> None:
    with reader.changed:
        assert reader.changed.wait_for(lambda: holds(reader), 20), "it never came"


def has_card(reader: VirtualReader) -> bool:
    return reader.card is not None


def is_empty(reader: VirtualReader) -> bool:
    return reader.card is None


def test_our_own_card_is_read_through_it(bench: Bench, server: VpcdServer) -> None:
    reader, manager = bench.reader(READER), EmulatedResourceManager(bench)
    with attach(make("vitale2"), "127.0.0.1", server.address.port):
        wait_for(reader, has_card)
        connection = manager.connect(READER)
        assert connection.atr == ATR
        assert connection.transmit(SELECT_ROOT) == b"\x61\x12"
        connection.close()
        assert identify(Channel(manager.connect(READER))).kind is CardKind.VITALE2
    wait_for(reader, is_empty)
    assert reader.event_count == 2


@pytest.mark.parametrize("fault", [Removed(at=1), CutAnswer(at=1, size=3)])
def test_a_remote_card_torn_out_is_a_removal(
    bench: Bench, server: VpcdServer, fault: Removed | CutAnswer
) -> None:
    reader = bench.reader(READER)
    with attach(FaultyCard(make("vitale2"), fault), "127.0.0.1", server.address.port):
        wait_for(reader, has_card)
        session = reader.connect()
        assert session.transmit(SELECT_ROOT) == b"\x61\x12"
        with pytest.raises(CardRemoved):
            session.transmit(SELECT_ROOT)
        with pytest.raises(NoCard):
            bench.remove(READER)


def test_a_hand_takes_it_out(bench: Bench, server: VpcdServer) -> None:
    reader = bench.reader(READER)
    with attach(make("vitale2"), "127.0.0.1", server.address.port) as insertion:
        wait_for(reader, has_card)
        bench.remove(READER)
        assert not insertion.has_left, "it was sent away"
    with attach(make("cps3"), "127.0.0.1", server.address.port):
        wait_for(reader, has_card)


def test_the_next_card_waits_for_the_first_to_leave(bench: Bench, server: VpcdServer) -> None:
    reader = bench.reader(READER)
    with attach(make("cps3"), "127.0.0.1", server.address.port):
        wait_for(reader, has_card)
        second = attach(make("vitale2"), "127.0.0.1", server.address.port)
        first_atr = reader.state.atr
        insertion = second.__enter__()
        assert reader.state.atr == first_atr
        assert not insertion.seen.is_set()
    wait_for(reader, lambda reader: has_card(reader) and reader.state.atr == ATR)
    second.__exit__(None, None, None)


WITHOUT_DESCRIPTORS = """
import os, resource, sys, time
from cardio_emulator.bench import Bench
from cardio_emulator.vpcd_server import VpcdServer

with Bench(["R"]) as bench, VpcdServer(bench.reader("R"), port=0) as server:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        print(server.address.port, flush=True)
    sys.stdin.readline()
    before = time.process_time()
    time.sleep(0.5)
    print(time.process_time() - before, flush=True)
    for each in taken:
        os.close(each)
    with bench.changed:
        print(bench.changed.wait_for(lambda: bench.reader("R").card is not None, 20), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_without_descriptors_it_waits_for_some() -> None:
    command = [sys.executable, "-c", WITHOUT_DESCRIPTORS]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        with attach(make("vitale2"), "127.0.0.1", int(process.stdout.readline())):
            process.stdin.write("\n")
            process.stdin.flush()
            seconds_of_work = float(process.stdout.readline())
            assert seconds_of_work < 0.25
            assert process.stdout.readline() == "True\n"


class Peer:
    """A card's side of the protocol, in the hands of a test."""

    def __init__(self, server: VpcdServer) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.address.port), 5)

    def expect(self, raw: bytes) -> None:
        got = b""
        while len(got) < len(raw):
            got += self.socket.recv(len(raw) - len(got))
        assert got == raw

    def show_atr(self) -> None:
        """What vpcd does first: power on, get ATR."""
        self.expect(b"\x00\x01\x01\x00\x01\x04")
        self.socket.sendall(len(ATR).to_bytes(2, "big") + ATR)

    def is_dropped(self) -> bool:
        try:
            while self.socket.recv(100):
                pass
        except ConnectionResetError:
            pass
        return True


@pytest.fixture
def peer(server: VpcdServer) -> Iterator[Peer]:
    peer = Peer(server)
    yield peer
    peer.socket.close()


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x00", b"\xff\xff\x3b", b"\x00\x0a\x3b\x75"])
def test_without_an_answer_to_reset_there_is_no_card(bench: Bench, peer: Peer, raw: bytes) -> None:
    peer.socket.sendall(raw)
    assert peer.is_dropped()
    assert is_empty(bench.reader(READER))


@pytest.mark.parametrize("raw", [b"\x00", b"\x00\x00", b"\x00\x01\x90", b"\x00\x09\x90\x00"])
def test_a_broken_answer_ends_the_card(bench: Bench, peer: Peer, raw: bytes) -> None:
    """Half a header, no byte, one byte, half a body; vpcd hangs or crashes on some (§0.6)."""
    reader = bench.reader(READER)
    peer.show_atr()
    wait_for(reader, has_card)
    session = reader.connect()
    peer.socket.sendall(raw)
    with pytest.raises((CardRemoved, TransmitTimeout)):
        session.transmit(SELECT_ROOT)
    assert peer.is_dropped()
    wait_for(reader, is_empty)


def test_a_silent_card_is_bounded(bench: Bench, peer: Peer) -> None:
    reader = bench.reader(READER)
    peer.show_atr()
    wait_for(reader, has_card)
    session = reader.connect()
    with pytest.raises(TransmitTimeout):
        session.transmit(SELECT_ROOT)
    wait_for(reader, is_empty)


def test_a_dribbling_card_is_bounded(bench: Bench, peer: Peer) -> None:
    reader = bench.reader(READER)
    peer.show_atr()
    wait_for(reader, has_card)
    ended = threading.Event()

    def dribble() -> None:
        while not ended.wait(0.02):
            try:
                peer.socket.sendall(b"\xff")
            except OSError:
                return

    session = reader.connect()
    dribbling = threading.Thread(target=dribble)
    dribbling.start()
    with pytest.raises((CardRemoved, TransmitTimeout)):
        session.transmit(SELECT_ROOT)
    ended.set()
    dribbling.join(5)
    wait_for(reader, is_empty)


def test_an_answer_of_64_kib(bench: Bench, peer: Peer) -> None:
    reader, answer = bench.reader(READER), bytes(65533) + b"\x90\x00"
    peer.show_atr()
    wait_for(reader, has_card)
    session = reader.connect()

    def reply() -> None:
        peer.expect(b"\x00\x07" + SELECT_ROOT)
        peer.socket.sendall(b"\xff\xff" + answer)

    replying = threading.Thread(target=reply)
    replying.start()
    assert session.transmit(SELECT_ROOT) == answer
    replying.join(5)


@with_settings(max_examples=15)
@given(sent=st.binary(max_size=40))
def test_nothing_a_peer_sends_breaks_it(sent: bytes) -> None:
    bench = Bench([READER])
    with VpcdServer(bench.reader(READER), port=0, limit=0.05) as server:
        peer = Peer(server)
        peer.socket.sendall(sent)
        peer.socket.close()
        with attach(EchoCard(), "127.0.0.1", server.address.port):
            wait_for(bench.reader(READER), lambda reader: reader.state.atr == EchoCard.atr)


class EchoCard:
    atr = bytes.fromhex("3B8180018080")
    serial = "ECHO"

    def reset(self) -> None:
        """It remembers nothing."""

    def transmit(self, command: bytes) -> bytes:
        return command + b"\x90\x00"


def test_a_taken_port_is_told(bench: Bench, server: VpcdServer) -> None:
    port = server.address.port
    with pytest.raises(RigUnavailable, match=f"ss -ltnp 'sport = :{port}'"):
        VpcdServer(bench.reader(READER), port=port)


def test_an_address_of_another_machine_is_told(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1:0"):
        VpcdServer(bench.reader(READER), "192.0.2.1", 0)


def test_nothing_is_left_open(bench: Bench) -> None:
    def files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before, threads = files(), threading.active_count()
    for _ in range(3):
        with (
            VpcdServer(bench.reader(READER), port=0) as server,
            attach(EchoCard(), "127.0.0.1", server.address.port),
        ):
            wait_for(bench.reader(READER), has_card)
    wait_for(bench.reader(READER), is_empty)
    assert (files(), threading.active_count()) == (before, threads)


@contextmanager
def vicc(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Debian's vicc, as its package needs to be run (facts: pcsc_vpcd.md §4)."""
    if not (VICC.exists() and VICC_MODULES.exists()):
        pytest.skip("vsmartcard-vpicc is not installed")
    pytest.importorskip("Crypto", reason="vicc needs pycryptodome")
    command = [sys.executable, str(VICC), "-t", "iso7816", "-P", str(port)]
    env = {**os.environ, "PYTHONPATH": str(VICC_MODULES)}
    null = subprocess.DEVNULL
    with subprocess.Popen(command, env=env, stdin=null, stdout=null, stderr=null) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_card_of_vicc(bench: Bench) -> None:
    """vicc 0.8 answers GET CHALLENGE, and dies of SELECT MF (facts: pcsc_vpcd.md §4)."""
    reader, manager = bench.reader(READER), EmulatedResourceManager(bench)
    with VpcdServer(reader, port=0) as server, vicc(server.address.port) as process:
        wait_for(reader, has_card)
        connection = manager.connect(READER)
        answer = connection.transmit(bytes.fromhex("0084000008"))
        assert len(answer) == 10
        assert answer.endswith(b"\x90\x00")
        assert connection.transmit(bytes.fromhex("0084000008")) != answer
        process.kill()
        wait_for(reader, is_empty)
        with pytest.raises(CardRemoved):
            connection.transmit(bytes.fromhex("0084000008"))
