"""The VIHF: its shape, and every reason for which none is made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from signxml.verifier import XMLVerifier
from tests.support import xmlsec
from tests.support.assertions import (
    CABINET,
    HOSPITAL,
    NOW,
    PATIENT,
    SOFTWARE,
    authentication_of,
    clock,
    doctor,
    signature_of,
)

from cardio.authentication import Requester, Requirement, Signatory, SoftwareIdentity
from cardio.authentication.saml import SAML, SignedAssertion
from cardio.authentication.vihf import vihf_assertion
from cardio.authentication.xml_document import Element, parse
from cardio.cards.cps.certificate import CertificateUsage
from cardio.cards.cps.holder import Holder
from cardio.errors import AssertionRefused
from cardio.identity.environment import Environment
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nomenclature import Table

NAMES = {"saml": SAML, "hl7": "urn:hl7-org:v3", "ds": "http://www.w3.org/2000/09/xmldsig#"}
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"


def make(
    requester: Requester | None = None,
    signatory: Signatory | None = None,
    software: SoftwareIdentity = SOFTWARE,
    patient: Matricule = PATIENT,
    *,
    environment: Environment = Environment.TEST,
    lifetime: timedelta | None = None,
    now: datetime = NOW,
) -> SignedAssertion:
    return vihf_assertion(
        requester or doctor(),
        signatory or authentication_of(),
        software,
        patient,
        version="3.0",
        environment=environment,
        lifetime=lifetime,
        clock=lambda: now,
    )


def reasons(*args: object, **options: object) -> set[Requirement]:
    with pytest.raises(AssertionRefused) as refused:
        make(*args, **options)  # type: ignore[arg-type]
    assert all(reason.why.endswith(".") for reason in refused.value.reasons)  # type: ignore[attr-defined]
    return set(refused.value.reasons)  # type: ignore[arg-type]


def attributes(root: Element) -> dict[str, list[str | None]]:
    found = root.findall("saml:AttributeStatement/saml:Attribute", NAMES)
    return {one.get("Name", ""): [value.text for value in one] for one in found}


def test_it_has_the_published_attributes_and_no_other() -> None:
    root = parse(make(doctor(CABINET, HOSPITAL, chosen=HOSPITAL)).xml)
    told = attributes(root)
    assert [name for name, values in told.items() if values == [None] or values == [None] * 2] == [
        ROLE,
        "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
    ]
    assert {name: values for name, values in told.items() if values[0]} == {
        "Identifiant_Structure": ["10B0309829"],
        "Secteur_Activite": ["SA01^1.2.250.1.71.4.2.4"],
        "urn:oasis:names:tc:xspa:1.0:subject:subject-id": ["JULES MEDECIN RPPS0098217"],
        "VIHF_Version": ["3.0"],
        "Authentification_Mode": ["DIRECTE"],
        "urn:oasis:names:tc:xacml:2.0:resource:resource-id": [
            "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"
        ],
        "Ressource_URN": ["urn:dmp"],
        "LPS_Nom": ["Logiciel d'essai"],
        "LPS_Version": ["2026.1"],
        "LPS_ID_HOMOLOGATION_DMP": ["HOMOLOGATION-ESSAI"],
    }


def test_profession_and_speciality_are_two_roles() -> None:
    root = parse(make().xml)
    roles = root.findall(".//hl7:Role", NAMES)
    assert [dict(role.attrib) for role in roles] == [
        {TYPE: "CE", "code": "10", "codeSystem": "1.2.250.1.71.1.2.7", "displayName": "Médecin"},
        {
            TYPE: "CE",
            "code": "SM26",
            "codeSystem": "1.2.250.1.71.4.2.5",
            "displayName": "Qualifié en Médecine Générale (SM)",
        },
    ]
    assert {role.getparent().getparent().get("Name") for role in roles} == {ROLE}  # type: ignore[union-attr]
    assert len({role.getparent() for role in roles}) == 2
    purpose = root.find(".//hl7:PurposeOfUse", NAMES)
    assert purpose is not None
    assert purpose.get("code") == "normal"
    assert purpose.get("codeSystem") == "1.2.250.1.213.1.1.4.248"


def test_its_frame_is_that_of_saml() -> None:
    """The order is that of the schema of SAML 2.0 Core: `Issuer, Signature, Subject …`."""
    root = parse(make().xml)
    assert [child.tag.rpartition("}")[2] for child in root] == [
        "Issuer",
        "Signature",
        "Subject",
        "AuthnStatement",
        "AttributeStatement",
    ]
    assert root.get("Version") == "2.0"
    assert root.get("IssueInstant") == "2026-11-22T09:30:00Z"
    assert root.findtext("saml:Subject/saml:NameID", "", NAMES) == "899700982178"
    assert root.find("saml:Subject/saml:NameID", NAMES).attrib == {}  # type: ignore[union-attr]
    statement = root.find("saml:AuthnStatement", NAMES)
    assert statement is not None
    assert statement.get("AuthnInstant") == "2026-11-22T09:30:00Z"
    assert (
        "".join(map(str, statement.itertext()))
        == "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
    )
    issuer = root.find("saml:Issuer", NAMES)
    assert issuer is not None
    assert issuer.get("Format") == "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
    assert (issuer.text or "").startswith("GN=JULES+CN=899700982178+SN=")


def test_it_carries_conditions_only_where_a_lifetime_is_given() -> None:
    assert make().window is None
    root = parse(make(lifetime=timedelta(hours=8)).xml)
    conditions = root.find("saml:Conditions", NAMES)
    assert conditions is not None
    assert dict(conditions.attrib) == {
        "NotBefore": "2026-11-22T09:28:00Z",
        "NotOnOrAfter": "2026-11-22T17:30:00Z",
    }


@pytest.mark.parametrize("signatory", [authentication_of(), signature_of()], ids=["auth", "sign"])
def test_either_key_signs_it_at_the_callers_choice(signatory: Signatory, tmp_path: Path) -> None:
    made = make(signatory=signatory)
    XMLVerifier().verify(made.xml, x509_cert=signatory.certificate.load(), id_attribute="ID")
    assert xmlsec.verify(made.xml, tmp_path)
    assert not xmlsec.verify(made.xml.replace(b"DIRECTE", b"INDIRECTE"), tmp_path)


def test_no_two_have_the_same_id() -> None:
    assert parse(make().xml).get("ID") != parse(make().xml).get("ID")


def test_a_pharmacist_and_an_intern() -> None:
    base = doctor()
    intern = replace(
        base.holder, profession=None, speciality=None,
        future_profession=Table.FUTURE_PROFESSION.code("10"),
    )  # fmt: skip
    root = parse(make(replace(base, holder=intern)).xml)
    assert [role.get("codeSystem") for role in root.findall(".//hl7:Role", NAMES)] == [
        "1.2.250.1.71.1.2.8"
    ]
    pharmacist = replace(base.holder, profession=Table.PROFESSION.code("21"), speciality=None)
    assert reasons(replace(base, holder=pharmacist)) == {Requirement.SPECIALITY_MISSING}
    nurse = replace(base.holder, profession=Table.PROFESSION.code("60"), speciality=None)
    assert make(replace(base, holder=nurse)).name_id == "899700982178"


def test_every_reason_at_once() -> None:
    nobody = SoftwareIdentity("", "1")
    technical = replace(authentication_of().certificate, usage=CertificateUsage.TECHNICAL)
    assert reasons(
        Requester(Holder(), ()),
        replace(authentication_of(), certificate=technical),
        nobody,
        environment=Environment.PRODUCTION,
        now=datetime(2029, 1, 1, tzinfo=UTC),
    ) == {
        Requirement.PS_IDNAT_MISSING,
        Requirement.NAME_MISSING,
        Requirement.PROFESSION_MISSING,
        Requirement.SITUATION_MISSING,
        Requirement.WRONG_KEY,
        Requirement.OTHER_HOLDER,
        Requirement.TEST_CARD_IN_PRODUCTION,
        Requirement.TEST_PATIENT_IN_PRODUCTION,
        Requirement.CERTIFICATE_EXPIRED,
        Requirement.SOFTWARE_NAME_MISSING,
        Requirement.SOFTWARE_HOMOLOGATION_MISSING,
    }


def test_a_situation_is_chosen_by_the_user_and_is_on_the_card() -> None:
    assert reasons(doctor(CABINET, HOSPITAL)) == {Requirement.SITUATION_NOT_CHOSEN}
    assert reasons(doctor(CABINET, chosen=HOSPITAL)) == {Requirement.SITUATION_UNKNOWN}
    bare = replace(CABINET, sector=None, structure=None)
    assert reasons(doctor(bare)) == {Requirement.SECTOR_MISSING, Requirement.STRUCTURE_MISSING}


def test_the_certificate_is_held_against_the_clock() -> None:
    assert reasons(now=datetime(2025, 11, 2, 23, 59, 59, tzinfo=UTC)) == {
        Requirement.CERTIFICATE_NOT_YET_VALID
    }
    assert make(now=datetime(2025, 11, 3, tzinfo=UTC))
    assert make(now=datetime(2028, 11, 2, 23, 59, 59, tzinfo=UTC))
    assert reasons(now=datetime(2028, 11, 3, tzinfo=UTC)) == {Requirement.CERTIFICATE_EXPIRED}


def test_a_test_patient_stays_in_tests() -> None:
    demo = Matricule.parse(str(PATIENT), InsOid.DEMO)
    real = replace(authentication_of().certificate, is_test=False)
    production = {
        "signatory": replace(authentication_of(), certificate=real),
        "environment": Environment.PRODUCTION,
    }
    assert reasons(patient=demo, **production) == {Requirement.TEST_PATIENT_IN_PRODUCTION}


def test_another_persons_certificate_signs_nothing() -> None:
    assert reasons(signatory=authentication_of("infirmiere")) == {Requirement.OTHER_HOLDER}


def test_nobody_is_named_where_it_could_be_logged() -> None:
    made = make()
    with pytest.raises(AssertionRefused) as refused:
        make(doctor(CABINET, HOSPITAL))
    for shown in (repr(made), repr(authentication_of()), str(refused.value), repr(doctor())):
        assert not {
            name for name in ("JULES", "MEDECIN", "99700982178", "2790351") if name in shown
        }
    assert str(refused.value) == "the VIHF is refused: situation-not-chosen"
    assert clock() == NOW
