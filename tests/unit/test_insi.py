"""The assertion of a CPx for the INSi, and the requests that carry it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from signxml.verifier import XMLVerifier
from tests.support.assertions import (
    BILLING_ID,
    CABINET,
    HOSPITAL,
    NOW,
    SOFTWARE,
    authentication_of,
    clock,
    doctor,
    signature_of,
)

from cardio.authentication import (
    Requester,
    Requirement,
    Signatory,
    SignedAssertion,
    SoftwareIdentity,
    VitaleAssertion,
    VitaleBeneficiary,
    insi_assertion,
    search_by_traits,
    search_by_vitale,
)
from cardio.authentication.saml import SAML
from cardio.authentication.xml_document import parse
from cardio.errors import AssertionRefused, XmlRefused
from cardio.identity.birth_date import BirthDate
from cardio.identity.environment import Environment
from cardio.identity.nir import Nir
from cardio.identity.nomenclature import Table
from cardio.identity.status import IdentityAttribute, IdentityState, IdentityStatus
from cardio.identity.traits import StrictTraits
from cardio.locale import translator

NAMES = {"saml": SAML, "ds": "http://www.w3.org/2000/09/xmldsig#"}
TRAITS = StrictTraits.typed(
    birth_name="Adrun", given_names="Zoé", sex="F", birth_date="1975-12-31", birth_place="63220"
)
VITALE = VitaleAssertion(b'<v:Assertion xmlns:v="urn:stand-in:vitale"/>', NOW)
"""STAND-IN: the form of a Vitale's assertion is not public."""
BENEFICIARY = VitaleBeneficiary(
    Nir("175192B02040139"), None, "CORSE", BirthDate(1980, 0, 0), birth_rank=2
)


def make(
    requester: Requester | None = None,
    signatory: Signatory | None = None,
    software: SoftwareIdentity = SOFTWARE,
    *,
    environment: Environment = Environment.TEST,
    billing_id: str | None = BILLING_ID,
    speciality: str | None = None,
    lifetime: timedelta | None = timedelta(hours=1),
    now: datetime = NOW,
) -> SignedAssertion:
    return insi_assertion(
        requester or doctor(),
        signatory or signature_of(),
        software,
        environment=environment,
        billing_id=billing_id,
        speciality=speciality,
        lifetime=lifetime,
        clock=lambda: now,
    )


def reasons(failed: pytest.ExceptionInfo[AssertionRefused]) -> set[object]:
    return set(failed.value.reasons)


def test_it_is_what_the_published_ones_are() -> None:
    root = parse(make().xml)
    name_id = root.find("saml:Subject/saml:NameID", NAMES)
    assert name_id is not None
    assert (name_id.text, dict(name_id.attrib)) == ("899700982178", {"NameQualifier": "CPS"})
    told = root.findall("saml:AttributeStatement/saml:Attribute", NAMES)
    assert {one.get("Name"): one[0].text for one in told} == {
        "codeSpecialite": "SM26",
        "secteurActivite": "SA07",
        "identifiantFacturation": BILLING_ID,
    }
    assert root.find("saml:AuthnStatement", NAMES) is None
    algorithms = [one.get("Algorithm", "") for one in root.iter() if one.get("Algorithm")]
    assert [name.rpartition("/")[2] for name in algorithms] == [
        "xml-exc-c14n#",
        "xmldsig-more#rsa-sha256",
        "xmldsig#enveloped-signature",
        "xml-exc-c14n#",
        "xmlenc#sha256",
    ]
    reference = root.find(".//ds:Reference", NAMES)
    assert reference is not None
    assert reference.get("URI") == f"#{root.get('ID')}"
    certificate = signature_of().certificate.load()
    XMLVerifier().verify(make().xml, x509_cert=certificate, id_attribute="ID")


def test_it_lives_one_hour() -> None:
    made = make()
    conditions = parse(made.xml).find("saml:Conditions", NAMES)
    assert conditions is not None
    assert dict(conditions.attrib) == {
        "NotBefore": "2026-11-22T09:28:00Z",
        "NotOnOrAfter": "2026-11-22T10:30:00Z",
    }
    assert made.window is not None
    assert made.window.end - made.issued == timedelta(hours=1)
    assert parse(make(lifetime=None).xml).find("saml:Conditions", NAMES) is None


def test_only_the_signature_key_will_do() -> None:
    with pytest.raises(AssertionRefused) as failed:
        make(signatory=authentication_of())
    assert reasons(failed) == {Requirement.WRONG_KEY}


def test_the_speciality_of_doctors_and_of_those_who_will_be() -> None:
    base = doctor()
    holder = replace(base.holder, speciality=None)
    with pytest.raises(AssertionRefused) as failed:
        make(replace(base, holder=holder))
    assert reasons(failed) == {Requirement.SPECIALITY_MISSING}
    assert b">01<" in make(replace(base, holder=holder), speciality="01").xml
    future = Table.FUTURE_PROFESSION.code("10")
    intern = replace(holder, profession=None, future_profession=future)
    with pytest.raises(AssertionRefused) as failed:
        make(replace(base, holder=intern))
    assert reasons(failed) == {Requirement.SPECIALITY_MISSING}
    clerk = replace(holder, profession=None)
    assert b"codeSpecialite" not in make(replace(base, holder=clerk)).xml


def test_every_reason_at_once() -> None:
    bare = replace(CABINET, sector=None)
    base = doctor(bare)
    with pytest.raises(AssertionRefused) as failed:
        make(
            replace(base, holder=replace(base.holder, speciality=None)),
            software=SoftwareIdentity("x", "1"),
            environment=Environment.PRODUCTION,
            billing_id=None,
            now=datetime(2020, 1, 1, tzinfo=UTC),
        )
    assert reasons(failed) == {
        Requirement.SPECIALITY_MISSING,
        Requirement.SECTOR_MISSING,
        Requirement.BILLING_ID_MISSING,
        Requirement.SOFTWARE_AUTHORISATION_MISSING,
        Requirement.SOFTWARE_INSTANCE_MISSING,
        Requirement.TEST_CARD_IN_PRODUCTION,
        Requirement.CERTIFICATE_NOT_YET_VALID,
    }
    with pytest.raises(AssertionRefused) as failed:
        make(doctor(CABINET, HOSPITAL))
    assert reasons(failed) == {Requirement.SITUATION_NOT_CHOSEN}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("reason", Requirement)
def test_every_reason_is_a_sentence_in_both_languages(reason: Requirement, language: str) -> None:
    said = translator(language)(f"assertion.{reason}")
    assert said.endswith(".")
    assert reason.why == translator("en")(f"assertion.{reason}")


def test_a_request_by_traits() -> None:
    request = search_by_traits(make(), SOFTWARE, TRAITS, clock=clock)
    body = parse(request.body)
    names = {
        "soap": "http://www.w3.org/2003/05/soap-envelope",
        "i": "http://www.cnamts.fr/INSiRecSans",
    }
    asked = body.find("soap:Body/i:RECSANSVITALE", names)
    assert asked is not None
    assert [(one.tag.rpartition("}")[2], one.text) for one in asked] == [
        ("NomNaissance", "ADRUN"),
        ("Prenom", "ZOE"),
        ("Sexe", "F"),
        ("DateNaissance", "1975-12-31"),
        ("LieuNaissance", "63220"),
    ]
    assert request.action.endswith("rechercherInsAvecTraitsIdentite")
    assert request.content_type.startswith("application/soap+xml; charset=utf-8; action=")
    assert body.find(".//{urn:siram:bam:ctxbam}COUVERTURE").getchildren() == []  # type: ignore[union-attr]
    assert body.find(".//{urn:siram:lps:ctxlps}IDAM").get("R") == "4"  # type: ignore[union-attr]
    assert "ADRUN" not in repr(request)


def test_a_request_by_vitale() -> None:
    request = search_by_vitale(make(), SOFTWARE, BENEFICIARY, VITALE, clock=clock)
    body = parse(request.body)
    asked = body.find(".//{http://www.cnamts.fr/INSiRecVit}RECVITALE")
    assert asked is not None
    assert ["".join(map(str, one.itertext())) for one in asked] == [
        "175192B02040139",
        "CORSE",
        "1980-00-00",
        "2",
    ]
    wrong_key = replace(BENEFICIARY, insured=Nir("175192B02040100"))
    sent = search_by_vitale(make(), SOFTWARE, wrong_key, VITALE, clock=clock).body
    assert b"<MatriculeOD><NumIdentifiant>175192B020401</NumIdentifiant></MatriculeOD>" in sent
    individual = replace(BENEFICIARY, individual=Nir("180032B02040123"), birth_name=None)
    request = search_by_vitale(make(), SOFTWARE, individual, VITALE, clock=clock)
    text = request.body.decode()
    assert "<MatriculeIndividu><NumIdentifiant>180032B020401</NumIdentifiant>" in text
    assert "<ctxbam:Nir><ctxbam:Num>180032B020401</ctxbam:Num></ctxbam:Nir>" in text
    assert "NomNaissance" not in text
    assert text.index("oasis:names:tc:SAML") < text.index("urn:stand-in:vitale")
    assert not {"175192", "180032", "CORSE"} & set(repr((individual, VITALE)).split("'"))


@pytest.mark.parametrize(
    ("minutes", "fresh"), [(0, True), (20, True), (20.02, False), (-2, True), (-2.02, False)]
)
def test_a_stale_vitale_is_not_sent(minutes: float, fresh: bool) -> None:
    vitale = replace(VITALE, read_at=NOW - timedelta(minutes=minutes))
    if fresh:
        search_by_vitale(make(), SOFTWARE, BENEFICIARY, vitale, clock=clock)
        return
    with pytest.raises(AssertionRefused) as failed:
        search_by_vitale(make(), SOFTWARE, BENEFICIARY, vitale, clock=clock)
    assert reasons(failed) == {Requirement.VITALE_ASSERTION_STALE}


def test_a_test_vitale_is_not_sent_to_production() -> None:
    real = replace(signature_of().certificate, is_test=False)
    assertion = make(
        signatory=replace(signature_of(), certificate=real), environment=Environment.PRODUCTION
    )
    with pytest.raises(AssertionRefused) as failed:
        search_by_vitale(assertion, SOFTWARE, BENEFICIARY, VITALE, clock=clock)
    assert reasons(failed) == {Requirement.TEST_PATIENT_IN_PRODUCTION}


@pytest.mark.parametrize(
    ("minutes", "missing"),
    [
        (-3, {Requirement.ASSERTION_NOT_YET_VALID}),
        (-2, set()),
        (59, set()),
        (60, {Requirement.ASSERTION_EXPIRED}),
    ],
)
def test_an_assertion_is_held_against_the_clock(minutes: int, missing: set[Requirement]) -> None:
    assertion, later = make(), NOW + timedelta(minutes=minutes)
    if not missing:
        search_by_traits(assertion, SOFTWARE, TRAITS, clock=lambda: later)
        search_by_traits(make(lifetime=None), SOFTWARE, TRAITS, clock=lambda: later)
        return
    with pytest.raises(AssertionRefused) as failed:
        search_by_traits(assertion, SOFTWARE, TRAITS, clock=lambda: later)
    assert reasons(failed) == missing


def test_what_the_software_must_have() -> None:
    with pytest.raises(AssertionRefused) as failed:
        search_by_traits(make(), SoftwareIdentity("x", " "), TRAITS, clock=clock)
    assert reasons(failed) == {
        Requirement.SOFTWARE_NAME_MISSING,
        Requirement.SOFTWARE_AUTHORISATION_MISSING,
        Requirement.SOFTWARE_INSTANCE_MISSING,
    }


def test_the_insi_is_not_asked_about_doubtful_identities() -> None:
    doubtful = IdentityState.of(IdentityStatus.PROVISIONAL, IdentityAttribute.DOUBTFUL)
    with pytest.raises(AssertionRefused) as failed:
        search_by_traits(make(), SOFTWARE, TRAITS, state=doubtful, clock=clock)
    assert reasons(failed) == {Requirement.INSI_CALL_BLOCKED}


def test_a_vitale_assertion_that_is_no_clean_xml_is_not_sent() -> None:
    hostile = VitaleAssertion(b"<!DOCTYPE a><a/>", NOW)
    with pytest.raises(XmlRefused):
        search_by_vitale(make(), SOFTWARE, BENEFICIARY, hostile, clock=clock)
