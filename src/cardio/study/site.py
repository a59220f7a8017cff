"""A site as its description tells: its network, its workstations, who is to use which service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cardio.catalogue.values import Contract, Credential
from cardio.identity.finess import Finess
from cardio.study.roster.fields import Field
from cardio.study.roster.people import Person
from cardio.study.roster.spelling import folded


class Told(StrEnum):
    """`UNKNOWN` is no "no"."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Network:
    """One of a site's networks."""

    name: str
    internet: Told = Told.UNKNOWN
    proxy: Told = Told.UNKNOWN
    note: str = ""


@dataclass(frozen=True, slots=True)
class SiteWorkstation:
    """`report` is the id in its probe reports (`workstation.id`), where the site knows it."""

    id: str
    place: str = ""
    network: str | None = None
    report: str | None = None
    remote: Told = Told.UNKNOWN


@dataclass(frozen=True, slots=True)
class Means:
    """What is there and what is not; a word that is missing in both is not known."""

    credentials: Mapping[Credential, bool] = field(default_factory=dict[Credential, bool])
    contracts: Mapping[Contract, bool] = field(default_factory=dict[Contract, bool])

    def __or__(self, other: "Means") -> "Means":
        """Both; the other counts where they differ."""
        return Means(
            {**self.credentials, **other.credentials}, {**self.contracts, **other.contracts}
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Services for those who meet every condition that is there; without one: for everybody.

    `numbers` are RPPS or ADELI numbers, which `repr()` hides.
    """

    services: tuple[str, ...]
    professions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    numbers: frozenset[str] = field(default=frozenset(), repr=False)
    workstations: tuple[str, ...] = ()
    means: Means = Means()
    line: int = 0

    def is_for(self, person: Person) -> bool:
        """Whether this person is meant; a role is compared without case and accents."""
        numbers = {str(number) for number in (person.rpps, person.adeli) if number}
        return (
            (not self.professions or person.profession in self.professions)
            and (not self.roles or (person.role is not None and folded(person.role) in self.roles))
            and (not self.numbers or not self.numbers.isdisjoint(numbers))
        )


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody is to use, where, and with which means beside a card."""

    services: tuple[str, ...] = ()
    workstations: tuple[str, ...] = ()
    means: Means = Means()


@dataclass(frozen=True, slots=True)
class Site:
    """`finess` is the FINESS géographique, `finess_entity` the FINESS juridique.

    `sector` is a code of table R02. `defaults` count for lines of a roster that lack the field.
    """

    id: str
    name: str
    finess: Finess | None = None
    finess_entity: Finess | None = None
    sector: str | None = None
    fund: str | None = None
    means: Means = Means()
    networks: tuple[Network, ...] = ()
    workstations: tuple[SiteWorkstation, ...] = ()
    plans: tuple[Plan, ...] = ()

    @property
    def defaults(self) -> dict[Field, str]:
        """For `read_roster`, where all of its people are of this site."""
        known = {Field.FINESS: self.finess, Field.FUND: self.fund}
        return {key: str(value) for key, value in known.items() if value}

    def intent(self, person: Person) -> Intent:
        """All plans for a person together, in the order of the file; later means count more."""
        found = Intent(means=self.means)
        for plan in self.plans:
            if plan.is_for(person):
                found = Intent(
                    tuple(dict.fromkeys((*found.services, *plan.services))),
                    tuple(dict.fromkeys((*found.workstations, *plan.workstations))),
                    found.means | plan.means,
                )
        return found


@dataclass(frozen=True, slots=True)
class Sites:
    """Every site of a study, in the order of the file."""

    name: str
    sites: tuple[Site, ...]

    def of(self, person: Person) -> Site | None:
        """By the FINESS géographique; the only site takes those without one. None: not told."""
        for site in self.sites:
            if person.finess is not None and site.finess == person.finess:
                return site
        is_only = len(self.sites) == 1 and None in (person.finess, self.sites[0].finess)
        return self.sites[0] if is_only else None

    @property
    def defaults(self) -> dict[Field, str]:
        """Those of the only site; none where a line may be of several."""
        return self.sites[0].defaults if len(self.sites) == 1 else {}
