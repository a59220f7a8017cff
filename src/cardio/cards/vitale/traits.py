"""The persons of a card as traits, to be compared with an INS answer or a typed identity."""

from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cards.vitale.rights.records import BeneficiaryRecord, nir_of
from cardio.errors import IdentifierError
from cardio.identity.birth_date import BirthDate
from cardio.identity.comparison import Traits


def traits_of(person: Beneficiary) -> Traits:
    """What the free lists tell. They do not say whether the name is the birth name.

    A date that is none is left out, and so is the sex: the card does not tell it.
    """
    return Traits(
        family_name=person.family_name,
        given_names=person.given_name,
        birth_date=_birth_date(person.birth_date_as_written),
        nir=person.nir,
    )


def traits_of_record(one: BeneficiaryRecord) -> Traits:
    """What the rights data tell. Without a nom patronymique the name is only a family name."""
    birth_name = one.birth_name or None
    return Traits(
        birth_name=birth_name,
        used_name=(one.used_name or None) if birth_name else None,
        family_name=None if birth_name else one.used_name or None,
        given_names=one.given_name or None,
        birth_date=_birth_date(one.birth_date.written if one.birth_date else None),
        nir=nir_of(one.certified_number, one.certified_key),
    )


def _birth_date(written: str | None) -> BirthDate | None:
    try:
        return BirthDate.parse(written or "")
    except IdentifierError:
        return None
