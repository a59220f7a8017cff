"""Words of civilities and professions, by their codes."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from cardio.identity.nomenclature import Table
from cardio.study.roster.mistakes import Cause
from cardio.study.roster.numbers import Read
from cardio.study.roster.spelling import folded

_TITLE, _TRAINING = "title", "training"
_OTHER_GENDER = re.compile(r"\([^)]*\)|[·•.]\w{0,3}(?=\W|\Z)|/\s*\w{1,4}(?=\W|\Z)")
"""`infirmier(e)`, `infirmier·ère`, `infirmier/ère`."""

_ABBREVIATED = re.compile(r"\A(?:\w\.){2,}\w?")


def civility(text: str) -> Read[str]:
    """The code of table G03; none for `Dr`, which is a title."""
    words, tables = folded(text), _words("civilities.toml") | _labels(Table.SHORT_CIVILITY)
    code = (tables | _labels(Table.CIVILITY)).get(words)
    if code == _TITLE:
        return Read(None, (Cause.TITLE,))
    return Read(code, () if code else (Cause.UNKNOWN_CIVILITY,))


def profession(text: str) -> Read[str]:
    """The code of table G15, or `STAFF`, for a code, a label or a usual word with more behind it.

    A cell of a job may start with other words (`cadre infirmier`): those are not guessed at.
    """
    labels = Table.PROFESSION.labels
    if (number := text.strip().rjust(2, "0")) in labels:
        return Read(number)
    known = _labels(Table.PROFESSION) | _words("professions.toml")
    code = next((found for words in _spellings(text) if (found := _longest(words, known))), None)
    if code == _TRAINING:
        return Read(None, (Cause.IN_TRAINING,))
    return Read(code, () if code else (Cause.UNKNOWN_PROFESSION,))


def _spellings(text: str) -> tuple[str, ...]:
    """As it stands; with `I.D.E.` as one word; without the other gender's ending."""
    joined = _ABBREVIATED.sub(lambda found: found[0].replace(".", "") + " ", text)
    return tuple(dict.fromkeys(map(folded, (text, joined, _OTHER_GENDER.sub(" ", text)))))


def _longest(text: str, known: Mapping[str, str]) -> str | None:
    """The code of the most words that the text starts with."""
    words = text.split()
    found = (known.get(" ".join(words[:count])) for count in range(len(words), 0, -1))
    return next(filter(None, found), None)


@cache
def _labels(table: Table) -> dict[str, str]:
    return {folded(label): code for code, label in table.labels.items()}


@cache
def _words(file: str) -> dict[str, str]:
    raw = files("cardio.study.roster").joinpath("words", file).read_text(encoding="utf-8")
    return {folded(word): code for code, words in tomllib.loads(raw).items() for word in words}
