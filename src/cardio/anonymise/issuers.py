"""A self-signed certificate for an issuer whose true key nobody but itself has.

It lets a client's own trust store be given something to check re-issued certificates by. Only the
name is the issuer's.
"""

import hashlib
from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardio.iasecc import der
from cardio.iso7816 import tlv
from cardio.iso7816.tlv import Tlv

_SHA256_RSA = bytes.fromhex("300D06092A864886F70D01010B0500")
_VALIDITY = ("20130625000000Z", "20491231235959Z")
"""Ours: the beginning is that of the true hierarchy (facts: certificates_….md §1.1)."""
_SUBJECT_KEY = bytes.fromhex("551D0E")
_BASIC, _USAGE = bytes.fromhex("551D13"), bytes.fromhex("551D0F")
_IS_AUTHORITY = bytes.fromhex("30030101FF")
_SIGNS_CERTIFICATES = bytes.fromhex("03020106")
_BOOLEAN, _TRUE = 0x01, b"\xff"
_VERSION_3 = bytes.fromhex("A003020102")


def issuer_certificate(name: bytes, key: RSAPrivateKey) -> bytes:
    """DER of a version 3 certificate; `name` is the distinguished name, DER too."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    serial = b"\x01" + hashlib.sha256(name + public).digest()[:15]
    extensions = Tlv.of(0xA3, Tlv.of(der.SEQUENCE, *_extensions(public)))
    body = Tlv.of(
        der.SEQUENCE,
        _VERSION_3,
        Tlv.of(der.INTEGER, serial).encode(),
        _SHA256_RSA,
        name,
        Tlv.of(der.SEQUENCE, *map(_time, _VALIDITY)).encode(),
        name,
        public,
        extensions.encode(),
    ).encode()
    signature = key.sign(body, PKCS1v15(), hashes.SHA256())
    bits = Tlv.of(der.BIT_STRING, b"\x00" + signature).encode()
    return Tlv.of(der.SEQUENCE, body, _SHA256_RSA, bits).encode()


def _extensions(public: bytes) -> Iterator[Tlv]:
    bits = tlv.parse(public).get(der.BIT_STRING) or b""
    identifier = hashlib.sha1(bits[1:], usedforsecurity=False).digest()
    yield _extension(_BASIC, _IS_AUTHORITY, critical=True)
    yield _extension(_USAGE, _SIGNS_CERTIFICATES, critical=True)
    yield _extension(_SUBJECT_KEY, Tlv.of(der.OCTET_STRING, identifier).encode())


def _extension(oid: bytes, value: bytes, *, critical: bool = False) -> Tlv:
    flag = (Tlv.of(_BOOLEAN, _TRUE),) if critical else ()
    return Tlv.of(der.SEQUENCE, Tlv.of(der.OID, oid), *flag, Tlv.of(der.OCTET_STRING, value))


def _time(text: str) -> Tlv:
    return Tlv.of(der.GENERALIZED_TIME, text.encode("ascii"))
