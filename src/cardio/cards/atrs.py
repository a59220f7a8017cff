"""The answers to reset of the family, as data (facts: cps.md §1, vitale.md §1).

What is not listed here is not claimed: the Vitale look-alikes `3B 75 13 00 00 9C ...` (Cyberflex),
`3F 65 25 00 2B 09 69 90 00` (a parking card) and `... 2B 09 EB ...` (Bull Scot 5) match nothing.
"""

from collections.abc import Iterator
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
        return None not in self.pattern


def _pattern(text: str) -> tuple[int | None, ...]:
    """`3B ..`: hexadecimal bytes, two dots for any byte."""
    return tuple(None if byte == ".." else int(byte, 16) for byte in text.split())


_LISTED, _INFERRED = Confidence.PUBLISHED, Confidence.INFERRED

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
        (".. .. ..", CardKind.CPS3, ""),
    )
)

_VITALE2_LISTED = frozenset(
    {(number, 0xEA) for number in (*range(0x43, 0x4A), 0x4B, 0x4C)} | {(0x45, 0xFA)}
)
"""Bytes 5 and 7 of the Vitale 2 answers in the public list."""

_VITALE2 = tuple(
    Candidate(
        (0x3B, 0x75, 0x13, 0x00, 0x00, number, 0x09, family, 0x90, 0x00),
        CardKind.VITALE2,
        "2",
        _LISTED if (number, family) in _VITALE2_LISTED else _INFERRED,
    )
    for family in (0xEA, 0xFA)
    for number in range(0x43, 0x50)
)

_VITALE1 = tuple(
    Candidate(_pattern(f"3F 65 25 00 {model} 90 00"), CardKind.VITALE1, "1", Confidence.OBSERVED)
    for model in (
        "22 09 69",
        "22 09 F9",
        "2C 09 69",
        "2C 09 F9",
        "52 09 6A",
        "A3 09 6A",
        "A4 09 6A",
    )
)

CANDIDATES = (*_CPS_EXACT, *_VITALE2, *_VITALE1, *_CPS_MASKS)
"""Exact values first, then masks, the most general one last."""


def candidates(atr: bytes) -> tuple[Candidate, ...]:
    """What cards answer their reset so, the likeliest first and each kind once.

    Never raises: bytes that are no ATR match nothing.
    """
    return tuple(_first_of_each_kind(atr))


def _first_of_each_kind(atr: bytes) -> Iterator[Candidate]:
    seen: set[CardKind] = set()
    for candidate in CANDIDATES:
        if candidate.kind not in seen and candidate.matches(atr):
            seen.add(candidate.kind)
            yield candidate
