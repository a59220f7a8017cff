"""The reference page names every file of the emulated CPS3 with its confidence."""

from collections.abc import Iterator
from pathlib import Path

from cardio_emulator.cards import cps3
from cardio_emulator.image import DedicatedFile, File

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "emulated-cps3.md"


def _walk(file: File, path: str) -> Iterator[tuple[str, File]]:
    yield path, file
    if isinstance(file, DedicatedFile):
        for child in file.children:
            yield from _walk(child, f"{path}/{child.fid:04X}")


def test_every_file_is_documented() -> None:
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    files = dict(_walk(cps3.make().image.root, "3F00"))
    del files["3F00/0001/D121"]  # shares the row of D120
    for path, file in files.items():
        rows = [line for line in lines if line.startswith((f"| {path} |", f"| {path}, "))]
        assert len(rows) == 1, path
        assert file.origin.confidence.value in rows[0], path
