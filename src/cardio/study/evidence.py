"""What is known of a person, a workstation and the cards in it, when a service is asked for.

None means: not known. It never means no.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cardio.catalogue.values import Browser, Contract, Credential, Identifier, Middleware


class Environment(StrEnum):
    """What the service is run for: a test card opens nothing in production."""

    PRODUCTION = "production"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class CardEvidence:
    """A professional's card. `situations` is how many situations of practice it has."""

    credential: Credential | None = None
    is_test: bool | None = None
    is_readable: bool | None = None
    tries_left: int | None = None
    certificates_valid: bool | None = None
    chain_is_sound: bool | None = None
    profession: str | None = None
    has_speciality: bool | None = None
    situations: int | None = None
    situation_chosen: bool | None = None


@dataclass(frozen=True, slots=True)
class VitaleEvidence:
    """A patient's card. `age` is the time since it was read, in minutes."""

    is_readable: bool | None = None
    is_test: bool | None = None
    age: float | None = None


@dataclass(frozen=True, slots=True)
class WorkstationEvidence:
    """What stands ready. `readers` counts slots; `middleware` and `browsers` what is installed.

    `service_works`: whether PC/SC answers, without which no card does. A program that is neither
    True nor False in `middleware` was not looked for.
    """

    service_works: bool | None = None
    readers: int | None = None
    middleware: Mapping[Middleware, bool] = field(default_factory=dict[Middleware, bool])
    browsers: frozenset[Browser] | None = None


@dataclass(frozen=True, slots=True)
class PersonEvidence:
    """What the roster and the site tell of somebody, beside the card.

    `profession` is a G15 code, or `STAFF`. `credentials` are means that no reader shows: e-CPS,
    certificates of the organisation.
    """

    profession: str | None = None
    sector: str | None = None
    identifiers: Mapping[Identifier, bool] = field(default_factory=dict[Identifier, bool])
    credentials: Mapping[Credential, bool] = field(default_factory=dict[Credential, bool])
    contracts: Mapping[Contract, bool] = field(default_factory=dict[Contract, bool])
    data: Mapping[str, bool] = field(default_factory=dict[str, bool])


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it. `card` or `vitale` None: no such card is there; `UNSEEN` where nobody looked."""

    environment: Environment = Environment.PRODUCTION
    card: CardEvidence | None = None
    vitale: VitaleEvidence | None = None
    workstation: WorkstationEvidence = WorkstationEvidence()
    person: PersonEvidence = PersonEvidence()


UNSEEN_CARD = CardEvidence()
"""The professional's card where no report tells of one: everything about it is unknown."""

UNSEEN_VITALE = VitaleEvidence()
"""The patient's card where nobody looked for one."""
