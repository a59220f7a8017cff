"""What else can fill a draft: rights, and the answer of the INSi."""

from cardio.cards.vitale.draft.model import DraftField, Origin
from cardio.cards.vitale.rights.model import Person, Rights, Source
from cardio.cards.vitale.rights.records import nir_of
from cardio.errors import DraftError
from cardio.identity.ins import InsIdentity

Values = dict[DraftField, str | None]


def from_rights(rights: Rights, person: int) -> Values:
    """What rights say of one person, by its place among them (from 0).

    Raises `DraftError` where there is none. Names and dates are as written there.
    """
    if not 0 <= person < len(rights.persons):
        raise DraftError("the rights tell of no such person")
    one = rights.persons[person]
    values: Values = {
        DraftField.USED_NAME: one.beneficiary.used_name,
        DraftField.BIRTH_NAME: one.beneficiary.birth_name,
        DraftField.GIVEN_NAME: one.beneficiary.given_name,
        DraftField.BIRTH_DATE: _birth_date(one),
        DraftField.BIRTH_RANK: one.beneficiary.birth_rank,
        DraftField.QUALITY: one.beneficiary.quality,
        DraftField.NIR: _nir(one),
        DraftField.ADDRESS: "\n".join(one.beneficiary.address),
        **_insurance(rights, one),
    }
    return {name: value or None for name, value in values.items()}


def origin_of(rights: Rights) -> Origin:
    """A stream of records comes from an emulated card; XML from a reading component."""
    return Origin.RIGHTS if rights.source is Source.READING_API else Origin.RIGHTS_STAND_IN


def from_ins(identity: InsIdentity) -> Values:
    """The strict traits, and the matricule with its OID where there is one."""
    traits, matricule = identity.traits, identity.matricule
    return {
        DraftField.BIRTH_NAME: traits.birth_name,
        DraftField.GIVEN_NAMES: traits.given_names,
        DraftField.SEX: traits.sex.value,
        DraftField.BIRTH_DATE: traits.birth_date.isoformat(),
        DraftField.BIRTH_PLACE: str(traits.birth_place) if traits.birth_place else None,
        DraftField.INS_MATRICULE: str(matricule.number) if matricule else None,
        DraftField.INS_OID: matricule.oid.value if matricule else None,
    }


def _insurance(rights: Rights, one: Person) -> Values:
    body = one.api or rights.insured
    return {
        DraftField.REGIME: body.regime if body else None,
        DraftField.FUND: body.fund if body else None,
        DraftField.CENTRE: body.centre if body else None,
        DraftField.MANAGEMENT_CODE: body.management_code if body else None,
    }


def _birth_date(one: Person) -> str | None:
    written = one.beneficiary.birth_date
    return written.written if written and written.is_told else None


def _nir(one: Person) -> str | None:
    """The person's own, certified or as the API de lecture gives it; never the insured's."""
    certified = nir_of(one.beneficiary.certified_number, one.beneficiary.certified_key)
    told = nir_of(one.api.nir, "") if one.api else None
    nir = certified or told
    return nir.value if nir else None
