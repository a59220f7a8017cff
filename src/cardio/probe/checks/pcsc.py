"""Is there PC/SC, and does it have a reader?"""

from cardio.errors import AccessRefused, PcscMissing, ServiceUnavailable
from cardio.probe.check import Finding, failed, passed, unknown
from cardio.probe.facts import WorkstationFacts


def library(facts: WorkstationFacts) -> Finding:
    """Can Python speak PC/SC?"""
    if facts.failure and facts.failure.is_a(PcscMissing):
        return failed("missing", code=facts.failure.code)
    return passed() if facts.source == "pcsc" else passed("emulated", source=facts.source)


def service(facts: WorkstationFacts) -> Finding:
    """Does the PC/SC service answer this user?"""
    failure = facts.failure
    if failure is None:
        return passed()
    if failure.is_a(ServiceUnavailable):
        return failed("down", code=failure.code, detail=failure.message)
    if failure.is_a(AccessRefused):
        return failed("refused", code=failure.code, detail=failure.message)
    return unknown("error", code=failure.code, error=failure.name, detail=failure.message)


def reader_present(facts: WorkstationFacts) -> Finding:
    """Is a reader connected?"""
    if not facts.readers:
        return failed("none")
    return passed(count=len(facts.readers))
