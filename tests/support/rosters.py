"""The rosters of vectors/rosters, and the same lists as other programs write them."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from stdnum import luhn

VECTORS = Path(__file__).parents[2] / "vectors" / "rosters"
CENTRE = VECTORS / "centre.csv"
SIMPLE = VECTORS / "simple.csv"

HEADER = [
    "Civilité",
    "Nom",
    "Prénom",
    "RPPS",
    "ADELI",
    "FINESS géographique",
    "Caisse de rattachement",
    "Profession",
    "Rôle",
]
ZOE = ["Mme", "ESSAI-TEST", "Zoé", "99790000014", "0B1000011", "099999997", "091", "Médecin", ""]


def expected() -> set[tuple[int, str, str | None, int | None]]:
    """The mistakes of `centre.csv` as they were written down by hand."""
    with (VECTORS / "centre.tsv").open(encoding="utf-8") as file:
        return {
            (
                int(row["line"]),
                row["cause"],
                row["field"] or None,
                int(row["other_line"]) if row["other_line"] else None,
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


def rpps(number: int) -> str:
    """An invented number with a right key, of the range of test cards."""
    base = f"997{number:07d}"
    return base + luhn.calc_check_digit(base)


def write_csv(
    path: Path,
    rows: Iterable[Sequence[str]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ";",
    end: str = "\r\n",
) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def person(**cells: str) -> list[str]:
    """A right line with some cells changed, by the names of `HEADER`'s fields in English."""
    names = ["civility", "name", "given", "rpps", "adeli", "finess", "fund", "profession", "role"]
    return [cells.get(name, cell) for name, cell in zip(names, ZOE, strict=True)]
