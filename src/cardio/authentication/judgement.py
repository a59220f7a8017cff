"""Who signed, and are they to be trusted: a signature that fits, held against known authorities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.x509 import load_der_x509_certificate

from cardio.authentication.signed import Signed, WhenSigned
from cardio.cards.cps.trust.authority import Authority
from cardio.cards.cps.trust.damage import DAMAGED
from cardio.cards.cps.trust.examine import RevocationSource, examine
from cardio.cards.cps.trust.flaw import Flaw
from cardio.cards.cps.trust.report import TrustReport
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import CertificateError, SignatureDamaged, SignerExpired, SignerNotTrusted

_DATES = (Flaw.EXPIRED, Flaw.NOT_YET_VALID)


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """A signature that fits, and what is known of its signer at the time of `trust.at`."""

    signed: Signed
    trust: TrustReport

    @property
    def is_trusted(self) -> bool:
        """As `TrustReport.is_trusted`, for the time asked about, which is not that of signing."""
        return self.trust.is_trusted

    @property
    def is_expired(self) -> bool:
        """Dates are all that is wrong: it may have been good when it was made.

        `signed.when_signed` tells what the signer's own clock said; proving it takes a time stamp
        or a witness, and `judge` with `at` then.
        """
        flaws = self.trust.flaws
        return bool(flaws) and set(flaws) <= set(_DATES)

    def require_trusted(self) -> None:
        """Raises `SignerExpired` for dates alone, `SignerNotTrusted` for all else."""
        if self.is_trusted:
            return
        flaws = self.trust.flaws
        if self.is_expired:
            claim = self.signed.when_signed
            was = "; it was valid when it claims to be" if claim is WhenSigned.VALID else ""
            raise SignerExpired(f"a certificate is not valid at this time{was}", flaws=flaws)
        why = ", ".join(flaws) or "revocation is not cleared up"
        raise SignerNotTrusted(f"the signer is not to be trusted: {why}", flaws=flaws)


def judge(
    signed: Signed,
    store: TrustStore,
    *,
    at: datetime | None = None,
    revocation: Sequence[RevocationSource] = (),
) -> SignatureReport:
    """Follow the signer's certificate to an anchor of `store`, at a time with its zone (now).

    Certificates that came with the signature help to find the way; none of them can be its end.
    Raises `SignatureDamaged` for a certificate that cannot be loaded.
    """
    known = replace(store, authorities=(*store.authorities, *_helpers(signed, store)))
    try:
        trust = examine(
            signed.certificate, known, revocation=revocation, at=at or datetime.now(UTC)
        )
    except CertificateError:
        raise SignatureDamaged("the signer's certificate cannot be read") from None
    return SignatureReport(signed, trust)


def _helpers(signed: Signed, store: TrustStore) -> list[Authority]:
    """Intermediate authorities that came along: roots must be known here beforehand."""
    found: list[Authority] = []
    for raw in signed.others:
        try:
            authority = Authority.of(load_der_x509_certificate(raw))
        except DAMAGED:
            continue
        if not authority.is_self_issued and not store.is_anchor(authority):
            found.append(authority)
    return found
