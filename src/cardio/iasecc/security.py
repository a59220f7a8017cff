"""Builders of the commands that use a card's private keys (ISO/IEC 7816-8).

The templates and tags are those of facts: iasecc_opensc.md §1.9, §3 and cps.md §7. Commands
longer than 255 bytes are chained by the transport; Le is taken off where T=0 wants none.
"""

from cardio.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardio.iso7816.tlv import Tlv

_MANAGE, _PERFORM, _INTERNAL_AUTHENTICATE = 0x22, 0x2A, 0x88
_SET, _SET_CHIPDOC_SIGNATURE = 0x41, 0x81

_AUTHENTICATION, _HASH, _SIGNATURE, _CONFIDENTIALITY = 0xA4, 0xAA, 0xB6, 0xB8
"""Control reference templates (ISO/IEC 7816-4 §10.4.3)."""
_ALGORITHM, _PUBLIC_KEY, _PRIVATE_KEY = 0x80, 0x83, 0x84
_CHIPDOC_ALGORITHM_AND_KEY = 0x91

_INTERMEDIATE, _LAST_BLOCK = 0x90, 0x80
_COUNTER_SIZE = 8
_PADDED_CRYPTOGRAM = b"\x81"
"""Padding indicator of a CPS3 (facts: iasecc_opensc.md §1.9)."""

AUTHENTICATION_PKCS1 = 0x02
HASH_SHA256 = 0x40
SIGN_SHA1, SIGN_SHA256 = 0x12, 0x42
DECIPHER_PKCS1 = 0x1A
"""Algorithm octets of a CPS3 (facts: cps.md §7)."""

CHIPDOC_SHA1, CHIPDOC_SHA256 = 0x0A, 0x28
CHIPDOC_SHA1_PSS, CHIPDOC_SHA256_PSS = 0x15, 0x2C
"""Algorithm octets of a CPS4 (facts: cps.md §7)."""
_HASH_IS_GIVEN = 0x80


def choose_authentication_key(key: int) -> CommandApdu:
    """MSE SET for INTERNAL AUTHENTICATE; `key` is the reference with its local bit, as 0x82."""
    return _manage(_AUTHENTICATION, AUTHENTICATION_PKCS1, key)


def choose_signature_key(key: int, algorithm: int) -> CommandApdu:
    """MSE SET for PSO CDS."""
    return _manage(_SIGNATURE, algorithm, key)


def choose_deciphering_key(key: int) -> CommandApdu:
    """MSE SET for PSO DECIPHER, the card taking PKCS#1 v1.5 padding off."""
    return _manage(_CONFIDENTIALITY, DECIPHER_PKCS1, key)


def choose_sha256() -> CommandApdu:
    """MSE SET for PSO HASH."""
    data = Tlv.of(_ALGORITHM, bytes((HASH_SHA256,))).encode()
    return CommandApdu(0x00, _MANAGE, _SET, _HASH, data)


def internal_authenticate(content: bytes) -> CommandApdu:
    """INTERNAL AUTHENTICATE: the card pads a DigestInfo, and signs."""
    return CommandApdu(0x00, _INTERNAL_AUTHENTICATE, 0x00, 0x00, content, le=SHORT_MAX_LE)


def finish_hash(state: bytes, bytes_hashed: int, last: bytes) -> CommandApdu:
    """PSO HASH of the last 1 to 64 bytes, on top of the state after `bytes_hashed` bytes.

    The counter is in bits. A message of one block has no state (facts: vendor_library.md §2).
    """
    counted = (8 * bytes_hashed).to_bytes(_COUNTER_SIZE, "big")
    before = Tlv.of(_INTERMEDIATE, state + counted if bytes_hashed else b"")
    data = before.encode() + Tlv.of(_LAST_BLOCK, last).encode()
    return CommandApdu(0x00, _PERFORM, 0x90, 0xA0, data)


def sign(digest: bytes = b"", *, cla: int = 0x00) -> CommandApdu:
    """PSO COMPUTE DIGITAL SIGNATURE of the hash given, or of the one PSO HASH left."""
    return CommandApdu(cla, _PERFORM, 0x9E, 0x9A, digest, le=SHORT_MAX_LE)


def decipher_padded(cryptogram: bytes) -> CommandApdu:
    """PSO DECIPHER of a CPS3: the message comes back, its padding off."""
    return CommandApdu(0x00, _PERFORM, 0x80, 0x86, _PADDED_CRYPTOGRAM + cryptogram, le=SHORT_MAX_LE)


def private_operation(block: bytes, *, cla: int) -> CommandApdu:
    """PSO DECIPHER of a CPS4: the bare private operation, padding is the host's."""
    return CommandApdu(cla, _PERFORM, 0x80, 0x86, block, le=SHORT_MAX_LE)


def choose_chipdoc_signature_key(key: int, algorithm: int, *, cla: int) -> CommandApdu:
    """MSE SET for PSO CDS of a hash that the host gives."""
    data = Tlv.of(_CHIPDOC_ALGORITHM_AND_KEY, bytes((algorithm, key | _HASH_IS_GIVEN))).encode()
    return CommandApdu(cla, _MANAGE, _SET_CHIPDOC_SIGNATURE, _SIGNATURE, data)


def choose_chipdoc_private_operation(key: int, *, cla: int) -> CommandApdu:
    """MSE SET for `private_operation`."""
    data = Tlv.of(_PUBLIC_KEY, bytes((key,))).encode()
    return CommandApdu(cla, _MANAGE, _SET, _CONFIDENTIALITY, data)


def _manage(template: int, algorithm: int, key: int) -> CommandApdu:
    data = Tlv.of(_ALGORITHM, bytes((algorithm,))).encode()
    return CommandApdu(
        0x00, _MANAGE, _SET, template, data + Tlv.of(_PRIVATE_KEY, bytes((key,))).encode()
    )
