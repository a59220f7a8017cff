"""`cardio.cards.vitale.map` against `vectors/vitale/map.tsv`."""

import csv
from pathlib import Path

import pytest

from cardio.cards.vitale.layout import MF_VITALE, VITALE
from cardio.cards.vitale.map import decode_map
from cardio.errors import MalformedData

VECTORS = Path(__file__).parents[2] / "vectors" / "vitale" / "map.tsv"
ROWS = list(csv.DictReader(VECTORS.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
AIDS = {MF_VITALE: "MF_VITALE", VITALE: "VITALE"}


def content(row: dict[str, str]) -> bytes:
    return bytes.fromhex(row["bytes"].strip("-"))


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["files"] != "error"], ids=lambda row: row["what"]
)
def test_files_of_a_map(row: dict[str, str]) -> None:
    files = [f"{file.name}:{AIDS[file.aid]}:{file.fid:04X}" for file in decode_map(content(row))]
    assert " ".join(files) == row["files"].strip("-")


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["files"] == "error"], ids=lambda row: row["what"]
)
def test_what_is_no_map(row: dict[str, str]) -> None:
    with pytest.raises(MalformedData):
        decode_map(content(row))
