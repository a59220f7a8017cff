"""The INSi on this machine, asked by emulated cards: who is this patient?

The service checks each assertion with signxml and with xmlsec1, chain included; the requests are
held against the schemas of its WSDL.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from lxml import etree
from tests.support import insi_service
from tests.support.assertions import BILLING_ID, NOW, SOFTWARE, authentication_of
from tests.support.cps_cards import opened
from tests.support.insi_service import KNOWN, WSDL, InsiService, Known
from zeep import Client
from zeep.transports import Transport

from cardio.authentication import (
    InsiAnswer,
    InsiOutcome,
    Requester,
    SecurityHeader,
    Signatory,
    SignedAssertion,
    SoapRequest,
    VitaleAssertion,
    VitaleBeneficiary,
    insi_assertion,
    search_by_traits,
    search_by_vitale,
)
from cardio.authentication.clock import utc_now
from cardio.authentication.saml import sign
from cardio.errors import TeleserviceFault
from cardio.identity.birth_date import BirthDate
from cardio.identity.environment import Environment
from cardio.identity.nir import Nir
from cardio.identity.status import IdentityStatus
from cardio.identity.traits import StrictTraits
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin

pytestmark = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")

ZOE = StrictTraits.typed(
    birth_name="ADRUN", given_names="ZOE", sex="F", birth_date="1975-12-31", birth_place="63220"
)


@dataclass
class Called:
    """The service, its address, and how to ask it."""

    service: InsiService
    url: str

    def post(self, request: SoapRequest) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        headers = {"Content-Type": request.content_type}
        return session.post(self.url, request.body, headers=headers, timeout=10)

    def ask(self, request: SoapRequest) -> InsiAnswer:
        return InsiAnswer.parse(self.post(request).content, Environment.TEST)


@pytest.fixture
def insi(tmp_path: Path) -> Iterator[Called]:
    service = InsiService(utc_now(), tmp_path)
    with insi_service.serving(service) as url:
        yield Called(service, url)


def assertion_of(kind: str = "cps3") -> SignedAssertion:
    """Signed by an emulated card, after its PIN."""
    _, card = opened(kind)
    with Pin.of("1234") as pin:
        assert card.verify_pin(pin) == Verified()
    return insi_assertion(
        Requester.of_card(card, card.situations()[0]),
        Signatory.signature_of(card),
        SOFTWARE,
        environment=Environment.TEST,
        billing_id=BILLING_ID,
    )


@pytest.fixture(scope="module")
def assertion() -> SignedAssertion:
    return assertion_of()


def traits_of(known: Known, given_name: str | None = None) -> StrictTraits:
    return StrictTraits.typed(
        birth_name=known.name,
        given_names=given_name or known.given_names,
        sex=known.sex,
        birth_date=known.born,
    )


@pytest.mark.parametrize("kind", ["cps3", "cps4", "cps4-t0"])
def test_every_kind_of_card_is_let_in(kind: str, insi: Called) -> None:
    answer = insi.ask(search_by_traits(assertion_of(kind), SOFTWARE, ZOE))
    assert answer.outcome is InsiOutcome.FOUND
    assert answer.person is not None
    assert str(answer.person.matricule) == "275126322074974"
    identity = answer.person.identity()
    assert identity.traits == replace(ZOE, first_given_name=None)
    assert identity.state.status is IdentityStatus.RETRIEVED
    assert identity.matricule == answer.person.matricule


@pytest.mark.parametrize("known", KNOWN, ids=lambda one: f"{one.name} {one.given_names}")
def test_the_published_identities(known: Known, insi: Called, assertion: SignedAssertion) -> None:
    person = insi.ask(search_by_traits(assertion, SOFTWARE, traits_of(known))).person
    assert person is not None
    assert str(person.matricule) == known.number + known.key
    assert person.matricule.number.has_valid_key
    assert tuple(str(one.matricule) for one in person.former) == tuple(
        number + key for number, key in known.former
    )
    assert (person.birth_name, person.given_names) == (known.name, known.given_names)
    assert str(person.birth_date) == known.born
    assert known.number not in repr(person)
    assert known.name not in repr(person)


def test_nobody_and_several(insi: Called, assertion: SignedAssertion) -> None:
    nobody = StrictTraits.typed(
        birth_name="TCHITCHI", given_names="OLA", sex="F", birth_date="1936-06-21"
    )
    answer = insi.ask(search_by_traits(assertion, SOFTWARE, nobody))
    assert answer == InsiAnswer(InsiOutcome.NOT_FOUND)
    several = StrictTraits.typed(
        birth_name="DE VINCI", given_names="LEONARDO", sex="M", birth_date="2014-02-01"
    )
    answer = insi.ask(search_by_traits(assertion, SOFTWARE, several))
    assert answer == InsiAnswer(InsiOutcome.SEVERAL)


@pytest.mark.parametrize("individual", [None, Nir("180032B02040123")])
def test_by_the_vitale(individual: Nir | None, insi: Called, assertion: SignedAssertion) -> None:
    insured = Nir("275126322074974") if individual else Nir("180032B02040123")
    beneficiary = VitaleBeneficiary(insured, individual, "CORSE", BirthDate(1980, 3, 2))
    vitale = VitaleAssertion(b'<v:Assertion xmlns:v="urn:stand-in:vitale"/>', utc_now())
    person = insi.ask(search_by_vitale(assertion, SOFTWARE, beneficiary, vitale)).person
    assert person is not None
    assert person.birth_name == "CORSE"
    assert b"urn:stand-in:vitale" in insi.service.seen[0]


def test_access_that_is_not_granted(insi: Called, assertion: SignedAssertion) -> None:
    insi.service.may_call = False
    with pytest.raises(TeleserviceFault) as failed:
        insi.ask(search_by_traits(assertion, SOFTWARE, ZOE))
    assert failed.value.service_code == "desir_560"
    assert failed.value.text == "Droits insuffisants."
    assert "access level insufficient" in str(failed.value)
    unknown = replace(SOFTWARE, idam="AUTRE")
    with pytest.raises(TeleserviceFault) as failed:
        insi.ask(search_by_traits(assertion, unknown, ZOE))
    assert failed.value.service_code == "desir_550"


def test_the_service_is_no_push_over(insi: Called, assertion: SignedAssertion) -> None:
    """What would be refused here had we not refused it ourselves."""
    request = search_by_traits(assertion, SOFTWARE, ZOE)
    for changed in (
        replace(request, body=request.body.replace(b"SA07", b"SA08")),
        replace(request, body=request.body.replace(b"SAML:2.0:assertion", b"SAML:9:assertion")),
    ):
        with pytest.raises(TeleserviceFault) as failed:
            insi.ask(changed)
        assert failed.value.service_code == "desir_500"
    insi.service.now = utc_now().replace(year=2027)
    with pytest.raises(TeleserviceFault, match="desir_500"):
        insi.ask(request)
    assert insi.service.seen == []


def schemas() -> dict[str, etree.XMLSchema]:
    """Those of the WSDL, by the namespace they are for."""
    found = etree.parse(WSDL).iterfind(".//{http://www.w3.org/2001/XMLSchema}schema")
    return {one.get("targetNamespace", ""): etree.XMLSchema(one) for one in found}


def test_our_requests_are_as_the_wsdl_wants_them(assertion: SignedAssertion) -> None:
    operations = Client(str(WSDL)).service._binding._operations
    vitale = VitaleAssertion(b'<v:Assertion xmlns:v="urn:stand-in:vitale"/>', utc_now())
    insured, child = Nir("275126322074974"), Nir("180032B02040123")
    beneficiary = VitaleBeneficiary(insured, child, "ADRUN", BirthDate(1975, 12, 31))
    known = schemas()
    for name, request in {
        "rechercherInsAvecTraitsIdentite": search_by_traits(assertion, SOFTWARE, ZOE),
        "rechercherInsAvecCarteVitale": search_by_vitale(assertion, SOFTWARE, beneficiary, vitale),
    }.items():
        assert operations[name].soapaction == request.action
        parts = etree.fromstring(request.body).iterfind("{*}*/*")
        spaces = {str(etree.QName(part).namespace): part for part in parts}
        assert len(spaces.keys() & known.keys()) == 4
        for namespace in spaces.keys() & known.keys():
            known[namespace].assertValid(spaces[namespace])


def test_a_zeep_client_shows_the_assertion(insi: Called, assertion: SignedAssertion) -> None:
    session = requests.Session()
    session.trust_env = False
    client = Client(
        str(WSDL), transport=Transport(session=session), wsse=SecurityHeader((assertion.xml,))
    )
    service = client.create_service("{http://www.cnamts.fr/webservice}ICIRServiceBinding", insi.url)
    contexts = {
        "lps": {"Version": "01_00", "Id": "1", "Temps": NOW, "LPS": {"IDAM": SOFTWARE.idam}},
        "bam": {"Version": "01_02", "Id": "1", "Temps": NOW, "COUVERTURE": {}},
        "id": "uuid:1",
    }
    answer = service.rechercherInsAvecTraitsIdentite(
        NomNaissance="ADRUN", Prenom=["ZOE"], Sexe="F", DateNaissance="1975-12-31",
        _soapheaders=contexts,
    )  # fmt: skip
    found = getattr(answer, "body", answer)
    assert found.INDIVIDU.INSACTIF.IdIndividu.NumIdentifiant == "2751263220749"


def test_the_service_refuses_the_authentication_key(insi: Called) -> None:
    """cardio refuses first: this goes around it."""
    from cardio.authentication.saml import Draft, Window

    now = utc_now()
    draft = Draft(
        "899700982178", now, (), "CPS", Window(now.replace(microsecond=0), now.replace(year=2028))
    )
    signed = sign(draft, authentication_of(), Environment.TEST)
    with pytest.raises(TeleserviceFault) as failed:
        insi.ask(search_by_traits(signed, SOFTWARE, ZOE))
    assert failed.value.text == "not the signature key"
