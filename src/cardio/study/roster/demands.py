"""What is missing of somebody."""

from collections.abc import Iterator

from cardio.catalogue.subject import STAFF
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Cause, Mistake, Severity
from cardio.study.roster.people import Person
from cardio.study.roster.rules import DOCTOR_ENTRY, IDENTIFIER, NURSE_ENTRY, RosterRule

DOCTOR = "10"
NURSES = frozenset({"60", "69"})
"""Codes of table G15."""

_OF_AN_ORDER = frozenset({DOCTOR, *NURSES, "21", "40", "50", "70", "80"})
"""Professions whose Order enrols them: somebody without any number is not known (INFERRED)."""

_ENTRY = (Field.CIVILITY, Field.FINESS, Field.FUND)
"""What the entry in amelipro's base wants beside names and numbers."""


def missing(person: Person) -> Iterator[Mistake]:
    """A mistake for each thing that is wanted and has no cell.

    What has a cell that cannot be used is told by that cell's own mistake.
    """
    yield from _names(person)
    yield from _lack(person, Field.PROFESSION, Severity.ERROR)
    entry = DOCTOR_ENTRY if person.profession == DOCTOR else NURSE_ENTRY
    if person.profession == DOCTOR or person.profession in NURSES:
        for field in _ENTRY:
            yield from _lack(person, field, Severity.WARNING, entry)
        yield from _registers(person, entry)
    elif person.profession not in (None, STAFF):
        of_order = person.profession in _OF_AN_ORDER
        yield from _number(person, Severity.ERROR if of_order else Severity.WARNING)


def _names(person: Person) -> Iterator[Mistake]:
    if Field.FULL_NAME in person.unread:
        return
    if person.name is None:
        yield from _lack(person, Field.FAMILY_NAME, Severity.ERROR)
    yield from _lack(person, Field.GIVEN_NAME, Severity.ERROR)


def _registers(person: Person, entry: RosterRule) -> Iterator[Mistake]:
    """ADELI is only warned of where the RPPS number is there, which took its place since."""
    if person.profession == DOCTOR:
        yield from _lack(person, Field.RPPS, Severity.ERROR, entry)
    known = person.rpps is not None
    yield from _lack(person, Field.ADELI, Severity.WARNING if known else Severity.ERROR, entry)


def _number(person: Person, severity: Severity) -> Iterator[Mistake]:
    """Either number will do."""
    fields = (Field.RPPS, Field.ADELI)
    if not any(getattr(person, field) or field in person.unread for field in fields):
        yield Mistake(person.line, Cause.MISSING, severity, Field.NUMBER, rule=IDENTIFIER)


def _lack(
    person: Person, field: Field, severity: Severity, rule: RosterRule | None = None
) -> Iterator[Mistake]:
    if getattr(person, field) is None and field not in person.unread:
        yield Mistake(person.line, Cause.MISSING, severity, field, rule=rule)
