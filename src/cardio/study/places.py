"""Which site somebody is of, what is intended there, and which workstations stand in it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cardio.study.roster.people import Person
from cardio.study.site import Intent, Plan, Site, Sites, SiteWorkstation

NOWHERE = Site(id="?", name="?")
"""For lines whose site cannot be told: nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Intended:
    """What a person is to use. `explicit`: services of plans that name professions or people.

    `workstations` are keys of `Places.key`; none: any workstation of the site.
    """

    site: Site
    intent: Intent
    explicit: frozenset[str]
    workstations: tuple[str, ...]


@dataclass(slots=True)
class Places:
    """The sites of a description, found quickly; without one, each FINESS is a site.

    `services` are intended for everybody of a site without plans.
    """

    described: Sites | None
    services: tuple[str, ...]
    sites: dict[str, Site] = field(default_factory=dict[str, Site])
    _by_finess: dict[str, Site] = field(default_factory=dict[str, Site])

    def __post_init__(self) -> None:
        for site in self.described.sites if self.described else ():
            self.sites[site.id] = site
            if site.finess:
                self._by_finess[str(site.finess)] = site

    def site_of(self, person: Person) -> Site:
        """`NOWHERE` where it cannot be told."""
        if self.described is None:
            return self._undescribed(person) or self._nowhere()
        found = self._by_finess.get(str(person.finess)) if person.finess else None
        if found is None and len(self.described.sites) == 1:
            found = self.described.of(person)
        return found or self._nowhere()

    def intended(self, person: Person) -> Intended:
        """The plans for this person, or every service where the site has none."""
        site = self.site_of(person)
        if not site.plans:
            return Intended(site, Intent(self.services, (), site.means), frozenset(), ())
        intent = site.intent(person)
        explicit = (
            service
            for plan in site.plans
            if _has_condition(plan) and plan.is_for(person)
            for service in plan.services
        )
        keys = tuple(self.key(site, one) for one in intent.workstations)
        return Intended(site, intent, frozenset(explicit), keys)

    def workstations(self) -> Iterator[tuple[str, Site, SiteWorkstation]]:
        """Every workstation of the description, with its key."""
        for site in self.sites.values():
            for one in site.workstations:
                yield self.key(site, one.id), site, one

    def key(self, site: Site, workstation: str) -> str:
        """A workstation's name in the study: with its site's where there are several."""
        is_only = self.described is not None and len(self.described.sites) == 1
        return workstation if is_only else f"{site.id}/{workstation}"

    def names(self) -> Mapping[str, str]:
        """Keys of workstations by what their reports may be known by: an id, the file's name."""
        found = {one.report or key: key for key, _, one in self.workstations()}
        found |= {key: key for key, _, _ in self.workstations()}
        ids = Counter(one.id for _, _, one in self.workstations())
        return {one.id: key for key, _, one in self.workstations() if ids[one.id] == 1} | found

    def _undescribed(self, person: Person) -> Site | None:
        """The site of a FINESS, with the name of the first line that has it."""
        if person.finess is None:
            return None
        key = str(person.finess)
        if key not in self.sites:
            self.sites[key] = Site(id=key, name=person.structure or key, finess=person.finess)
        return self.sites[key]

    def _nowhere(self) -> Site:
        return self.sites.setdefault(NOWHERE.id, NOWHERE)


def users(people: Iterable[Person], places: Places) -> Counter[str]:
    """How many people the plans set at each workstation."""
    return Counter(
        workstation for person in people for workstation in places.intended(person).workstations
    )


def _has_condition(plan: Plan) -> bool:
    return bool(plan.professions or plan.roles or plan.numbers)
