"""What each kind of cell says."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from cardio.study.roster import known, names, numbers
from cardio.study.roster.dates import day
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Cause
from cardio.study.roster.numbers import Read
from cardio.study.roster.spelling import folded

_FORMULA = "="
_SPREADSHEET_ERROR = re.compile(
    r"#(?:N/A|REF!|NOM\s?\?|NAME\?|VALEUR\s?!|VALUE!|DIV/0\s?!|NUL\s?!|NULL!|NOMBRE\s?!|NUM!)"
)
_NOT_GIVEN = frozenset(
    {"", "NC", "N C", "NR", "N A", "NA", "NEANT", "AUCUN", "AUCUNE", "SANS", "INCONNU", "INCONNUE"}
    | {"EN COURS", "EN ATTENTE", "A VENIR", "A COMPLETER", "NON", "XX", "XXX", "X"}
    | {"NONE", "UNKNOWN", "PENDING", "TBD", "TODO"}
)
"""What people write for nothing; of signs alone, as in `-` and `?`, nothing is left."""

_LONGEST_NOTHING = max(map(len, _NOT_GIVEN)) + 2
_WORDS = frozenset({Field.FAMILY_NAME, Field.BIRTH_NAME, Field.GIVEN_NAME, Field.FULL_NAME})
"""Where `X` or `NA` may be somebody's name."""

_REPEATED = frozenset(
    {Field.CIVILITY, Field.FINESS, Field.FUND, Field.PROFESSION, Field.ROLE, Field.STRUCTURE}
)
"""Where many lines have the same cell."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"0\d{9}|(?:\+|00)\d{8,15}")
_NATIONAL = 9
"""Digits of a French number whose first zero a spreadsheet dropped."""

_FUND = 3
"""Digits of a caisse's code (facts: vitale.md, table of records, 101)."""


def read(field: Field, text: str) -> Read[Any]:
    """The value of a tidied cell that is not empty, of the type that `Person` has for it."""
    return _read_again(field, text) if field in _REPEATED else _read(field, text)


def _read(field: Field, text: str) -> Read[Any]:
    if text.startswith(_FORMULA) and numbers.unquoted(text) == text:
        return Read(None, (Cause.FORMULA,))
    if text.startswith("#") and _SPREADSHEET_ERROR.fullmatch(text):
        return Read(None, (Cause.SPREADSHEET_ERROR,))
    if field not in _WORDS and _is_nothing(text):
        return Read(None, (Cause.NOT_GIVEN,))
    return _READERS[field](text)


def _is_nothing(text: str) -> bool:
    is_likely = len(text) <= _LONGEST_NOTHING and not text[0].isdecimal()
    return is_likely and folded(text) in _NOT_GIVEN


_read_again = lru_cache(4096)(_read)


def kind_of_number(text: str) -> Field:
    """RPPS or ADELI, by the length of what a column of both holds."""
    number = "".join(numbers.unquoted(text).split())
    is_typed_adeli = number.startswith("0") and len(number) == numbers.ADELI_SIZE + 1
    is_short = len(number) <= numbers.ADELI_SIZE or is_typed_adeli
    return Field.ADELI if is_short else Field.RPPS


def _name(text: str) -> Read[str]:
    return Read(text, names.look(text))


def _words(text: str) -> Read[str]:
    return Read(text, (Cause.GARBLED,) if Cause.GARBLED in names.look(text) else ())


def _fund(text: str) -> Read[str]:
    code = numbers.unquoted(text)
    return Read(code, (Cause.SHORT_CODE,) if code.isdecimal() and len(code) < _FUND else ())


def _email(text: str) -> Read[str]:
    return Read(text) if _EMAIL.fullmatch(text) else Read(None, (Cause.WRONG_FORM,))


def _phone(text: str) -> Read[str]:
    number = re.sub(r"[\s.()/-]|(?<=\+33)0", "", numbers.unquoted(text).replace("(0)", ""))
    if number.isdecimal() and len(number) == _NATIONAL and number[0] != "0":
        return Read(f"0{number}", (Cause.ZEROS_RESTORED,))
    return Read(number) if _PHONE.fullmatch(number) else Read(None, (Cause.WRONG_FORM,))


def _day(text: str) -> Read[date]:
    found = day(text)
    return Read(found, () if found else (Cause.WRONG_FORM,))


_READERS: dict[Field, Callable[[str], Read[Any]]] = {
    Field.CIVILITY: known.civility,
    Field.FAMILY_NAME: _name,
    Field.BIRTH_NAME: _name,
    Field.GIVEN_NAME: _name,
    Field.RPPS: numbers.rpps,
    Field.ADELI: numbers.adeli,
    Field.FINESS: numbers.finess,
    Field.FUND: _fund,
    Field.PROFESSION: known.profession,
    Field.ROLE: _words,
    Field.STRUCTURE: _words,
    Field.EMAIL: _email,
    Field.PHONE: _phone,
    Field.START_DATE: _day,
    Field.END_DATE: _day,
}
