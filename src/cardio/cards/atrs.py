"""The answers to reset of the family, as data (facts: cps.md §1, vitale.md §1).

What is not listed here is not claimed: the Vitale look-alikes `3B 75 13 00 00 9C ...` (Cyberflex),
`3F 65 25 00 2B 09 69 90 00` (a parking card) and `... 2B 09 EB ...` (Bull Scot 5) match nothing.
"""

from dataclasses import dataclass
from enum import Enum

from cardio.cards.layout import Confidence


class CardKind(Enum):
    """The cards cardio tells apart."""

    CPS3 = "cps3"
    CPS3_CONTACTLESS = "cps3-contactless"
    CPS4 = "cps4"
    CPS2TER = "cps2ter"
    VITALE1 = "vitale1"
    VITALE2 = "vitale2"
    UNKNOWN = "unknown"


class Interface(Enum):
    """How the card is powered and spoken to."""

    CONTACT = "contact"
    CONTACTLESS = "contactless"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One known answer to reset: `pattern` has None where any byte fits.

    `generation` is the maker's word ("3", "2ter"), empty where the bytes do not tell it.
    """

    pattern: tuple[int | None, ...]
    kind: CardKind
    generation: str
    confidence: Confidence
    interface: Interface = Interface.CONTACT

    def matches(self, atr: bytes) -> bool:
        return len(atr) == len(self.pattern) and all(
            wanted in (None, found) for wanted, found in zip(self.pattern, atr, strict=True)
        )

    @property
    def is_exact(self) -> bool:
        """Whether the whole value is known, not only a mask."""
        return None not in self.pattern


def _pattern(text: str) -> tuple[int | None, ...]:
    """`3B ..`: hexadecimal bytes, two dots for any byte."""
    return tuple(None if byte == ".." else int(byte, 16) for byte in text.split())


_LISTED, _OBSERVED = Confidence.PUBLISHED, Confidence.OBSERVED
_INFERRED = Confidence.INFERRED

_CPS_EXACT = (
    Candidate(
        _pattern("3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00"),
        CardKind.CPS3,
        "3",
        _LISTED,
    ),
    Candidate(
        _pattern("3B AC 00 40 2A 00 12 25 00 64 80 82 02 12 00 90 00"),
        CardKind.CPS2TER,
        "2ter",
        _INFERRED,
    ),
    Candidate(
        _pattern("3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 82 90 00 0E"),
        CardKind.CPS3_CONTACTLESS,
        "3",
        _LISTED,
        Interface.CONTACTLESS,
    ),
    Candidate(
        _pattern("3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 FF FF FF E3"),
        CardKind.CPS3_CONTACTLESS,
        "",
        _INFERRED,
        Interface.CONTACTLESS,
    ),
    Candidate(
        _pattern("3B 9B 18 80 01 00 12 25 00 64 80 04 01 00 00 90 44"),
        CardKind.CPS4,
        "4",
        _LISTED,
    ),
    Candidate(
        _pattern("3B 9B 18 80 01 00 12 25 00 64 80 00 04 01 00 90 44"),
        CardKind.CPS4,
        "4",
        _LISTED,
    ),
    Candidate(
        _pattern("3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00"),
        CardKind.CPS4,
        "4",
        _LISTED,
    ),
)

_CPS_FAMILY = "3B .. .. .. .. 00 12 25 00 64 80 {} 00 90 .."
"""Contact cards of the issuer: the fixed bytes of the masks that Windows and OpenSC use."""

_CPS_MASKS = tuple(
    Candidate(_pattern(_CPS_FAMILY.format(digits)), kind, generation, _INFERRED)
    for digits, kind, generation in (
        ("00 03 10", CardKind.CPS3, "3"),
        ("82 02 12", CardKind.CPS2TER, "2ter"),
        ("00 04 01", CardKind.CPS4, "4"),
        ("04 01 00", CardKind.CPS4, "4"),
    )
)

_CPS_OF_ANY_GENERATION = (
    Candidate(_pattern(_CPS_FAMILY.format(".. .. ..")), CardKind.CPS3, "", _INFERRED),
)

_VITALE2 = tuple(
    Candidate(
        _pattern(f"3B 75 13 00 00 {number:02X} 09 {family} 90 00"),
        CardKind.VITALE2,
        "2",
        confidence,
    )
    for family, numbers, confidence in (
        ("EA", (*range(0x43, 0x4A), 0x4B, 0x4C), _LISTED),
        ("EA", (0x4A, 0x4D, 0x4E, 0x4F), _INFERRED),
        ("FA", (0x45,), _OBSERVED),
        ("FA", (0x43, 0x44, *range(0x46, 0x50)), _INFERRED),
    )
    for number in numbers
)

_VITALE1 = tuple(
    Candidate(_pattern(f"3F 65 25 00 {model} 90 00"), CardKind.VITALE1, "1", confidence)
    for models, confidence in (
        (("22 09 69", "22 09 F9", "2C 09 69", "2C 09 F9"), _LISTED),
        (("52 09 6A", "A3 09 6A", "A4 09 6A"), _OBSERVED),
    )
    for model in models
)

_TIERS = ((*_CPS_EXACT, *_VITALE2, *_VITALE1), _CPS_MASKS, _CPS_OF_ANY_GENERATION)
"""Exact values, then masks, then the mask of the whole family."""


def candidates(atr: bytes) -> tuple[Candidate, ...]:
    """What cards answer their reset so: those of the closest tier that has any.

    Never raises: bytes that are no ATR match nothing.
    """
    for tier in _TIERS:
        if found := tuple(candidate for candidate in tier if candidate.matches(atr)):
            return found
    return ()
