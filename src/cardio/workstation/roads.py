"""The two roads to a CPS, and why one was taken: words, and what PC/SC errors mean for them."""

import sys
from enum import StrEnum

from cardio.errors import (
    AccessRefused,
    CardioError,
    CommunicationFailed,
    NoCard,
    NoReader,
    PcscMissing,
    SelectionError,
    ServiceUnavailable,
    SharingViolation,
)
from cardio.workstation.selection import SelectionReason


class Road(StrEnum):
    """How the card is spoken to."""

    DIRECT = "direct"
    """Its own commands, over PC/SC."""
    PKCS11 = "pkcs11"
    """A PKCS#11 module: the Cryptolib CPS, or another."""


class RoadReason(StrEnum):
    """Why a road was taken; the words are stable."""

    ASKED = "asked"
    READABLE = "readable"
    NO_PCSC = "no-pcsc"
    NOT_IN_PCSC = "not-in-pcsc"
    HELD = "held"
    SYSTEM_HOLDS = "system-holds"
    NOT_READABLE = "not-readable"


SENTENCES = {
    RoadReason.ASKED: "The caller asked for this road.",
    RoadReason.READABLE: "PC/SC shows a CPS that can be read.",
    RoadReason.NO_PCSC: "PC/SC cannot be used here.",
    RoadReason.NOT_IN_PCSC: "PC/SC shows no CPS in its readers.",
    RoadReason.HELD: "Another program keeps the card for itself.",
    RoadReason.SYSTEM_HOLDS: "The system's own card service (CryptoTokenKit) has the card.",
    RoadReason.NOT_READABLE: "PC/SC shows a card but cannot read it as a CPS.",
}

_NO_PCSC = PcscMissing, ServiceUnavailable, AccessRefused
_NOWHERE = frozenset(
    {SelectionReason.NO_READER, SelectionReason.NO_CARD, SelectionReason.NOT_FOUND}
)


def why_not_direct(error: CardioError, system: str = sys.platform) -> RoadReason:
    """What an error of the direct road says for the other one.

    SYSTEM_HOLDS: on macOS raw commands fail while CryptoTokenKit owns the card (facts:
    certificates_identifiers_services.md §6, case 19).
    """
    cause = error.__cause__
    if isinstance(error, SelectionError) and isinstance(cause, CardioError):
        error = cause
    if isinstance(error, _NO_PCSC):
        return RoadReason.NO_PCSC
    if isinstance(error, SharingViolation):
        return RoadReason.HELD
    if isinstance(error, NoReader | NoCard):
        return RoadReason.NOT_IN_PCSC
    if isinstance(error, SelectionError) and error.reason in _NOWHERE:
        return RoadReason.NOT_IN_PCSC
    if isinstance(error, CommunicationFailed) and system == "darwin":
        return RoadReason.SYSTEM_HOLDS
    return RoadReason.NOT_READABLE
