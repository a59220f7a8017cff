"""`CardPrivateKey`: a private key that stays in its card, as `cryptography` wants one."""

import secrets
from datetime import UTC, datetime
from typing import Any, NoReturn, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding as paddings
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import Certificate

from cardio.errors import (
    CertificateError,
    CertificateExpired,
    CertificateMissing,
    KeyMismatch,
    KeyNotExportable,
    WrongSignature,
)
from cardio.keys import asked
from cardio.keys.abilities import KeyAbilities, KeyRole
from cardio.keys.limits import require_deciphering, require_signing
from cardio.keys.operations import KeyOperations

_PROOF = b"cardio asks whether this key belongs to its certificate; nothing is agreed to. "


class CardPrivateKey(rsa.RSAPrivateKey):
    """One key of a card, wherever `cryptography` takes a private key.

    It signs and deciphers what `abilities` says; anything else raises `KeyMisuse`, which is a
    `ValueError` as well and says what to use instead, before the card is asked. What goes wrong
    with the card is raised as everywhere in cardio. Signing reads no certificate; once it was
    read, by whatever, each signature is verified with it before it is given.
    """

    def __init__(self, operations: KeyOperations, *, allows_sha1: bool = False) -> None:
        self._operations = operations
        self._allows_sha1 = allows_sha1

    @property
    def abilities(self) -> KeyAbilities:
        """What the key can do."""
        return self._operations.abilities

    @property
    def role(self) -> KeyRole:
        """What the key is for."""
        return self.abilities.role

    @property
    def key_size(self) -> int:
        """Bits of the modulus; no certificate is read for it."""
        return self._operations.modulus_bits

    @property
    def certificate(self) -> Certificate:
        """The key's certificate, read at its first use.

        Raises `CertificateMissing`, `CertificateError`, `TransportError`.
        """
        return self._operations.certificate()

    def public_key(self) -> rsa.RSAPublicKey:
        """The key in the certificate. Raises as `certificate`."""
        try:
            public = self.certificate.public_key()
        except (ValueError, UnsupportedAlgorithm):
            raise CertificateError("the public key in the certificate cannot be read") from None
        if not isinstance(public, rsa.RSAPublicKey):
            raise CertificateMissing("the certificate of this key holds no RSA key")
        return public

    def sign(
        self,
        data: bytes,
        padding: AsymmetricPadding,
        algorithm: Prehashed | hashes.HashAlgorithm | Any,  # noqa: ANN401
    ) -> bytes:
        """Sign a message, a `Prehashed` hash or, with `NoDigestInfo`, bare bytes.

        Raises `KeyMisuse`; `KeyMissing` where the card has not the key; and from the card
        `TransportError`, `SecurityStatusNotSatisfied` (give the PIN first), `PinStateLost`,
        `PinNotVerified`, `CardError`; and `WrongSignature` where the certificate is known and the
        signature does not fit it: nobody else may see that one. No PIN try is spent.
        """
        request = asked.signing(data, padding, algorithm, self.key_size)
        require_signing(self.abilities, request, self.key_size, allows_sha1=self._allows_sha1)
        signature = self._operations.sign(request)
        if public := self._operations.known_public_key():
            try:
                public.verify(signature, request.data, padding, algorithm)
            except InvalidSignature:
                message = f"the signature of the {self.role.value} key does not fit its certificate"
                raise WrongSignature(message).at(self._operations.reader) from None
        return signature

    def decrypt(self, ciphertext: bytes, padding: AsymmetricPadding) -> bytes:
        """Decipher a message encrypted for this key.

        Raises `KeyMisuse`, `DecryptionFailed` (both are `ValueError`s), and as `sign`.
        """
        request = asked.deciphering(ciphertext, padding)
        require_deciphering(self.abilities, request, self.key_size)
        return self._operations.decipher(request)

    def allowing_sha1(self) -> Self:
        """The same key for an old partner that knows nothing better; use it for nothing else."""
        return type(self)(self._operations, allows_sha1=True)

    def check(self, at: datetime | None = None) -> None:
        """Make sure of the key before its first use: sign once, verify with the certificate.

        Raises `CertificateExpired` unless the certificate is valid `at` (now), before anything
        is signed; `KeyMismatch` where a second signature is wrong as well; and as `certificate`
        and `sign`. What is signed is a fresh text that says so; a signature key signs it as any
        other.
        """
        self.check_validity(at)
        self.public_key()
        if not (self._proves_itself() or self._proves_itself()):
            message = "the certificate does not belong to the key"
            raise KeyMismatch(message).at(self._operations.reader)

    def check_validity(self, at: datetime | None = None) -> None:
        """As `check`, of the certificate's dates only. `at` has a time zone."""
        now, certificate = at or datetime.now(UTC), self.certificate
        first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if now > last:
            raise CertificateExpired(f"the certificate expired on {last:%Y-%m-%d}")
        if now < first:
            raise CertificateExpired(f"the certificate is not valid before {first:%Y-%m-%d}")

    def _proves_itself(self) -> bool:
        """Whether the signature of a fresh text fits the certificate, which was read."""
        try:
            self.sign(_PROOF + secrets.token_bytes(32), paddings.PKCS1v15(), hashes.SHA256())
        except WrongSignature:
            return False
        return True

    def private_numbers(self) -> NoReturn:
        """Raises `KeyNotExportable`."""
        raise KeyNotExportable("the private numbers of a card's key cannot be had")

    def private_bytes(
        self,
        encoding: object,  # noqa: ARG002
        format: object,  # noqa: A002, ARG002
        encryption_algorithm: object,  # noqa: ARG002
    ) -> NoReturn:
        """Raises `KeyNotExportable`."""
        raise KeyNotExportable("a card's private key cannot be serialised")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise KeyNotExportable("a card's private key cannot be pickled")

    def __repr__(self) -> str:
        return f"<CardPrivateKey {self.role.value}, {self.key_size} bits>"
