"""The card-verifiable certificates of a Vitale 2: tags 7F21, 5F37, 5F38 (facts: vitale.md §2.6).

Signed with message recovery (ISO/IEC 9796-2, digital signature scheme 1): most of the message is
inside the signature, and the authority's public key, which nobody has published, is what opens it.
Without it only the two parts and their sizes are known.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from cardio.errors import CertificateError
from cardio.iso7816.tlv import Tlv

CERTIFICATE, SIGNATURE, REMAINDER = 0x7F21, 0x5F37, 0x5F38

_PARTIAL_RECOVERY = 0x6A
"""Bits 01, more data to follow, no padding (ISO/IEC 9796-2 §8)."""
_IMPLICIT_HASH = b"\xbc"
_EXPLICIT_HASH = 0xCC
_HASHES = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
"""The byte before CC (ISO/IEC 10118-3)."""


@dataclass(frozen=True, slots=True)
class OpenedCertificate:
    """What the authority's key shows. `is_genuine`: the hash inside is that of the message."""

    message: bytes = field(repr=False)
    recovered: bytes = field(repr=False)
    hash_name: str
    is_genuine: bool


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """A certificate as the card gives it; a part that is not there is None.

    `others` are the data objects beside the two parts. The message is their whole, and so not
    known without `opened_with`.
    """

    signature: bytes | None = field(repr=False)
    remainder: bytes | None = field(repr=False)
    others: tuple[Tlv, ...] = ()

    @property
    def authority_key_bits(self) -> int | None:
        """Size of the authority's RSA modulus: that of the signature, in whole bytes."""
        return None if self.signature is None else 8 * len(self.signature)

    def opened_with(self, authority: RSAPublicKey, *, implicit: str = "sha1") -> OpenedCertificate:
        """Recover the message with the public key of whoever signed it.

        `implicit` is the hash function meant by the trailer BC, which does not name one. Raises
        `CertificateError` when the key does not open a signature of scheme 1.
        """
        if self.signature is None:
            raise CertificateError("the certificate has no signature")
        inside = _opened(self.signature, authority)
        content, hash_name = _without_trailer(inside, implicit)
        size = hashlib.new(hash_name, usedforsecurity=False).digest_size
        if content[:1] != bytes((_PARTIAL_RECOVERY,)) or len(content) <= size:
            raise CertificateError("the key does not open the signature: no header 6A")
        recovered, digest = content[1:-size], content[-size:]
        message = recovered + (self.remainder or b"")
        found = hashlib.new(hash_name, message, usedforsecurity=False).digest()
        return OpenedCertificate(message, recovered, hash_name, found == digest)


def decode_certificates(templates: Iterable[Tlv]) -> Iterator[CvCertificate]:
    """Each certificate among the data objects of a file."""
    for node in templates:
        if node.tag == CERTIFICATE:
            parts = (SIGNATURE, REMAINDER)
            others = tuple(child for child in node.children if child.tag not in parts)
            yield CvCertificate(node.get(SIGNATURE), node.get(REMAINDER), others)


def _opened(signature: bytes, authority: RSAPublicKey) -> bytes:
    numbers = authority.public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != size or value >= numbers.n:
        raise CertificateError("the signature is not of the key's size")
    return pow(value, numbers.e, numbers.n).to_bytes(size, "big")


def _without_trailer(inside: bytes, implicit: str) -> tuple[bytes, str]:
    if inside.endswith(_IMPLICIT_HASH):
        return inside[:-1], implicit
    if inside[-1] == _EXPLICIT_HASH and (name := _HASHES.get(inside[-2])):
        return inside[:-2], name
    raise CertificateError("the key does not open the signature: no trailer BC or CC")
