"""Follow a certificate to those that issued it (RFC 5280 §6.1, for chains as short as these).

Issuers are found by name and signature together, never by position. Why not a ready-made
validator: docs/decisions/0006-certificate-chains.md.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import BasicConstraints, Certificate, Extensions, KeyUsage
from cryptography.x509.oid import ExtensionOID

from cardio.cards.cps.trust.authority import Authority, Standing
from cardio.cards.cps.trust.damage import DAMAGED
from cardio.cards.cps.trust.extensions import extensions_of, find
from cardio.cards.cps.trust.flaw import Flaw
from cardio.cards.cps.trust.store import TrustStore

MAX_LENGTH, MAX_CHAINS = 5, 64
"""Certificates of a chain, and chains looked at: our choice. IGC-Santé has chains of 3."""

MIN_RSA_BITS, MIN_EC_BITS = 2048, 256
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
"""What is not weak: as IGC-Santé makes them (facts: certificates_identifiers_services.md §1.3).
CPS2ter certificates (RSA-1024, SHA-1) are weak."""

_HANDLED = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)
"""Extensions that may be critical; no policy is asked for, so any will do."""

_CONSTRAINTS = frozenset(
    {
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.INHIBIT_ANY_POLICY,
    }
)
"""Extensions that restrict, which are not handled here, critical or not."""

Chain = tuple[Certificate, ...]


def best_chain(certificate: Certificate, store: TrustStore) -> tuple[Chain, Authority | None, Flaw]:
    """The chain that ends best, its last authority if any, and the flaw if that is no anchor."""
    chains = islice(_chains((certificate,), (), store), MAX_CHAINS)
    chain, authorities = min(chains, key=lambda found: _rank(found[1], store))
    last = authorities[-1] if authorities else None
    return chain, last, _why_no_anchor(chain[-1], last, store)


def _chains(
    chain: Chain, authorities: tuple[Authority, ...], store: TrustStore
) -> Iterator[tuple[Chain, tuple[Authority, ...]]]:
    is_root = bool(authorities) and authorities[-1].is_self_issued
    issuers = [] if is_root or len(chain) >= MAX_LENGTH else _issuers(chain[-1], store.authorities)
    further = [one for one in issuers if one.certificate not in chain]
    if not further or (authorities and store.is_anchor(authorities[-1])):
        yield chain, authorities
    for issuer in further:
        yield from _chains((*chain, issuer.certificate), (*authorities, issuer), store)


def _rank(authorities: tuple[Authority, ...], store: TrustStore) -> tuple[bool, bool, int]:
    """Small is good: a pinned end before a TEST one before none, then the longer chain."""
    last = authorities[-1] if authorities else None
    is_pinned = last is not None and last.standing is Standing.PRODUCTION
    return not is_pinned, last is None or not store.is_anchor(last), -len(authorities)


def _issuers(certificate: Certificate, authorities: Iterable[Authority]) -> list[Authority]:
    return [one for one in authorities if _signed_by(certificate, one.certificate)]


def _signed_by(certificate: Certificate, issuer: Certificate) -> bool | None:
    """Whether `issuer` signed it; None where it has another name or kind of key."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except DAMAGED:
        return None
    return True


def _why_no_anchor(certificate: Certificate, last: Authority | None, store: TrustStore) -> Flaw:
    """Only meaningful where `last` is no anchor."""
    if last and last.standing is Standing.TEST:
        return Flaw.TEST_ANCHOR
    if last and last.standing is Standing.FALSE:
        return Flaw.FALSE_ANCHOR
    if last and last.is_self_issued:
        return Flaw.UNKNOWN_ANCHOR
    signed = (_signed_by(certificate, one.certificate) for one in store.authorities)
    return Flaw.WRONG_SIGNATURE if False in signed else Flaw.ISSUER_MISSING


def common_flaws(certificate: Certificate, at: datetime) -> Iterator[Flaw]:
    """What may be wrong with any certificate: dates, strength, extensions."""
    if at < certificate.not_valid_before_utc:
        yield Flaw.NOT_YET_VALID
    if at > certificate.not_valid_after_utc:
        yield Flaw.EXPIRED
    if _is_weak(certificate):
        yield Flaw.WEAK
    extensions = extensions_of(certificate)
    if extensions is None:
        yield Flaw.DAMAGED_EXTENSIONS
    elif not all(
        one.oid in _HANDLED or (not one.critical and one.oid not in _CONSTRAINTS)
        for one in extensions
    ):
        yield Flaw.UNSUPPORTED_EXTENSION


def authority_flaws(certificate: Certificate, below: int) -> Iterator[Flaw]:
    """What may be wrong with an issuer that has `below` authorities beneath it (§4.2.1.9)."""
    extensions = extensions_of(certificate)
    if extensions is not None and not _may_issue(extensions, below):
        yield Flaw.NOT_AN_AUTHORITY


def _may_issue(extensions: Extensions, below: int) -> bool:
    basic, usage = find(extensions, BasicConstraints), find(extensions, KeyUsage)
    if basic is None or usage is None:
        return False
    fits = basic.path_length is None or basic.path_length >= below
    return basic.ca and usage.key_cert_sign and fits


def _is_weak(certificate: Certificate) -> bool:
    try:
        key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    except DAMAGED:
        return True
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size < MIN_RSA_BITS or not isinstance(digest, _HASHES)
    is_short = isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < MIN_EC_BITS
    return is_short or not isinstance(digest, _HASHES)
