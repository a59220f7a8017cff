"""Revocation by lists that the user gives as files (RFC 5280 §5 and §6.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    CertificateRevocationList,
    CRLDistributionPoints,
    CRLReason,
    Extensions,
    GeneralName,
    IssuingDistributionPoint,
    KeyUsage,
    RevokedCertificate,
    load_der_x509_crl,
    load_pem_x509_crl,
)
from cryptography.x509.oid import ExtensionOID

from cardio.cards.cps.trust.damage import DAMAGED
from cardio.cards.cps.trust.extensions import extensions_of, find
from cardio.cards.cps.trust.freshness import is_fresh
from cardio.cards.cps.trust.report import Doubt, Revocation, RevocationStatus, doubtful
from cardio.errors import ConfigurationError

MAX_LIST = 64 * 1024 * 1024
"""Bytes of a list: our choice, some million entries."""

_WEAK = (hashes.MD5, hashes.SHA1)


@dataclass(frozen=True, slots=True)
class CrlFiles:
    """Revocation lists. Each is used for the certificates of the authority that signed it."""

    lists: tuple[tuple[str, CertificateRevocationList], ...] = field(repr=False)

    @classmethod
    def load(cls, *paths: Path) -> Self:
        """From PEM or DER files. Raises `ConfigurationError` for one that is no list."""
        return cls(tuple((path.name, _load(path)) for path in paths))

    def ask(self, certificate: Certificate, issuer: Certificate, at: datetime) -> Revocation:
        """What the newest list of `issuer` says; lists of others are no answer."""
        own = [(name, one) for name, one in self.lists if _is_of(one, issuer)]
        answers = [_look(name, one, certificate, issuer, at) for name, one in _newest_first(own)]
        if not answers:
            return doubtful("", Doubt.NO_LIST)
        revoked = [one for one in answers if one.status is RevocationStatus.REVOKED]
        told = [one for one in answers if one.status is RevocationStatus.GOOD]
        return (revoked or told or answers)[0]


def _load(path: Path) -> CertificateRevocationList:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_LIST + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot read {str(path)!r}: {error.strerror}") from None
    if len(raw) > MAX_LIST:
        raise ConfigurationError(f"{str(path)!r} is larger than {MAX_LIST} bytes")
    try:
        return load_pem_x509_crl(raw) if b"-----BEGIN" in raw[:4096] else load_der_x509_crl(raw)
    except DAMAGED:
        raise ConfigurationError(f"{str(path)!r} is no certificate revocation list") from None


def _is_of(crl: CertificateRevocationList, issuer: Certificate) -> bool:
    try:
        return crl.issuer == issuer.subject
    except DAMAGED:
        return False


def _newest_first(
    lists: Iterable[tuple[str, CertificateRevocationList]],
) -> list[tuple[str, CertificateRevocationList]]:
    return sorted(lists, key=lambda named: named[1].last_update_utc, reverse=True)


def _look(
    name: str,
    crl: CertificateRevocationList,
    certificate: Certificate,
    issuer: Certificate,
    at: datetime,
) -> Revocation:
    """One list's answer. An entry counts even when the list is out of date."""
    try:
        extensions = crl.extensions
        if not _is_signed(crl, issuer):
            return doubtful(name, Doubt.WRONG_SIGNATURE)
        if not _covers(extensions, certificate):
            return doubtful(name, Doubt.UNSUPPORTED)
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        status = RevocationStatus.GOOD if entry is None else RevocationStatus.REVOKED
        as_of, next_update = crl.last_update_utc, crl.next_update_utc
        if entry is None and (next_update is None or not is_fresh(as_of, next_update, at)):
            return doubtful(name, Doubt.OUT_OF_DATE)
        since, reason = (entry.revocation_date_utc, _reason(entry)) if entry else (None, None)
        return Revocation(status, name, None, since, reason, as_of, next_update)
    except DAMAGED:
        return doubtful(name, Doubt.DAMAGED)


def _is_signed(crl: CertificateRevocationList, issuer: Certificate) -> bool:
    """By a key that may sign lists, and not by way of a weak digest."""
    key, digest = issuer.public_key(), crl.signature_hash_algorithm
    usage = find(extensions_of(issuer), KeyUsage)
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) or digest is None:
        return False
    if isinstance(digest, _WEAK) or (usage and not usage.crl_sign):
        return False
    return crl.is_signature_valid(key)


def _covers(extensions: Extensions, certificate: Certificate) -> bool:
    """Whether the list speaks of all reasons for such a certificate (§5.2.4, §5.2.5)."""
    if any(
        one.oid == ExtensionOID.DELTA_CRL_INDICATOR
        or (one.critical and one.oid != IssuingDistributionPoint.oid)
        for one in extensions
    ):
        return False
    scope = find(extensions, IssuingDistributionPoint)
    if scope is None:
        return True
    if scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs:
        return False
    basic = find(extensions_of(certificate), BasicConstraints)
    is_authority = basic is not None and basic.ca
    unfit = scope.only_contains_user_certs if is_authority else scope.only_contains_ca_certs
    return not unfit and _is_named(scope, certificate)


def _is_named(scope: IssuingDistributionPoint, certificate: Certificate) -> bool:
    """Whether the certificate points to this part of the issuer's lists, if it is a part."""
    if scope.relative_name is not None:
        return False
    if not scope.full_name:
        return True
    points = find(extensions_of(certificate), CRLDistributionPoints) or ()
    named: set[GeneralName] = {name for point in points for name in point.full_name or ()}
    return not named.isdisjoint(scope.full_name)


def _reason(entry: RevokedCertificate) -> str | None:
    found = find(entry.extensions, CRLReason)
    return found.reason.value if found else None
