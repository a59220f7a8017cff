"""Does a detached CMS signature fit a file, and whose is it? (RFC 5652 §5.4, §5.6)"""

import hashlib
from hmac import compare_digest
from typing import TypeAlias

from cryptography.x509 import Certificate, SubjectKeyIdentifier, load_der_x509_certificate

from cardio.authentication.cms_structure import CmsSignature
from cardio.authentication.rsa_verification import require_signature, signer
from cardio.authentication.signed import SignatureFormat, Signed
from cardio.cards.cps.trust.damage import DAMAGED
from cardio.cards.cps.trust.extensions import extensions_of, find
from cardio.errors import ContentChanged, SignatureDamaged
from cardio.iasecc import der

Content: TypeAlias = bytes | bytearray | memoryview
"""A file's bytes. A view of a mapped file does: no copy of it is made."""

_KEY_IDENTIFIER = 0x80


def verify_cms(signature: bytes, content: Content) -> Signed:
    """Check a signature, DER or PEM, of `content`, and tell whose it is.

    Who signed is not trusted yet: `judge` tells. Raises `ContentChanged` for another content,
    `SignatureDamaged`, and `UnsupportedSignature`: not RSA with SHA-256 or longer, several
    signers, no signed attributes.
    """
    parsed = CmsSignature.decode(signature)
    certificate = signer(_certificate(parsed))
    require_signature(certificate, parsed.signature, parsed.attributes, parsed.algorithm)
    if not compare_digest(hashlib.new(parsed.digest_name, content).digest(), parsed.digest):
        raise ContentChanged("the signature is of another content")
    return Signed(
        SignatureFormat.CMS,
        str(parsed.algorithm),
        certificate,
        parsed.signed_at,
        tuple(one for one in parsed.certificates if one != certificate.der),
    )


def _certificate(parsed: CmsSignature) -> bytes:
    for raw in parsed.certificates:
        try:
            if _is_meant(load_der_x509_certificate(raw), parsed):
                return raw
        except DAMAGED:
            continue
    raise SignatureDamaged("the signer's certificate is not in the signature")


def _is_meant(certificate: Certificate, parsed: CmsSignature) -> bool:
    named = parsed.signer
    if named.tag == _KEY_IDENTIFIER:
        identifier = find(extensions_of(certificate), SubjectKeyIdentifier)
        return identifier is not None and identifier.digest == named.value
    if named.tag != der.SEQUENCE or len(named.children) != 2:
        return False
    issuer, serial = named.children
    is_issuer = issuer.encode() == certificate.issuer.public_bytes()
    return (
        is_issuer and int.from_bytes(serial.value, "big", signed=True) == certificate.serial_number
    )
