"""RSA signatures of others, checked: which ways of signing count, and does this one fit?"""

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cardio.cards.cps.certificate import CpsCertificate
from cardio.errors import CertificateError, SignatureDamaged, UnsupportedSignature

HashFunction: TypeAlias = hashes.SHA256 | hashes.SHA384 | hashes.SHA512

HASHES: dict[str, HashFunction] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""What counts, by the names of `hashlib`; SHA-1 and MD5 do not."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """RSA with a hash of `HASHES`: PKCS#1 v1.5, or PSS with a salt of `salt_size` bytes."""

    hash_name: str
    salt_size: int | None = None

    def __str__(self) -> str:
        name = f"SHA-{self.hash_name.removeprefix('sha')}"
        return f"RSA {name}" if self.salt_size is None else f"RSA-PSS {name}"

    @property
    def padding(self) -> padding.AsymmetricPadding:
        if self.salt_size is None:
            return padding.PKCS1v15()
        return padding.PSS(padding.MGF1(HASHES[self.hash_name]), self.salt_size)

    def digest(self, content: bytes) -> bytes:
        return hashlib.new(self.hash_name, content).digest()


def public_key_of(certificate: CpsCertificate) -> rsa.RSAPublicKey:
    """Raises `SignatureDamaged` for a damaged certificate, `UnsupportedSignature` if not RSA."""
    try:
        key = certificate.load().public_key()
    except (CertificateError, ValueError, UnsupportedAlgorithm):
        raise SignatureDamaged("the signer's certificate cannot be read") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise UnsupportedSignature("the signer's key is no RSA key")
    return key


def signer(raw: bytes) -> CpsCertificate:
    """The signer's certificate from DER. Raises `SignatureDamaged`."""
    try:
        return CpsCertificate.decode(raw)
    except CertificateError:
        raise SignatureDamaged("the signer's certificate cannot be read") from None


def require_signature(
    certificate: CpsCertificate, signature: bytes, message: bytes, algorithm: Algorithm
) -> None:
    """Raises `SignatureDamaged` unless the certificate's key made this signature of this."""
    key = public_key_of(certificate)
    try:
        key.verify(signature, message, algorithm.padding, HASHES[algorithm.hash_name])
    except (InvalidSignature, ValueError):
        raise SignatureDamaged("the signature is not of the signer's key") from None
