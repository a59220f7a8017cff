"""`cardio emulate` as a script sees it: one JSON line, signals, exit codes."""

import ctypes
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from tests.support.desk import Desk

from cardio.rig.pcscd.private import PrivatePcscd

VITALE_ATR = "3B751300004409EA9000"
CPS3_ATR = "3BAC00402A001225006480000310009000"

Start = Callable[..., "subprocess.Popen[str]"]


class Slot:
    """A vpcd slot that powers a card on and nothing more."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(20)
        self.port: int = self.server.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def accept(self) -> socket.socket:
        reader, _ = self.server.accept()
        reader.settimeout(20)
        reader.sendall(b"\x00\x01\x01\x00\x01\x04")
        return reader

    def close(self) -> None:
        self.server.close()


@pytest.fixture
def slot() -> Iterator[Slot]:
    made = Slot()
    yield made
    made.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `cardio emulate` with these arguments; it does not outlive the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str | Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", "from cardio.cli import main; main()", "emulate"]
        started.append(
            subprocess.Popen(
                [*command, *map(str, arguments)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    if process.stdout is None:
        pytest.fail("no standard output")
    return json.loads(process.stdout.readline())


def ended(process: "subprocess.Popen[str]", timeout: float = 30) -> tuple[int, str]:
    """Exit code and what was said on standard error."""
    _, said = process.communicate(timeout=timeout)
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_then_a_quiet_end(start: Start, slot: Slot, number: signal.Signals) -> None:
    process = start("--card", "vitale2", "--vpcd", slot.address)
    with slot.accept() as reader:
        assert line(process) == {
            "card": "vitale2",
            "atr": VITALE_ATR,
            "serial": "9900000349",
            "persona": "famille",
        }
        assert process.poll() is None
        process.send_signal(number)
        assert reader.recv(100)[2:].hex().upper() == VITALE_ATR
        assert reader.recv(100) == b""
    code, said = ended(process)
    assert (code, said) == (0, "")
    assert process.stdout is not None


@pytest.mark.skipif(sys.platform != "linux", reason="a system that tells threads apart")
@pytest.mark.parametrize("what", ["card", "bench"])
def test_a_signal_that_another_thread_gets(
    start: Start, slot: Slot, tmp_path: Path, what: str
) -> None:
    """Which one the system chooses is up to it."""
    bench = tmp_path / "bench.toml"
    bench.write_text(f'[[reader]]\nname = "R"\ncard = "vitale2"\nvpcd = "{slot.address}"\n')
    words = {"card": ("--card", "vitale2", "--vpcd", slot.address), "bench": ("--bench", bench)}
    process = start(*words[what])
    with slot.accept():
        line(process)
        if what == "bench":
            line(process)
        threads = {int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()}
        other = max(threads - {process.pid})
        assert ctypes.CDLL(None).tgkill(process.pid, other, signal.SIGTERM) == 0
        assert ended(process) == (0, "")


def test_the_line_comes_even_where_the_reader_says_nothing(start: Start, slot: Slot) -> None:
    process = start("--card", "vitale2", "--vpcd", slot.address)
    with slot.server.accept()[0]:
        assert line(process)["card"] == "vitale2"


def test_a_mute_card_does_not_keep_it_from_ending(start: Start, slot: Slot, tmp_path: Path) -> None:
    bench = tmp_path / "bench.toml"
    bench.write_text(
        f'[[reader]]\nname = "R"\ncard = "vitale2"\nvpcd = "{slot.address}"\n'
        '[[reader.fault]]\nkind = "mute"\nat = 0\nseconds = 60\n',
        encoding="utf-8",
    )
    process = start("--bench", bench)
    with slot.accept() as reader:
        line(process)
        reader.sendall(b"\x00\x04\x00\xa4\x00\x00")
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert ended(process, timeout=30)[0] == 0


def test_certificates_are_exported(start: Start, slot: Slot, tmp_path: Path) -> None:
    process = start("--card", "cps3", "--vpcd", slot.address, "--export", tmp_path / "out")
    with slot.accept():
        told = line(process)
    assert (told["card"], told["atr"], told["persona"]) == ("cps3", CPS3_ATR, "medecin")
    files = {role: Path(path) for role, path in told["certificates"].items()}
    assert set(files) >= {"signature", "authentication", "ca", "root"}
    certificates = {
        role: x509.load_pem_x509_certificate(path.read_bytes()) for role, path in files.items()
    }
    issuer, card = certificates["ca"].public_key(), certificates["signature"]
    assert isinstance(issuer, RSAPublicKey)
    assert card.signature_hash_algorithm
    issuer.verify(
        card.signature,
        card.tbs_certificate_bytes,
        padding.PKCS1v15(),
        card.signature_hash_algorithm,
    )


def test_a_bench_tells_of_each_card(start: Start, slot: Slot, tmp_path: Path) -> None:
    other = Slot()
    bench = tmp_path / "bench.toml"
    bench.write_text(
        f'[[reader]]\nname = "A"\ncard = "vitale2"\nvpcd = "{slot.address}"\n'
        f'[[reader]]\nname = "B"\ncard = "vitale2"\nvpcd = "{other.address}"\n'
        '[[reader]]\nname = "C"\n',
        encoding="utf-8",
    )
    process = start("--bench", bench)
    with slot.accept(), other.accept():
        assert [line(process)["reader"] for _ in range(2)] == ["A", "B"]
        process.terminate()
        assert ended(process) == (0, "")
    other.close()


def test_nobody_listens(start: Start) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        code, said = ended(start("--card", "vitale2", "--vpcd", address, "--wait", "0.5"))
    assert code == 3
    assert f"no vpcd reader listens at {address}" in said


def test_a_reader_that_goes_away(start: Start, slot: Slot) -> None:
    process = start("--card", "vitale2", "--vpcd", slot.address, "--wait", "0")
    slot.accept().close()
    code, said = ended(process)
    assert code == 3
    assert "went away" in said


def test_the_card_goes_in_again(start: Start, slot: Slot) -> None:
    process = start("--card", "vitale2", "--vpcd", slot.address)
    slot.accept().close()
    with slot.accept():
        process.terminate()
        assert ended(process)[0] == 0


def test_a_stop_while_waiting_for_the_reader(start: Start, slot: Slot) -> None:
    process = start("--card", "vitale2", "--vpcd", slot.address, "--wait", "60")
    slot.accept().close()
    slot.close()
    time.sleep(0.2)
    process.terminate()
    assert ended(process, timeout=30)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--card and --vpcd are needed"),
        (["--card", "vitale2"], "--card and --vpcd are needed"),
        (["--card", "cps9", "--vpcd", "h:1"], "cps9"),
        (["--card", "vitale2", "--vpcd", "here"], "'here' is not HOST:PORT"),
        (["--card", "vitale2", "--vpcd", "h:99999"], "HOST:PORT"),
        (["--card", "vitale2", "--vpcd", "h:1", "--persona", "nobody"], "'nobody'"),
        (["--card", "vitale2", "--vpcd", "h:1", "--persona", "none.toml"], "none.toml"),
        (["--card", "vitale2", "--vpcd", "h:1", "--wait", "-1"], "--wait"),
        (["--bench", "none.toml"], "none.toml"),
        (["--bench", __file__, "--card", "cps3"], "--bench goes without"),
    ],
)
def test_wrong_usage(desk: Desk, arguments: list[str], said: str) -> None:
    done = desk.run("emulate", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_bench_whose_reader_has_no_address(desk: Desk, tmp_path: Path) -> None:
    bench = tmp_path / "bench.toml"
    bench.write_text(
        '[[reader]]\nname = "A"\ncard = "vitale2"\n[[reader]]\nname = "B"\nvpcd = "127.0.0.1:1"\n',
        encoding="utf-8",
    )
    done = desk.run("emulate", "--bench", str(bench))
    assert done.exit_code == 2
    assert "bench.toml, line 1" in done.stderr
    assert "reader 'A' needs vpcd" in done.stderr


@pytest.mark.pcscd
def test_once_the_line_is_there_pcscd_shows_the_card(
    start: Start, start_pcscd: Callable[..., PrivatePcscd]
) -> None:
    from smartcard.scard import (  # pyright: ignore[reportMissingTypeStubs]
        SCARD_SCOPE_USER,
        SCARD_STATE_PRESENT,
        SCardEstablishContext,
        SCardGetStatusChange,
        SCardReleaseContext,
    )

    service = start_pcscd(["Vitale"], fast=False)
    (reader,) = service.reader_names
    address = f"127.0.0.1:{service.ports[reader]}"
    process = start("--card", "vitale2", "--vpcd", address, "--wait", "5")
    line(process)
    _, context = SCardEstablishContext(SCARD_SCOPE_USER)
    _, states = SCardGetStatusChange(context, 0, [(reader, 0)])
    SCardReleaseContext(context)
    _, state, atr = states[0]
    assert state & SCARD_STATE_PRESENT
    assert bytes(atr).hex().upper() == VITALE_ATR
