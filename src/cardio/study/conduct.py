"""Make a study: read the reports, then the roster line by line, and hand every result on."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from cardio.catalogue.model import Service
from cardio.study.before import Left
from cardio.study.engine import Engine, Options
from cardio.study.persons import asked_by
from cardio.study.places import NOWHERE, Places, users
from cardio.study.reports import Files, read
from cardio.study.result import (
    Cause,
    FileProblem,
    PersonResult,
    Problem,
    Verdict,
    WorkstationResult,
)
from cardio.study.roster.mistakes import Mistake
from cardio.study.roster.reading import Roster
from cardio.study.series import Series
from cardio.study.site import Site, Sites
from cardio.study.stations import Stations, station
from cardio.study.tally import Tally

_HARMLESS = (Problem.SAME, Problem.SUPERSEDED)

_OFTEN = 500
"""Lines of a roster between two words of progress."""

Progress = Callable[[str, int, int | None], None]
"""Told the stage ("reports", "plans", "people"), how far it is, and how much there is, if known."""


def silent(_stage: str, _done: int, _total: int | None) -> None:
    """For who does not want to know."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be studied. `services` are those of people whose site has no plans."""

    roster: Roster
    sites: Sites | None
    reports: Files
    catalogue: Mapping[str, Service]
    services: tuple[str, ...]
    series: Series
    options: Options
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


class Sink(Protocol):
    """Takes results as they come: workstations first, then people."""

    def workstation(self, found: WorkstationResult) -> None: ...

    def person(self, found: PersonResult) -> None: ...


@dataclass(slots=True)
class Outcome:
    """All but the people and workstations themselves.

    `strangers`: cards whose number the roster does not have.
    """

    created: datetime
    options: Options
    total: Tally = field(default_factory=Tally)
    by_site: dict[str, tuple[Site, Tally]] = field(default_factory=dict[str, tuple[Site, Tally]])
    causes: list[Cause] = field(default_factory=list[Cause])
    problems: list[FileProblem] = field(default_factory=list[FileProblem])
    mistakes: tuple[Mistake, ...] = ()
    reports: int = 0
    strangers: int = 0
    blank_lines: int = 0
    left: tuple[Left, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether everybody is ready for all of theirs, and every report could be used."""
        unready = self.total.worst[Verdict.NOT_READY] + self.total.worst[Verdict.CANNOT_TELL]
        return not unready and all(one.problem in _HARMLESS for one in self.problems)


def conduct(request: Request, sinks: Iterable[Sink] = (), progress: Progress = silent) -> Outcome:
    """The study. Raises `ConfigurationError` for a roster that cannot be read to its end."""
    options, sinks = request.options, tuple(sinks)
    outcome = Outcome(request.created, options)
    places = Places(request.sites, request.services)
    stations = _stations(request.reports, places, outcome, progress)
    engine = Engine(
        services=request.catalogue,
        places=places,
        stations=stations,
        series=request.series,
        users=_users(request.roster, places, stations, progress),
        asked=asked_by((*request.roster.layout.fields, *request.roster.defaults)),
        options=options,
    )
    _workstations(engine, sinks, outcome)
    _people(engine, request.roster, sinks, outcome, progress)
    outcome.causes = engine.judge.causes
    outcome.mistakes = request.roster.mistakes
    outcome.blank_lines = request.roster.skipped.blank
    outcome.strangers = len(stations.by_number) - len(engine.seen_cards)
    outcome.left = tuple(options.before.left()) if options.before else ()
    return outcome


def _stations(files: Files, places: Places, outcome: Outcome, progress: Progress) -> Stations:
    stations = Stations(places.names())
    for done, found in enumerate(read(files), start=1):
        problem = found if isinstance(found, FileProblem) else stations.add(station(found))
        if problem:
            outcome.problems.append(problem)
        progress("reports", done, len(files))
    outcome.reports = stations.reports
    return stations


def _users(
    roster: Roster, places: Places, stations: Stations, progress: Progress
) -> Mapping[str, int]:
    """Counted only where a card without a number may be told by who sits there."""
    planned = {
        places.key(site, workstation)
        for site in places.sites.values()
        for plan in site.plans
        for workstation in plan.workstations
    }
    if not any(len(stations.newest[name].cards) == 1 for name in planned & stations.newest.keys()):
        return Counter()
    progress("plans", 0, None)
    return users(roster, places)


def _workstations(engine: Engine, sinks: tuple[Sink, ...], outcome: Outcome) -> None:
    for found in engine.workstations():
        outcome.total.add_workstation(found)
        if found.site:
            _tally(engine, found.site, outcome).add_workstation(found)
        for sink in sinks:
            sink.workstation(found)


def _people(
    engine: Engine, roster: Roster, sinks: tuple[Sink, ...], outcome: Outcome, progress: Progress
) -> None:
    done = 0
    for done, person in enumerate(roster, start=1):
        found = engine.person(person)
        outcome.total.add(found)
        _tally(engine, found.site, outcome).add(found)
        for sink in sinks:
            sink.person(found)
        if done % _OFTEN == 0:
            progress("people", done, None)
    progress("people", done, done)
    _close(outcome)


def _tally(engine: Engine, site: str, outcome: Outcome) -> Tally:
    if site not in outcome.by_site:
        outcome.by_site[site] = (engine.places.sites.get(site, NOWHERE), Tally())
    return outcome.by_site[site][1]


def _close(outcome: Outcome) -> None:
    """Count; what is done once for a site has a line for each."""
    outcome.total.close()
    for _, tally in outcome.by_site.values():
        tally.close()
        for fix, found in tally.fixes.items():
            if found.is_by_site(fix):
                found.lines += 1
                outcome.total.fixes[fix].lines += 1
