"""The professional's card: is it there, readable, in date, and are its tries left?"""

from datetime import datetime, timedelta

from cardio.cards.identify import CardKind
from cardio.probe.check import Finding, Status, failed, passed, unknown, warned
from cardio.probe.facts import CertificateFacts, CpsFacts, ReaderFacts, TriesFacts, WorkstationFacts
from cardio.probe.subjects import CPS_KINDS, each_card, readers_holding
from cardio.workstation.workstation import HOLDER_CPS

SOON = timedelta(days=60)
"""How long before its end a certificate is warned of: our choice, time to have a card renewed."""

WANTED_USAGES = ("authentication", "signature")
"""A CPS has one certificate of each (facts: certificates_identifiers_services.md §1.3)."""

LOW_PUK_TRIES = 3
"""Tries from which on a warning is due: our choice. A PUK starts with 10 (facts: cps.md §2.2)."""


def present(facts: WorkstationFacts) -> Finding:
    """Is there exactly one CPS that cardio reads?"""
    readable = readers_holding(facts, HOLDER_CPS)
    if len(readable) > 1:
        return warned("several", count=len(readable), readers=readable)
    if readable:
        return passed(readers=readable)
    if other := readers_holding(facts, CPS_KINDS):
        return unknown("not-read", readers=other)
    if any(reader.match is None for _, reader in each_card(facts)):
        return unknown("unidentified")
    return failed("none")


def readable(reader: ReaderFacts) -> Finding:
    """Can what is free on the card be read?"""
    if reader.cps is None:
        failure = reader.reading_failure
        code, name = (failure.code, failure.name) if failure else (None, None)
        return failed("unreadable", code=code, error=name)
    if problems := reader.cps.problems:
        codes = tuple(sorted({problem.code for problem in problems}))
        return warned("partly", count=len(problems), codes=codes)
    return passed()


def certificates(card: CpsFacts) -> Finding:
    """Are the signature and the authentication certificate there and in date?"""
    usages = {certificate.usage for certificate in card.certificates}
    if missing := tuple(usage for usage in WANTED_USAGES if usage not in usages):
        return failed("missing", usage=missing)
    first_end = min(card.certificates, key=_end)
    dates = {"usage": first_end.usage, "until": first_end.not_after.date()}
    if first_end.not_after <= card.read_at:
        return failed("expired", **dates)
    if late := [one for one in card.certificates if one.not_before > card.read_at]:
        return failed("not-yet", usage=late[0].usage, since=late[0].not_before.date())
    left = first_end.not_after - card.read_at
    if left < SOON:
        return warned("soon", **dates, days=left.days)
    return passed(**dates)


def _end(certificate: CertificateFacts) -> datetime:
    return certificate.not_after


def validity(card: CpsFacts) -> Finding:
    """Has the card itself come to its end? The date's place in the records is INFERRED."""
    until = card.valid_until
    if until is None:
        return Finding(Status.SKIP, "unread")
    if until < card.read_at.date():
        return warned("ended", until=until)
    return passed(until=until)


def pin(card: CpsFacts) -> Finding:
    """How often may the PIN still be presented? Read from the card; no try is spent."""
    tries = card.pin_tries
    if tries is None:
        return unknown("unread")
    if tries.left == 0:
        return failed("blocked", **_tries(tries))
    return warned("last", **_tries(tries)) if tries.left == 1 else passed(**_tries(tries))


def puk(card: CpsFacts) -> Finding:
    """How often may the PUK still be presented?"""
    tries = card.puk_tries
    if tries is None:
        return unknown("unread")
    if tries.left == 0:
        return warned("blocked", **_tries(tries))
    low = tries.left <= LOW_PUK_TRIES
    return warned("low", **_tries(tries)) if low else passed(**_tries(tries))


def _tries(tries: TriesFacts) -> dict[str, int | None]:
    return {"left": tries.left, "most": tries.most}


def views(card: CpsFacts) -> Finding:
    """Do the certificates and the card's own records tell the same holder?"""
    if card.differences:
        return warned("differ", fields=card.differences)
    return passed()


def interface(facts: WorkstationFacts) -> Finding:
    """Is a CPS read without contact? That side shows a certificate that asks for no PIN."""
    contactless = readers_holding(facts, frozenset({CardKind.CPS3_CONTACTLESS}))
    if not contactless:
        return passed()
    beside = readers_holding(facts, HOLDER_CPS)
    return warned("both" if beside else "contactless", readers=contactless)


def serial(card: CpsFacts) -> Finding:
    """Does the chip tell its number, under the issuer of the CPS cards?"""
    return passed() if card.has_serial else warned("missing")


def speciality(card: CpsFacts) -> Finding:
    """Does a doctor's card tell a speciality? The DMP refuses one without."""
    if card.lacks_speciality is None:
        return passed("not-asked")
    return warned("missing") if card.lacks_speciality else passed()


def revocation(card: CpsFacts) -> Finding:
    """Was a certificate revoked, as far as the responder of IGC-Santé tells?"""
    for told in card.revocations:
        if told.status == "revoked":
            return failed("revoked", usage=told.usage)
    for told in card.revocations:
        if told.status != "good":
            return unknown("untold", usage=told.usage, doubt=told.doubt)
    return passed()
