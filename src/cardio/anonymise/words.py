"""Names and other text: each word becomes another of its length, its accents where they were.

Inventions are spelled with eight letters only, those that have an accented twin of as many bytes
in Latin-1 and in UTF-8: so `NOÉ` and `NOE` become the same name, with and without accent.
"""

import re
import unicodedata
from collections.abc import Callable

from cardio.anonymise.stream import Stream

LETTERS = "ACEINOUY"
_ACCENTED = dict(zip(LETTERS, "ÀÇÉÌÑÓÚÝ", strict=True))
_WORD = re.compile(r"[^\W\d_]+|\d+")
_FILLING = b"\x00\xff "
_UNKNOWN_LETTER = "X"


def folded(text: str) -> str:
    """Without accents, in capitals; one character for each."""
    return "".join(map(_base, text))


def _base(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].upper()
    if len(base) == 1 and base.isascii():
        return base
    return _UNKNOWN_LETTER if character.isalpha() else character


def words_of(text: str) -> list[str]:
    """Its runs of letters and its runs of digits."""
    return _WORD.findall(text)


def each_word(text: str, invent: Callable[[str], str]) -> str:
    """The text with every run of letters or digits replaced."""
    return _WORD.sub(lambda found: invent(found[0]), text)


def invented(stream: Stream, size: int) -> str:
    """A word in capitals without accents."""
    return "".join(stream.choice(LETTERS) for _ in range(size))


def dressed(word: str, like: str) -> str:
    """The invented word with the small letters and accents of the one it stands for."""
    return "".join(map(_dressed, word, like))


def _dressed(letter: str, like: str) -> str:
    made = letter if like.isascii() else _ACCENTED.get(letter, letter)
    return made.lower() if like.islower() else made


def rewrite(raw: bytes, invent: Callable[[str], str], encoding: str | None = None) -> bytes:
    """Text as bytes, filling at its end kept; of as many bytes as before.

    Without `encoding`, it is UTF-8 where that is valid, else Latin-1.
    """
    text, used = _decode(raw.rstrip(_FILLING) if encoding is None else raw, encoding)
    made = invent(text).encode(used, "replace")
    filling = raw[len(text.encode(used)) :]
    if len(made) + len(filling) == len(raw):
        return made + filling
    size = len(raw) - len(filling)
    return made.decode(used, "ignore").encode("ascii", "replace")[:size].ljust(size, b"X") + filling


def _decode(raw: bytes, encoding: str | None) -> tuple[str, str]:
    for name in (encoding,) if encoding else ("utf-8", "latin-1"):
        try:
            return raw.decode(name), name
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "latin-1"


def is_text(raw: bytes) -> bool:
    """Whether these bytes are likely to be words: printable, with two letters at least."""
    text, _ = _decode(raw.rstrip(_FILLING), None)
    return text.isprintable() and sum(map(str.isalpha, text)) > 1
