"""Compare the numbers of two identities, and the OIDs they stand under."""

from cardio.identity.comparison.model import (
    Cause,
    Difference,
    Severity,
    Side,
    Trait,
    Traits,
    Why,
)
from cardio.identity.comparison.spelling import is_slip
from cardio.identity.matricule import InsOid
from cardio.identity.nir import Nir


def compare_numbers(left: Traits, right: Traits) -> Difference | None:
    """Two numbers, with those that either side knows as superseded; None when alike."""
    ours, theirs = left.nir, right.nir
    if ours is None or theirs is None or ours == theirs:
        return None
    finding = _superseded(left, right) or _why(ours, theirs)
    values = str(ours), str(theirs)
    return Difference(Trait.MATRICULE, finding.causes, finding.severity, *values, less=finding.less)


def compare_oids(left: InsOid, right: InsOid) -> Why | None:
    """Two OIDs that are not the same; None when they are."""
    if left is right:
        return None
    if left.is_for_tests != right.is_for_tests:
        side = _side(left=left.is_for_tests, right=right.is_for_tests)
        return Why((Cause.TEST,), Severity.DIFFERENT, side)
    if left.is_for_tests:
        return Why((Cause.OTHER,), Severity.CLOSE)
    side = _side(left=left is InsOid.NIA, right=right is InsOid.NIA)
    return Why((Cause.PROVISIONAL,), Severity.CLOSE, side)


def _superseded(left: Traits, right: Traits) -> Why | None:
    side = _side(left=left.nir in right.former, right=right.nir in left.former)
    if left.nir in right.former or right.nir in left.former:
        return Why((Cause.SUPERSEDED,), Severity.CLOSE, side)
    return None


def _why(left: Nir, right: Nir) -> Why:
    if left.number == right.number:
        side = _side(left=not left.has_valid_key, right=not right.has_valid_key)
        return Why((Cause.KEY,), Severity.CLOSE, side)
    if left.is_provisional != right.is_provisional:
        side = _side(left=left.is_provisional, right=right.is_provisional)
        return Why((Cause.PROVISIONAL,), Severity.CLOSE, side)
    if is_slip(left.number, right.number):
        return Why((Cause.TYPING,), Severity.CLOSE)
    return Why((Cause.OTHER,), Severity.DIFFERENT)


def _side(*, left: bool, right: bool) -> Side | None:
    if left == right:
        return None
    return Side.LEFT if left else Side.RIGHT
