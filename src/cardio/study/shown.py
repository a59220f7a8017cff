"""The rows that a page shows: all of a small study, the first of a large one."""

from dataclasses import dataclass, field

from cardio.study.result import PersonResult, Verdict, WorkstationResult

MOST = 1000
"""Rows of a table in a page: what a browser sorts at once and a person may still read."""

_FINE = (Verdict.READY, Verdict.NOT_CONCERNED)


@dataclass(slots=True)
class Shown:
    """A sink of `conduct`. Those with something to do come before those who are ready."""

    to_do: list[PersonResult] = field(default_factory=list[PersonResult])
    fine: list[PersonResult] = field(default_factory=list[PersonResult])
    workstations: list[WorkstationResult] = field(default_factory=list[WorkstationResult])

    def workstation(self, found: WorkstationResult) -> None:
        if len(self.workstations) < MOST:
            self.workstations.append(found)

    def person(self, found: PersonResult) -> None:
        rows = self.fine if found.verdict in _FINE else self.to_do
        if len(rows) < MOST:
            rows.append(found)

    @property
    def people(self) -> list[PersonResult]:
        """At most `MOST`."""
        return [*self.to_do, *self.fine][:MOST]
