"""Names on the roster and on the card, side by side."""

from cardio.identity.comparison import Difference, Severity, Traits, compare
from cardio.study.result import NameDifference
from cardio.study.roster.people import Person
from cardio.study.stations import SeenCard


def differences(
    person: Person, card: SeenCard, *, with_identity: bool
) -> tuple[NameDifference, ...]:
    """What somebody has to look at; empty where one of them tells no names.

    Case, accents and separators make no other name: rosters and cards write them as they like.
    """
    on_roster = Traits(
        birth_name=person.birth_name,
        used_name=person.family_name if person.birth_name else None,
        family_name=None if person.birth_name else person.family_name,
        given_names=person.given_name,
    )
    on_card = Traits(family_name=card.family_name, given_names=card.given_name)
    return tuple(
        _told(one, with_values=with_identity)
        for one in compare(on_roster, on_card)
        if one.severity is not Severity.EQUIVALENT
    )


def _told(difference: Difference, *, with_values: bool) -> NameDifference:
    return NameDifference(
        difference.trait.value,
        tuple(cause.value for cause in difference.causes),
        difference.severity.value,
        difference.left if with_values else None,
        difference.right if with_values else None,
    )
