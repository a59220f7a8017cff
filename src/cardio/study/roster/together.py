"""Mistakes that only several lines show: the same person twice, a second referent."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cardio.identity.finess import Finess
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Cause, Mistake, severity_of
from cardio.study.roster.people import Person
from cardio.study.roster.rules import ONE_REFERENT

_BY_NUMBER = (Field.RPPS, Field.ADELI)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of the first line with a number or a name, what a later one is held against."""

    line: int
    name: str | None
    numbers: tuple[str | None, ...]
    site: str | None


@dataclass(slots=True)
class Together:
    """Takes people in the order of the file and remembers keys, not people.

    Memory grows with the people; 100 000 take about 60 MB.
    """

    _by_number: dict[tuple[Field, str], _Seen] = field(
        default_factory=dict[tuple[Field, str], _Seen]
    )
    _by_name: dict[str, _Seen] = field(default_factory=dict[str, _Seen])
    _referents: dict[Finess | None, int] = field(default_factory=dict[Finess | None, int])

    def check(self, person: Person) -> Iterator[Mistake]:
        """What an earlier line makes wrong about this one."""
        seen = _Seen(
            person.line,
            person.name_key,
            tuple(str(number) if number else None for number in (person.rpps, person.adeli)),
            str(person.finess) if person.finess else None,
        )
        clashes = list(self._clashes(seen))
        yield from clashes or self._namesakes(seen)
        if person.is_bsi_referent:
            yield from self._referent(person)

    def _clashes(self, seen: _Seen) -> Iterator[Mistake]:
        """At most one mistake a number, with the first line that has it."""
        for one, number in zip(_BY_NUMBER, seen.numbers, strict=True):
            if number is None:
                continue
            first = self._by_number.setdefault((one, number), seen)
            if first is not seen:
                yield Mistake.of(seen.line, _clash(first, seen), one, other_line=first.line)

    def _namesakes(self, seen: _Seen) -> Iterator[Mistake]:
        """The same names, unless two numbers of one kind tell two people."""
        if seen.name is None:
            return
        first = self._by_name.setdefault(seen.name, seen)
        if first is seen or any(
            a and b and a != b for a, b in zip(first.numbers, seen.numbers, strict=True)
        ):
            return
        yield Mistake.of(seen.line, Cause.SAME_NAME, Field.FAMILY_NAME, other_line=first.line)

    def _referent(self, person: Person) -> Iterator[Mistake]:
        first = self._referents.setdefault(person.finess, person.line)
        if first != person.line:
            cause = Cause.SECOND_REFERENT
            yield Mistake(
                person.line, cause, severity_of(cause), Field.ROLE, first, rule=ONE_REFERENT
            )


def _clash(first: _Seen, seen: _Seen) -> Cause:
    if first.name and seen.name and first.name != seen.name:
        return Cause.NUMBER_OF_ANOTHER
    at_two_sites = first.site and seen.site and first.site != seen.site
    return Cause.OTHER_SITE if at_two_sites else Cause.SAME_PERSON
