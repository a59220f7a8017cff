"""Compare given names: the first, a list, a composed name, or a part of it."""

from dataclasses import replace

from cardio.identity.characters import transliterate
from cardio.identity.comparison.model import (
    Cause,
    Difference,
    Severity,
    Trait,
    Traits,
    Why,
)
from cardio.identity.comparison.names import cut, holds_part, shorter_side
from cardio.identity.comparison.spelling import beginning, is_slip, spelling, words

LONGEST_SEEN = 15
"""A field that cuts given names is at least that long (facts: vitale.md §4.2, 104.3)."""


def compare_given_names(left: Traits, right: Traits) -> Difference | None:
    """The first given name decides; None when they are alike or missing."""
    ours = left.given_names or left.used_given_name
    theirs = right.given_names or right.used_given_name
    if not ours or not theirs or ours == theirs:
        return None
    finding = (
        spelling(ours, theirs)
        or _fewer(ours, theirs)
        or cut(" ".join(words(ours)), " ".join(words(theirs)), LONGEST_SEEN)
        or _used_given_name(left, right)
        or _other_words(ours, theirs)
    )
    return Difference(
        Trait.GIVEN_NAMES, finding.causes, finding.severity, ours, theirs, less=finding.less
    )


def _fewer(left: str, right: str) -> Why | None:
    """Whether one side has only the first of the other's given names, or a part of that one."""
    short, long = sorted((left, right), key=lambda text: len(words(text)))
    count = len(words(short))
    head = beginning(long, count)
    same = Why((), Severity.EQUIVALENT) if short == head else spelling(short, head)
    if not same or not count or count == len(words(long)):
        return None
    whole = count in _ends(long)
    less = shorter_side(" ".join(words(left)), " ".join(words(right)))
    if not whole:
        return Why((*same.causes, Cause.PART_OF_COMPOSED), Severity.CLOSE, less)
    return Why((*same.causes, Cause.FEWER_GIVEN_NAMES), same.severity, less)


def _ends(text: str) -> set[int]:
    """After how many words a given name of the list may end: where a space follows."""
    ends: set[int] = set()
    for name in transliterate(text).text.split(" "):
        ends.add(max(ends, default=0) + len(words(name)))
    return ends


def _used_given_name(left: Traits, right: Traits) -> Why | None:
    pairs = (
        (left.used_given_name, right.given_names),
        (left.given_names, right.used_given_name),
    )
    for ours, theirs in pairs:
        if ours and theirs and words(ours) == words(theirs):
            return Why((Cause.USED_NAME,), Severity.CLOSE)
    return None


def _other_words(left: str, right: str) -> Why:
    one, other = words(left), words(right)
    close = Why((Cause.OTHER,), Severity.CLOSE)
    if sorted(one) == sorted(other):
        return replace(close, causes=(Cause.ORDER,))
    if is_slip(" ".join(one), " ".join(other)):
        return replace(close, causes=(Cause.TYPING,))
    less = shorter_side(" ".join(one), " ".join(other)) if len(one) != len(other) else None
    if _within_first(left, right) or _within_first(right, left):
        return replace(close, causes=(Cause.PART_OF_COMPOSED,), less=less)
    if set(one) & set(other):
        return replace(close, causes=(Cause.OTHER_GIVEN_NAME,), less=less)
    return Why((Cause.OTHER,), Severity.DIFFERENT)


def _within_first(part: str, whole: str) -> bool:
    """Whether these words are a part of the other's first, composed name."""
    first = words(whole.strip().split(" ", 1)[0])
    return len(words(part)) < len(first) and holds_part(words(part), first)
