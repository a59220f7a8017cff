"""Readiness: rules against evidence, and that what is unknown is never a no."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.catalogue.catalogue import Catalogue
from cardio.catalogue.subject import STAFF
from cardio.catalogue.values import Browser, Contract, Credential, Identifier, Middleware
from cardio.locale import LANGUAGES, Translator
from cardio.study import wording
from cardio.study.answers import Readiness, ServiceAnswer, State
from cardio.study.evidence import (
    UNSEEN_CARD,
    UNSEEN_VITALE,
    CardEvidence,
    Environment,
    Evidence,
    PersonEvidence,
    VitaleEvidence,
    WorkstationEvidence,
)
from cardio.study.readiness import judge

SERVICES = Catalogue.load().services

DOCTOR = CardEvidence(
    credential=Credential.CPS,
    is_test=False,
    is_readable=True,
    tries_left=3,
    certificates_valid=True,
    chain_is_sound=True,
    profession="10",
    has_speciality=True,
    situations=1,
)
VITALE = VitaleEvidence(is_readable=True, is_test=False, age=2.0)
WORKSTATION = WorkstationEvidence(
    readers=2,
    middleware=dict.fromkeys(Middleware, True),
    browsers=frozenset({Browser.FIREFOX}),
)
ALL = Evidence(card=DOCTOR, vitale=VITALE, workstation=WORKSTATION)


def with_card(**changes: object) -> Evidence:
    return replace(ALL, card=replace(DOCTOR, **changes))  # pyright: ignore[reportArgumentType]


def causes(answer: ServiceAnswer, convention: str, *states: State) -> set[str]:
    (found,) = [one for one in answer.conventions if one.convention.id == convention]
    return {one.cause for one in found.having(*states)}


def readiness(answer: ServiceAnswer, convention: str) -> Readiness:
    (found,) = [one for one in answer.conventions if one.convention.id == convention]
    return found.readiness


CLERK = with_card(credential=Credential.CPE)
NO_SPECIALITY = with_card(has_speciality=False)
LACKING = ("not-ready", "speciality-missing")
STALE = replace(ALL, vitale=replace(VITALE, age=21.0))
TEST_VITALE = replace(ALL, vitale=replace(VITALE, is_test=True))


@pytest.mark.parametrize(
    ("service", "convention", "evidence", "expected", "cause"),
    [
        ("amelipro-aat", "liberal", ALL, "ready", None),
        ("amelipro-aat", "liberal", replace(ALL, card=None), "cannot-tell", "no-card"),
        ("amelipro-aat", "liberal", CLERK, "cannot-tell", "wrong-credential"),
        ("amelipro-bsi", "liberal", replace(ALL, card=None), "not-ready", "no-card"),
        ("amelipro-bsi", "liberal", CLERK, "not-ready", "wrong-credential"),
        (
            "amelipro-aat",
            "liberal",
            with_card(profession="60"),
            "not-ready",
            "profession-not-listed",
        ),
        ("amelipro-aat", "liberal", with_card(tries_left=0), "not-ready", "pin-too-few"),
        ("amelipro-aat", "liberal", with_card(is_test=True), "not-ready", "card-environment-test"),
        (
            "amelipro-aat",
            "liberal",
            with_card(certificates_valid=False),
            "not-ready",
            "certificates-invalid",
        ),
        ("amelipro-aat", "liberal", with_card(chain_is_sound=False), "not-ready", "chain-broken"),
        ("amelipro-aat", "liberal", with_card(is_readable=False), "not-ready", "card-unreadable"),
        ("amelipro-aat", "liberal", with_card(chain_is_sound=None), "ready", None),
        ("amelipro-aat", "liberal", with_card(tries_left=None), "cannot-tell", "pin-unknown"),
        ("amelipro-aat", "health-centre", ALL, "cannot-tell", "sector-unknown"),
        ("amelipro-bsi", "liberal", ALL, "not-ready", "profession-not-listed"),
        ("amelipro-bsi", "liberal", with_card(profession="60"), "ready", None),
        ("amelipro-dmt", "liberal", ALL, "cannot-tell", "not-public"),
        ("pse", "liberal", ALL, "ready", None),
        ("pse", "liberal", replace(ALL, vitale=None), "not-ready", "no-vitale"),
        ("pse", "liberal", replace(ALL, vitale=UNSEEN_VITALE), "cannot-tell", "vitale-unseen"),
        ("insi", "cpx", ALL, "ready", None),
        ("insi", "cpx", NO_SPECIALITY, "not-ready", "speciality-missing"),
        ("insi", "cpx", with_card(profession="60", has_speciality=False), "ready", None),
        ("insi", "cpx", with_card(situations=2), "not-ready", "situation-not-chosen"),
        ("insi", "cpx", with_card(situations=2, situation_chosen=True), "ready", None),
        ("insi", "cpx", STALE, "not-ready", "vitale-stale"),
        ("insi", "cpx", TEST_VITALE, "not-ready", "vitale-environment-test"),
        ("insi", "certificate", ALL, "cannot-tell", "credential-unknown"),
        ("dmp", "direct", with_card(profession="21", has_speciality=False), *LACKING),
        ("scor", "prescribed", with_card(profession="60"), "cannot-tell", "not-public"),
    ],
)
def test_the_rules_decide(
    service: str, convention: str, evidence: Evidence, expected: str, cause: str | None
) -> None:
    answer = judge(SERVICES[service], evidence)
    assert readiness(answer, convention).value == expected
    found = causes(answer, convention, State.NOT_MET, State.UNKNOWN)
    assert found == set() if cause is None else cause in found


def test_a_test_card_is_fine_in_a_test_environment() -> None:
    evidence = replace(with_card(is_test=True), environment=Environment.TEST)
    assert readiness(judge(SERVICES["amelipro-aat"], evidence), "liberal") is Readiness.READY


def test_an_e_cps_opens_pro_sante_connect_without_card_or_reader() -> None:
    person = PersonEvidence(credentials={Credential.E_CPS: True})
    evidence = Evidence(person=person)
    answer = judge(SERVICES["pro-sante-connect"], evidence)
    assert (answer.readiness, answer.best.convention.id) == (Readiness.READY, "e-cps")


def test_without_the_service_no_card_opens_anything_and_no_reader_is_ordered() -> None:
    workstation = replace(WORKSTATION, service_works=False, readers=None)
    answer = judge(SERVICES["amelipro-bsi"], replace(ALL, card=None, workstation=workstation))
    assert {"service-down", "no-card"} == causes(answer, "liberal", State.NOT_MET)
    e_cps = judge(SERVICES["pro-sante-connect"], replace(ALL, workstation=workstation))
    assert "service-down" not in causes(e_cps, "e-cps", State.NOT_MET)


def test_an_employee_s_card_makes_its_holder_staff() -> None:
    """With INSi by card, administrative staff use a CPE (services.md §3.1)."""
    evidence = with_card(credential=Credential.CPE, profession=None, has_speciality=None)
    assert readiness(judge(SERVICES["insi"], evidence), "cpx") is Readiness.READY
    bsi = judge(SERVICES["amelipro-bsi"], evidence)
    assert {"wrong-credential", "profession-not-listed"} <= causes(bsi, "liberal", State.NOT_MET)
    assert STAFF not in SERVICES["amelipro-bsi"].conventions[0].rules[1].values


def test_a_director_s_card_has_the_code_of_a_staff_card() -> None:
    evidence = with_card(credential=Credential.CPE)
    answer = judge(SERVICES["rpps-plus"], evidence)
    assert readiness(answer, "manager") is Readiness.READY


def test_what_no_workstation_shows_is_to_be_confirmed_and_blocks_nothing() -> None:
    answer = judge(SERVICES["amelipro-aat"], ALL)
    assert {"contract-unknown", "identifier-unknown"} <= causes(answer, "liberal", State.ELSEWHERE)
    person = PersonEvidence(contracts={Contract.AMELIPRO_ACCOUNT: False})
    answer = judge(SERVICES["amelipro-aat"], replace(ALL, person=person))
    assert causes(answer, "liberal", State.NOT_MET) == {"contract-missing"}
    person = PersonEvidence(identifiers={Identifier.PS_IDNAT: True, Identifier.BILLING: False})
    answer = judge(SERVICES["amelipro-aat"], replace(ALL, person=person))
    assert causes(answer, "liberal", State.NOT_MET) == {"identifier-missing"}


def test_the_best_way_is_the_one_meant_for_this_card() -> None:
    blocked = with_card(tries_left=0)
    assert judge(SERVICES["amelipro-aat"], blocked).best.convention.id == "liberal"


@pytest.mark.parametrize("service", SERVICES)
def test_knowing_nothing_is_never_a_no(service: str) -> None:
    answer = judge(SERVICES[service], Evidence(card=UNSEEN_CARD, vitale=UNSEEN_VITALE))
    assert not [way for way in answer.conventions if way.having(State.NOT_MET)]


@given(st.from_type(Evidence), st.sampled_from(sorted(SERVICES)))
def test_any_evidence_is_judged_and_said_in_both_languages(
    evidence: Evidence, service: str
) -> None:
    answer = judge(SERVICES[service], evidence)
    assert answer.readiness is min(
        (way.readiness for way in answer.conventions), key=list(Readiness).index
    )
    for language in LANGUAGES:
        text = Translator(language)
        for way in answer.conventions:
            for one in way.answers:
                said = wording.wanted(one.condition, text), wording.found(one, text)
                assert all(said)
                assert wording.said_by(one.condition, text)
                needs_advice = one.state in (State.NOT_MET, State.UNKNOWN, State.ELSEWHERE)
                assert not needs_advice or wording.advice(one, text)


@given(st.from_type(Evidence), st.sampled_from(sorted(SERVICES)))
def test_learning_more_never_turns_a_no_into_ready(evidence: Evidence, service: str) -> None:
    """What was not met without the browsers known is not met with them."""
    unknown = replace(evidence, workstation=replace(evidence.workstation, browsers=None))
    known = replace(
        evidence, workstation=replace(evidence.workstation, browsers=frozenset(Browser))
    )
    before, after = judge(SERVICES[service], unknown), judge(SERVICES[service], known)
    for one, other in zip(before.conventions, after.conventions, strict=True):
        if one.readiness is Readiness.NOT_READY:
            assert other.readiness is Readiness.NOT_READY
