"""Words as they compare: no case, no accent, no punctuation."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O"})
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def folded(text: str) -> str:
    """Words in capitals without accents, one space between: `n° d'Éric` gives `N D ERIC`."""
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        text = _ACCENTS.sub("", parts)
    return " ".join(_BETWEEN_WORDS.sub(" ", text.upper()).split())


def tidy(text: str) -> str:
    """A cell without the spaces around and between words that nobody sees; any space is one."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(text.split())
