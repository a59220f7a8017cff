"""The RSA private operation and PKCS #1 v1.5 padding (RFC 8017 §5, §7.2, §9.2).

Written out because a card pads whatever bytes it is given, and tells a bad cryptogram apart:
`cryptography` hashes what it signs and hides bad padding. For test keys only: not constant-time.
"""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_SIGNATURE, _ENCRYPTION = b"\x00\x01", b"\x00\x02"
_MIN_PADDING = 8


def size(key: RSAPrivateKey) -> int:
    """Bytes in the modulus."""
    return key.key_size // 8


def sign_padded(key: RSAPrivateKey, content: bytes) -> bytes:
    """Pad with block type 1 and apply the private key; `content` fits with 11 bytes to spare."""
    padding = bytes((0xFF,)) * (size(key) - len(content) - 3)
    return _private_operation(key, _SIGNATURE + padding + b"\x00" + content)


def decipher(key: RSAPrivateKey, cryptogram: bytes) -> bytes | None:
    """Apply the private key and take block type 2 padding off; None where it is not there."""
    if int.from_bytes(cryptogram, "big") >= key.public_key().public_numbers().n:
        return None
    block = _private_operation(key, cryptogram)
    padding, zero, message = block[2:].partition(b"\x00")
    if block[:2] != _ENCRYPTION or not zero or len(padding) < _MIN_PADDING:
        return None
    return message


def _private_operation(key: RSAPrivateKey, block: bytes) -> bytes:
    """RSASP1 with the Chinese remainders (RFC 8017 §5.2.1)."""
    numbers = key.private_numbers()
    number = int.from_bytes(block, "big")
    m1 = pow(number, numbers.dmp1, numbers.p)
    m2 = pow(number, numbers.dmq1, numbers.q)
    h = (m1 - m2) * numbers.iqmp % numbers.p
    return (m2 + numbers.q * h).to_bytes(size(key), "big")
