"""The characters of a name in the INSi, and how a typed name gets there.

A to Z, space, apostrophe, hyphen and double hyphen: no lower case, accent or ligature. The first
character is no space or hyphen; spaces and apostrophes are neither doubled nor combined; a given
name has no double hyphen and ends with neither hyphen nor apostrophe
(facts: certificates_identifiers_services.md §2).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from string import ascii_uppercase

from cardio.errors import IdentifierError, UnmappableCharacter

_LETTERS = frozenset(ascii_uppercase)
_ALLOWED = _LETTERS | frozenset(" '-")
_ACCENTS = range(0x300, 0x34F)
"""Unicode's combining marks that are drawn on Latin letters, without those that are letters."""

_OURS = {
    **dict.fromkeys("ĐÐ", "D"),
    **dict.fromkeys("ŁĿ", "L"),
    "Ħ": "H",
    "Ø": "O",
    "Æ": "AE",
    "Œ": "OE",
    "ẞ": "SS",
    "Þ": "TH",
    **dict.fromkeys("\u2018\u2019\u02bc\u02b9\u00b4`\u2032", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009", " "),
}
"""No published rule says what these become: the choice is ours. Accents come off by Unicode's own
decomposition, and ß, ﬁ and the like by its upper case."""


class NameKind(Enum):
    """Which rules a name follows."""

    BIRTH_NAME = "birth-name"
    GIVEN_NAME = "given-name"
    GIVEN_NAMES = "given-names"
    """The list of given names, with a space between them."""


class NameRule(Enum):
    """A rule a name can break; the words are stable."""

    EMPTY = "empty"
    CHARACTER = "character"
    FIRST = "first"
    LAST = "last"
    DOUBLED = "doubled"
    HYPHENS = "hyphens"


@dataclass(frozen=True, slots=True)
class NameFault:
    """A broken rule, and where in the name (characters from its start)."""

    rule: NameRule
    offset: int


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A character that has no equal in the INSi, and where it stands in what was typed."""

    character: str
    offset: int


@dataclass(frozen=True, slots=True)
class Transliteration:
    """The name in the INSi's characters; an unmapped character stays in `text` as it was."""

    text: str
    unmapped: tuple[Unmapped, ...]


_RULES = (
    (NameRule.EMPTY, re.compile(r"\A\Z")),
    (NameRule.CHARACTER, re.compile(r"[^A-Z '-]")),
    (NameRule.FIRST, re.compile(r"\A[ -]")),
    (NameRule.DOUBLED, re.compile(r"[ '](?=[ '])")),
    (NameRule.HYPHENS, re.compile(r"---")),
    (NameRule.LAST, re.compile(r"(?<!\A) \Z")),
)
"""That a name does not end with a space is our rule: it would not survive a form or a file."""

_GIVEN_RULES = (
    (NameRule.FIRST, re.compile(r"(?<= )-")),
    (NameRule.HYPHENS, re.compile(r"(?<!-)--(?!-)")),
    (NameRule.LAST, re.compile(r"[-'](?= |\Z)")),
)


def transliterate(text: str) -> Transliteration:
    """Capitals without accents or ligatures. Nothing is dropped: see `Transliteration.unmapped`."""
    done = ""
    unmapped: list[Unmapped] = []
    for offset, character in enumerate(text):
        letters = _letters(character, done[-1:])
        if letters is None:
            unmapped.append(Unmapped(character, offset))
        done += character if letters is None else letters
    return Transliteration(done, tuple(unmapped))


def insi_name(text: str, kind: NameKind) -> str:
    """A typed name as the INSi takes it.

    Raises `UnmappableCharacter`, or `IdentifierError` for any other broken rule.
    """
    done = transliterate(text)
    if done.unmapped:
        first = done.unmapped[0]
        raise UnmappableCharacter(
            f"the INSi has no equal of U+{ord(first.character):04X}",
            character=first.character,
            offset=first.offset,
        )
    check_name(done.text, kind)
    return done.text


def name_faults(name: str, kind: NameKind) -> tuple[NameFault, ...]:
    """Every rule the name breaks, by its place; empty when it can be sent as it is."""
    rules = _RULES if kind is NameKind.BIRTH_NAME else (*_RULES, *_GIVEN_RULES)
    faults = {
        NameFault(rule, found.start()) for rule, form in rules for found in form.finditer(name)
    }
    return tuple(sorted(faults, key=lambda fault: (fault.offset, fault.rule.value)))


def check_name(name: str, kind: NameKind) -> None:
    """Raises `IdentifierError` for the first broken rule."""
    for fault in name_faults(name, kind):
        raise IdentifierError(f"the name breaks the rule {fault.rule.value!r}", offset=fault.offset)


def _letters(character: str, before: str) -> str | None:
    """What one character becomes: nothing for an accent on a letter, None where nobody knows."""
    if character in _ALLOWED:
        return character
    if ord(character) in _ACCENTS:
        return "" if before in _LETTERS else None
    parts = unicodedata.normalize("NFD", _OURS.get(character, character.upper()))
    letters = "".join(_OURS.get(part, part) for part in parts if ord(part) not in _ACCENTS)
    return letters if letters and _ALLOWED.issuperset(letters) else None
