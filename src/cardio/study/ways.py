"""Which ways to use a service are open to somebody at all."""

from dataclasses import replace

from cardio.catalogue.model import Convention, Service
from cardio.catalogue.subject import EVERYBODY, Demand, Subject
from cardio.study.evidence import Evidence
from cardio.study.readiness import profession_of

_WHO = (Subject.PROFESSION, Subject.SECTOR)


def narrowed(service: Service, evidence: Evidence) -> Service:
    """Only the ways made for the person's sector, where one of them is for the profession too.

    An employee of a health centre goes the health centre's way, not that of a liberal practice.
    """
    own = tuple(
        way for way in service.conventions if way.about(Subject.SECTOR) and is_open(way, evidence)
    )
    return replace(service, conventions=own) if own else service


def is_open(way: Convention, evidence: Evidence) -> bool:
    """Whether its profession and sector are those of the person; not known is not open here."""
    return all(_fits(way, subject, evidence) is True for subject in _WHO)


def is_closed(service: Service, evidence: Evidence) -> bool:
    """Whether every way is for other professions or sectors."""
    return all(
        any(_fits(way, subject, evidence) is False for subject in _WHO)
        for way in service.conventions
    )


def _fits(way: Convention, subject: Subject, evidence: Evidence) -> bool | None:
    """None: the person's is not known, or nobody published the rule."""
    own = _own(subject, evidence)
    answers: list[bool | None] = []
    for rule in way.about(subject):
        if EVERYBODY in rule.values:
            continue
        is_known = own is not None and rule.demand is not Demand.UNKNOWN
        answers.append(own in rule.values if is_known else None)
    return False if False in answers else None if None in answers else True


def _own(subject: Subject, evidence: Evidence) -> str | None:
    return evidence.person.sector if subject is Subject.SECTOR else profession_of(evidence)
