"""A hundred thousand lines with five in a hundred wrong: each told, the rest read."""

import csv
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.rosters import HEADER, person, rpps

from cardio.study.roster.mistakes import Cause
from cardio.study.roster.reading import read_roster

LINES = 100_000
SHARE = 20
"""One line in so many is wrong."""


def right(number: int) -> list[str]:
    return person(name=f"ESSAI {letters(number)}", rpps=rpps(number), adeli=f"0B{number:07d}")


def letters(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "abcdefghij"))


def wrong(number: int, kind: Cause) -> list[str]:
    row = right(number)
    match kind:
        case Cause.WRONG_KEY:
            row[3] = row[3][:-1] + str((int(row[3][-1]) + 1) % 10)
        case Cause.DIGITS_LOST:
            row[3] = "9,97E+10"
        case Cause.MISSING:
            row[2] = ""
        case Cause.NUMBER_OF_ANOTHER:
            row[3] = rpps(0)
        case _:
            row[7] = "plombier"
    return row


KINDS = (
    Cause.WRONG_KEY,
    Cause.DIGITS_LOST,
    Cause.MISSING,
    Cause.NUMBER_OF_ANOTHER,
    Cause.UNKNOWN_PROFESSION,
)


def rows(expected: set[tuple[int, Cause]]) -> Iterator[list[str]]:
    chosen = random.Random(7)
    yield HEADER
    for number in range(LINES):
        if number and number % SHARE == 0:
            kind = chosen.choice(KINDS)
            expected.add((number + 2, kind))
            yield wrong(number, kind)
        else:
            yield right(number)


@pytest.mark.slow
def test_a_hundred_thousand_lines(tmp_path: Path) -> None:
    expected: set[tuple[int, Cause]] = set()
    path = tmp_path / "region.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows(expected))
    roster = read_roster(path)
    found: set[tuple[int, Cause]] = set()
    people = 0
    for one in roster:
        people += 1
        found |= {(mistake.line, mistake.cause) for mistake in one.mistakes}
    assert people == LINES
    assert found == expected
    assert len(expected) == LINES // SHARE - 1


def test_memory_is_that_of_the_keys_and_not_of_the_people(tmp_path: Path) -> None:
    """Lines of 20 kB each: what is kept of one is less than a fifth of it."""
    path, count = tmp_path / "wide.csv", 2_000
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([*HEADER, "Observations"])
        writer.writerows([*right(number), "x" * 20_000] for number in range(count))
    tracemalloc.start()
    assert sum(1 for _ in read_roster(path)) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000
