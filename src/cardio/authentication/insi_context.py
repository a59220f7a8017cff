"""The two contexts of a call to the health insurance: the software's, and the patient's coverage.

Names, versions and order: as the service's own schemas have them (CTXLPS 01.00, CTXBAM 01.02),
OBSERVED in the open client that publishes them, with its requests (facts:
certificates_identifiers_services.md §4 and source L1). `R="4"` of IDAM is in every request seen;
what it means is not public.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from cardio.authentication import xml_document
from cardio.authentication.clock import written
from cardio.authentication.software import SoftwareIdentity
from cardio.authentication.xml_document import Element
from cardio.identity.birth_date import BirthDate
from cardio.identity.nir import Nir

LPS, BAM = "urn:siram:lps:ctxlps", "urn:siram:bam:ctxbam"

_IDAM_KIND = "4"


@dataclass(frozen=True, slots=True)
class VitaleBeneficiary:
    """One beneficiary as the Vitale shows it. `insured` is the one who opens the rights.

    `birth_date` may be lunar: it is sent as it is. `birth_rank` is 1 but for later twins.
    """

    insured: Nir
    individual: Nir | None
    birth_name: str | None = field(repr=False)
    birth_date: BirthDate
    birth_rank: int = 1


def software_context(software: SoftwareIdentity, issuer: str, now: datetime) -> Element:
    """ContexteLPS."""
    context = _context(LPS, "ContexteLPS", "01_00", issuer, now)
    context.set("Nature", "CTXLPS")
    lps = xml_document.add(context, "LPS")
    xml_document.add(lps, "IDAM", software.idam, R=_IDAM_KIND)
    xml_document.add(lps, "Version", software.version)
    xml_document.add(lps, "Instance", str(software.instance))
    xml_document.add(lps, "Nom", software.name)
    return context


def coverage_context(vitale: VitaleBeneficiary | None, issuer: str, now: datetime) -> Element:
    """ContexteBAM, its COUVERTURE empty without a Vitale; filled as one open client does (s1)."""
    context = _context(BAM, "ContexteBAM", "01_02", issuer, now)
    coverage = xml_document.add(context, "COUVERTURE")
    if vitale:
        insured = xml_document.add(xml_document.add(coverage, "ASSURE"), "Id")
        xml_document.add(insured, "Num", vitale.insured.number)
        beneficiary = xml_document.add(coverage, "BENEFICIAIRE")
        if vitale.individual:
            number = xml_document.add(beneficiary, "Nir")
            xml_document.add(number, "Num", vitale.individual.number)
        xml_document.add(beneficiary, "DateNai", str(vitale.birth_date))
        xml_document.add(beneficiary, "Rang", str(vitale.birth_rank))
    return context


def _context(namespace: str, name: str, version: str, issuer: str, now: datetime) -> Element:
    context = xml_document.new(namespace, name, namespace.rpartition(":")[2])
    context.set("Version", version)
    xml_document.add(context, "Id", str(uuid4()))
    xml_document.add(context, "Temps", written(now))
    xml_document.add(context, "Emetteur", issuer)
    return context
