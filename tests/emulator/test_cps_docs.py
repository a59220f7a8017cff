"""The reference pages name every file of the emulated CPx cards."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardio_emulator.cards import cps2ter, cps3, cps3_contactless, cps4
from cardio_emulator.image import CardImage, DedicatedFile, File

_PAGES = Path(__file__).parents[2] / "docs" / "reference"
_RANGE = re.compile(r"([0-9A-F]{4}) … ([0-9A-F]{4})")


def _walk(file: File, path: str) -> Iterator[tuple[str, File]]:
    yield path, file
    if isinstance(file, DedicatedFile):
        for child in file.children:
            yield from _walk(child, f"{path}/{child.fid:04X}")


def _rows(page: str) -> dict[str, str]:
    """Rows of the files' table by each path they name: `3F00/0001/D101, D102 … D10F`."""
    rows: dict[str, str] = {}
    for line in (_PAGES / page).read_text(encoding="utf-8").splitlines():
        if not line.startswith("| 3F00"):
            continue
        paths = line.split("|")[1].strip()
        folder = paths.split(",")[0].split(" ")[0].rpartition("/")[0]
        names = set(re.findall(r"(?:^|[ /])([0-9A-F]{4})(?=$|[ ,])", paths))
        for first, last in _RANGE.findall(paths):
            names |= {f"{fid:04X}" for fid in range(int(first, 16), int(last, 16) + 1)}
        for name in names:
            path = f"{folder}/{name}" if folder else name
            assert path not in rows, path
            rows[path] = line
    return rows


def _check(page: str, root: DedicatedFile) -> None:
    rows = _rows(page)
    for path, file in _walk(root, "3F00"):
        assert path in rows, path
        confidence = file.origin.confidence.value
        assert confidence in rows[path] or "observed on CPS3" in rows[path], path


@pytest.mark.parametrize(
    ("page", "image"),
    [
        ("emulated-cps3.md", cps3.make().image),
        ("emulated-cps3-contactless.md", cps3_contactless.make().image),
        ("emulated-cps4.md", cps4.make().image),
    ],
)
def test_every_file_is_documented(page: str, image: CardImage) -> None:
    _check(page, image.root)


@pytest.mark.parametrize("image", [cps2ter.make().image, cps3.make().image, cps4.make().image])
def test_every_file_in_class_a0_is_documented(image: CardImage) -> None:
    assert image.cps2ter is not None
    _check("emulated-cps2ter.md", image.cps2ter)
