"""Is a card's certificate to be trusted, for what, and says who?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Protocol

from cryptography.x509 import BasicConstraints, Certificate, ExtendedKeyUsage, KeyUsage
from cryptography.x509.oid import ExtendedKeyUsageOID

from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.trust.authority import Authority, Standing
from cardio.cards.cps.trust.chain import (
    authority_flaws,
    best_chain,
    common_flaws,
)
from cardio.cards.cps.trust.extensions import extensions_of, find
from cardio.cards.cps.trust.flaw import Flaw
from cardio.cards.cps.trust.report import (
    UNCHECKED,
    Link,
    Revocation,
    RevocationStatus,
    TrustReport,
)
from cardio.cards.cps.trust.store import TrustStore

_EXTENDED_USAGE = {
    CertificateUsage.SIGNATURE: ExtendedKeyUsageOID.EMAIL_PROTECTION,
    CertificateUsage.AUTHENTICATION: ExtendedKeyUsageOID.CLIENT_AUTH,
}
"""What a certificate that restricts its use must still allow; the second is INFERRED for
IGC-Santé (facts: certificates_identifiers_services.md §1.3)."""

_ANY_USAGE = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
_TOLD = (RevocationStatus.GOOD, RevocationStatus.REVOKED)


class RevocationSource(Protocol):
    """Who knows of revoked certificates: `CrlFiles`, `OcspResponder`."""

    def ask(self, certificate: Certificate, issuer: Certificate, at: datetime) -> Revocation:
        """The status of one certificate at a time; raises nothing for a bad answer."""
        ...


def examine(
    certificate: CpsCertificate,
    store: TrustStore,
    *,
    wanted: CertificateUsage | None = None,
    revocation: Sequence[RevocationSource] = (),
    at: datetime | None = None,
) -> TrustReport:
    """Follow a card's certificate to an anchor of `store`, at a time with its zone (now).

    `wanted` is the role it is to play. Every certificate below the anchor is asked about at the
    revocation sources in turn, until one tells. A bad certificate gives a report with flaws;
    raises `CertificateError` only for one that `cryptography` cannot load.
    """
    leaf, at = certificate.load(), at or datetime.now(UTC)
    chain, last, why_no_anchor = best_chain(leaf, store)
    anchor = last if last and store.is_anchor(last) else None
    of_leaf = (*_leaf_flaws(certificate, leaf, wanted), *_mixed(certificate, anchor))
    flaws = [[*common_flaws(leaf, at), *of_leaf]]
    for below, issuer in enumerate(chain[1:]):
        flaws.append([*common_flaws(issuer, at), *authority_flaws(issuer, below)])
    if anchor is None:
        flaws[-1].append(why_no_anchor)
    told = _revocations(chain, revocation, at)
    links = zip(chain, map(tuple, flaws), told, strict=True)
    return TrustReport(at, certificate.usage, tuple(Link(*parts) for parts in links), anchor)


def _leaf_flaws(
    certificate: CpsCertificate, leaf: Certificate, wanted: CertificateUsage | None
) -> Iterator[Flaw]:
    extensions, role = extensions_of(leaf), certificate.usage
    basic, usage = find(extensions, BasicConstraints), find(extensions, KeyUsage)
    is_authority = bool((basic and basic.ca) or (usage and usage.key_cert_sign))
    if role is CertificateUsage.OTHER or is_authority or role is not (wanted or role):
        yield Flaw.WRONG_ROLE
    extended = find(extensions, ExtendedKeyUsage)
    if extended and not _allows(extended, role):
        yield Flaw.WRONG_EXTENDED_USAGE


def _allows(extended: ExtendedKeyUsage, role: CertificateUsage) -> bool:
    needed = _EXTENDED_USAGE.get(role)
    return (
        needed is None
        or needed in extended
        or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in extended
    )


def _mixed(certificate: CpsCertificate, anchor: Authority | None) -> Iterator[Flaw]:
    """A real card under a TEST anchor, or a test card under a pinned one."""
    if anchor and certificate.is_test not in (None, anchor.standing is Standing.TEST):
        yield Flaw.MIXED


def _revocations(
    chain: tuple[Certificate, ...], sources: Sequence[RevocationSource], at: datetime
) -> Iterator[Revocation]:
    for certificate, issuer in pairwise(chain):
        yield _ask(sources, certificate, issuer, at)
    yield UNCHECKED


def _ask(
    sources: Sequence[RevocationSource], certificate: Certificate, issuer: Certificate, at: datetime
) -> Revocation:
    """The first that tells, else the last doubt."""
    answer = UNCHECKED
    for source in sources:
        answer = source.ask(certificate, issuer, at)
        if answer.status in _TOLD:
            break
    return answer
