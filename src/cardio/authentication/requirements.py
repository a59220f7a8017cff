"""What services need of an assertion, and whatever of it is missing: all of it at once, as data.

Sources: facts certificates_identifiers_services.md §4 (per-service traits, DMP card rules), §6
(cases 26 to 28).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from cardio.authentication.requester import Requester
from cardio.authentication.software import SoftwareIdentity
from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.situation import PracticeSituation
from cardio.errors import AssertionRefused
from cardio.identity.environment import Environment
from cardio.identity.matricule import Matricule
from cardio.identity.nir import Nir
from cardio.identity.nomenclature import Code
from cardio.locale import Translator


class Requirement(StrEnum):
    """Why an assertion is refused, as stable words; `why` is the sentence."""

    PS_IDNAT_MISSING = "ps-idnat-missing"
    NAME_MISSING = "name-missing"
    PROFESSION_MISSING = "profession-missing"
    SPECIALITY_MISSING = "speciality-missing"
    SITUATION_MISSING = "situation-missing"
    SITUATION_NOT_CHOSEN = "situation-not-chosen"
    SITUATION_UNKNOWN = "situation-unknown"
    STRUCTURE_MISSING = "structure-missing"
    SECTOR_MISSING = "sector-missing"
    BILLING_ID_MISSING = "billing-id-missing"
    SOFTWARE_NAME_MISSING = "software-name-missing"
    SOFTWARE_AUTHORISATION_MISSING = "software-authorisation-missing"
    SOFTWARE_INSTANCE_MISSING = "software-instance-missing"
    SOFTWARE_HOMOLOGATION_MISSING = "software-homologation-missing"
    TEST_CARD_IN_PRODUCTION = "test-card-in-production"
    TEST_PATIENT_IN_PRODUCTION = "test-patient-in-production"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    WRONG_KEY = "wrong-key"
    OTHER_HOLDER = "other-holder"
    ASSERTION_EXPIRED = "assertion-expired"
    ASSERTION_NOT_YET_VALID = "assertion-not-yet-valid"
    VITALE_ASSERTION_STALE = "vitale-assertion-stale"
    INSI_CALL_BLOCKED = "insi-call-blocked"

    @property
    def why(self) -> str:
        """The reason as an English sentence; in French, `assertion.<value>` of the messages."""
        return Translator("en")(f"assertion.{self.value}")


def refuse(reasons: Iterable[Requirement], what: str) -> None:
    """Raise `AssertionRefused` with every reason there is; nothing happens without any."""
    found = tuple(dict.fromkeys(reasons))
    if found:
        raise AssertionRefused(f"{what} is refused: {', '.join(found)}", reasons=found)


def of_holder(
    requester: Requester, speciality: str | None, needs: frozenset[Code]
) -> Iterator[Requirement]:
    """PS_IdNat, and the speciality of those professions that need one."""
    holder = requester.holder
    if holder.ps_idnat is None:
        yield Requirement.PS_IDNAT_MISSING
    if not speciality and not needs.isdisjoint({holder.profession, holder.future_profession}):
        yield Requirement.SPECIALITY_MISSING


def of_situation(
    requester: Requester, *needs: tuple[Callable[[PracticeSituation], object], Requirement]
) -> Iterator[Requirement]:
    """Exactly one situation, and of it what the service needs.

    The choice is the user's, and an unknown situation is an error (DMP card rules).
    """
    situation = requester.situation
    if situation:
        yield from (missing for value_of, missing in needs if not value_of(situation))
    elif requester.chosen:
        yield Requirement.SITUATION_UNKNOWN
    elif requester.situations:
        yield Requirement.SITUATION_NOT_CHOSEN
    else:
        yield Requirement.SITUATION_MISSING


def of_certificate(
    certificate: CpsCertificate,
    requester: Requester,
    usages: frozenset[CertificateUsage],
    environment: Environment,
    now: datetime,
) -> Iterator[Requirement]:
    """A certificate for this use, of this holder, in its time, and on the right side."""
    if certificate.usage not in usages:
        yield Requirement.WRONG_KEY
    if certificate.ps_idnat != requester.holder.ps_idnat:
        yield Requirement.OTHER_HOLDER
    if certificate.is_test and environment is Environment.PRODUCTION:
        yield Requirement.TEST_CARD_IN_PRODUCTION
    if now < certificate.not_before:
        yield Requirement.CERTIFICATE_NOT_YET_VALID
    if now > certificate.not_after:
        yield Requirement.CERTIFICATE_EXPIRED


def of_name(software: SoftwareIdentity) -> list[Requirement]:
    """The program's name and version."""
    is_named = software.name.strip() and software.version.strip()
    return [] if is_named else [Requirement.SOFTWARE_NAME_MISSING]


def of_insi_software(software: SoftwareIdentity) -> list[Requirement]:
    """What ContexteLPS shows: name, version, the authorisation number, this installation."""
    missing = {
        Requirement.SOFTWARE_AUTHORISATION_MISSING: software.idam,
        Requirement.SOFTWARE_INSTANCE_MISSING: software.instance,
    }
    return [*of_name(software), *(reason for reason, value in missing.items() if not value)]


def of_patient(number: Matricule | Nir | None, environment: Environment) -> list[Requirement]:
    """Test numbers and OIDs, and with them test and demonstration Vitale cards, stay in tests."""
    is_leaked = number and number.is_test and environment is Environment.PRODUCTION
    return [Requirement.TEST_PATIENT_IN_PRODUCTION] if is_leaked else []
