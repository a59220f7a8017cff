"""docs/how-to/record-and-replay.md, done as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.desk import Desk

from cardio_emulator.bench import Bench
from cardio_emulator.recorded import RecordedCard

PAGE = Path(__file__).parents[2] / "docs/how-to/record-and-replay.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [block for name, block in _BLOCK.findall(PAGE.read_text("utf-8")) if name == language]


@pytest.fixture
def folder(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the page's first command was run, on the demonstration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARDIO_WORKSTATION", "demo")
    done = desk.run(*blocks("sh")[0].split()[1:])
    assert done.stderr == blocks("text")[0]
    return tmp_path


def test_the_commands(desk: Desk, folder: Path) -> None:
    recorded = desk.run("cps", "show")
    explained, replayed = (desk.run(*block.split()[1:]) for block in blocks("sh")[1:])
    assert "READ BINARY" in explained.stdout
    assert "MEDECIN" not in explained.stdout
    assert replayed.stdout == recorded.stdout
    assert [path.name for path in folder.iterdir()] == ["field.jsonl"]


def test_the_test(folder: Path) -> None:
    (folder / "test_field.py").write_text(blocks("python")[0], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        cwd=folder, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_bench_file(folder: Path) -> None:
    (folder / "bench.toml").write_text(blocks("toml")[0], encoding="utf-8")
    bench = Bench.load(folder / "bench.toml")
    card = bench.reader("Gemalto PC Twin Reader 00 00").card
    assert isinstance(card, RecordedCard)
    assert card.atr == Bench.demo().states[0].atr
