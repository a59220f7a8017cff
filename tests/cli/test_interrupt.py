"""Ctrl-C at any moment: no word, exit code 130."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cardio.cli import interrupt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SOON = 10.0
MAIN = "from cardio.cli import main; main()"
HALTING = """
import sys, time

class Halt:
    def find_spec(self, name, *_):
        if name == {module!r}:
            print("here", flush=True)
            time.sleep(1000)

sys.meta_path.insert(0, Halt())
"""


def interrupted(process: "subprocess.Popen[bytes]") -> tuple[int, bytes]:
    """By Ctrl-C, and again: Python sleeps through a signal of the moment before a system call."""
    for _ in range(4):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(SOON), process.communicate()[1]
    raise TimeoutError


@pytest.mark.parametrize("module", ["click", "cardio.cli.emulate", "cardio.rig.running.bench"])
def test_while_modules_are_imported(module: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HALTING.format(module=module) + MAIN, "emulate", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == b"here\n"
    assert interrupted(process) == (130, b"")


def test_while_a_command_is_at_work(tmp_path: Path) -> None:
    fifo = tmp_path / "matricule"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "ins", "check", str(fifo)], stderr=subprocess.PIPE
    )
    with fifo.open("wb"):  # once it reads
        assert interrupted(process) == (130, b"")


@pytest.fixture
def handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("handler")
def test_an_ignored_one_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupt.ends_at_once()
    interrupt.raises()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.usefixtures("handler")
def test_a_command_has_the_usual_one() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt.ends_at_once()
    assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    interrupt.raises()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
