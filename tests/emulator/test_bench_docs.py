"""docs/reference/bench-files.md: its file is read, its program run, its table the data's."""

import re
import subprocess
import sys
from pathlib import Path

from cardio_emulator.bench import Bench
from cardio_emulator.bench_cards import CARD_KEYS
from cardio_emulator.bench_plan import Act
from cardio_emulator.reader_models import Namer, ReaderModel, System, models

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "bench-files.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"(<!-- models: .*? -->\n)(.*?)(<!-- end of models -->)", re.DOTALL)
_WORDS = {System.LINUX: "", System.WINDOWS: "Windows: ", System.MACOS: "macOS: "}


def table() -> str:
    rows = [row(model) for model in models().values()]
    head = (
        "| `model` | unit | USB id | its readers | structure | names |\n|---|---|---|---|---|---|\n"
    )
    return head + "".join(rows)


def row(model: ReaderModel) -> str:
    names = "<br>".join(
        f"{_WORDS[system]}{named.name}{' (contactless)' if reader.contactless else ''}"
        for system in model.systems
        for named, reader in zip(Namer(system).name(model), model.readers, strict=True)
    )
    columns = (f"`{model.id}`", model.name, model.usb or "–", names, model.confidence, model.naming)
    return f"| {' | '.join(columns)} |\n"


def blocks(language: str) -> list[str]:
    return [code for word, code in _BLOCK.findall(PAGE.read_text("utf-8")) if word == language]


def test_the_table_is_the_datas() -> None:
    found = _TABLE.search(PAGE.read_text("utf-8"))
    assert found
    assert found[2] == table()


def test_every_key_and_act_is_told() -> None:
    text = PAGE.read_text("utf-8")
    for word in (*CARD_KEYS, *(act.value for act in Act)):
        assert f"`{word}`" in text or f"`[[reader.{word}]]`" in text or f"`{word} =" in text, word


def test_the_file_and_the_program_run(tmp_path: Path) -> None:
    (file,), (program,) = blocks("toml"), blocks("python")
    (tmp_path / "bench.toml").write_text(file, encoding="utf-8")
    assert Bench.load(tmp_path / "bench.toml").readers[1:] == (
        "Kapelse KAP-LINK [K0042 KAP-LINK 0] 01 00",
        "Kapelse KAP-LINK [K0042 KAP-LINK 1] 02 00",
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    page = PAGE.read_text("utf-8")
    PAGE.write_text(_TABLE.sub(lambda found: found[1] + table() + found[3], page), "utf-8")
