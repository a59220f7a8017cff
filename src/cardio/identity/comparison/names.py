"""Compare family names: birth name, used name, or a card's only one."""

from collections.abc import Collection
from itertools import product

from cardio.identity.comparison.model import (
    Cause,
    Difference,
    Severity,
    Side,
    Trait,
    Traits,
    Why,
)
from cardio.identity.comparison.spelling import is_slip, spelling, words

LONGEST_SEEN = 18
"""A field that cuts family names is at least that long (facts: vitale.md §4.2, 104.1)."""

_OTHER = Why((Cause.OTHER,), Severity.DIFFERENT)


def compare_names(left: Traits, right: Traits) -> Difference | None:
    """Birth names first, else the names that are there; None when they are alike or missing."""
    ours, theirs = _name(left), _name(right)
    if ours is None or theirs is None or ours == theirs:
        return None
    finding = spelling(ours, theirs) or _used_name(left, right) or _other_words(ours, theirs)
    return Difference(Trait.NAME, finding.causes, finding.severity, ours, theirs, less=finding.less)


def cut(left: str, right: str, longest_seen: int) -> Why | None:
    """Whether one text is the beginning of the other, as long as a field that cuts."""
    short, long = sorted((left, right), key=len)
    if len(short) < longest_seen or not long.startswith(short):
        return None
    return Why((Cause.TRUNCATED,), Severity.CLOSE, shorter_side(left, right))


def shorter_side(left: str, right: str) -> Side | None:
    """The side with fewer letters; None when both have as many."""
    if len(left) == len(right):
        return None
    return Side.LEFT if len(left) < len(right) else Side.RIGHT


def holds_part(left: Collection[str], right: Collection[str]) -> bool:
    """Whether one side has some of the other's words and no others."""
    one, other = sorted((set(left), set(right)), key=len)
    return bool(one) and one < other


def _name(traits: Traits) -> str | None:
    return traits.birth_name or traits.family_name or traits.used_name


def _used_name(left: Traits, right: Traits) -> Why | None:
    """Whether a name of one side is the other's under another title.

    A used name alone and a birth name alone need not agree: that is no other person yet.
    """
    titles = ("birth_name", "family_name", "used_name")
    for mine, yours in product(titles, titles):
        ours, theirs = getattr(left, mine), getattr(right, yours)
        if mine != yours and ours and theirs and words(ours) == words(theirs):
            return Why((Cause.USED_NAME,), Severity.CLOSE)
    if _only_used(left) != _only_used(right):
        return Why((Cause.USED_NAME,), Severity.CLOSE)
    return None


def _only_used(traits: Traits) -> bool:
    return not (traits.birth_name or traits.family_name)


def _other_words(left: str, right: str) -> Why:
    ours, theirs = words(left), words(right)
    one, other = " ".join(ours), " ".join(theirs)
    if found := cut(one, other, LONGEST_SEEN):
        return found
    if holds_part(ours, theirs):
        return Why((Cause.DOUBLE_NAME,), Severity.CLOSE, shorter_side(one, other))
    if sorted(ours) == sorted(theirs):
        return Why((Cause.ORDER,), Severity.CLOSE)
    return Why((Cause.TYPING,), Severity.CLOSE) if is_slip(one, other) else _OTHER
