"""What every signature of a file asks of its key and certificate, before and after it is made."""

from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import Certificate

from cardio.errors import CertificateExpired, CertificateMissing, KeyMismatch, SignatureError
from cardio.keys.private_key import CardPrivateKey


def certificate_of(key: rsa.RSAPrivateKey, given: Certificate | None = None) -> Certificate:
    """The certificate to sign under: the one given, or that of a card's key; valid now.

    Raises `CertificateMissing`, `CertificateExpired`, and as `CardPrivateKey.certificate`.
    """
    if given is not None:
        certificate = given
    elif isinstance(key, CardPrivateKey):
        certificate = key.certificate
    else:
        raise CertificateMissing("a key that is on no card needs its certificate given")
    _require_valid(certificate)
    return certificate


def _require_valid(certificate: Certificate) -> None:
    """A signature under an expired certificate would be worth nothing to anybody."""
    now = datetime.now(UTC)
    if now > (end := certificate.not_valid_after_utc):
        raise CertificateExpired(f"the certificate expired on {end:%Y-%m-%d}")
    if now < (start := certificate.not_valid_before_utc):
        raise CertificateExpired(f"the certificate is not valid before {start:%Y-%m-%d}")


def require_fit(verify: Callable[[], object]) -> None:
    """Hold a signature just made against its certificate, as every receiver will.

    Raises `KeyMismatch` where `verify` raises a `SignatureError`.
    """
    try:
        verify()
    except SignatureError:
        raise KeyMismatch("the signature made is not of the certificate's key") from None
