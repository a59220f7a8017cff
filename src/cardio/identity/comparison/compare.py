"""Compare what two sources say of a person, trait by trait."""

from collections.abc import Callable
from typing import TypeVar

from cardio.identity.comparison.given_names import compare_given_names
from cardio.identity.comparison.model import (
    Cause,
    Difference,
    Severity,
    Trait,
    Traits,
    Why,
)
from cardio.identity.comparison.names import compare_names
from cardio.identity.comparison.numbers import compare_numbers, compare_oids
from cardio.identity.comparison.places import compare_dates, compare_places
from cardio.identity.nir import Sex

T = TypeVar("T")


def compare(left: Traits, right: Traits) -> tuple[Difference, ...]:
    """Every trait that both have and do not write alike, with how it differs and how much.

    Empty when all they share is alike. A trait that one of them lacks is not compared. Which side
    is right is not told: `compare(b, a)` says the same, mirrored.
    """
    found = (
        compare_names(left, right),
        compare_given_names(left, right),
        _one(Trait.BIRTH_DATE, left.birth_date, right.birth_date, compare_dates),
        _one(Trait.SEX, left.sex, right.sex, _compare_sexes, lambda sex: sex.value),
        _one(Trait.BIRTH_PLACE, left.birth_place, right.birth_place, compare_places),
        compare_numbers(left, right),
        _one(Trait.OID, left.oid, right.oid, compare_oids, lambda oid: oid.value),
    )
    return tuple(difference for difference in found if difference)


def worst(differences: tuple[Difference, ...]) -> Severity | None:
    """The gravest of them; None when there is no difference."""
    order = list(Severity)
    return max((one.severity for one in differences), key=order.index, default=None)


def _one(
    trait: Trait,
    left: T | None,
    right: T | None,
    why: Callable[[T, T], Why | None],
    text: Callable[[T], str] = str,
) -> Difference | None:
    if left is None or right is None or left == right:
        return None
    finding = why(left, right)
    if finding is None:
        return None
    shown = text(left), text(right)
    return Difference(trait, finding.causes, finding.severity, *shown, less=finding.less)


def _compare_sexes(_left: Sex, _right: Sex) -> Why:
    return Why((Cause.OTHER,), Severity.DIFFERENT)
