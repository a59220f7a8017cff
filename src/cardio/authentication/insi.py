"""The assertion by which a CPx calls the INSi service (facts: §4 of the sheet named below).

Facts: certificates_identifiers_services.md §4, "INSi CPx assertion (decoded)": issuer in the form
X509SubjectName, NameID = PS_IdNat with the qualifier CPS, RSA-SHA256, exclusive C14N, enveloped,
signed with the *signature* key. The hour of life is from one source only (s1).
"""

from datetime import timedelta

from cardio.authentication import requirements
from cardio.authentication.clock import TOLERANCE, Clock, now, utc_now
from cardio.authentication.requester import Requester
from cardio.authentication.requirements import Requirement
from cardio.authentication.saml import Draft, SignedAssertion, Window, sign
from cardio.authentication.signatory import Signatory
from cardio.authentication.software import SoftwareIdentity
from cardio.cards.cps.certificate import CertificateUsage
from cardio.identity.environment import Environment
from cardio.identity.nomenclature import Table

LIFETIME = timedelta(hours=1)

_NAME_QUALIFIER = "CPS"
_KEYS = frozenset({CertificateUsage.SIGNATURE})
_WITH_SPECIALITY = frozenset({Table.PROFESSION.code("10"), Table.FUTURE_PROFESSION.code("10")})
"""Doctors, and doctors in training: who must show codeSpecialite."""


def insi_assertion(
    requester: Requester,
    signatory: Signatory,
    software: SoftwareIdentity,
    *,
    environment: Environment,
    billing_id: str | None = None,
    speciality: str | None = None,
    lifetime: timedelta | None = LIFETIME,
    tolerance: timedelta = TOLERANCE,
    clock: Clock = utc_now,
) -> SignedAssertion:
    """One signed assertion, good for as many calls as its `lifetime` allows.

    It says nothing of the software: that is shown beside it in each call, and checked here so that
    the card signs nothing for a program the service would not know.
    `billing_id` (identifiantFacturation) is the AM billing number of a liberal professional, else
    the structure's FINESS géographique or SIRET: no card tells it in a known place, so it is the
    software's setting. `speciality` is by default the holder's R01 code, as in the published
    example; give another where the service wants an AM code. It counts `tolerance` before it is
    issued already; without `lifetime` it carries no conditions, as the published examples.

    Raises `AssertionRefused` with every reason, and as `saml.sign`.
    """
    time = now(clock)
    told = _told(requester, speciality, billing_id)
    certificate = signatory.certificate
    reasons = [
        *requirements.of_holder(requester, told.get("codeSpecialite"), _WITH_SPECIALITY),
        *requirements.of_situation(requester, (lambda one: one.sector, Requirement.SECTOR_MISSING)),
        *requirements.of_certificate(certificate, requester, _KEYS, environment, time),
        *([] if "identifiantFacturation" in told else [Requirement.BILLING_ID_MISSING]),
        *requirements.of_insi_software(software),
    ]
    requirements.refuse(reasons, "the INSi assertion")
    draft = Draft(
        name_id=str(requester.holder.ps_idnat),
        name_qualifier=_NAME_QUALIFIER,
        issued=time,
        window=Window(time - tolerance, time + lifetime) if lifetime else None,
        attributes=tuple((name, (value,)) for name, value in told.items()),
    )
    return sign(draft, signatory, environment)


def _told(requester: Requester, speciality: str | None, billing_id: str | None) -> dict[str, str]:
    """The attributes that have a value, in the order of the published example."""
    situation, own = requester.situation, requester.holder.speciality
    values = {
        "codeSpecialite": speciality or (own and own.code),
        "secteurActivite": situation and situation.sector and situation.sector.code,
        "identifiantFacturation": billing_id or (situation and situation.billing_id),
    }
    return {name: value for name, value in values.items() if value}
