"""How RSA pads: EMSA-PKCS1-v1_5, EMSA-PSS, EME-PKCS1-v1_5, EME-OAEP (RFC 8017 §7, §9).

For cards that do the bare private operation and leave the padding to the host (facts: cps.md
§7). Python has no constant-time arithmetic: the decoders look at every byte, whatever it is,
and fail in one way for every reason. See docs/decisions/0009-keys.md.
"""

import hashlib
import secrets
from hmac import compare_digest
from itertools import count

from cardio.errors import DecryptionFailed, KeyMisuse

_DIGEST_INFO = {
    "sha1": bytes.fromhex("3021300906052B0E03021A05000414"),
    "sha256": bytes.fromhex("3031300D060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300D060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300D060960864801650304020305000440"),
}
"""DER before the hash (RFC 8017 §9.2 note 1)."""

_TRAILER = b"\xbc"
_PSS_ZEROS = bytes(8)
_MIN_FILLING = 8
"""Bytes of filling in a PKCS#1 v1.5 block (RFC 8017 §7.2.1)."""


def digest_info(hash_name: str, digest: bytes) -> bytes:
    """The hash and its name in DER."""
    return _DIGEST_INFO[hash_name] + digest


def emsa_pkcs1(content: bytes, modulus_bits: int) -> bytes:
    """A DigestInfo, padded to the size of the modulus (RFC 8017 §9.2)."""
    return b"\x00\x01" + b"\xff" * (_size(modulus_bits) - len(content) - 3) + b"\x00" + content


def emsa_pss(hash_name: str, digest: bytes, salt_size: int, modulus_bits: int) -> bytes:
    """A hash, padded with a fresh salt (RFC 8017 §9.1.1). Raises `KeyMisuse`: salt too long."""
    bits = modulus_bits - 1
    size = _size(bits)
    filling = size - len(digest) - salt_size - 2
    if filling < 0:
        raise KeyMisuse(f"a salt of {salt_size} bytes is too long for this key and hash")
    salt = secrets.token_bytes(salt_size)
    hashed = _hash(hash_name, _PSS_ZEROS + digest + salt)
    mask = _mgf1(hash_name, hashed, size - len(hashed) - 1)
    masked = bytearray(_xor(bytes(filling) + b"\x01" + salt, mask))
    masked[0] &= 0xFF >> (8 * size - bits)
    return (bytes(masked) + hashed + _TRAILER).rjust(_size(modulus_bits), b"\x00")


def eme_pkcs1_message(block: bytes) -> bytes:
    """The message in a PKCS#1 v1.5 block (RFC 8017 §7.2.2). Raises `DecryptionFailed`."""
    separator, is_open = 0, 1
    for index, octet in enumerate(block[2:], start=2):
        found = is_open & (octet == 0)
        separator += found * index
        is_open &= 1 - found
    is_wrong = (block[0] != 0) | (block[1] != 2) | (separator < 2 + _MIN_FILLING)
    if is_wrong:
        raise _failed()
    return block[separator + 1 :]


def eme_oaep_message(block: bytes, hash_name: str, mgf_hash_name: str, label: bytes) -> bytes:
    """The message in an OAEP block (RFC 8017 §7.1.2). Raises `DecryptionFailed`."""
    expected = _hash(hash_name, label)
    size = len(expected)
    if len(block) < 2 * size + 2:
        raise _failed()
    masked_seed, masked = block[1 : 1 + size], block[1 + size :]
    seed = _xor(masked_seed, _mgf1(mgf_hash_name, masked, size))
    content = _xor(masked, _mgf1(mgf_hash_name, seed, len(masked)))
    separator, is_wrong = 0, int(block[0] != 0)
    is_open = 1
    for index, octet in enumerate(content[size:], start=size):
        found = is_open & (octet == 1)
        separator += found * index
        is_wrong |= is_open & (octet > 1)
        is_open &= 1 - found
    is_wrong |= is_open | (not compare_digest(content[:size], expected))
    if is_wrong:
        raise _failed()
    return content[separator + 1 :]


def _failed() -> DecryptionFailed:
    return DecryptionFailed("the message cannot be deciphered")


def _mgf1(hash_name: str, seed: bytes, size: int) -> bytes:
    """RFC 8017 appendix B.2.1."""
    mask = b""
    for number in count():
        if len(mask) >= size:
            break
        mask += _hash(hash_name, seed + number.to_bytes(4, "big"))
    return mask[:size]


def _hash(hash_name: str, data: bytes) -> bytes:
    return hashlib.new(hash_name, data, usedforsecurity=False).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _size(bits: int) -> int:
    return -(-bits // 8)
