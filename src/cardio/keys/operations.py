"""The seam below `CardPrivateKey`: whatever holds a private key and can be asked to use it."""

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate

from cardio.keys import encoding
from cardio.keys.abilities import KeyAbilities, Padding


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What is to be signed: a message, or its hash, or (`hash_name` None) bare bytes.

    `salt_size` is that of PSS, in bytes. Take the form that the signer below wants: `data` and
    `is_hashed`, `digest`, `digest_info`, or the whole padded `block`.
    """

    padding: Padding
    hash_name: str | None
    data: bytes = field(repr=False)
    is_hashed: bool = False
    salt_size: int = 0

    @property
    def digest(self) -> bytes:
        """The hash; bare bytes are given as they are."""
        if self.hash_name is None or self.is_hashed:
            return self.data
        return hashlib.new(self.hash_name, self.data, usedforsecurity=False).digest()

    @property
    def digest_info(self) -> bytes:
        """What PKCS#1 v1.5 pads: the hash and its name, or the bare bytes (RFC 8017 §9.2)."""
        return encoding.digest_info(self.hash_name, self.digest) if self.hash_name else self.data

    def block(self, modulus_bits: int) -> bytes:
        """The block for the bare private operation, as long as the modulus."""
        if self.padding is Padding.PSS and self.hash_name:
            return encoding.emsa_pss(self.hash_name, self.digest, self.salt_size, modulus_bits)
        return encoding.emsa_pkcs1(self.digest_info, modulus_bits)


@dataclass(frozen=True, slots=True)
class DecipheringRequest:
    """A cryptogram as long as the modulus, and how its message was padded.

    `hash_name`, `mgf_hash_name` and `label` are those of OAEP.
    """

    padding: Padding
    cryptogram: bytes = field(repr=False)
    hash_name: str = ""
    mgf_hash_name: str = ""
    label: bytes = b""

    def message(self, block: bytes) -> bytes:
        """What a block from the bare private operation holds. Raises `DecryptionFailed`."""
        if self.padding is Padding.OAEP:
            return encoding.eme_oaep_message(block, self.hash_name, self.mgf_hash_name, self.label)
        return encoding.eme_pkcs1_message(block)


class KeyOperations(Protocol):
    """One private key below `CardPrivateKey`, which asks only for what `abilities` has.

    Each call is one transaction with the card and spends no PIN try. All raise
    `TransportError`, `SecurityStatusNotSatisfied`, `PinStateLost`, `PinNotVerified`, and
    `CardError`s.
    """

    @property
    def reader(self) -> str:
        """Name of the reader."""
        ...

    @property
    def abilities(self) -> KeyAbilities: ...

    @property
    def modulus_bits(self) -> int:
        """Size of the modulus, known without asking the card."""
        ...

    def certificate(self) -> Certificate:
        """The key's certificate, read once. Raises `CertificateMissing`, `CertificateError`."""
        ...

    def known_public_key(self) -> RSAPublicKey | None:
        """That of the certificate, where it was read before; nothing is read for it."""
        ...

    def sign(self, request: SigningRequest) -> bytes:
        """The signature, as long as the modulus, unverified.

        Raises `KeyMissing` where the key is not.
        """
        ...

    def decipher(self, request: DecipheringRequest) -> bytes:
        """The message, its padding off. Raises `DecryptionFailed`, and as `sign`."""
        ...
