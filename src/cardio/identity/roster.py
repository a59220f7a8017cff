"""Check the keys of many NIRs at once: a roster of a site, an export of a practice."""

from collections.abc import Iterable
from enum import Enum

from cardio.identity.nir import SIZE

_MODULUS = 97
_PLACE = slice(5, 7)
_CORSICA = {"2A": "19", "2B": "18"}
"""Read so before the division (facts: vitale.md §5)."""


class Verdict(Enum):
    """What a line of a roster is worth; the words are stable."""

    RIGHT = "right"
    WRONG_KEY = "wrong-key"
    MALFORMED = "malformed"


_BY_REMAINDER = [
    Verdict.RIGHT if _MODULUS - remainder == key else Verdict.WRONG_KEY
    for remainder in range(_MODULUS)
    for key in range(100)
]
"""The verdict on 15 digits n by n mod 9700, which holds both number mod 97 and the key."""


def check_many(numbers: Iterable[str]) -> list[Verdict]:
    """The verdict on each number, in their order: as `Nir.parse` reads it, and much faster.

    15 digits take one division and one look-up. Measured in benchmarks/identity.py.
    """
    table, size = _BY_REMAINDER, len(_BY_REMAINDER)
    return [
        table[int(number) % size]
        if len(number) == SIZE and number.isascii() and number.isdigit()
        else _read(number)
        for number in numbers
    ]


def _read(number: str) -> Verdict:
    """A number with Corsican letters or spaces, or none at all."""
    compact = "".join(number.split()).upper()
    place = compact[_PLACE]
    digits = compact[: _PLACE.start] + _CORSICA.get(place, place) + compact[_PLACE.stop :]
    if len(digits) == SIZE and digits.isascii() and digits.isdigit():
        return _BY_REMAINDER[int(digits) % len(_BY_REMAINDER)]
    return Verdict.MALFORMED
