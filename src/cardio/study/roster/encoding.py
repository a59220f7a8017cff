"""Which encoding a text file is in, told by its bytes."""

import codecs
import re
from collections import Counter
from pathlib import Path

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ASCII = bytes(range(0x80))
_FRENCH = dict.fromkeys("àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ’«»°€–\u00a0", 1) | {
    "é": 10,
    **dict.fromkeys("èàêçÉ", 3),
}
"""About how often French has them, against each other."""

_BYTE_ENCODINGS = ("cp1252", "cp850", "mac_roman")
"""What spreadsheets on French Windows, its console and old Macs write. Latin-1 has the same French
letters as the first, and is it where a byte has no meaning there."""

_ESCAPED = re.compile("[\udc80-\udcff]+")
ESCAPE = "surrogateescape"
"""How a file is to be opened for `mend` to find the bytes that are not of its encoding."""


def encoding_of(path: Path) -> str:
    """The name of its codec; the whole file is read once. Raises `OSError`.

    UTF-8 as long as there is more of it than of other bytes: see `mend` for those.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    return _wide(head) or _narrow(path)


def mend(line: str) -> str:
    """A line whose bytes outside of UTF-8 are read as Windows-1252: pasted from elsewhere."""
    return _ESCAPED.sub(_as_windows, line)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Western text is zero."""
    for encoding, zeros, letters in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        half = len(head) // 2
        if half and head[zeros::2].count(0) > 0.9 * half and head[letters::2].count(0) == 0:
            return encoding
    return None


def _narrow(path: Path) -> str:
    """UTF-8, or one byte a letter: the encoding that makes them most French."""
    decode = codecs.getincrementaldecoder("utf-8")(ESCAPE).decode
    right = wrong = 0
    found: Counter[int] = Counter()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = decode(chunk)
            if not text.isascii():
                found.update(chunk.translate(None, _ASCII))
                escaped = sum(map(len, _ESCAPED.findall(text)))
                wrong += escaped
                right += len(text) - len(text.encode("ascii", "ignore")) - escaped
    return "utf-8" if right >= wrong else _by_letters(found)


def _by_letters(found: Counter[int]) -> str:
    """The first of the best; a byte that means nothing in Windows-1252 makes that Latin-1."""
    scores = {
        encoding: sum(
            count * _FRENCH.get(bytes([byte]).decode(encoding, "replace"), 0)
            for byte, count in found.items()
        )
        for encoding in _BYTE_ENCODINGS
    }
    best = max(scores, key=lambda encoding: scores[encoding])
    without = any(bytes([byte]).decode("cp1252", "replace") == "\ufffd" for byte in found)
    return "latin-1" if best == "cp1252" and without else best


def _as_windows(escaped: re.Match[str]) -> str:
    """Latin-1 for the five bytes without a meaning there."""
    raw = escaped[0].encode("ascii", ESCAPE)
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
