"""The parts of a detached CMS signature with one signer (RFC 5652 §5), as they are: no judgement.

Read by our own walk, strict DER lengths only, as all else in cardio
(docs/decisions/0012-signatures.md).
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from cardio.authentication.rsa_verification import HASHES, Algorithm
from cardio.errors import SignatureDamaged, TlvError, UnsupportedSignature
from cardio.iasecc import der
from cardio.iso7816 import tlv
from cardio.iso7816.tlv import Tlv

DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{n}" for n in (3, 4, 5))
_HASHES = {f"2.16.840.1.101.3.4.2.{n}": name for n, name in enumerate(HASHES, start=1)}
_RSA, _RSA_PSS, _MGF1 = (f"1.2.840.113549.1.1.{n}" for n in (1, 10, 8))
_RSA_WITH = {f"1.2.840.113549.1.1.{n}": name for n, name in enumerate(HASHES, start=11)}
"""Object identifiers (RFC 3370, RFC 4056, RFC 5754, RFC 8017 appendix C)."""

_EXPLICIT_0, _EXPLICIT_1, _EXPLICIT_2, _IMPLICIT_0 = 0xA0, 0xA1, 0xA2, 0x80
_PEM = re.compile(rb"-----BEGIN (PKCS7|CMS)-----\s+(.+?)-----END \1-----", re.DOTALL)
_DEFAULT_SALT = 20
"""Bytes of a PSS salt where nothing is said (RFC 4055 §3.1)."""
_PIVOT = 50
"""Two-digit years from here on are of the twentieth century (RFC 5652 §11.3)."""


@dataclass(frozen=True, slots=True)
class CmsSignature:
    """`signer` names the certificate: DER of issuer and serial number, or a key identifier."""

    certificates: tuple[bytes, ...] = field(repr=False)
    signer: Tlv
    digest_name: str
    algorithm: Algorithm
    attributes: bytes = field(repr=False)
    digest: bytes
    signed_at: datetime | None
    signature: bytes = field(repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """From DER or PEM. Raises `SignatureDamaged`, `UnsupportedSignature`."""
        try:
            return cls._of(tlv.parse_all(_signed_data(_der(raw))))
        except TlvError:
            raise SignatureDamaged("the signature is no sound DER") from None

    @classmethod
    def _of(cls, nodes: tuple[Tlv, ...]) -> Self:
        parts = [node for node in nodes if node.tag in (der.SEQUENCE, der.SET)]
        if len(parts) != 3 or _oid(parts[1]) != DATA:
            raise UnsupportedSignature("the signature is of something else than a file")
        if parts[1].find(_EXPLICIT_0):
            raise UnsupportedSignature(
                "the signature holds its content: only detached ones are read"
            )
        signers = parts[2].children
        if len(signers) != 1:
            raise UnsupportedSignature(f"the signature has {len(signers)} signers, not one")
        certificates = tlv.first(nodes, _EXPLICIT_0)
        kept = certificates.children if certificates else ()
        return cls._signed(signers[0], tuple(one.encode() for one in kept))

    @classmethod
    def _signed(cls, info: Tlv, certificates: tuple[bytes, ...]) -> Self:
        """A SignerInfo: version, signer, hash, attributes, algorithm, signature."""
        attributes = info.find(_EXPLICIT_0)
        if attributes is None:
            raise UnsupportedSignature("the signature has no signed attributes")
        if len(info.children) < 6:
            raise SignatureDamaged("the signature lacks parts")
        _, signer, hashed, _, algorithm, signature = info.children[:6]
        digest_name = _hash(hashed)
        found = _attributes(attributes)
        if der.oid(_single(found, _CONTENT_TYPE, der.OID)) != DATA:
            raise SignatureDamaged("the signature is of another type of content")
        time = found.get(_SIGNING_TIME)
        return cls(
            certificates,
            signer,
            digest_name,
            _algorithm(algorithm, digest_name),
            Tlv(der.SET, attributes.value).encode(),
            _single(found, _MESSAGE_DIGEST, der.OCTET_STRING),
            _time(time) if time else None,
            signature.value,
        )


def _der(raw: bytes) -> bytes:
    if not raw.lstrip().startswith(b"-----"):
        return raw
    found = _PEM.search(raw)
    try:
        return b64decode(b"".join(found[2].split()), validate=True) if found else b""
    except Base64Error:
        raise SignatureDamaged("the PEM of the signature is damaged") from None


def _signed_data(raw: bytes) -> bytes:
    """What is in the SignedData; opened by hand, as CAdES nests deeper than `tlv` reads."""
    info = _inside(raw, der.SEQUENCE)
    kind, size = tlv.parse_prefix(info)
    if kind.tag != der.OID or der.oid(kind.value) != SIGNED_DATA:
        raise SignatureDamaged("the file is no signature")
    return _inside(_inside(info[size:], _EXPLICIT_0), der.SEQUENCE)


def _inside(raw: bytes, tag: int) -> bytes:
    found, start, end = der.header(raw)
    if found != tag or end != len(raw):
        raise SignatureDamaged("the signature is no sound DER")
    return raw[start:]


def _oid(node: Tlv) -> str:
    value = node.get(der.OID)
    return der.oid(value) if value is not None else ""


def _attributes(node: Tlv) -> dict[str, Tlv]:
    """The one value of each, by type. Raises `SignatureDamaged` for two of a type."""
    found: dict[str, Tlv] = {}
    for attribute in node.children:
        values = attribute.find(der.SET)
        kind = _oid(attribute)
        if values is None or kind in found:
            raise SignatureDamaged("a signed attribute is damaged, or there twice")
        if kind in (_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME):
            if len(values.children) != 1:
                raise SignatureDamaged("a signed attribute has not one value")
            found[kind] = values.children[0]
    return found


def _single(found: Mapping[str, Tlv], kind: str, tag: int) -> bytes:
    node = found.get(kind)
    if node is None or node.tag != tag:
        raise SignatureDamaged("a signed attribute that must be there is not")
    return node.value


def _hash(node: Tlv) -> str:
    name = _HASHES.get(_oid(node))
    if name is None:
        raise UnsupportedSignature("the hash is none of SHA-256, SHA-384 and SHA-512")
    return name


def _algorithm(node: Tlv, digest_name: str) -> Algorithm:
    kind = _oid(node)
    if kind == _RSA_PSS:
        return _pss(node.find(der.SEQUENCE))
    hash_name = digest_name if kind == _RSA else _RSA_WITH.get(kind)
    if hash_name is None:
        raise UnsupportedSignature("the signature is none of RSA with SHA-256 or longer")
    return Algorithm(hash_name)


def _pss(parameters: Tlv | None) -> Algorithm:
    """RFC 4055 §3.1: hash, mask and salt; the default hash would be SHA-1."""
    if parameters is None:
        raise UnsupportedSignature("PSS with SHA-1")
    hashed = parameters.find(_EXPLICIT_0, der.SEQUENCE)
    mask = parameters.find(_EXPLICIT_1, der.SEQUENCE)
    salt = parameters.get(_EXPLICIT_2, der.INTEGER)
    if hashed is None or mask is None or _oid(mask) != _MGF1:
        raise UnsupportedSignature("PSS with SHA-1, or another mask than MGF1")
    masked = mask.find(der.SEQUENCE)
    name, size = _hash(hashed), _DEFAULT_SALT if salt is None else der.integer(salt)
    if masked is None or _hash(masked) != name or size < 0:
        raise UnsupportedSignature("PSS with two hashes")
    return Algorithm(name, size)


def _time(node: Tlv) -> datetime:
    """UTCTime or GeneralizedTime, in UTC and to the second (RFC 5652 §11.3)."""
    text = node.value.decode("ascii", "replace")
    if node.tag == der.UTC_TIME and text[:2].isdecimal():
        text = ("19" if int(text[:2]) >= _PIVOT else "20") + text
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise SignatureDamaged("the time of signing is no time") from None
