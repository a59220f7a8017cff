"""Requests to the INSi: who is this patient, by the Vitale or by traits.

SOAP 1.2, document/literal; operations, element names and namespaces are those of the service's
WSDL 1.5.0, OBSERVED in the open client that publishes it (facts:
certificates_identifiers_services.md §4 and source L1). The Vitale's own assertion is not public:
it comes from the homologated stack and goes in as it is.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cardio.authentication import requirements, xml_document
from cardio.authentication.clock import TOLERANCE, Clock, now, utc_now
from cardio.authentication.insi_context import (
    VitaleBeneficiary,
    coverage_context,
    software_context,
)
from cardio.authentication.requirements import Requirement
from cardio.authentication.saml import SignedAssertion
from cardio.authentication.software import SoftwareIdentity
from cardio.authentication.ws_security import SoapRequest, soap_request
from cardio.authentication.xml_document import Element
from cardio.identity.nir import Nir
from cardio.identity.status import IdentityState
from cardio.identity.traits import StrictTraits

BY_TRAITS, BY_VITALE = "http://www.cnamts.fr/INSiRecSans", "http://www.cnamts.fr/INSiRecVit"
VITALE_FRESH = timedelta(minutes=20)
"""After which a Vitale's assertion counts as stale (facts: §4, one source, "about")."""

_ACTION = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvec"


@dataclass(frozen=True, slots=True)
class VitaleAssertion:
    """The assertion that the homologated stack made of the card, and when it read the card."""

    xml: bytes = field(repr=False)
    read_at: datetime


def search_by_traits(
    assertion: SignedAssertion,
    software: SoftwareIdentity,
    traits: StrictTraits,
    *,
    state: IdentityState = IdentityState(),  # noqa: B008 (frozen)
    clock: Clock = utc_now,
) -> SoapRequest:
    """Ask by birth name, given name, sex, day and place of birth.

    `state` is that of the identity on the caller's side: a doubtful or fictitious one must not
    be asked about. Raises `AssertionRefused` with every reason.
    """
    time = now(clock)
    blocked = [] if state.may_ask_insi else [Requirement.INSI_CALL_BLOCKED]
    requirements.refuse([*_of_call(assertion, software, time), *blocked], "the INSi request")
    body = xml_document.new(BY_TRAITS, "RECSANSVITALE")
    xml_document.add(body, "NomNaissance", traits.birth_name)
    xml_document.add(body, "Prenom", traits.insi_given_name)
    xml_document.add(body, "Sexe", traits.sex.value)
    xml_document.add(body, "DateNaissance", traits.birth_date.isoformat())
    if traits.birth_place:
        xml_document.add(body, "LieuNaissance", str(traits.birth_place))
    return _request("TraitsIdentite", [assertion.xml], None, body, assertion, software, time)


def search_by_vitale(
    assertion: SignedAssertion,
    software: SoftwareIdentity,
    beneficiary: VitaleBeneficiary,
    vitale: VitaleAssertion,
    *,
    clock: Clock = utc_now,
) -> SoapRequest:
    """Ask by one beneficiary of a Vitale just read. Raises as `search_by_traits`."""
    time = now(clock)
    reasons = [*_of_call(assertion, software, time)]
    if not -TOLERANCE <= time - vitale.read_at <= VITALE_FRESH:
        reasons.append(Requirement.VITALE_ASSERTION_STALE)
    for number in (beneficiary.insured, beneficiary.individual):
        reasons.extend(requirements.of_patient(number, assertion.environment))
    requirements.refuse(reasons, "the INSi request")
    body = xml_document.new(BY_VITALE, "RECVITALE")
    if beneficiary.individual:
        _add_matricule(body, "MatriculeIndividu", beneficiary.individual)
    _add_matricule(body, "MatriculeOD", beneficiary.insured)
    if beneficiary.birth_name:
        xml_document.add(body, "NomNaissance", beneficiary.birth_name)
    xml_document.add(body, "DateNaissance", str(beneficiary.birth_date))
    xml_document.add(body, "RangNaissance", str(beneficiary.birth_rank))
    assertions = [assertion.xml, vitale.xml]
    return _request("CarteVitale", assertions, beneficiary, body, assertion, software, time)


def _of_call(
    assertion: SignedAssertion, software: SoftwareIdentity, time: datetime
) -> list[Requirement]:
    """A clock that went back shows as an assertion not yet valid."""
    reasons, window = requirements.of_insi_software(software), assertion.window
    if window and time < window.start:
        reasons.append(Requirement.ASSERTION_NOT_YET_VALID)
    if window and time >= window.end:
        reasons.append(Requirement.ASSERTION_EXPIRED)
    return reasons


def _add_matricule(body: Element, name: str, number: Nir) -> None:
    matricule = xml_document.add(body, name)
    xml_document.add(matricule, "NumIdentifiant", number.number)
    if number.has_valid_key:
        xml_document.add(matricule, "Cle", number.key)


def _request(
    operation: str,
    assertions: list[bytes],
    vitale: VitaleBeneficiary | None,
    body: Element,
    assertion: SignedAssertion,
    software: SoftwareIdentity,
    time: datetime,
) -> SoapRequest:
    issuer = assertion.name_id
    contexts = [
        coverage_context(vitale, issuer, time),
        software_context(software, issuer, time),
    ]
    return soap_request(_ACTION + operation, assertions, contexts, body)
