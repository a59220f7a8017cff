"""STAND-IN: a card-verifiable certificate, in the tags one public reader knows.

Tags 7F21, 5F37 and 5F38 are seen (facts: vitale.md §2.6); everything in them is ours: a test key
made for this file, and a message signed with recovery after ISO/IEC 9796-2 §8 (scheme 1, SHA-1,
header 6A, trailer BC). The content of real ones is not public.
"""

import hashlib

from cardio.iso7816.tlv import Tlv

CERTIFICATE, SIGNATURE, REMAINDER = 0x7F21, 0x5F37, 0x5F38
EXPONENT = 0x10001
MODULUS = int(
    "9F07D516E94816D29A2E9B2466530054BAF40DDC09190F2C5873D440AE83BA0F"
    "67794AED94BD29D3787CA6A0B45E1FD0AE6965B04A8E608681B91DD4B93FECF4"
    "5E5FD0B67F1DA7FE982D84E54E1A4FB207B2939833499756E07AEC3EEE22BF58"
    "B13BF8BB003B2E47809F39E4C582AFA39836D693442118C14092388D5FEE75CD",
    16,
)
"""The invented authority's public key, 1024 bits, for readers' tests to open the signature."""
_PRIVATE_EXPONENT = int(
    "1000D6C5B67605ADEDCC10DAA9DD6264246818D8F2A56DEC757E3A76C3D907A9"
    "332D7687CFF6F5358DA3659538715C5C40A0E495C7FAE9E5BF3A24B15A6EFF66"
    "33586868078BD35DA9EE2E9FA6C1CAA74B3650AEF911A04F5805B2AAC06BE1AF"
    "436ECDB066020E06DAF3A40ADC2C5D3895583B823B31C04A35AE50FE1BE3A7B5",
    16,
)
"""It protects nothing: whoever reads this can sign."""
_SIZE = 128
_HEADER, _TRAILER = b"\x6a", b"\xbc"
_NAME = b"CARDIO TEST STAND-IN"


def certificate(serial: str) -> bytes:
    """The certificate of one card: the authority's own key, named by the card's number.

    Bytes: `7F21 { 5F37 signature, 5F38 the rest of the message }`.
    """
    message = _NAME + serial.encode("ascii") + MODULUS.to_bytes(_SIZE, "big")
    digest = hashlib.sha1(message, usedforsecurity=False).digest()
    recovered = message[: _SIZE - len(_HEADER + digest + _TRAILER)]
    block = _HEADER + recovered + digest + _TRAILER
    signature = pow(int.from_bytes(block, "big"), _PRIVATE_EXPONENT, MODULUS)
    return Tlv.of(
        CERTIFICATE,
        Tlv.of(SIGNATURE, signature.to_bytes(_SIZE, "big")),
        Tlv.of(REMAINDER, message[len(recovered) :]),
    ).encode()
