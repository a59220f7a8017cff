"""Our datamatrix pictures, read by a decoder that owes nothing to their encoder: dmtxread."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.identifiers import matricule, rows, strict
from tests.support.pictures import as_png, drawn

from cardio.identity import datamatrix_image
from cardio.identity.datamatrix import InsDatamatrix

pytestmark = pytest.mark.skipif(not shutil.which("dmtxread"), reason="needs dmtx-utils")

PUBLISHED = [row for row in rows("insi.tsv") if row["matricule"]]
LONGEST = "A" * 100


def dmtxread(picture: bytes, place: Path) -> str:
    """What libdmtx finds in the picture; it gives up after 10 seconds."""
    place.write_bytes(picture)
    command = ["dmtxread", "--milliseconds=10000", "--stop-after=1", str(place)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    return done.stdout.decode("latin-1")


def text_of(row: dict[str, str]) -> str:
    return InsDatamatrix(matricule(row), strict(row)).encode()


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["birth_name"])
def test_png_of_the_published_identities(row: dict[str, str], tmp_path: Path) -> None:
    text = text_of(row)
    picture = datamatrix_image.png(text)
    assert dmtxread(picture, tmp_path / "ins.png") == text
    assert datamatrix_image.read(picture) == text


@pytest.mark.parametrize("row", PUBLISHED[::4], ids=lambda row: row["birth_name"])
def test_svg(row: dict[str, str], tmp_path: Path) -> None:
    text = text_of(row)
    picture = as_png(drawn(datamatrix_image.svg(text)))
    assert dmtxread(picture, tmp_path / "ins.png") == text


def test_the_longest_text_at_the_smallest_scale(tmp_path: Path) -> None:
    row = {
        **PUBLISHED[0],
        "birth_name": LONGEST,
        "given_names": LONGEST,
        "first_given_name": LONGEST,
    }
    text = text_of(row)
    for scale in (2, 6):
        picture = datamatrix_image.png(text, scale=scale)
        assert dmtxread(picture, tmp_path / "ins.png") == text


def test_the_symbol_is_square_with_a_margin_of_one_module(tmp_path: Path) -> None:
    picture = drawn(datamatrix_image.svg(text_of(PUBLISHED[0]), scale=3))
    width, height = picture.size
    assert width == height
    ink = picture.point(lambda value: 255 - value).getbbox()
    assert ink == (3, 3, width - 3, height - 3)
