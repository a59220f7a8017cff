"""Choose one card among those of a workstation, by what it is and never by its place."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeGuard

from cardio.cards.cps.generation import GENERATIONS
from cardio.cards.identify import CardKind, Interface
from cardio.errors import SelectionError, VitaleTooOld
from cardio.transport.base import CardPresence
from cardio.workstation.scan import Looked, OpenSlot, Slot

READABLE_CPS = frozenset(GENERATIONS)
READABLE_VITALE = frozenset({CardKind.VITALE2})


class SelectionReason(StrEnum):
    """Why no card was chosen: the stable values of `SelectionError.reason`.

    Those from `TEST_AND_REAL` on are of a consultation's two cards.
    """

    NO_READER = "no-reader"
    NO_CARD = "no-card"
    NOT_FOUND = "not-found"
    NOT_READABLE = "not-readable"
    SEVERAL = "several"
    NOT_SUPPORTED = "not-supported"
    TEST_AND_REAL = "test-and-real"
    WAS_THERE = "was-there"
    LEFT_IN = "left-in"


def select(slots: Sequence[Looked], readable: frozenset[CardKind], family: str) -> OpenSlot:
    """The one slot whose card is of a kind in `readable`; through its contacts, if there is one.

    `family` names the cards wanted ("CPS", "Vitale"). Raises `SelectionError`, whose `reason`
    is a `SelectionReason`; a card that could not be identified is told, as it may be the one.
    """
    fits = [s for s in slots if isinstance(s, OpenSlot) and s.match.kind in readable]
    fits = [s for s in fits if s.match.interface is Interface.CONTACT] or fits
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise _error(f"several {family} cards: {_readers(fits)}", SelectionReason.SEVERAL)
    raise _why_none(slots, family)


def _why_none(slots: Sequence[Looked], family: str) -> SelectionError:
    if not slots:
        return _error("no reader is connected", SelectionReason.NO_READER)
    full = [slot for slot in slots if slot.status.presence is not CardPresence.ABSENT]
    if not full:
        return _error("no reader holds a card", SelectionReason.NO_CARD)
    if unread := next((slot.error for slot in full if _may_be(slot, family)), None):
        message = f"no {family} card, but one that cannot be read: {unread}"
        error = _error(message, SelectionReason.NOT_READABLE)
        error.__cause__ = unread
        return error
    kinds = {slot.match.kind for slot in full if slot.match}
    if kin := {kind for kind in kinds if kind.value.startswith(family.lower())}:
        return _not_supported(kin)
    return _error(f"no {family} card among {_readers(full)}", SelectionReason.NOT_FOUND)


def _may_be(slot: Looked, family: str) -> TypeGuard[Slot]:
    """Whether the card could not be read, and may yet be of the family."""
    if not isinstance(slot, Slot) or not slot.error:
        return False
    return slot.match is None or slot.match.kind.value.startswith(family.lower())


def _not_supported(kinds: set[CardKind]) -> SelectionError:
    reason = SelectionReason.NOT_SUPPORTED
    if CardKind.VITALE1 in kinds:
        message = "the Vitale is a Vitale 1, too old to be read here"
        return VitaleTooOld(message, reason=reason.value)
    names = ", ".join(sorted(kind.value for kind in kinds))
    return _error(f"this kind is not read yet: {names}", reason)


def _readers(slots: Sequence[Looked]) -> str:
    return ", ".join(repr(slot.status.name) for slot in slots)


def _error(message: str, reason: SelectionReason) -> SelectionError:
    return SelectionError(message, reason=reason.value)
