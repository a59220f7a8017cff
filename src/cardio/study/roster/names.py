"""A whole name in one cell, taken apart."""

import re
from dataclasses import dataclass

from cardio.study.roster.known import civility
from cardio.study.roster.mistakes import Cause

_DIGIT = re.compile(r"\d")
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|\ufffd")
"""UTF-8 that was read as Windows-1252 once too often: `PrÃ©nom`."""


_TWO_WORDS = 2


@dataclass(frozen=True, slots=True)
class WholeName:
    """`civility` is the word before the name, as it stands."""

    family_name: str
    given_name: str
    civility: str | None = None


def look(name: str) -> tuple[Cause, ...]:
    """What is odd about a name."""
    digits = (Cause.DIGITS_IN_NAME,) if _DIGIT.search(name) else ()
    is_garbled = not name.isascii() and _MOJIBAKE.search(name)
    return (*digits, Cause.GARBLED) if is_garbled else digits


def take_apart(text: str, *, family_first: bool | None = None) -> WholeName | None:
    """`Dr DUPONT Jean-Pierre`, `Jean DUPONT`, `Dupont, Jean`; None where the order cannot be told.

    The family name is the part in capitals, or what stands before a comma. `family_first` is the
    order the column's name tells: it serves where there are two words.
    """
    word, _, rest = text.partition(" ")
    if rest and Cause.UNKNOWN_CIVILITY not in civility(word).causes:
        whole = take_apart(rest, family_first=family_first)
        return whole and WholeName(whole.family_name, whole.given_name, word)
    family, comma, given = (part.strip() for part in text.partition(","))
    if comma:
        return WholeName(family, given) if family and given else None
    return _by_capitals(text.split()) or _by_order(text.split(), family_first)


def _by_capitals(words: list[str]) -> WholeName | None:
    capitals = [word for word in words if word == word.upper()]
    others = [word for word in words if word != word.upper()]
    in_two_pieces = words in (capitals + others, others + capitals)
    if not (capitals and others and in_two_pieces):
        return None
    return WholeName(" ".join(capitals), " ".join(others))


def _by_order(words: list[str], family_first: bool | None) -> WholeName | None:
    if family_first is None or len(words) != _TWO_WORDS:
        return None
    family, given = words if family_first else reversed(words)
    return WholeName(family, given)
