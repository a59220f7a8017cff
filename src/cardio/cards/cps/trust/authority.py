"""A certificate that may have issued others, and whether it is one to end a chain with."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID, ObjectIdentifier

from cardio.cards.cps.trust.pinned import PINNED, TEST_ROOT, TEST_UNIT


class Standing(StrEnum):
    """What a certificate is worth as the end of a chain.

    PRODUCTION: its fingerprint is pinned. TEST: it has the name of a root for test cards. FALSE:
    the name of a pinned one, but another fingerprint. NONE: neither.
    """

    PRODUCTION = "production"
    TEST = "test"
    FALSE = "false"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Authority:
    """One given certificate. `fingerprint` is its SHA-256, `name` its common name."""

    certificate: Certificate = field(repr=False)
    fingerprint: bytes
    name: str
    is_self_issued: bool
    standing: Standing

    @classmethod
    def of(cls, certificate: Certificate) -> Self:
        """Raises `ValueError` where `cryptography` cannot read its names."""
        fingerprint = certificate.fingerprint(hashes.SHA256())
        is_self_issued = certificate.issuer == certificate.subject
        name = _text(certificate, NameOID.COMMON_NAME)
        return cls(
            certificate,
            fingerprint,
            name[0] if name else "",
            is_self_issued,
            _standing(certificate, fingerprint, name, is_self_issued),
        )


def _standing(
    certificate: Certificate, fingerprint: bytes, name: list[str], is_self_issued: bool
) -> Standing:
    if fingerprint in PINNED.values():
        return Standing.PRODUCTION
    if any(one in PINNED for one in name):
        return Standing.FALSE
    is_test_root = any(one.startswith(TEST_ROOT) for one in name) and is_self_issued
    if is_test_root and TEST_UNIT in _text(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME):
        return Standing.TEST
    return Standing.NONE


def _text(certificate: Certificate, oid: ObjectIdentifier) -> list[str]:
    found = certificate.subject.get_attributes_for_oid(oid)
    return [one.value for one in found if isinstance(one.value, str)]
