"""VIHFs signed by emulated cards, verified by xmlsec1 (chain included) and by signxml."""

from pathlib import Path

import pytest
from signxml.verifier import XMLVerifier
from tests.support import xmlsec
from tests.support.assertions import PATIENT, SOFTWARE
from tests.support.cps_cards import opened

from cardio.authentication import Requester, Signatory, vihf_assertion
from cardio.authentication.clock import utc_now
from cardio.cards.cps import CpsCard, choose_situation
from cardio.errors import CardKeyError, SecurityStatusNotSatisfied
from cardio.identity.environment import Environment
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin

KINDS = ("cps3", "cps4", "cps4-t0")
SIGNATORIES = {"authentication": Signatory.authentication_of, "signature": Signatory.signature_of}


def verified(kind: str) -> CpsCard:
    _, card = opened(kind)
    with Pin.of("1234") as pin:
        assert card.verify_pin(pin) == Verified()
    return card


@pytest.mark.parametrize("key", SIGNATORIES)
@pytest.mark.parametrize("kind", KINDS)
def test_either_key_of_every_card(kind: str, key: str, tmp_path: Path) -> None:
    card = verified(kind)
    made = vihf_assertion(
        Requester.of_card(card, choose_situation(card.situations(), structure="10B0309829")),
        SIGNATORIES[key](card),
        SOFTWARE,
        PATIENT,
        version="4.0",
        environment=Environment.TEST,
    )
    at = f"{utc_now():%Y-%m-%d %H:%M:%S}"
    assert xmlsec.verify(made.xml, tmp_path, at)
    assert not xmlsec.verify(made.xml.replace(b"10B0309829", b"10B0309837"), tmp_path, at)
    certificate = SIGNATORIES[key](card).certificate
    XMLVerifier().verify(made.xml, x509_cert=certificate.load(), id_attribute="ID")


def test_signing_costs_what_the_card_asks() -> None:
    """Reading aside: the authentication key in 4 exchanges at most, the signature key in 5."""
    for kind, key, most in (("cps3", "authentication", 4), ("cps3", "signature", 5)):
        wire, card = opened(kind)
        with Pin.of("1234") as pin:
            card.verify_pin(pin)
        requester = Requester.of_card(card, card.situations()[0])
        signatory = SIGNATORIES[key](card)
        before = len(wire.commands)
        vihf_assertion(
            requester, signatory, SOFTWARE, PATIENT, version="4.0", environment=Environment.TEST
        )
        assert len(wire.commands) - before <= most


def test_without_the_pin_there_is_no_requester() -> None:
    _, card = opened("cps3")
    with pytest.raises(SecurityStatusNotSatisfied):
        Requester.of_card(card)


def test_a_contactless_card_signs_no_assertion() -> None:
    _, card = opened("cps3-contactless")
    for signatory in SIGNATORIES.values():
        with pytest.raises(CardKeyError):
            signatory(card)
