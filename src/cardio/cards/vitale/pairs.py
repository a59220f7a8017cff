"""Has each person of the card its own number? Only the year of birth can tell.

The two lists are paired by their order (facts: vitale.md §2.4), and a card that keeps them in two
orders would give people the numbers of others.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cardio.cards.vitale.beneficiary import Beneficiary, Problem, ProblemCode
from cardio.cards.vitale.layout import Tag

_DATE_SIZE, _SIZE_WITHOUT_CENTURY = 8, 6


def check_pairs(
    people: Sequence[Beneficiary],
) -> tuple[tuple[Beneficiary, ...], tuple[Problem, ...]]:
    """The people, with what is doubtful about their numbers.

    A number that tells another year of birth is kept and reported: children may be listed under a
    parent's. When it fits another person whose own does not fit either, the lists are in two
    orders, and nobody keeps a number.
    """
    strangers = [person for person in people if _differs(person, person)]
    if any(_fits(one, other) for one in strangers for other in strangers):
        unnumbered = tuple(replace(person, nir=None) for person in people)
        return unnumbered, (Problem(ProblemCode.ORDER_DIFFERS),)
    shared = Counter(person.nir for person in people if person.nir)
    doubts = [
        Problem(ProblemCode.BIRTH_YEAR_DIFFERS, index, Tag.NIR)
        for index, person in enumerate(people)
        if _differs(person, person)
    ]
    doubts += [
        Problem(ProblemCode.DUPLICATE_NIR, index, Tag.NIR)
        for index, person in enumerate(people)
        if person.nir and shared[person.nir] > 1
    ]
    return tuple(people), tuple(doubts)


def _differs(numbered: Beneficiary, dated: Beneficiary) -> bool:
    """Whether the number of one tells another year than the date of birth of the other."""
    number, year = _year_of_number(numbered), _year_of_date(dated)
    return number is not None and year is not None and number != year


def _fits(numbered: Beneficiary, dated: Beneficiary) -> bool:
    number = _year_of_number(numbered)
    return number is not None and number == _year_of_date(dated)


def _year_of_number(person: Beneficiary) -> int | None:
    """Without its century; what a provisional number tells is not public."""
    return None if person.nir is None or person.nir.is_provisional else person.nir.year


def _year_of_date(person: Beneficiary) -> int | None:
    written = person.birth_date_as_written or ""
    if not (written.isascii() and written.isdigit()):
        return None
    starts = {_DATE_SIZE: 2, _SIZE_WITHOUT_CENTURY: 0}
    start = starts.get(len(written))
    return None if start is None else int(written[start : start + 2])
