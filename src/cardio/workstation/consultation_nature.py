"""Test card or real one? A test and a real card together are refused (facts: vitale.md §4.5, F026).

What a card does not tell stays unknown, and is never taken for real.
"""

from enum import StrEnum

from cardio.cards.cps.card import CpsCard
from cardio.cards.vitale.card import VitaleCard


class Nature(StrEnum):
    """Whether a card is a test card."""

    TEST = "test"
    REAL = "real"
    UNKNOWN = "unknown"


_TOLD = {True: Nature.TEST, False: Nature.REAL, None: Nature.UNKNOWN}


def nature_of_cps(card: CpsCard) -> Nature:
    """By the category in its certificate, or in its records (facts: cps.md §4): 80 and above."""
    return _TOLD[card.card.is_test]


def nature_of_vitale(card: VitaleCard) -> Nature:
    """Test, demonstration included, or unknown: nothing public marks a real Vitale."""
    return _TOLD[card.nature.is_test]


def are_mixed(one: Nature, other: Nature) -> bool:
    """Whether one card is known to be for tests and the other known to be real."""
    return {one, other} == {Nature.TEST, Nature.REAL}


def is_doubtful(one: Nature, other: Nature) -> bool:
    """Whether one is a test card and the other does not tell."""
    return {one, other} == {Nature.TEST, Nature.UNKNOWN}
