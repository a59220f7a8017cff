"""How many NIRs a second one core checks: `check_many` on a roster, against one at a time.

The roster is invented and has what rosters have: 5 % wrong keys, 1 % Corsican numbers, 1 % spaces,
a few lines that are no numbers. Rounds of both run turn by turn; processor time is counted, and the
best round of each, as anything else on the machine only slows them.
Run: `python benchmarks/identity.py [--json FILE] [--numbers N] [--rounds N]`.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

from cardio.errors import IdentifierError
from cardio.identity.nir import Nir, key_of
from cardio.identity.roster import Verdict, check_many

LIMIT = 1_000_000
"""NIRs a second (issue: the Vitale card, the patient's identity)."""

_ONE_BY_ONE = 20_000
"""Numbers of the slow rounds: enough for a rate."""


def main() -> int:
    """Measure, print, and fail under the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    numbers = roster(options.numbers)
    sample = numbers[:_ONE_BY_ONE]
    if check_many(sample) != one_by_one(sample):
        raise SystemExit("the two ways differ")
    rates = {"check_many (NIRs/s)": 0.0, "Nir.parse (NIRs/s)": 0.0}
    for _ in range(options.rounds):
        for name, check, given in (
            ("check_many (NIRs/s)", check_many, numbers),
            ("Nir.parse (NIRs/s)", one_by_one, sample),
        ):
            rates[name] = max(rates[name], rate(check, given))
    for name, value in rates.items():
        print(f"{name:<24} {value:>12,.0f}")
    if options.json:
        options.json.write_text(json.dumps(rates, indent=2) + "\n", encoding="utf-8")
    return int(rates["check_many (NIRs/s)"] < LIMIT)


def roster(count: int) -> list[str]:
    """Invented numbers, the same in every run."""
    chosen = random.Random(19)
    return [_line(chosen) for _ in range(count)]


def rate(check: Callable[[list[str]], list[Verdict]], numbers: list[str]) -> float:
    began = process_time()
    check(numbers)
    return len(numbers) / (process_time() - began)


def one_by_one(numbers: list[str]) -> list[Verdict]:
    """The same with the plain reader."""
    return [_verdict(number) for number in numbers]


def _verdict(number: str) -> Verdict:
    try:
        nir = Nir.parse(number, check_key=False)
    except IdentifierError:
        return Verdict.MALFORMED
    return Verdict.RIGHT if nir.has_valid_key else Verdict.WRONG_KEY


def _line(chosen: random.Random) -> str:
    place = (
        chosen.choice(("2A", "2B")) if chosen.random() < 0.01 else f"{chosen.randrange(1, 96):02}"
    )
    number = (
        f"{chosen.choice('12')}{chosen.randrange(100):02}{chosen.randrange(1, 13):02}{place}"
        f"{chosen.randrange(1, 1000):03}{chosen.randrange(1, 1000):03}"
    )
    key = int(key_of(number))
    if chosen.random() < 0.05:
        key = key % 97 + 1
    line = f"{number}{key:02}"
    if chosen.random() < 0.01:
        line = f"{number} {key:02}"
    return line if chosen.random() > 0.001 else "à compléter"


if __name__ == "__main__":
    sys.exit(main())
