"""The Python and the commands that the pages show are run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.desk import Desk

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "docs/how-to/pin.md",
    "docs/how-to/sign-a-file.md",
    "docs/how-to/consultation.md",
    "docs/how-to/ins.md",
    "docs/how-to/readiness.md",
    "docs/how-to/roster.md",
    "docs/how-to/study.md",
    "docs/reference/cli.md",
    "docs/fr/carte-vitale.md",
    "docs/fr/code-porteur.md",
    "docs/fr/consultation.md",
    "docs/fr/etude-de-faisabilite.md",
    "docs/fr/identite-ins.md",
    "docs/fr/liste-du-personnel.md",
    "docs/fr/pret-pour-un-service.md",
    "docs/fr/signer-un-fichier.md",
    "docs/fr/sonder-un-poste.md",
    "docs/tutorial-health-centre.md",
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GLOBAL = r"(?:--json |--lang \w+ |--workstation \w+ )*"
_COMMAND = re.compile(rf"^(?:\$ )?cardio {_GLOBAL}([a-z]+)(?: ([a-z]+))?", re.MULTILINE)


def blocks(page: str, *languages: str) -> list[str]:
    """The blocks of code in these languages; an empty one is that of a block that names none."""
    found = _BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    return [block for language, block in found if language in languages]


def commands(page: str) -> set[tuple[str, ...]]:
    """The command and its sub-command of each call a page shows."""
    calls = (call for block in blocks(page, "sh", "") for call in _COMMAND.findall(block))
    return {tuple(filter(None, (name, inner))) for name, inner in calls}


def test_the_readme_runs() -> None:
    (program,) = (block for block in blocks("README.md", "python") if '"demo"' in block)
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
    assert ("consult", "watch") in commands("docs/how-to/consultation.md")
    assert ("ins", "datamatrix") in commands("docs/fr/identite-ins.md")


def test_every_option_is_in_the_reference(desk: Desk) -> None:
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    for command in ("status", "verify", "change", "unblock"):
        told = desk.run("pin", command, "--help").stdout
        assert not [name for name in re.findall(r"--[a-z-]+", told) if name not in page]
