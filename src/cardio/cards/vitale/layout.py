"""Applications, files and tags of a Vitale 2 (facts: vitale.md §2)."""

from enum import IntEnum

from cardio.cards.layout import Access, CardFile, Confidence
from cardio.iso7816.path import MASTER_FILE, Path

_HEALTH_INSURANCE = bytes.fromhex("D250000002")
"""Registered provider: France, health insurance (facts: vitale.md §2.2)."""

VITALE = _HEALTH_INSURANCE + b"VITALE"
MF_VITALE = _HEALTH_INSURANCE + b"MF_VITALE"

MAP_FID = 0x2001
LIST_SFI = 2
"""Under the root: the people; under VITALE: their numbers (facts: vitale.md §2.4)."""

FILES = (
    CardFile(
        name="POINTERS",
        path=Path.of(MAP_FID),
        content="map of applications and files, under VITALE",
        confidence=Confidence.OBSERVED,
        source="vitale.md §2.4 (cardpeek)",
        read=Access.FREE,
    ),
    CardFile(
        name="people",
        path=None,
        content="one template 65 per person, short id 2 under the root",
        confidence=Confidence.OBSERVED,
        source="vitale.md §2.4 (Rufus)",
        read=Access.FREE,
    ),
    CardFile(
        name="numbers",
        path=None,
        content="one template 65 per person, same order, short id 2 under VITALE",
        confidence=Confidence.OBSERVED,
        source="vitale.md §2.4 (Rufus)",
        read=Access.FREE,
    ),
    CardFile(
        name="DIR",
        path=Path.of(MASTER_FILE, 0x2F00),
        content="ISO directory",
        confidence=Confidence.OBSERVED,
        source="vitale.md §2.4 (cardpeek)",
    ),
    CardFile(
        name="PAN",
        path=Path.of(MASTER_FILE, 0x2F02),
        content="unknown",
        confidence=Confidence.OBSERVED,
        source="vitale.md §2.4 (cardpeek)",
    ),
)


class Tag(IntEnum):
    """Data objects of the lists; two independent readers agree on them (facts: vitale.md §2.6).

    `NATIONALITY_OR_COUNTRY` is the nationality to cardpeek and the country to Rufus.
    """

    PERSON = 0x65
    CARD = 0x66
    FAMILY_NAME = 0x80
    GIVEN_NAME = 0x81
    BIRTH_DATE = 0x82
    NATIONALITY_OR_COUNTRY = 0x90
    NIR = 0x93


VALID_FROM = 0x80
"""Within `Tag.CARD`: first day of validity (one source: cardpeek)."""

PEOPLE_TAGS = frozenset({Tag.FAMILY_NAME, Tag.GIVEN_NAME, Tag.BIRTH_DATE})
NUMBERS_TAGS = frozenset({Tag.NATIONALITY_OR_COUNTRY, Tag.NIR})
