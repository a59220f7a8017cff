"""The dated table of reference versions, and how a version compares with it."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Reference:
    """A version that is wanted, who says so, when that held true, and how sure it is.

    `purpose`: "" in general, "cps4" for that card. `fresh`: days for which it counts as new.
    """

    product: str
    systems: tuple[str, ...]
    at_least: str
    source: str
    dated: date
    fresh: int
    confidence: str
    purpose: str = ""

    def is_old(self, today: date) -> bool:
        """Whether it has to be told that the table is old."""
        return today > self.dated + timedelta(days=self.fresh)

    def accepts(self, version: str) -> bool:
        """Whether a version is the wanted one or a later one."""
        return parts(version) >= parts(self.at_least)


@cache
def references() -> tuple[Reference, ...]:
    """All rows."""
    text = (files("cardio.probe.system.software") / "versions.toml").read_text(encoding="utf-8")
    return tuple(
        Reference(
            row["product"],
            tuple(row["systems"]),
            row["at_least"],
            row["source"],
            row["dated"],
            row["fresh"],
            row["confidence"],
            row.get("for", ""),
        )
        for row in tomllib.loads(text)["version"]
    )


def reference(product: str, system: str, purpose: str = "") -> Reference | None:
    """The row for a product on a system; None where nobody published one."""
    for row in references():
        if (row.product, row.purpose) == (product, purpose) and system in row.systems:
            return row
    return None


def parts(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparing: "5.10.04" is (5, 10, 4), "5.2.0" is (5, 2)."""
    numbers = [int(number[:9]) for number in re.findall(r"[0-9]+", version)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
