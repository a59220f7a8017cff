"""Which servers the card's certificate is sent to."""

import pytest
from sslcontext import CertificateRequest
from tests.support import trust

from cardio.authentication.tls_identity import TlsIdentity
from cardio.authentication.tls_request import refusal
from cardio.cards.cps.certificate import CertificateUsage
from cardio.errors import TlsNotPossible, TlsWrongAuthority
from cardio_emulator.certificates import Credential


def identity(
    issuer: Credential | None = None, *, supports_pss: bool = True, chain: bool = False
) -> TlsIdentity:
    issuer = issuer or trust.persons()
    card = trust.card(trust.AUTHENTICATION, issuer)
    above = (issuer.certificate,) if chain else ()
    return TlsIdentity(trust.key("card 2048"), card, above, supports_pss)


def request(
    *authorities: Credential,
    key_types: frozenset[str] = frozenset({"rsa", "ec"}),
    pss: bool = False,
) -> CertificateRequest:
    names = [one.certificate.subject for one in authorities]
    return CertificateRequest(
        "localhost",
        tuple(name.rfc4514_string() for name in names),
        tuple(name.public_bytes() for name in names),
        key_types,
        pss,
        "TLSv1.3" if pss else "TLSv1.2",
    )


OTHER = trust.authority("AC AILLEURS", unit="AILLEURS")
REAL = trust.authority("AC IGC-SANTE FORT PERSONNES", unit="IGC-SANTE", label="real")
REAL_ROOT = trust.authority("AC RACINE IGC-SANTE FORT", unit="IGC-SANTE", label="real root")
OTHER_RANGE = trust.authority("TEST AC RACINE IGC-SANTE STANDARD", label="other range")
PRIVATE = trust.authority("AC DU LABO", unit="LABO")
BELOW_PRIVATE = trust.authority("AC DU LABO 2", PRIVATE, unit="LABO")


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request(trust.persons()),
        request(trust.root()),
        request(OTHER, trust.root()),
        request(pss=True),
    ],
)
def test_sent(asked: CertificateRequest) -> None:
    assert refusal(identity(), asked) is None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (request(OTHER), "of AC AILLEURS, not of TEST AC IGC-SANTE FORT PERSONNES"),
        (request(OTHER_RANGE), "of TEST AC RACINE IGC-SANTE STANDARD, not of"),
        (request(REAL), "this is a test card, and the server takes real ones only"),
        (request(OTHER, REAL_ROOT), "this is a test card"),
    ],
)
def test_of_other_authorities(asked: CertificateRequest, message: str) -> None:
    told = refusal(identity(), asked)
    assert isinstance(told, TlsWrongAuthority)
    assert message in str(told)


def test_a_real_card_at_a_server_for_test_cards() -> None:
    told = refusal(identity(REAL), request(trust.root()))
    assert isinstance(told, TlsWrongAuthority)
    assert "this is a real card, and the server takes test ones only" in str(told)
    assert refusal(identity(REAL), request(REAL_ROOT)) is None


def test_a_root_outside_igc_sante_is_known_by_the_chain_only() -> None:
    asked = request(PRIVATE)
    assert refusal(identity(BELOW_PRIVATE, chain=True), asked) is None
    assert isinstance(refusal(identity(BELOW_PRIVATE), asked), TlsWrongAuthority)


def test_what_the_card_cannot_sign() -> None:
    assert isinstance(refusal(identity(supports_pss=False), request(pss=True)), TlsNotPossible)
    only_ec = request(key_types=frozenset({"ec"}))
    assert isinstance(refusal(identity(), only_ec), TlsNotPossible)


def test_nothing_of_the_holder_is_in_the_repr() -> None:
    assert trust.decode(identity().certificate).usage is CertificateUsage.AUTHENTICATION
    assert "899700000017" not in repr(identity())
