"""The rig's pages, done from top to bottom in an empty folder, as their reader would."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.support.desk import Desk

from cardio.rig.pcscd.private import unavailable

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(
    r"^(?:`(?P<file>[\w.-]+)`:\n\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CARDIO = re.compile(r"(?:! )?cardio ")
_BINARIES = Path(sys.executable).parent
_ELSEWHERE = ("PCSCLITE_CSOCK_NAME", "PYTEST_", "CARDIO_", "COV_")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code; `file` is the name in the line above it, if there is one."""

    language: str
    text: str
    file: str | None


def blocks(page: str) -> list[Block]:
    found = _BLOCK.finditer((DOCS / page).read_text(encoding="utf-8"))
    return [Block(one["language"], one["text"], one["file"]) for one in found]


class Reader:
    """Writes the files of a page, runs its programs and commands, compares what they print.

    Blocks without a language are shown only: they need hardware, or another machine.
    """

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.folder = folder
        self._desk = desk
        self._printed = ""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(_ELSEWHERE)
        }
        self._env = {
            **kept,
            "PATH": f"{_BINARIES}{os.pathsep}{kept['PATH']}",
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # the other plugins here take most of the time
            "PYTEST_ADDOPTS": "-p cardio.pytest_plugin -p no:cacheprovider",
        }

    def follow(self, page: str) -> None:
        told = blocks(page)
        for block, after in zip(told, [*told[1:], Block("", "", None)], strict=True):
            fails = after.language == "text" and "FAILED" in after.text
            self._do(block, code=1 if fails else 0)

    def _do(self, block: Block, code: int) -> None:
        match block.language:
            case _ if block.file:
                (self.folder / block.file).write_text(block.text, encoding="utf-8")
            case "sh" if all(_CARDIO.match(line) for line in block.text.splitlines()):
                self._printed = "".join(map(self._cardio, block.text.splitlines()))
            case "sh":
                self._run(["bash", "-euo", "pipefail", "-c", block.text], code)
            case "python":
                self._run([sys.executable, "-c", block.text], code)
            case "text":
                for line in block.text.splitlines():
                    assert line in self._printed
            case "diff":
                self._change(block.text)
            case "yaml":
                assert yaml.safe_load(block.text)
            case language:
                assert language == "", f"{language} is not followed"

    def _cardio(self, line: str) -> str:
        """A line of the shell that begins with `cardio`, run in this process."""
        words = shlex.split(line)
        done = self._desk.run(*words[words.index("cardio") + 1 :])
        assert (done.exit_code == 0) is (words[0] == "cardio"), f"{line}\n{done.output}"
        return done.output

    def _run(self, words: list[str], code: int) -> None:
        done = subprocess.run(
            words, cwd=self.folder, env=self._env, text=True, encoding="utf-8", timeout=100,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{words[-1]}\n{done.stdout}"
        self._printed = done.stdout

    def _change(self, diff: str) -> None:
        """Apply it to the one file that has the lines it takes away."""
        before, after = ("".join(_side(diff, sign)) for sign in "-+")
        (file,) = (
            file for file in self.folder.glob("*.py") if before in file.read_text(encoding="utf-8")
        )
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def _side(diff: str, sign: str) -> Iterator[str]:
    return (line[1:] for line in diff.splitlines(keepends=True) if line.startswith(sign))


@pytest.mark.pcscd
@pytest.mark.skipif(unavailable() is not None, reason=str(unavailable()))
@pytest.mark.parametrize("page", ["tutorial-rig.md", "how-to/rig.md"])
def test_a_page_from_top_to_bottom(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Reader(tmp_path, desk).follow(page)


def test_the_french_page_shows_the_same() -> None:
    french, english = (
        [(block.file, block.text) for block in blocks(page) if block.language != "text"]
        for page in ("fr/banc-d-essai.md", "how-to/rig.md")
    )
    assert french == english
