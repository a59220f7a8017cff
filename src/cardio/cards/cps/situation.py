"""Situations of practice (situations d'exercice): as what, and where, the holder works.

The choice among several is the user's, never that of the card's order (facts: cps.md §3, DMP).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from cardio.cards.cps.records import Activity
from cardio.errors import SituationNotChosen
from cardio.identity.nomenclature import Code
from cardio.identity.ps_idnat import StructIdNat


class SituationReason(StrEnum):
    """Why no situation was chosen: the stable values of `SituationNotChosen.reason`."""

    NONE = "no-situation"
    SEVERAL = "several-situations"
    UNKNOWN = "unknown-situation"


@dataclass(frozen=True, slots=True)
class PracticeSituation:
    """One situation; `number` (1 to 16) is its place on the card. What was not told is None.

    `status` (statut) and `billing_id` (numéro de facturation) are always None: where a card
    keeps them is not public (facts: cps.md §2.5, cps_records.md §2). The repr shows no place.
    """

    number: int
    mode: Code | None = None
    sector: Code | None = None
    structure: StructIdNat | None = field(default=None, repr=False)
    structure_name: str | None = field(default=None, repr=False)
    pharmacist_table: Code | None = None
    adeli_speciality: Code | None = None
    status: Code | None = None
    billing_id: str | None = field(default=None, repr=False)

    @classmethod
    def of_record(cls, number: int, activity: Activity) -> Self:
        """As CPS_ACTIVITY_nn_PS tells it."""
        return cls(
            number,
            mode=activity.mode,
            sector=activity.sector,
            structure=activity.structure,
            structure_name=activity.structure_name,
            pharmacist_table=activity.pharmacist_table,
            adeli_speciality=activity.adeli_speciality,
        )


def choose_situation(
    situations: Sequence[PracticeSituation],
    *,
    number: int | None = None,
    structure: str | None = None,
) -> PracticeSituation:
    """The one situation there is; of several, the one with this number or structure.

    `structure` is a Struct_IdNat as `str()` gives it, type digit first. Raises
    `SituationNotChosen` where not exactly one is meant.
    """
    if not situations:
        raise _error("the card has no situation of practice", SituationReason.NONE)
    found = [one for one in situations if _is_meant(one, number, structure)]
    if not found:
        raise _error("the card has no such situation of practice", SituationReason.UNKNOWN)
    if len(found) > 1:
        message = f"{len(found)} situations of practice to choose from"
        raise _error(message, SituationReason.SEVERAL)
    return found[0]


def _is_meant(situation: PracticeSituation, number: int | None, structure: str | None) -> bool:
    is_numbered = number is None or situation.number == number
    return is_numbered and (structure is None or str(situation.structure) == structure)


def _error(message: str, reason: SituationReason) -> SituationNotChosen:
    return SituationNotChosen(message, reason=reason.value)
