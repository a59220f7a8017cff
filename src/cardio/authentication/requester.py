"""Who asks, and from where: the holder of a card and the situation chosen among those on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from cardio.cards.cps.generation import ACTIVITIES
from cardio.cards.cps.holder import Holder
from cardio.cards.cps.situation import PracticeSituation

if TYPE_CHECKING:
    from cardio.cards.cps.card import CpsCard

_WHERE_SITUATIONS_HIDE = frozenset({*ACTIVITIES, "EF.ODF", "EF.DODF"})
"""Parts of a card whose damage may hide a situation."""


@dataclass(frozen=True, slots=True)
class Requester:
    """A holder with the card's situations; `chosen` is the user's choice, needed of several.

    `knows_all` is false where the card may have more situations than could be read: the only
    one left is then not taken unasked.
    """

    holder: Holder
    situations: tuple[PracticeSituation, ...]
    chosen: PracticeSituation | None = None
    knows_all: bool = True

    @classmethod
    def of_card(cls, card: "CpsCard", chosen: PracticeSituation | None = None) -> Self:
        """As the card tells, records included: the speciality is mostly there only.

        Wants the PIN first: raises as `CpsCard.situations`.
        """
        holder, situations = card.full_holder, card.situations()
        damaged = {problem.part for problem in card.problems}
        return cls(holder, situations, chosen, damaged.isdisjoint(_WHERE_SITUATIONS_HIDE))

    @property
    def situation(self) -> PracticeSituation | None:
        """The one chosen, or the only one there is; None where there is neither."""
        if self.chosen:
            return self.chosen if self.chosen in self.situations else None
        is_only_one = self.knows_all and len(self.situations) == 1
        return self.situations[0] if is_only_one else None
