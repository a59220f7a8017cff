"""Counts of a study, for the whole and for each site."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cardio.catalogue.subject import STAFF
from cardio.study.answers import State
from cardio.study.fixes import Fix, Scope
from cardio.study.result import Errand, Kind, PersonResult, Since, Verdict, WorkstationResult
from cardio.study.roster.mistakes import Mistake, Severity

_MOST_LINES = 100
"""Lines named in a list of a site; the people themselves tell of all."""

INSI = "insi"
FAMI_PROFESSIONS = frozenset({"50", "60", "70", "80", "91", "92"})
"""Of table G15 (facts: certificates_identifiers_services.md §5)."""


@dataclass(slots=True)
class FixTally:
    """How many people an errand is for, by their worst cause, and for which services.

    `lines` is how long its order list is; `workstations` how many have to be seen to. `causes`:
    people by number of the cause.
    """

    lines: int = 0
    people: Counter[State] = field(default_factory=Counter[State])
    workstations: int = 0
    services: set[str] = field(default_factory=set[str])
    causes: Counter[int] = field(default_factory=Counter[int])

    def is_by_site(self, fix: Fix) -> bool:
        """Whether the list has a line for the site: also where no workstation of it is known."""
        return fix.scope is Scope.SITE or (fix.scope is Scope.WORKSTATION and not self.workstations)


@dataclass(slots=True)
class Tally:
    """Takes people and workstations in, one by one; `close` then counts what they have in common.

    A person is little more than a count of their kind: memory grows with kinds, not with people.
    """

    people: int = 0
    workstations: int = 0
    probed: int = 0
    verdicts: dict[str, Counter[Verdict]] = field(default_factory=dict[str, Counter[Verdict]])
    worst: Counter[Verdict] = field(default_factory=Counter[Verdict])
    stations: Counter[str] = field(default_factory=Counter[str])
    with_readers: int = 0
    fixes: dict[Fix, FixTally] = field(default_factory=dict[Fix, FixTally])
    mistakes: Counter[Severity] = field(default_factory=Counter[Severity])
    lines_with_errors: int = 0
    since: Counter[Since] = field(default_factory=Counter[Since])
    linked: int = 0
    differing: int = 0
    staff_without_card: int = 0
    fami: int = 0
    roles: Counter[str] = field(default_factory=Counter[str])
    referents: list[int] = field(default_factory=list[int])
    _kinds: Counter[Kind] = field(default_factory=Counter[Kind])

    def add(self, person: PersonResult) -> None:
        """One line of the roster."""
        self.people += 1
        self._kinds[person.kind] += 1
        if person.mistakes:
            self._mistakes(person.mistakes)
        self.linked += person.card is not None
        self.differing += bool(person.differences)
        self.fami += person.profession in FAMI_PROFESSIONS
        if person.card is None and person.profession in (None, STAFF):
            self.staff_without_card += any(one.service == INSI for one in person.services)
        if person.since:
            self.since[person.since] += 1
        if person.rpps_plus:
            self.roles[person.rpps_plus.role or "unknown"] += 1
        if person.is_bsi_referent and len(self.referents) < _MOST_LINES:
            self.referents.append(person.line)

    def add_workstation(self, workstation: WorkstationResult) -> None:
        """One workstation, probed or not."""
        self.workstations += 1
        self.probed += workstation.report is not None
        self.stations[workstation.verdict or "not-probed"] += 1
        self.with_readers += bool(workstation.readers)
        for errand in workstation.errands:
            found = self._fix(errand.fix)
            found.workstations += 1
            found.lines += 1
            found.services.update(errand.services)

    def close(self) -> None:
        """Count verdicts and errands. Once, when everybody was taken in."""
        for kind, people in self._kinds.items():
            self.worst[kind.verdict] += people
            for one in kind.services:
                self.verdicts.setdefault(one.service, Counter())[one.verdict] += people
            for errand in kind.errands:
                self._count(errand, people)
        self._kinds.clear()

    def readiness(self) -> Iterator[tuple[str, Counter[Verdict]]]:
        """Services by name, with how many people each verdict has."""
        yield from sorted(self.verdicts.items())

    def _fix(self, fix: Fix) -> FixTally:
        return self.fixes.setdefault(fix, FixTally())

    def _count(self, errand: Errand, people: int) -> None:
        found = self._fix(errand.fix)
        found.people[errand.state] += people
        found.services.update(errand.services)
        if errand.fix.scope is Scope.PERSON:
            found.lines += people
        for number in {cause.number for cause in errand.causes}:
            found.causes[number] += people

    def _mistakes(self, mistakes: tuple[Mistake, ...]) -> None:
        severities = [one.severity for one in mistakes]
        self.mistakes.update(severities)
        self.lines_with_errors += Severity.ERROR in severities
