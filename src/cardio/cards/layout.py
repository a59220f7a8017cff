"""What is known of a card's files, as data with its source and how sure it is."""

from dataclasses import dataclass
from enum import Enum

from cardio.iso7816.path import Path


class Confidence(Enum):
    """How far a fact may be trusted; the order goes from most to least.

    PUBLISHED by an official or two independent sources, OBSERVED on a card or in the vendor's
    programs, INFERRED from what is known, STAND_IN invented where nothing is public.
    """

    PUBLISHED = "published"
    OBSERVED = "observed"
    INFERRED = "inferred"
    STAND_IN = "stand-in"


class Access(Enum):
    """What a file asks of who wants it. UNKNOWN where nothing is public; the card then decides."""

    FREE = "free"
    PIN = "pin"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CardFile:
    """One file of a card. `path` is None where only the card itself tells it."""

    name: str
    path: Path | None
    content: str
    confidence: Confidence
    source: str
    read: Access = Access.UNKNOWN
    update: Access = Access.UNKNOWN
