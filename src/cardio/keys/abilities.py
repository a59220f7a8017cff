"""What a private key in a card is for, and what it can do: data, no I/O."""

from dataclasses import dataclass
from enum import Enum

_EVERY_BIT = 100
_PKCS1_OVERHEAD = 11
"""Bytes that PKCS#1 v1.5 adds at least (RFC 8017 §9.2)."""


class KeyRole(Enum):
    """What a key is for (facts: cps.md §2.4). TECHNICAL: contactless, says nobody's name."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"
    TECHNICAL = "technical"


class Padding(Enum):
    """Ways to pad, by the names of RFC 8017."""

    PKCS1 = "PKCS#1 v1.5"
    PSS = "PSS"
    OAEP = "OAEP"


SHA1 = "sha1"
MODERN_HASHES = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class KeyAbilities:
    """What one key signs and deciphers, if its card is asked in the right way.

    `hashes` are those it signs without being told to, by the names of `hashlib`; SHA-1 has to be
    asked for. `any_salt`: PSS salts of any length, else as long as the hash. `signs_bare`:
    bytes that are no hash, as they are. `input_share`: how much of the modulus the bytes to be
    padded may fill, in percent.
    """

    role: KeyRole
    paddings: frozenset[Padding] = frozenset({Padding.PKCS1})
    hashes: frozenset[str] = MODERN_HASHES
    any_salt: bool = False
    signs_bare: bool = False
    input_share: int = _EVERY_BIT
    deciphers: frozenset[Padding] = frozenset()

    def input_limit(self, modulus_bits: int) -> int:
        """Most bytes that PKCS#1 v1.5 may have to pad: a DigestInfo, or bare bytes."""
        size = modulus_bits // 8
        return min(size * self.input_share // 100, size - _PKCS1_OVERHEAD)
