"""The reader driver against a server that breaks the rules: bounded, and never a crash.

First under AddressSanitizer and UBSan, called as pcscd would, then in a pcscd beside a good one.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from signal import SIGTERM
from time import monotonic, sleep
from typing import Any

import pytest
from tests.support.own_driver import FOLDER, serve, unavailable

from cardio.errors import CardioError
from cardio.rig.driver import library as ifd
from cardio.rig.pcscd import host
from cardio.rig.pcscd.keeper import Keeper, Mounts
from cardio.rig.pcscd.room import room
from cardio.transport.base import CardPresence
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.kinds import make
from cardio_emulator.reader import VirtualReader

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(unavailable() is not None, reason=str(unavailable())),
]

CALLS = Path(__file__).parents[1] / "support" / "own_driver_calls.py"
IMPATIENT = ("-DHELLO_SECONDS=1", "-DANSWER_SECONDS=1")
SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")

DONE, NO_TRANSFER, TIMEOUT, ABSENT, GONE, NO_ROOM = 0, 612, 613, 616, 617, 618
"""Codes of ifdhandler.h."""
PRESENT = 615

WELCOME, CARD, ATR = b"\x01\x01", b"\x00\x00\x00\x01", b"\x00\x3b\x00"
HUGE = bytes(70_000)
SILENCE, HANG_UP = "silence", "hang up"
Said = bytes | str


@dataclass(frozen=True)
class Hostile:
    """What it says on each line, and to commands."""

    welcome: Said = WELCOME
    event: Said = CARD
    answer: Said = ATR


def short(said: object) -> str | None:
    """The name of a case."""
    return f"{said[:4].hex()}({len(said)})" if isinstance(said, bytes) else None


@contextmanager
def served(peer: Hostile, path: Path) -> Iterator[None]:
    """The peer, listening at `path`."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    listener.listen(64)
    lines: list[socket.socket] = []

    def say(line: socket.socket, what: Said) -> None:
        if isinstance(what, bytes):
            line.sendall(what)
        elif what == HANG_UP:
            line.shutdown(socket.SHUT_RDWR)

    def speak(line: socket.socket) -> None:
        with suppress(OSError):
            role = line.recv(16)[3]
            say(line, peer.welcome)
            if role:
                say(line, peer.event)
            while line.recv(70_000):
                say(line, peer.answer)

    def accept() -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200_000)
                lines.append(line)
                threading.Thread(target=speak, args=(line,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        for line in (listener, *lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()


@cache
def sanitizer() -> str | None:
    """The runtime to load before Python; None where the compiler has none."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None
    asked = [compiler, "-print-file-name=libasan.so"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return found if Path(found).is_absolute() else None


def call(peer: Hostile, folder: Path) -> dict[str, Any]:
    """The results of all calls, made in a process of their own."""
    runtime = sanitizer()
    options = IMPATIENT + (SANITIZERS if runtime else ())
    env = {**os.environ, "LD_PRELOAD": runtime or "", "ASAN_OPTIONS": "detect_leaks=0"}
    command = [sys.executable, "-I", str(CALLS), str(ifd.build(FOLDER, *options))]
    with served(peer, folder / "socket"):
        command.append(str(folder / "socket"))
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_server_that_keeps_to_the_rules(tmp_path: Path) -> None:
    told = call(Hostile(), tmp_path)
    assert told["too long a path"] == told["close again"] == GONE
    assert told["no such places"] == [NO_TRANSFER] * 3
    assert told["nobody there"] == [GONE] * 4
    assert told["create"] == told["power"] == told["wait"] == told["close"] == DONE
    assert told["wait no more"] == DONE
    assert told["create again"] == NO_TRANSFER
    assert (told["slots"], told["presence"], told["atr"]) == ("01", PRESENT, "3b00")
    assert told["transmit"] == told["control"] == [DONE, "3b00"]
    assert told["no room for an answer"] == [NO_ROOM, ""]


WELCOMES = [
    HANG_UP,
    SILENCE,
    b"",
    b"\x01",
    b"\x02\x01",
    b"\x01\x00",
    b"\x01\xff",
    b"\x01\x01\x00",
    HUGE,
]


@pytest.mark.parametrize("welcome", WELCOMES, ids=short)
def test_a_welcome_that_is_none(welcome: Said, tmp_path: Path) -> None:
    assert call(Hostile(welcome=welcome), tmp_path)["create"] == GONE


@pytest.mark.parametrize("event", [SILENCE, b"\x00\x00", b"\x00\x00\x00\x00\x01", HUGE], ids=short)
def test_an_event_that_is_none(event: Said, tmp_path: Path) -> None:
    assert call(Hostile(event=event), tmp_path)["create"] == GONE


def test_a_reader_that_is_away_from_the_start(tmp_path: Path) -> None:
    told = call(Hostile(event=HANG_UP), tmp_path)
    assert (told["create"], told["slots"], told["wait"], told["close"]) == (DONE, "01", GONE, DONE)
    assert told["presence after it"] == GONE


@pytest.mark.parametrize(
    ("answer", "power", "transmit"),
    [
        (HANG_UP, GONE, GONE),
        (SILENCE, TIMEOUT, TIMEOUT),
        (b"", GONE, GONE),
        (b"\x00", 608, NO_TRANSFER),
        (b"\x00\x90", DONE, NO_TRANSFER),
        (b"\x01", ABSENT, ABSENT),
        (b"\x02\x90\x00", TIMEOUT, TIMEOUT),
        (b"\xff\x90\x00", NO_TRANSFER, NO_TRANSFER),
        (bytes(1 + 34), NO_ROOM, DONE),
        (HUGE, NO_ROOM, NO_ROOM),
    ],
    ids=short,
)
def test_an_answer_that_is_none(answer: Said, power: int, transmit: int, tmp_path: Path) -> None:
    told = call(Hostile(answer=answer), tmp_path)
    assert told["create"] == told["close"] == DONE
    assert told["power"] == power
    assert told["transmit"][0] == told["transmit again"][0] == transmit
    assert told["transmit"][1] == ("" if transmit else bytes(34).hex())
    assert told["presence after it"] == PRESENT


@contextmanager
def service(conf: Path) -> Iterator[None]:
    """A pcscd with this configuration, which must run until it is told to end."""
    build, command = host.pcscd_build(), (host.pcscd_path(), "--foreground", "-c", str(conf))
    (FOLDER / "run").mkdir(exist_ok=True)
    (FOLDER / "run" / "pcscd.comm").unlink(missing_ok=True)
    mounts = Mounts(build.socket_folder, hidden=build.usb_drivers)
    option = host.namespace_option()
    keeper = Keeper(FOLDER, option, mounts, (*command, *build.options), os.environ)
    try:
        end = monotonic() + 30
        while not (FOLDER / "run" / "pcscd.comm").exists():
            assert not keeper.has_died, (FOLDER / "log").read_text()
            assert monotonic() < end
            sleep(0.005)
        yield
        assert not keeper.has_died, (FOLDER / "log").read_text()
    finally:
        keeper.end(SIGTERM)


def test_pcscd_lives_on(tmp_path: Path) -> None:
    peers = [
        *(Hostile(welcome=what) for what in (HANG_UP, b"\x01", HUGE)),
        *(Hostile(event=what) for what in (HANG_UP, b"\x00\x00")),
        *(Hostile(answer=what) for what in (HANG_UP, SILENCE, b"", b"\x00", b"\x00\x90", HUGE)),
    ]
    good, card = VirtualReader("good"), make("vitale2")
    good.insert(card)
    library = ifd.build(FOLDER, *IMPATIENT)
    with ExitStack() as stack:
        paths = [tmp_path / str(number) for number in range(len(peers))]
        for peer, path in zip(peers, paths, strict=True):
            stack.enter_context(served(peer, path))
        paths.append(stack.enter_context(serve([good])))
        entries = [room(FOLDER, len(paths))]
        entries += [ifd.reader_conf(f"R{at}", library, path) for at, path in enumerate(paths)]
        (tmp_path / "conf").write_text("\n".join(entries))
        stack.enter_context(service(tmp_path / "conf"))
        manager = PcscResourceManager(limit=20)
        readers = {reader.name.split()[0]: reader for reader in manager.readers()}
        assert len(readers) == 8, "four of them are no readers at all"
        for reader in readers.values():
            with suppress(CardioError):
                connection = manager.connect(reader.name)
                connection.transmit(b"\x00\xca\x00\x00\x00")
        after = next(r for r in manager.readers() if r.name.split()[0] == f"R{len(peers)}")
        assert (after.presence, after.atr) == (CardPresence.PRESENT, card.atr)
        connection = manager.connect(after.name)
        assert connection.transmit(bytes.fromhex("00A40000023F00")) == b"\x61\x12"


@pytest.mark.parametrize(
    "said",
    [b"", b"C", b"CI\x02\x00\x00", b"CI\x01\x07\x00", b"CI\x01\x00\x01", b"XX\x01\x00\x00", HUGE],
    ids=short,
)
def test_a_driver_that_breaks_the_rules(said: bytes) -> None:
    with serve([VirtualReader("good")]) as path:
        hang_up(path, said)
        greet(path).close()


@pytest.mark.parametrize(
    "said", [b"\x01", b"\x09\x00\x00\x00\x00", b"\x04\x00\x00\x00\x00", HUGE], ids=short
)
def test_commands_that_are_none(said: bytes) -> None:
    with serve([VirtualReader("good")]) as path:
        with greet(path) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200_000)
            line.sendall(said)
            assert line.recv(9) == b""
        greet(path).close()


POWER_ON, TRANSMIT = b"\x01", b"\x03"
FIRST, SELECT = bytes((0, 0, 0, 1)), bytes.fromhex("00A40000023F00")
DONE, NO_CARD, FAILED = 0, 1, 4


def test_no_card_is_told_while_none_is_in() -> None:
    """pcscd would mark the reader as empty after it has found the next card, for good."""
    reader = VirtualReader("good")
    reader.insert(make("vitale2"))
    with serve([reader]) as path, greet(path) as line:

        def outcome(command: bytes) -> int:
            line.sendall(command)
            return line.recv(300)[0]

        assert outcome(POWER_ON + FIRST) == outcome(TRANSMIT + FIRST + SELECT) == DONE
        reader.swap(make("vitale2"))
        assert outcome(TRANSMIT + FIRST + SELECT) == FAILED
        reader.unplug()
        assert outcome(TRANSMIT + FIRST + SELECT) == NO_CARD
        reader.plug()
        reader.remove()
        assert outcome(TRANSMIT + FIRST + SELECT) == NO_CARD


def greet(path: Path, said: bytes = b"CI\x01\x00\x00") -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.settimeout(20)
    line.connect(str(path))
    line.sendall(said)
    assert line.recv(9) == WELCOME
    return line


def hang_up(path: Path, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.settimeout(20)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200_000)
        line.connect(str(path))
        line.sendall(said)
        assert line.recv(9) == b""
