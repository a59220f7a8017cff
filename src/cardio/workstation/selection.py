"""Choose one card among those of a workstation, by what it is and never by its place."""

from collections.abc import Sequence
from enum import StrEnum

from cardio.cards.identify import CardKind, Interface
from cardio.errors import SelectionError
from cardio.transport.base import CardPresence
from cardio.workstation.scan import Looked, OpenSlot, Slot


class SelectionReason(StrEnum):
    """Why no card was chosen: the stable values of `SelectionError.reason`."""

    NO_READER = "no-reader"
    NO_CARD = "no-card"
    NOT_FOUND = "not-found"
    NOT_READABLE = "not-readable"
    SEVERAL = "several"
    NOT_SUPPORTED = "not-supported"


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
    kin = [s for s in full if s.match and s.match.kind.value.startswith(family.lower())]
    if kin:
        kinds = ", ".join(sorted({slot.match.kind.value for slot in kin if slot.match}))
        return _error(f"this kind is not read yet: {kinds}", SelectionReason.NOT_SUPPORTED)
    unread = [slot.error for slot in full if isinstance(slot, Slot) and slot.error]
    if unread:
        message = f"no {family} card, but one that cannot be read: {unread[0]}"
        error = _error(message, SelectionReason.NOT_READABLE)
        error.__cause__ = unread[0]
        return error
    return _error(f"no {family} card among {_readers(full)}", SelectionReason.NOT_FOUND)


def _readers(slots: Sequence[Looked]) -> str:
    return ", ".join(repr(slot.status.name) for slot in slots)


def _error(message: str, reason: SelectionReason) -> SelectionError:
    return SelectionError(message, reason=reason.value)
