"""What assertions are made of in tests: a doctor of a published record, software, a fixed clock."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from tests.support.personas import dated

from cardio.authentication import Requester, Signatory, SoftwareIdentity
from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.holder import Holder
from cardio.cards.cps.situation import PracticeSituation
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nomenclature import Table
from cardio.identity.ps_idnat import StructIdNat
from cardio_emulator.certificates import authentication_credential, signature_credential

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BILLING_ID = "991130972"
SOFTWARE = SoftwareIdentity(
    name="Logiciel d'essai",
    version="2026.1",
    instance=UUID("5f0c7a52-6d1e-4f5e-9a41-3d2f8f0a9c11"),
    idam="AUTORISATION-ESSAI",
    dmp_homologation="HOMOLOGATION-ESSAI",
)
PATIENT = Matricule.parse("279035121518989", InsOid.TEST)
"""The published test patient of the DMP (facts: certificates_identifiers_services.md §2)."""

CABINET = PracticeSituation(
    1,
    mode=Table.PRACTICE_MODE.code("00"),
    sector=Table.SECTOR.code("SA07"),
    structure=StructIdNat.parse("499700982178008"),
    structure_name="CABINET M RPPS0098217",
)
HOSPITAL = PracticeSituation(
    2,
    mode=Table.PRACTICE_MODE.code("01"),
    sector=Table.SECTOR.code("SA01"),
    structure=StructIdNat.parse("10B0309829"),
    structure_name="HOPITAL GENERIQUE FIN VARI",
)


def clock() -> datetime:
    return NOW


def signature_of(persona: str = "medecin") -> Signatory:
    """In software, with the certificate that the persona's card would have."""
    made = signature_credential(dated(persona))
    return Signatory(made.key, CpsCertificate.decode(made.der))


def authentication_of(persona: str = "medecin") -> Signatory:
    made = authentication_credential(dated(persona))
    return Signatory(made.key, CpsCertificate.decode(made.der))


def doctor(*situations: PracticeSituation, chosen: PracticeSituation | None = None) -> Requester:
    holder = Holder.of_certificate(signature_of().certificate)
    holder = replace(holder, speciality=Table.SPECIALITY.code("SM26"))
    return Requester(holder, situations or (CABINET,), chosen)
