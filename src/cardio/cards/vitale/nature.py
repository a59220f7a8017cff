"""Is it a test card? Only what says so counts: nothing public marks a real card."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from cardio.cards.layout import Confidence
from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cards.vitale.rights.codes import is_test_fund

if TYPE_CHECKING:
    from cardio.cards.vitale.rights.model import Rights


class CardNature(Enum):
    """What a card is for; the words are stable. UNKNOWN may be a real card."""

    TEST = "test"
    DEMONSTRATION = "demonstration"
    UNKNOWN = "unknown"


class NatureReason(Enum):
    """What tells it; the words are stable."""

    TEST_NUMBER = "test-number"
    TEST_TYPE = "test-type"
    DEMONSTRATION_TYPE = "demonstration-type"
    TEST_FUND = "test-fund"


_CONFIDENCES = {
    NatureReason.TEST_NUMBER: Confidence.PUBLISHED,
    NatureReason.TEST_TYPE: Confidence.PUBLISHED,
    NatureReason.DEMONSTRATION_TYPE: Confidence.STAND_IN,
    NatureReason.TEST_FUND: Confidence.PUBLISHED,
}

_SENTENCES = {
    NatureReason.TEST_NUMBER: "A NIR has month 19, which no real one has.",
    NatureReason.TEST_TYPE: "Its type of card is T.",
    NatureReason.DEMONSTRATION_TYPE: "Its type of card is D, a letter of cardio's own.",
    NatureReason.TEST_FUND: "The insuring body is one of test cards.",
}

_TYPES = {"T": NatureReason.TEST_TYPE, "D": NatureReason.DEMONSTRATION_TYPE}
"""Field 101.1: T is published (facts: vitale.md §4.2), D is ours, other letters are not known."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that tells what the card is for; `beneficiary` counts from 0."""

    reason: NatureReason
    beneficiary: int | None = None

    @property
    def confidence(self) -> Confidence:
        return _CONFIDENCES[self.reason]

    @property
    def why(self) -> str:
        """The evidence as an English sentence."""
        return _SENTENCES[self.reason]


@dataclass(frozen=True, slots=True)
class Nature:
    """What a card is for, and all that tells it."""

    evidence: tuple[Evidence, ...] = ()

    @property
    def card(self) -> CardNature:
        """Demonstration goes before test: its data look like a test card's."""
        reasons = {one.reason for one in self.evidence}
        if NatureReason.DEMONSTRATION_TYPE in reasons:
            return CardNature.DEMONSTRATION
        return CardNature.TEST if reasons else CardNature.UNKNOWN

    @property
    def is_test(self) -> bool | None:
        """True for test and demonstration cards; None where nothing tells, never False."""
        return True if self.evidence else None


def nature_of(beneficiaries: Iterable[Beneficiary], rights: "Rights | None" = None) -> Nature:
    """From the free lists, and from rights where a client has them."""
    found = [
        Evidence(NatureReason.TEST_NUMBER, index)
        for index, person in enumerate(beneficiaries)
        if person.nir and person.nir.is_test
    ]
    return Nature((*found, *(_of_rights(rights) if rights else ())))


def _of_rights(rights: "Rights") -> Iterator[Evidence]:
    insured = rights.insured
    if insured and insured.card_type in _TYPES:
        yield Evidence(_TYPES[insured.card_type])
    bodies = [insured] if insured else [person.api for person in rights.persons]
    funds = {(one.regime or "", one.fund or "", one.centre or "") for one in bodies if one}
    if any(is_test_fund(*fund) for fund in funds):
        yield Evidence(NatureReason.TEST_FUND)
