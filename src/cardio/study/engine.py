"""The study: people of the roster, one at a time, against what reports and sites tell.

What is kept grows with reports and sites, not with people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cardio.catalogue.model import Service
from cardio.study.before import Before
from cardio.study.evidence import (
    UNSEEN_CARD,
    UNSEEN_VITALE,
    Environment,
    Evidence,
    VitaleEvidence,
    WorkstationEvidence,
)
from cardio.study.judge import Judge, best, key_of
from cardio.study.kinds import Kinds, at_workstation
from cardio.study.names_compared import differences
from cardio.study.persons import evidence_of
from cardio.study.places import Intended, Places
from cardio.study.result import (
    CardFound,
    Identity,
    Link,
    NameDifference,
    PersonResult,
    ServiceVerdict,
    Since,
    WorkstationResult,
)
from cardio.study.roster.fields import Field
from cardio.study.roster.people import Person
from cardio.study.rpps_plus import rpps_plus
from cardio.study.seen import CPS4
from cardio.study.series import Series
from cardio.study.site import Site
from cardio.study.stations import SeenCard, Station, Stations


@dataclass(frozen=True, slots=True)
class Options:
    """How a study is made. `before`: the study before, if there was one."""

    environment: Environment = Environment.PRODUCTION
    with_identity: bool = False
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where somebody sits: what it has, for whoever holds a CPS4 and for others."""

    name: str
    evidence: WorkstationEvidence
    for_cps4: WorkstationEvidence
    vitale: VitaleEvidence


_UNSEEN_DESK = _Desk("", WorkstationEvidence(), WorkstationEvidence(), UNSEEN_VITALE)


@dataclass(slots=True)
class Engine:
    """Judges people and workstations. `users`: how many people the plans set at a workstation;
    `asked`: the fields that the roster tells.
    """

    services: Mapping[str, Service]
    places: Places
    stations: Stations
    series: Series
    users: Mapping[str, int]
    asked: frozenset[Field]
    options: Options
    judge: Judge = field(init=False)
    kinds: Kinds = field(default_factory=Kinds)
    seen_cards: set[str] = field(default_factory=set[str])
    _desks_of_site: dict[str, tuple[_Desk, ...]] = field(
        default_factory=dict[str, tuple[_Desk, ...]]
    )

    def __post_init__(self) -> None:
        self.judge = Judge(self.services)

    def person(self, person: Person) -> PersonResult:
        """One line of the roster."""
        intended = self.places.intended(person)
        card, link = self._card_of(person, intended)
        desks = self._desks_of(intended, card)
        keys = self.series.keys(person)
        return PersonResult(
            line=person.line,
            keys=keys,
            site=intended.site.id,
            profession=person.profession,
            workstations=intended.workstations,
            card=CardFound(card.file, card.reader, card.kind, link) if card and link else None,
            kind=self.kinds.of(
                tuple(self._services(person, intended, card, desks)),
                has_errors=bool(person.errors),
            ),
            differences=self._differences(person, card),
            mistakes=person.mistakes,
            is_bsi_referent=person.is_bsi_referent,
            rpps_plus=rpps_plus(person, intended.site.sector),
            since=self._since(keys),
            identity=_identity(person) if self.options.with_identity else None,
        )

    def workstations(self) -> Iterator[WorkstationResult]:
        """Those of the description in its order, then those that only reports tell of."""
        described = {key: site for key, site, _ in self.places.workstations()}
        for name, site in described.items():
            seen = self.stations.newest.get(name)
            yield self._workstation(name, site, seen) if seen else _not_probed(name, site)
        for name, seen in self.stations.newest.items():
            if name not in described:
                yield self._workstation(name, None, seen)

    def _workstation(self, name: str, site: Site | None, seen: Station) -> WorkstationResult:
        plans = site.plans if site else ()
        wanted = dict.fromkeys(service for plan in plans for service in plan.services)
        services = tuple(
            self.judge.workstation(service, seen.evidence, seen.vitale)
            for service in wanted or self.places.services
        )
        return WorkstationResult(
            name=name,
            site=site.id if site else None,
            report=seen.file,
            id=seen.id,
            created=seen.created,
            verdict=seen.verdict,
            readers=seen.evidence.readers,
            checks=seen.checks,
            services=services,
            errands=at_workstation(seen.file, seen.checks, services),
        )

    def _services(
        self, person: Person, intended: Intended, card: SeenCard | None, desks: tuple[_Desk, ...]
    ) -> Iterator[ServiceVerdict]:
        """By the best of the desks that were probed."""
        about = evidence_of(person, intended, self.asked)
        has_cps4 = card is not None and card.kind == CPS4
        found: list[tuple[Evidence, object]] = []
        for desk in desks:
            evidence = Evidence(
                environment=self.options.environment,
                card=card.evidence if card else UNSEEN_CARD,
                vitale=desk.vitale,
                workstation=desk.for_cps4 if has_cps4 else desk.evidence,
                person=about,
            )
            found.append((evidence, key_of(evidence)))
        for service in intended.intent.services:
            explicit = service in intended.explicit
            verdicts = [
                self.judge.person(service, evidence, key, explicit=explicit)
                for evidence, key in found
            ]
            yield verdicts[best(verdicts)]

    def _card_of(
        self, person: Person, intended: Intended
    ) -> tuple[SeenCard, Link] | tuple[None, None]:
        """By its number; else the one card of a workstation where only this person sits."""
        for number in filter(None, (person.rpps, person.adeli)):
            if card := self.stations.by_number.get(str(number)):
                self.seen_cards.add(str(number))
                return card, Link.NUMBER
        for name in intended.workstations:
            seen = self.stations.newest.get(name)
            if seen and self.users.get(name) == 1 and len(seen.cards) == 1:
                (card,) = seen.cards
                if card.number is None:
                    return card, Link.SOLE_USER
        return None, None

    def _desks_of(self, intended: Intended, card: SeenCard | None) -> tuple[_Desk, ...]:
        """Those of the plan, else all of the site, else where the card was seen."""
        named = intended.workstations
        if named:
            found = self._probed(named)
        else:
            site = intended.site
            if site.id not in self._desks_of_site:
                every = tuple(self.places.key(site, one.id) for one in site.workstations)
                self._desks_of_site[site.id] = self._probed(every)
            found = self._desks_of_site[site.id]
            if not found and card:
                found = self._where_seen(card)
        return found or (_UNSEEN_DESK,)

    def _probed(self, names: tuple[str, ...]) -> tuple[_Desk, ...]:
        """Each kind of evidence once: ten workstations alike are judged as one."""
        stations = ((name, self.stations.newest.get(name)) for name in names)
        kinds: list[_Desk] = []
        for name, seen in stations:
            if seen:
                desk = _Desk(name, seen.evidence, seen.for_cps4, seen.vitale)
                if not any(_alike(desk, one) for one in kinds):
                    kinds.append(desk)
        return tuple(kinds)

    def _where_seen(self, card: SeenCard) -> tuple[_Desk, ...]:
        seen = self.stations.by_file.get(card.file)
        return (_Desk("", seen.evidence, seen.for_cps4, seen.vitale),) if seen else ()

    def _differences(self, person: Person, card: SeenCard | None) -> tuple[NameDifference, ...]:
        if card is None:
            return ()
        return differences(person, card, with_identity=self.options.with_identity)

    def _since(self, keys: tuple[str, ...]) -> Since | None:
        before = self.options.before
        return before.meet(keys) if before and keys else None


def _not_probed(name: str, site: Site) -> WorkstationResult:
    return WorkstationResult(name, site.id, errands=at_workstation(None, (), ()))


def _alike(one: _Desk, other: _Desk) -> bool:
    return (one.evidence, one.for_cps4, one.vitale) == (
        other.evidence,
        other.for_cps4,
        other.vitale,
    )


def _identity(person: Person) -> Identity:
    return Identity(
        civility=person.civility,
        family_name=person.name,
        given_name=person.given_name,
        rpps=str(person.rpps) if person.rpps else None,
        adeli=str(person.adeli) if person.adeli else None,
    )
