"""Do the certificates of a CPS lead to IGC-Santé? Revocation is not asked about."""

from cardio.cards.cps.trust.flaw import Flaw
from cardio.probe.check import Finding, Status, failed, passed, unknown
from cardio.probe.facts import CpsFacts, TrustFacts

_INCOMPLETE = {Flaw.ISSUER_MISSING}
_NOT_FOR_TEST = {Flaw.ISSUER_MISSING, Flaw.TEST_ANCHOR}


def chain(card: CpsFacts) -> Finding:
    """Do signature and authentication certificate end with an authority to be trusted?"""
    trust = card.trust
    if trust is None or trust.failure:
        return unknown("unusable", code=trust.failure.code if trust and trust.failure else None)
    if not trust.has_authorities:
        return Finding(Status.SKIP, "no-anchors")
    flaws = {flaw for one in trust.chains for flaw in one.flaws}
    if card.is_test and not trust.allows_test and flaws <= _NOT_FOR_TEST:
        return Finding(Status.SKIP, "test-card")
    if flaws:
        return _flawed(trust)
    anchors = tuple(sorted({one.anchor for one in trust.chains if one.anchor}))
    return passed("test" if any(one.is_test for one in trust.chains) else "ok", anchors=anchors)


def _flawed(trust: TrustFacts) -> Finding:
    worst = next(
        (one for one in trust.chains if set(one.flaws) - _INCOMPLETE),
        next(one for one in trust.chains if one.flaws),
    )
    if set(worst.flaws) <= _INCOMPLETE:
        return unknown("incomplete", usage=worst.usage)
    return failed("broken", usage=worst.usage, flaws=worst.flaws)
