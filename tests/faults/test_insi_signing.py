"""An INSi assertion of an emulated card, with every fault at every APDU of it.

Either an assertion that verifies, or a typed error and nothing: no half of one, nobody else's, and
the PIN is presented once at most.
"""

from base64 import b64decode
from dataclasses import dataclass

import pytest
from cryptography import x509
from lxml import etree
from signxml.verifier import XMLVerifier
from tests.faults.test_flows import FAULTS, READER
from tests.support.assertions import BILLING_ID, SOFTWARE

from cardio.authentication import (
    Requester,
    Requirement,
    Signatory,
    SignedAssertion,
    insi_assertion,
)
from cardio.cards.cps import CpsCard, choose_situation
from cardio.errors import AssertionRefused, CardioError
from cardio.identity.environment import Environment
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import Fault, FaultyCard
from cardio_emulator.kinds import make


@dataclass
class Signing:
    """What came of it, and between which APDUs of the card."""

    told: SignedAssertion | CardioError
    start: int
    end: int


def assertion_of(card: CpsCard) -> SignedAssertion:
    return insi_assertion(
        Requester.of_card(card, choose_situation(card.situations(), number=1)),
        Signatory.signature_of(card),
        SOFTWARE,
        environment=Environment.TEST,
        billing_id=BILLING_ID,
    )


def run(card: Card, *faults: Fault) -> Signing:
    faulty, bench = FaultyCard(card, *faults), Bench([READER])
    bench.reader(READER).insert(faulty)
    with Workstation(EmulatedResourceManager(bench)) as workstation, Pin.of("1234") as pin:
        cps = workstation.cps()
        assert cps.verify_pin(pin) == Verified()
        start = faulty.count
        try:
            return Signing(assertion_of(cps), start, faulty.count)
        except CardioError as error:
            return Signing(error, start, faulty.count)


def certificate_of(made: SignedAssertion) -> x509.Certificate:
    encoded = etree.fromstring(made.xml).findtext(".//{*}X509Certificate", "")
    return x509.load_der_x509_certificate(b64decode(encoded))


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_at_every_apdu(fault: str) -> None:
    card = make("cps3")
    right = run(card)
    assert isinstance(right.told, SignedAssertion)
    certificate = certificate_of(right.told)
    for at in range(right.start, right.end):
        told = run(card, FAULTS[fault](at)).told
        assert card.pins[1].tries_left == 3
        if isinstance(told, SignedAssertion):
            XMLVerifier().verify(told.xml, id_attribute="ID", x509_cert=certificate)
            assert told.name_id == right.told.name_id
            assert b">SA07<" in told.xml
        else:
            assert not {"JULES", "MEDECIN"} & set(str(told).split())
    assert isinstance(run(card).told, SignedAssertion), "the card is no longer usable"


def test_the_only_situation_left_of_two_is_not_taken_unasked() -> None:
    """The second cannot be read: which of them the user works in is not known."""
    bench = Bench([READER])
    bench.reader(READER).insert(make("cps3"))
    with Workstation(EmulatedResourceManager(bench)) as workstation, Pin.of("1234") as pin:
        cps = workstation.cps()
        cps.verify_pin(pin)
        both = Requester.of_card(cps)
        assert both.situation is None
        assert Requester(both.holder, both.situations[:1]).situation is both.situations[0]
        unsure = Requester(both.holder, both.situations[:1], knows_all=False)
        assert unsure.situation is None
        with pytest.raises(AssertionRefused) as refused:
            insi_assertion(
                unsure,
                Signatory.signature_of(cps),
                SOFTWARE,
                environment=Environment.TEST,
                billing_id=BILLING_ID,
            )
        assert refused.value.reasons == (Requirement.SITUATION_NOT_CHOSEN,)
