"""Can each reader be used, and does the card in it answer?"""

import re

from cardio.cards.identify import CardKind
from cardio.errors import (
    CardMute,
    CardRemoved,
    NoCard,
    ReaderUnavailable,
    SharingViolation,
    TransmitTimeout,
)
from cardio.probe.check import Finding, failed, passed, warned
from cardio.probe.facts import ReaderFacts, WorkstationFacts
from cardio.probe.subjects import CPS_KINDS, VITALE_KINDS
from cardio.transport.base import CardPresence
from cardio.workstation.workstation import HOLDER_CPS, READABLE_VITALE

_NOT_READ = (CPS_KINDS | VITALE_KINDS) - HOLDER_CPS - READABLE_VITALE

_NUMBERS = re.compile(r"\s\d{1,2}(?=\s|$)|\([^)]*\)")
"""What tells readers of one model apart: device and slot number, serial number in brackets."""


def state(reader: ReaderFacts) -> Finding:
    """Is the reader there, and is something in it?"""
    if reader.failure and reader.failure.is_a(ReaderUnavailable):
        return failed("unavailable", code=reader.failure.code)
    return passed("empty" if reader.presence is CardPresence.ABSENT else "card")


def free(reader: ReaderFacts) -> Finding:
    """Does no other program keep everybody else off the reader?"""
    if reader.exclusive or (reader.failure and reader.failure.is_a(SharingViolation)):
        return failed("held", code=SharingViolation.code)
    return passed("shared" if reader.in_use else "ok")


def card_answers(reader: ReaderFacts) -> Finding:
    """Does the card answer? Upside down, dirty, broken and foreign cards look alike: mute."""
    failure = reader.failure
    if reader.presence is CardPresence.MUTE or (failure and failure.is_a(CardMute)):
        return failed("mute", code=CardMute.code)
    if failure is None:
        return passed()
    if failure.is_a(TransmitTimeout):
        return failed("slow", code=failure.code)
    if failure.is_a(CardRemoved, NoCard):
        return failed("removed", code=failure.code)
    return failed("error", code=failure.code, error=failure.name, detail=failure.message)


def card_kind(reader: ReaderFacts) -> Finding:
    """Is it a card of the family, and one that cardio reads?"""
    match = reader.match
    if match is None or match.kind is CardKind.UNKNOWN:
        return warned("unknown", why=match.why_code if match else None)
    evidence = {"kind": match.kind.value, "confidence": match.confidence.value}
    if match.kind in _NOT_READ:
        return warned("not-read", **evidence)
    return passed(match.kind.value, **evidence)


def twins(facts: WorkstationFacts) -> Finding:
    """Do readers differ by a number only? Numbers may change at the next start, so a program must
    go by the card (facts: vitale.md §7.3).
    """
    groups: dict[str, list[str]] = {}
    for reader in facts.readers:
        groups.setdefault(_NUMBERS.sub("", reader.name), []).append(reader.name)
    alike = tuple(name for names in groups.values() if len(names) > 1 for name in names)
    return passed("twins", readers=alike) if alike else passed()
