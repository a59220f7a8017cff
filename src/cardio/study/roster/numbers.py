"""RPPS, ADELI and FINESS numbers out of cells that went through a spreadsheet."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cardio.errors import IdentifierError
from cardio.identity.adeli import Adeli
from cardio.identity.finess import Finess
from cardio.identity.rpps import Rpps
from cardio.study.roster.mistakes import Cause

T = TypeVar("T")
NumberT = TypeVar("NumberT", Rpps, Adeli, Finess)

RPPS_SIZE = 11
ADELI_SIZE = FINESS_SIZE = 9
_RPPS_TYPE, _ADELI_TYPE = "8", "0"
"""First digit of a PS_IdNat (table G08), which some lists put before the number."""

_AS_TEXT = re.compile(r'\A=?"([^"]*)"\Z|\A\'(.*)\Z', re.DOTALL)
"""How lists keep a spreadsheet from making a number of it: `="010780203"`, `'010780203`."""

_SIGNS = re.compile(r"[\s.\-/]+")
_DECIMALS = re.compile(r"\A(\d+)[.,]0+\Z")
_SCIENTIFIC = re.compile(r"\A(\d)(?:[.,](\d+))?E\+?(\d{1,2})\Z")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What a cell says, None where it cannot be told, and what is wrong with it."""

    value: T | None
    causes: tuple[Cause, ...] = ()


def rpps(text: str) -> Read[Rpps]:
    """11 digits with a right key; no number starts with zeros that could be lost."""
    number, causes = _plain(text, RPPS_SIZE, _RPPS_TYPE)
    return _parse(Rpps.parse, number, causes, RPPS_SIZE)


def adeli(text: str) -> Read[Adeli]:
    """9 characters. It has no key: that a zero was lost is supposed from the length only."""
    number, causes = _plain(text, ADELI_SIZE, _ADELI_TYPE)
    if number.isdecimal() and len(number) == ADELI_SIZE - 1:
        number, causes = f"0{number}", (*causes, Cause.ZEROS_SUPPOSED)
    return _parse(Adeli.parse, number, causes, ADELI_SIZE)


def finess(text: str) -> Read[Finess]:
    """9 characters; a key that does not fit is told, and the number kept (INFERRED rule)."""
    number, causes = _plain(text, FINESS_SIZE)
    is_short = number.isdecimal() and len(number) == FINESS_SIZE - 1
    read = _parse(Finess.parse, f"0{number}" if is_short else number, causes, FINESS_SIZE)
    if read.value is None:
        return read
    fits = read.value.has_valid_key
    zeros = (Cause.ZEROS_RESTORED if fits else Cause.ZEROS_SUPPOSED,) if is_short else ()
    return Read(read.value, (*causes, *zeros, *(() if fits else (Cause.DOUBTFUL_KEY,))))


def _plain(text: str, size: int, kind: str = "") -> tuple[str, tuple[Cause, ...]]:
    """Letters and digits only, without what a spreadsheet or a type digit adds.

    An empty number with `DIGITS_LOST`: only the first digits of it are left.
    """
    if text.isdecimal() and len(text) <= size:
        return text, ()
    number = unquoted(text).upper()
    if whole := _DECIMALS.match(number):
        number = whole[1]
    number = re.sub(r"\s", "", number)
    if scientific := _SCIENTIFIC.match(number):
        digits = scientific[1] + (scientific[2] or "")
        if len(digits) != int(scientific[3]) + 1:
            return "", (Cause.DIGITS_LOST,)
        return digits, ()
    number = _SIGNS.sub("", number)
    if kind and number.startswith(kind) and len(number) == size + 1:
        return number[1:], (Cause.PREFIX_REMOVED,)
    return number, ()


def unquoted(text: str) -> str:
    """A cell without the signs that keep it text in a spreadsheet."""
    found = _AS_TEXT.match(text)
    return text if found is None else next(filter(None, found.groups()), "").strip()


def _parse(
    parse: Callable[[str], NumberT], number: str, causes: tuple[Cause, ...], size: int
) -> Read[NumberT]:
    if Cause.DIGITS_LOST in causes:
        return Read(None, causes)
    try:
        return Read(parse(number), causes)
    except IdentifierError:
        return Read(None, (_what_is_wrong(number, size),))


def _what_is_wrong(number: str, size: int) -> Cause:
    if len(number) != size:
        return Cause.WRONG_LENGTH
    return Cause.WRONG_KEY if number.isascii() and number.isdecimal() else Cause.WRONG_FORM
