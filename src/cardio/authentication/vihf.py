"""The VIHF, the assertion by which a professional asks the DMP (one shape for every version).

Attributes: facts certificates_identifiers_services.md §4, "VIHF attribute set". Their long names,
the form of codes and of the patient's identifier are as open projects write them (OBSERVED; list
in docs/explanation/teleservice-assertions.md). What changes from version 2 to 3 to 4 is not public:
the version is the caller's word, and nothing else here depends on it.
"""

from datetime import timedelta

from cardio.authentication import requirements
from cardio.authentication.clock import TOLERANCE, Clock, now, utc_now
from cardio.authentication.requester import Requester
from cardio.authentication.requirements import Requirement
from cardio.authentication.saml import SMARTCARD_PKI, Coded, Draft, SignedAssertion, Window, sign
from cardio.authentication.signatory import Signatory
from cardio.authentication.software import SoftwareIdentity
from cardio.cards.cps.certificate import CertificateUsage
from cardio.cards.cps.holder import Holder
from cardio.identity.environment import Environment
from cardio.identity.matricule import Matricule
from cardio.identity.nomenclature import Code, Table

SUBJECT_ID = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
SUBJECT_ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
PURPOSE_OF_USE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"

_DIRECT = "DIRECTE"
"""Authentification_Mode with the professional's own card (s1: one open project)."""
_DMP = "urn:dmp"
_NORMAL = Coded(
    "PurposeOfUse",
    "normal",
    "1.2.250.1.213.1.1.4.248",
    "Accès normal",
    "mode acces VIHF 2.0",
)
_SYSTEMS = {
    Table.PROFESSION: "1.2.250.1.71.1.2.7",
    Table.FUTURE_PROFESSION: "1.2.250.1.71.1.2.8",
    Table.SPECIALITY: "1.2.250.1.71.4.2.5",
    Table.SECTOR: "1.2.250.1.71.4.2.4",
}
"""OIDs of the code tables (facts: certificates_identifiers_services.md §3)."""
_KEYS = frozenset({CertificateUsage.AUTHENTICATION, CertificateUsage.SIGNATURE})
_WITH_SPECIALITY = frozenset({Table.PROFESSION.code("10"), Table.PROFESSION.code("21")})
"""Doctors and pharmacists, who show a second role."""


def vihf_assertion(
    requester: Requester,
    signatory: Signatory,
    software: SoftwareIdentity,
    patient: Matricule,
    *,
    version: str,
    environment: Environment,
    lifetime: timedelta | None = None,
    tolerance: timedelta = TOLERANCE,
    clock: Clock = utc_now,
) -> SignedAssertion:
    """A signed VIHF for normal access to one patient's DMP.

    `signatory` is the caller's choice: one open project signs with the authentication key (s1),
    so `Signatory.authentication_of(card)` is the likelier one. `version` is what stands in
    VIHF_Version (`3.0` and `4.0` were seen). How long a VIHF counts is not public: it carries no
    conditions unless a `lifetime` is given, and then counts `tolerance` before it is issued.

    Raises `AssertionRefused` with every reason, and as `saml.sign`.
    """
    time = now(clock)
    speciality = requester.holder.speciality
    reasons = [
        *requirements.of_holder(requester, speciality and speciality.code, _WITH_SPECIALITY),
        *_of_roles(requester.holder),
        *requirements.of_situation(
            requester,
            (lambda one: one.structure, Requirement.STRUCTURE_MISSING),
            (lambda one: one.sector, Requirement.SECTOR_MISSING),
        ),
        *requirements.of_certificate(signatory.certificate, requester, _KEYS, environment, time),
        *requirements.of_name(software),
        *([] if software.dmp_homologation else [Requirement.SOFTWARE_HOMOLOGATION_MISSING]),
        *requirements.of_patient(patient, environment),
    ]
    requirements.refuse(reasons, "the VIHF")
    draft = Draft(
        name_id=str(requester.holder.ps_idnat),
        issued=time,
        window=Window(time - tolerance, time + lifetime) if lifetime else None,
        authentication=SMARTCARD_PKI,
        attributes=_attributes(requester, software, patient, version),
    )
    return sign(draft, signatory, environment)


def _of_roles(holder: Holder) -> list[Requirement]:
    """What a card without a profession (CPE) shows as its role is not public."""
    missing = {
        Requirement.NAME_MISSING: holder.family_name,
        Requirement.PROFESSION_MISSING: holder.profession or holder.future_profession,
    }
    return [reason for reason, value in missing.items() if not value]


def _attributes(
    requester: Requester, software: SoftwareIdentity, patient: Matricule, version: str
) -> tuple[tuple[str, tuple[str | Coded, ...]], ...]:
    holder, situation = requester.holder, requester.situation
    sector = situation.sector if situation else None
    names = (holder.given_name, holder.family_name)
    codes = (holder.profession or holder.future_profession, holder.speciality)
    return (
        ("Identifiant_Structure", (str(situation.structure) if situation else "",)),
        ("Secteur_Activite", (f"{sector.code}^{_SYSTEMS[sector.table]}" if sector else "",)),
        (SUBJECT_ID, (" ".join(name for name in names if name),)),
        (SUBJECT_ROLE, tuple(_role(code) for code in codes if code)),
        ("VIHF_Version", (version,)),
        ("Authentification_Mode", (_DIRECT,)),
        (RESOURCE_ID, (f"{patient}^^^&{patient.oid.value}&ISO^NH",)),
        ("Ressource_URN", (_DMP,)),
        (PURPOSE_OF_USE, (_NORMAL,)),
        ("LPS_Nom", (software.name,)),
        ("LPS_Version", (software.version,)),
        ("LPS_ID_HOMOLOGATION_DMP", (software.dmp_homologation or "",)),
    )


def _role(code: Code) -> Coded:
    return Coded("Role", code.code, _SYSTEMS[code.table], str(code))
