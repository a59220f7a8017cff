"""The RSA private operation and PKCS #1 v1.5 padding (RFC 8017 §5, §7.2, §9.2).

Written out because a card pads whatever bytes it is given, and tells a bad cryptogram apart:
`cryptography` hashes what it signs and hides bad padding. For test keys only: not constant-time.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

_SIGNATURE, _ENCRYPTION = b"\x00\x01", b"\x00\x02"
_MIN_PADDING = 8
_HASHES: dict[str, hashes.HashAlgorithm] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}  # noqa: S303


def size(key: RSAPrivateKey) -> int:
    """Bytes in the modulus."""
    return key.key_size // 8


def sign_padded(key: RSAPrivateKey, content: bytes) -> bytes:
    """Pad with block type 1 and apply the private key; `content` fits with 11 bytes to spare."""
    filling = bytes((0xFF,)) * (size(key) - len(content) - 3)
    return _private_operation(key, _SIGNATURE + filling + b"\x00" + content)


def sign_pss(key: RSAPrivateKey, hash_name: str, digest: bytes) -> bytes:
    """RSASSA-PSS of a hash, salt and MGF1 of the same hash function (RFC 8017 §8.1)."""
    function = _HASHES[hash_name]
    scheme = padding.PSS(padding.MGF1(function), salt_length=function.digest_size)
    return key.sign(digest, scheme, Prehashed(function))


def decipher(key: RSAPrivateKey, cryptogram: bytes) -> bytes | None:
    """Apply the private key and take block type 2 padding off; None where it is not there."""
    block = private_operation(key, cryptogram)
    if block is None:
        return None
    filling, zero, message = block[2:].partition(b"\x00")
    if block[:2] != _ENCRYPTION or not zero or len(filling) < _MIN_PADDING:
        return None
    return message


def private_operation(key: RSAPrivateKey, block: bytes) -> bytes | None:
    """Apply the private key to a block as it is; None for a number beyond the modulus."""
    if int.from_bytes(block, "big") >= key.public_key().public_numbers().n:
        return None
    return _private_operation(key, block)


def _private_operation(key: RSAPrivateKey, block: bytes) -> bytes:
    """RSASP1 with the Chinese remainders (RFC 8017 §5.2.1)."""
    numbers = key.private_numbers()
    number = int.from_bytes(block, "big")
    m1 = pow(number, numbers.dmp1, numbers.p)
    m2 = pow(number, numbers.dmq1, numbers.q)
    h = (m1 - m2) * numbers.iqmp % numbers.p
    return (m2 + numbers.q * h).to_bytes(size(key), "big")
