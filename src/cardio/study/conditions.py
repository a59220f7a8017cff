"""What follows from the cards themselves, beside the rules of any service.

facts: certificates_identifiers_services.md §4.2 (INFERRED), and §4 "DMP card rules".
"""

from collections.abc import Iterator

from cardio.catalogue.model import Convention
from cardio.catalogue.subject import Demand, Subject
from cardio.catalogue.values import Confidence, Credential, PatientSide
from cardio.study.answers import Answer, Condition, State
from cardio.study.evidence import CardEvidence, Environment, Evidence

BY_CARD = frozenset({Credential.PSC, *(one for one in Credential if one.is_card)})
"""What a card in a reader opens."""

_SOURCE = "certificates_identifiers_services.md §4.2"
_WITHOUT_VITALE = frozenset({PatientSide.INS, PatientSide.NONE})


def of_the_cards(convention: Convention, evidence: Evidence) -> Iterator[Answer]:
    """The conditions of the professional's card where one is used, and of the patient's."""
    wanted = {Credential(v) for r in convention.about(Subject.CREDENTIAL) for v in r.values}
    if wanted and wanted <= BY_CARD and evidence.workstation.service_works is False:
        yield _answer("service", State.NOT_MET, "service-down")
    if evidence.card and wanted & BY_CARD:
        yield from _of_the_card(evidence.card, evidence.environment)
    sides = {PatientSide(v) for r in convention.about(Subject.PATIENT_SIDE) for v in r.values}
    if evidence.vitale and not sides <= _WITHOUT_VITALE:
        yield _environment("vitale-environment", evidence.vitale.is_test, evidence.environment)


def _of_the_card(card: CardEvidence, environment: Environment) -> Iterator[Answer]:
    yield _asked("card-readable", card.is_readable, "card-unreadable")
    yield _environment("card-environment", card.is_test, environment)
    yield _asked("certificates", card.certificates_valid, "certificates-invalid")
    yield _asked("chain", card.chain_is_sound, "chain-broken", unknown=State.ELSEWHERE)


def _environment(subject: str, is_test: bool | None, environment: Environment) -> Answer:
    """Test and demonstration cards must be refused in production."""
    if is_test is None:
        return _answer(subject, State.ELSEWHERE, f"{subject}-unknown")
    if is_test and environment is Environment.PRODUCTION:
        return _answer(subject, State.NOT_MET, f"{subject}-test")
    return _answer(subject, State.MET, "ok")


def _asked(
    subject: str, is_so: bool | None, cause: str, *, unknown: State = State.UNKNOWN
) -> Answer:
    if is_so is None:
        return _answer(subject, unknown, f"{subject}-unknown")
    return _answer(subject, *((State.MET, "ok") if is_so else (State.NOT_MET, cause)))


def _answer(subject: str, state: State, cause: str) -> Answer:
    condition = Condition(subject, Demand.ALL_OF, (), _SOURCE, None, Confidence.INFERRED, {})
    return Answer(condition, state, cause)
