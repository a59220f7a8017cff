"""A key and its certificate: what an assertion is signed with."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from cardio.cards.cps.certificate import CpsCertificate
from cardio.errors import CertificateMissing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from cardio.cards.cps.card import CpsCard


@dataclass(frozen=True, slots=True)
class Signatory:
    """Any RSA private key, on a card or not, with the certificate of a CPS."""

    key: "rsa.RSAPrivateKey" = field(repr=False)
    certificate: CpsCertificate

    @classmethod
    def signature_of(cls, card: "CpsCard") -> Self:
        """The card's signature key. Raises `CertificateMissing`, and as `card.keys.signature`."""
        return cls(card.keys.signature, _present(card.signature_certificate, "signature"))

    @classmethod
    def authentication_of(cls, card: "CpsCard") -> Self:
        """The card's authentication key. Raises as `signature_of`."""
        certificate = _present(card.authentication_certificate, "authentication")
        return cls(card.keys.authentication, certificate)


def _present(certificate: CpsCertificate | None, usage: str) -> CpsCertificate:
    if certificate is None:
        raise CertificateMissing(f"the card shows no {usage} certificate")
    return certificate
