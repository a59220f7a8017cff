"""Two ways to write a name, with all that does not make it another name taken off."""

import re
import unicodedata

from cardio.identity.characters import transliterate
from cardio.identity.comparison.model import Cause, Severity, Why

_SEPARATORS = (" ", "'", "-")
_SEPARATOR = re.compile(r"[ '-]")
_WORTH_A_SLIP = 4
"""Shorter texts that differ in one letter are other names more often than slips (our choice)."""


def words(text: str) -> tuple[str, ...]:
    """The words of a name in capitals, without accents: `d'Hérault` gives D and HERAULT."""
    return tuple(word for word in _SEPARATOR.split(transliterate(text).text) if word)


def spelling(left: str, right: str) -> Why | None:
    """Same letters, other case, accents or separators; None when the letters differ.

    A separator against another one, or none at either end, changes nothing; one against none
    (`LE GALL`, `LEGALL`) has to be looked at.
    """
    if words(left) == words(right):
        return Why(_signs(left, right), Severity.EQUIVALENT)
    if "".join(words(left)) == "".join(words(right)):
        return Why(_signs(left, right), Severity.CLOSE)
    return None


def is_slip(left: str, right: str) -> bool:
    """Whether one letter or digit is missing, added or changed, or two neighbours are swapped."""
    if len(left) > len(right):
        return is_slip(right, left)
    if len(left) < _WORTH_A_SLIP or left == right:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left)
    )
    a, b = left[start:], right[start:]
    if len(a) < len(b):
        return a == b[1:]
    return len(a) == len(b) and (a[1:] == b[1:] or (a[1::-1] == b[:2] and a[2:] == b[2:]))


def beginning(text: str, count: int) -> str:
    """The text up to the end of its word number `count`, as it is written."""
    seen, in_word = 0, False
    for offset, character in enumerate(text):
        separates = _separates(character)
        if in_word and separates and seen == count:
            return text[:offset]
        seen += not (in_word or separates)
        in_word = not separates
    return text


def _signs(left: str, right: str) -> tuple[Cause, ...]:
    """Which signs differ, of two names with the same letters."""
    differ = {
        Cause.CASE: _letters(left, accents=False) != _letters(right, accents=False),
        Cause.ACCENTS: _letters(left).upper() != _letters(right).upper(),
        Cause.SEPARATORS: transliterate(left).text != transliterate(right).text,
    }
    return tuple(cause for cause, it_does in differ.items() if it_does) or (Cause.SEPARATORS,)


def _letters(text: str, *, accents: bool = True) -> str:
    """The text without its separators, each letter in the case it has."""
    composed = (c for c in unicodedata.normalize("NFC", text) if not _separates(c))
    return "".join(c if accents else _without_accent(c) for c in composed)


def _without_accent(character: str) -> str:
    plain = transliterate(character).text
    return plain.lower() if character.islower() else plain


def _separates(character: str) -> bool:
    return transliterate(character).text in _SEPARATORS
