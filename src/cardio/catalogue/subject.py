"""What a rule is about, and which words may answer it."""

from dataclasses import dataclass
from enum import StrEnum

from cardio.catalogue.values import (
    Browser,
    Contract,
    Credential,
    Deferred,
    Identifier,
    Middleware,
    PatientSide,
)
from cardio.identity.nomenclature import Table


class Demand(StrEnum):
    """How the values of a rule are meant; `UNKNOWN`: nobody published the rule."""

    ANY_OF = "any_of"
    ALL_OF = "all_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    UNKNOWN = "unknown"


class Subject(StrEnum):
    """What a rule is about. Of `DATA` and `SCHEME` any word is allowed: they inform."""

    CREDENTIAL = "credential"
    PROFESSION = "profession"
    SECTOR = "sector"
    SPECIALITY = "speciality_for"
    SITUATION = "situation"
    PATIENT_SIDE = "patient_side"
    FRESHNESS = "vitale_minutes"
    DEFERRED = "deferred"
    READERS = "readers"
    MIDDLEWARE = "middleware"
    BROWSER = "browser"
    PIN = "pin_tries"
    CONTRACT = "contract"
    IDENTIFIER = "identifier"
    REFERENTS = "referents_per_centre"
    DATA = "data"
    SCHEME = "scheme"


EVERYBODY = "everybody"
"""In place of a profession's code: whoever holds the credential."""

STAFF = "staff"
"""In place of a profession's code: somebody without one, with an employer's card."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which demands a subject takes, and which words; `words` None: any text."""

    demands: frozenset[Demand]
    words: frozenset[str] | None = frozenset()


_WORDS = frozenset({Demand.ANY_OF, Demand.ALL_OF})
_LEAST, _MOST = frozenset({Demand.AT_LEAST}), frozenset({Demand.AT_MOST})


def _one_of(words: type[StrEnum]) -> Vocabulary:
    return Vocabulary(_WORDS, frozenset(word.value for word in words))


def _codes(table: Table, *more: str) -> Vocabulary:
    return Vocabulary(_WORDS, frozenset((*table.labels, *more)))


VOCABULARIES = {
    Subject.CREDENTIAL: _one_of(Credential),
    Subject.PROFESSION: _codes(Table.PROFESSION, EVERYBODY, STAFF),
    Subject.SECTOR: _codes(Table.SECTOR),
    Subject.SPECIALITY: _codes(Table.PROFESSION),
    Subject.SITUATION: Vocabulary(_WORDS, frozenset({"one_chosen"})),
    Subject.PATIENT_SIDE: _one_of(PatientSide),
    Subject.FRESHNESS: Vocabulary(_MOST),
    Subject.DEFERRED: _one_of(Deferred),
    Subject.READERS: Vocabulary(_LEAST),
    Subject.MIDDLEWARE: _one_of(Middleware),
    Subject.BROWSER: _one_of(Browser),
    Subject.PIN: Vocabulary(_LEAST),
    Subject.CONTRACT: _one_of(Contract),
    Subject.IDENTIFIER: _one_of(Identifier),
    Subject.REFERENTS: Vocabulary(_MOST),
    Subject.DATA: Vocabulary(_WORDS, None),
    Subject.SCHEME: Vocabulary(_WORDS, None),
}
"""Every subject's. `Demand.UNKNOWN` is allowed for each of them."""
