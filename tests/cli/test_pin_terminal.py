"""Codes typed at a real terminal: nothing of them shows, and the last try wants its words."""

import os
import select
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="pseudo terminals are POSIX")

LIMIT = 30.0


class Terminal:
    """`cardio` with a controlling terminal of its own."""

    def __init__(self, *words: str) -> None:
        self.process, self._master = pty.fork()
        if self.process == 0:
            environment = {**os.environ, "LC_ALL": "C.UTF-8"}
            os.execve(sys.executable, [sys.executable, "-m", "cardio", *words], environment)
        self.screen = ""
        self._seen = 0

    def until(self, text: str) -> None:
        """Wait until `text` is on the screen, after what was waited for before."""
        end = time.monotonic() + LIMIT
        while text not in self.screen[self._seen :]:
            assert self._read(end), f"no {text!r} in {self.screen!r}"
        self._seen = self.screen.index(text, self._seen) + len(text)

    def type(self, line: str) -> None:
        os.write(self._master, f"{line}\n".encode())

    def result(self) -> int:
        """The exit code, once it has ended."""
        end = time.monotonic() + LIMIT
        while self._read(end):
            pass
        os.close(self._master)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, end - time.monotonic()))
        try:
            block = os.read(self._master, 4096) if ready else b""
        except OSError:  # Linux: the other side is closed
            block = b""
        self.screen += block.decode(errors="replace")
        return bool(block)


def test_a_pin_is_typed_unseen() -> None:
    terminal = Terminal("--workstation", "demo", "pin", "verify")
    terminal.until("PIN: 3 tries left.")
    terminal.until("PIN: ")
    terminal.type("1234")
    assert terminal.result() == 0
    assert "The PIN is right." in terminal.screen
    assert "1234" not in terminal.screen


def test_a_new_pin_is_typed_twice() -> None:
    terminal = Terminal("--workstation", "demo", "--lang", "fr", "pin", "change")
    terminal.until("Code porteur : 3 essais restants.")
    terminal.until("Code porteur : ")
    terminal.type("1234")
    for first, again in (("4321", "4322"), ("4321", "4321")):
        terminal.until("Nouveau code porteur : ")
        terminal.type(first)
        terminal.until("encore une fois : ")
        terminal.type(again)
        if first != again:
            terminal.until("Les deux saisies diffèrent.")
    assert terminal.result() == 0
    assert "La carte a son nouveau code porteur." in terminal.screen
    assert not [code for code in ("1234", "4321", "4322") if code in terminal.screen]


def test_nothing_typed_sends_nothing() -> None:
    terminal = Terminal("--workstation", "demo", "pin", "verify")
    terminal.until("left.")
    terminal.until("PIN: ")
    terminal.type("")
    assert terminal.result() == 6
    assert "no code was given" in terminal.screen


@pytest.mark.parametrize(("tries", "asked"), [(3, "PIN: "), (1, "LAST TRY")])
def test_ctrl_c_at_a_question_ends_quietly_and_sends_nothing(
    tmp_path: Path, tries: int, asked: str
) -> None:
    bench = tmp_path / "bench.toml"
    bench.write_text(
        '[[reader]]\nname = "R"\ncard = "cps3"\n'
        f'[[reader.fault]]\nkind = "tries"\ntries = {tries}\n'
    )
    terminal = Terminal("--workstation", str(bench), "--verbose", "pin", "verify")
    terminal.until(" left.")
    terminal.until(asked)
    said = terminal.screen
    terminal.type("\x03")
    assert terminal.result() == 130
    assert terminal.screen.removeprefix(said).strip(" :^C\r\n") == ""
    assert "READ BINARY" in said
    assert "VERIFY" not in said
