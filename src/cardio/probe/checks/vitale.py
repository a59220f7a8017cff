"""The patient's card: is it there and readable?"""

from cardio.probe.check import Finding, failed, passed, unknown, warned
from cardio.probe.facts import ReaderFacts, WorkstationFacts
from cardio.probe.subjects import VITALE_KINDS, readers_holding
from cardio.workstation.workstation import READABLE_VITALE


def present(facts: WorkstationFacts) -> Finding:
    """Is there one Vitale that cardio reads? Not every service needs one: absence is a warning."""
    readable = readers_holding(facts, READABLE_VITALE)
    if len(readable) > 1:
        return warned("several", count=len(readable), readers=readable)
    if readable:
        return passed(readers=readable)
    if other := readers_holding(facts, VITALE_KINDS):
        return unknown("not-read", readers=other)
    return warned("none")


def readable(reader: ReaderFacts) -> Finding:
    """Can the beneficiaries be read?"""
    card = reader.vitale
    if card is None:
        failure = reader.reading_failure
        code, name = (failure.code, failure.name) if failure else (None, None)
        return failed("unreadable", code=code, error=name)
    if not card.beneficiaries:
        return failed("empty")
    if card.problems:
        return warned("partly", count=card.beneficiaries, problems=card.problems)
    return passed(count=card.beneficiaries)
