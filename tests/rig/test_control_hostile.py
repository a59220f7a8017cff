"""What a control socket does for a client that means no good, and for one that is only clumsy."""

import errno
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardio.rig.control.commands import BenchCommands
from cardio.rig.control.server import ControlServer
from cardio.transport.json_line import Endpoint, Message, decode, encode
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make

READER = "Reader 00 00"
HALF = "\ud800"
"""Half a surrogate pair: JSON can say it, UTF-8 cannot."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ControlServer]:
    bench = Bench([READER])
    bench.insert(READER, make("cps3"))
    manager = EmulatedResourceManager(bench)
    with ControlServer(bench, manager, Endpoint(), folder=tmp_path) as server:
        yield server


def connected(server: ControlServer) -> socket.socket:
    connection = server.endpoint.connect(5)
    connection.settimeout(20)
    return connection


def told(server: ControlServer, *commands: Message) -> list[Message]:
    """The answers to all of them, on one line."""
    with connected(server) as connection, connection.makefile("rb") as answers:
        connection.sendall("".join(encode(one) + "\n" for one in commands).encode())
        return [decode(answers.readline()) for _ in commands]


@pytest.mark.parametrize(
    "command",
    [
        {"do": "state", "id": HALF},
        {"do": "connect", "reader": HALF},
        {"do": "insert", "reader": "Reader", "image": "a\0b"},
        {"do": "insert", "reader": "Reader", "card": "cps3", "persona": "a\0b.toml"},
        {"do": "wait", "version": 1, "seconds": -5},
        {"do": "hold", "reader": "Reader", "atr": "3B" * 34},
        {"do": "hold", "reader": "Reader", "atr": "3B00"},
    ],
    ids=str,
)
def test_whatever_a_line_says_it_is_answered_and_so_is_the_next(
    server: ControlServer, command: Message
) -> None:
    _, after = told(server, command, {"do": "state"})
    assert after["done"] == "state"


@pytest.mark.parametrize("command", [{"do": "state", "id": HALF}, {"do": HALF}])
def test_an_answer_can_be_written_anywhere(command: Message) -> None:
    bench = Bench([READER])
    answer = BenchCommands(bench, EmulatedResourceManager(bench).readers).execute(encode(command))
    assert answer.isascii()
    assert decode(answer).get("id") == command.get("id")


@pytest.mark.parametrize(
    "keys",
    [
        {"code": -1},
        {"code": 1 << 32},
        {"code": "1"},
        {"code": 1, "limit": -1},
        {"code": 1, "limit": 1e300},
        {"code": 1, "limit": "1"},
    ],
    ids=str,
)
def test_no_control_code_that_pcsc_has_no_room_for(
    server: ControlServer, keys: dict[str, object]
) -> None:
    _, answer = told(server, {"do": "connect", "reader": READER}, {"do": "control", **keys})
    assert str(answer["error"]).startswith("control: ")


class NoDescriptorLeft:
    """A listening socket of a process whose descriptors are all in use."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.asked = 0
        self.is_over = threading.Event()

    def accept(self) -> tuple[socket.socket, object]:
        if self.is_over.is_set():
            return self._listening.accept()
        self.asked += 1
        if self.asked > 2:
            self.is_over.set()
        raise OSError(errno.EMFILE, "Too many open files")

    def __getattr__(self, name: str) -> object:
        return getattr(self._listening, name)


def test_without_a_descriptor_clients_wait_and_so_does_the_processor(
    server: ControlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []
    wait = server._closed.wait
    monkeypatch.setattr(server._closed, "wait", lambda for_: waits.append(for_) or wait(for_))
    assert server._listening
    full = NoDescriptorLeft(server._listening)
    monkeypatch.setattr(server, "_listening", full)
    told(server, {"do": "state"})  # taken by the `accept` that was under way
    assert told(server, {"do": "state"})[0]["done"] == "state"
    assert (full.asked, waits) == (3, [0.1] * 3)
