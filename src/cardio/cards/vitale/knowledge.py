"""What is known of a Vitale 2, what is not, and what the emulated card makes up.

`cardio vitale show --layout` prints it; the words of each `key` are the messages `vitale.known`.
"""

from dataclasses import dataclass

from cardio.cards.layout import Access, Confidence
from cardio.cards.vitale.layout import FILES, MF_VITALE, VITALE


@dataclass(frozen=True, slots=True)
class Known:
    """One fact: a tag or an answer to reset, how sure it is, and who says so."""

    place: str
    key: str
    confidence: Confidence
    source: str
    access: Access = Access.FREE


ANSWERS_TO_RESET = (
    Known("3B751300004x09EA9000", "atr-listed", Confidence.PUBLISHED, "vitale.md §1"),
    Known("3B751300004509FA9000", "atr-observed", Confidence.OBSERVED, "vitale.md §1"),
    Known("3B751300004x09FA9000", "atr-inferred", Confidence.INFERRED, "vitale.md §1"),
)
"""x is 3 to 9, B or C in the list; other values are inferred."""

APPLICATIONS = (
    Known(MF_VITALE.hex().upper(), "mf-vitale", Confidence.PUBLISHED, "vitale.md §2.2"),
    Known(VITALE.hex().upper(), "vitale", Confidence.PUBLISHED, "vitale.md §2.2"),
    Known("D2500000044164E86C650101", "adele", Confidence.OBSERVED, "vitale.md §2.2"),
    Known("E828BD080FD2500000044164E86C65", "adele-keys", Confidence.OBSERVED, "vitale.md §2.2"),
)

TAGS = (
    Known("65", "person", Confidence.PUBLISHED, "vitale.md §2.6"),
    Known("65/80", "family-name", Confidence.PUBLISHED, "vitale.md §2.6"),
    Known("65/81", "given-name", Confidence.PUBLISHED, "vitale.md §2.6"),
    Known("65/82", "birth-date", Confidence.PUBLISHED, "vitale.md §2.6"),
    Known("65/90", "nationality-or-country", Confidence.OBSERVED, "vitale.md §2.6"),
    Known("65/93", "nir", Confidence.PUBLISHED, "vitale.md §2.6"),
    Known("66/80", "valid-from", Confidence.OBSERVED, "vitale.md §2.6 (cardpeek)"),
    Known("7F21", "certificate", Confidence.OBSERVED, "vitale.md §2.6 (cardpeek)"),
    Known("7F21/5F37", "certificate-signature", Confidence.OBSERVED, "vitale.md §2.6 (cardpeek)"),
    Known("7F21/5F38", "certificate-remainder", Confidence.OBSERVED, "vitale.md §2.6 (cardpeek)"),
)

PLACES = tuple(
    Known(
        place=str(file.path) if file.path else "",
        key=f"file-{file.name.lower()}",
        confidence=file.confidence,
        source=file.source,
        access=file.read,
    )
    for file in FILES
)
"""The files of `layout`; without a place where only a short identifier is known."""

NOT_PUBLIC = (
    *("files", "answers-to-select", "refusals", "address", "insurance", "complementary"),
    *("work-accidents", "treating-doctor", "photo", "serial", "card-to-card", "invoice-signature"),
)
"""Keys of what no source tells of a real card (facts: vitale.md §6, §8)."""


def _stand_in(place: str, key: str, access: Access = Access.FREE) -> Known:
    return Known(place, key, Confidence.STAND_IN, "emulated-vitale2.md", access)


STAND_INS = (
    _stand_in("3F00/2002", "people-fid"),
    _stand_in("VITALE/2002", "numbers-fid"),
    _stand_in("3F00/2003", "validity-fid"),
    _stand_in("3F00/2F02", "serial-number"),
    _stand_in("VITALE/2004", "protected", Access.NEVER),
    _stand_in("VITALE/2005", "raw"),
    _stand_in("VITALE/2006", "rights"),
    _stand_in("ADELE/2010", "certificate-file"),
)
"""What only the emulated card has: nothing of it is claimed of a real one."""
