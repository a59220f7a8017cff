"""What roster and site tell of somebody, as evidence.

An empty cell is a no; a column that is missing is not known.
"""

from collections.abc import Collection, Iterator

from cardio.catalogue.values import Identifier
from cardio.study.evidence import PersonEvidence
from cardio.study.places import Intended
from cardio.study.roster.fields import Field
from cardio.study.roster.people import Person
from cardio.study.site import Site

_DATA = (
    Field.CIVILITY,
    Field.FAMILY_NAME,
    Field.GIVEN_NAME,
    Field.EMAIL,
    Field.PHONE,
    Field.STRUCTURE,
    Field.START_DATE,
    Field.ROLE,
)
_PARTS = {
    Field.FULL_NAME: (Field.FAMILY_NAME, Field.GIVEN_NAME),
    Field.NUMBER: (Field.RPPS, Field.ADELI),
}


def asked_by(columns: Collection[Field]) -> frozenset[Field]:
    """The fields that a roster with these columns would tell."""
    parts = (part for column in columns for part in _PARTS.get(column, ()))
    return frozenset((*columns, *parts))


def evidence_of(person: Person, intended: Intended, asked: frozenset[Field]) -> PersonEvidence:
    """`asked` are the fields that the roster has columns for."""
    means = intended.intent.means
    return PersonEvidence(
        profession=person.profession,
        sector=intended.site.sector,
        identifiers=dict(_identifiers(person, intended.site, asked)),
        credentials=means.credentials,
        contracts=means.contracts,
        data=dict(_data(person, intended.site, asked)),
    )


def _identifiers(
    person: Person, site: Site, asked: frozenset[Field]
) -> Iterator[tuple[Identifier, bool]]:
    """ADELI is not missed where RPPS is there, which took its place (facts: services.md §5)."""
    if person.rpps or Field.RPPS in asked:
        yield Identifier.RPPS, person.rpps is not None
    if person.adeli or (Field.ADELI in asked and person.rpps is None):
        yield Identifier.ADELI, person.adeli is not None
    if person.rpps or person.adeli:
        yield Identifier.PS_IDNAT, True
    has_finess = bool(person.finess or site.finess)
    if has_finess or Field.FINESS in asked:
        yield Identifier.FINESS_SITE, has_finess
    if has_finess:
        yield Identifier.STRUCTURE, True
    if site.finess_entity:
        yield Identifier.FINESS_ENTITY, True
    has_fund = bool(person.fund or site.fund)
    if has_fund or Field.FUND in asked:
        yield Identifier.FUND, has_fund


def _data(person: Person, site: Site, asked: frozenset[Field]) -> Iterator[tuple[str, bool]]:
    for one in _DATA:
        is_there = getattr(person, one) is not None
        if one is Field.STRUCTURE:
            is_there = is_there or site.finess is not None
        if is_there or one in asked:
            yield one.value, is_there
