"""Judge people by services: those with the same evidence once, whoever they are.

A roster of 100 000 lines has a few hundred different kinds of evidence.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from cardio.catalogue.model import Service
from cardio.study.answers import Answer, ConventionAnswer, Readiness, State
from cardio.study.evidence import (
    Evidence,
    PersonEvidence,
    VitaleEvidence,
    WorkstationEvidence,
)
from cardio.study.fixes import WORKSTATION_SUBJECTS, fix_of
from cardio.study.readiness import judge
from cardio.study.result import Cause, ServiceVerdict, Verdict
from cardio.study.ways import is_closed, narrowed

_BLOCKING = (State.NOT_MET, State.UNKNOWN)
_OF_PATIENTS = "vitale-environment"
"""Patients bring their own cards: of what kind these are is no question of a site."""

_MOST = 200_000
"""Verdicts remembered; bounds memory where every line is different."""


@dataclass(slots=True)
class Judge:
    """Remembers verdicts, and numbers the causes it finds from 0."""

    services: Mapping[str, Service]
    causes: list[Cause] = field(default_factory=list[Cause])
    _numbers: dict[Hashable, Cause] = field(default_factory=dict[Hashable, Cause])
    _people: dict[Hashable, ServiceVerdict] = field(default_factory=dict[Hashable, ServiceVerdict])
    _stations: dict[Hashable, ServiceVerdict] = field(
        default_factory=dict[Hashable, ServiceVerdict]
    )

    def person(
        self, service: str, evidence: Evidence, key: Hashable, *, explicit: bool
    ) -> ServiceVerdict:
        """`key` is `key_of(evidence)`, for who asks for several services."""
        whole = (service, explicit, key)
        found = self._people.get(whole)
        if found is None:
            found = self._person(self.services[service], evidence, explicit=explicit)
            if len(self._people) < _MOST:
                self._people[whole] = found
        return found

    def workstation(
        self, service: str, evidence: WorkstationEvidence, vitale: VitaleEvidence
    ) -> ServiceVerdict:
        """What the workstation itself lacks, by the way that lacks least."""
        whole = (service, _key(evidence), vitale)
        found = self._stations.get(whole)
        if found is None:
            found = self._workstation(
                self.services[service], Evidence(workstation=evidence, vitale=vitale)
            )
            self._stations[whole] = found
        return found

    def _person(self, service: Service, evidence: Evidence, *, explicit: bool) -> ServiceVerdict:
        if not explicit and is_closed(service, evidence):
            return ServiceVerdict(service.id, Verdict.NOT_CONCERNED, "")
        way = judge(narrowed(service, evidence), evidence).best
        return self._verdict(service, way, way.answers)

    def _workstation(self, service: Service, evidence: Evidence) -> ServiceVerdict:
        ways = [
            ConventionAnswer(
                way.convention,
                tuple(a for a in way.answers if a.condition.subject in WORKSTATION_SUBJECTS),
            )
            for way in judge(service, evidence).conventions
        ]
        with_needs = [way for way in ways if way.answers] or ways
        order = list(Readiness)
        best = min(with_needs, key=lambda way: order.index(way.readiness))
        return self._verdict(service, best, best.answers)

    def _verdict(
        self, service: Service, way: ConventionAnswer, answers: Sequence[Answer]
    ) -> ServiceVerdict:
        name = way.convention.id
        blocking = [self._cause(service.id, name, a) for a in answers if a.state in _BLOCKING]
        others = [self._cause(service.id, name, a) for a in answers if a.state is State.ELSEWHERE]
        return ServiceVerdict(
            service.id,
            Verdict.of(way.readiness),
            name,
            tuple(one for one in blocking if one),
            tuple(one for one in others if one),
        )

    def _cause(self, service: str, way: str, answer: Answer) -> Cause | None:
        fix, condition = fix_of(answer), answer.condition
        if fix is None or condition.subject == _OF_PATIENTS:
            return None
        key = (service, way, condition.subject, condition.values, answer.state, answer.cause)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = Cause(len(self.causes), service, way, answer, fix)
            self.causes.append(found)
        return found


def best(verdicts: Sequence[ServiceVerdict]) -> int:
    """The place of the verdict that lacks least, the first of equals."""
    order = (Verdict.READY, Verdict.CANNOT_TELL, Verdict.NOT_READY, Verdict.NOT_CONCERNED)
    return min(
        range(len(verdicts)),
        key=lambda place: (order.index(verdicts[place].verdict), len(verdicts[place].causes)),
    )


def key_of(evidence: Evidence) -> Hashable:
    """The same for equal evidence."""
    return (
        evidence.environment,
        evidence.card,
        evidence.vitale,
        _key(evidence.workstation),
        _key(evidence.person),
    )


def _key(evidence: PersonEvidence | WorkstationEvidence) -> Hashable:
    """All of its fields, those that hold a mapping too."""
    return tuple(_hashable(getattr(evidence, name)) for name in evidence.__slots__)


def _hashable(value: Any) -> Hashable:  # noqa: ANN401 - a field of any evidence
    return frozenset(cast(dict[Any, Any], value).items()) if isinstance(value, dict) else value
