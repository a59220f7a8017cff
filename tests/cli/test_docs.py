"""The Python and the commands that the pages show are run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.desk import Desk

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/how-to/pin.md", "docs/fr/code-porteur.md", "docs/reference/cli.md")
_BLOCK = re.compile(r"^```(?:sh|)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_GLOBAL = r"(?:--json |--lang \w+ |--workstation \w+ )*"
_COMMAND = re.compile(rf"^(?:\$ )?cardio {_GLOBAL}([a-z]+)(?: ([a-z]+))?", re.MULTILINE)


def commands(page: str) -> set[tuple[str, ...]]:
    """The command and its sub-command of each call a page shows."""
    text = (ROOT / page).read_text(encoding="utf-8")
    calls = (call for block in _BLOCK.findall(text) for call in _COMMAND.findall(block))
    return {tuple(filter(None, (name, inner))) for name, inner in calls}


def test_the_readme_runs() -> None:
    (program,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "HOPITAL" in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_shown_exist(desk: Desk, page: str) -> None:
    for words in commands(page):
        assert desk.run(*words, "--help").exit_code == 0, words


def test_the_commands_are_found_in_the_pages() -> None:
    assert {("pin", "status"), ("pin", "unblock")} <= commands("docs/how-to/pin.md")
    assert ("cps", "show") in commands("docs/fr/code-porteur.md")


def test_every_option_is_in_the_reference(desk: Desk) -> None:
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    for command in ("status", "verify", "change", "unblock"):
        told = desk.run("pin", command, "--help").stdout
        assert not [name for name in re.findall(r"--[a-z-]+", told) if name not in page]
