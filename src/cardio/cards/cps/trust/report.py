"""What comes out when a card's certificate is followed up to an authority: values, no errors."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.x509 import Certificate

from cardio.cards.cps.certificate import CertificateUsage
from cardio.cards.cps.trust.authority import Authority, Standing
from cardio.cards.cps.trust.flaw import Flaw


class RevocationStatus(StrEnum):
    """UNCHECKED: nobody was asked. UNKNOWN: somebody was, and did not tell."""

    UNCHECKED = "unchecked"
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class Doubt(StrEnum):
    """Why a revocation status is UNKNOWN."""

    NO_LIST = "no-list"
    NO_ANSWER = "no-answer"
    REFUSED = "refused"
    NOT_KNOWN_THERE = "not-known-there"
    OTHER_CERTIFICATE = "other-certificate"
    WRONG_SIGNATURE = "wrong-signature"
    OUT_OF_DATE = "out-of-date"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Revocation:
    """Whether a certificate was revoked, as told by `source`: a file's name or an address.

    `since` and `reason` (RFC 5280 §5.3.1) are of a revoked one; `as_of` and `next_update` say
    for which time the source speaks, in UTC. `doubt` is set exactly if it is UNKNOWN.
    """

    status: RevocationStatus = RevocationStatus.UNCHECKED
    source: str = ""
    doubt: Doubt | None = None
    since: datetime | None = None
    reason: str | None = None
    as_of: datetime | None = None
    next_update: datetime | None = None


UNCHECKED = Revocation()


def doubtful(source: str, doubt: Doubt) -> Revocation:
    """The source did not tell."""
    return Revocation(RevocationStatus.UNKNOWN, source, doubt)


@dataclass(frozen=True, slots=True)
class Link:
    """One certificate of a chain, what is wrong with it, and whether it was revoked."""

    certificate: Certificate = field(repr=False)
    flaws: tuple[Flaw, ...] = ()
    revocation: Revocation = UNCHECKED


@dataclass(frozen=True, slots=True)
class TrustReport:
    """The outcome at the time `at`. Nothing of the holder is in the repr.

    `chain` starts with the card's certificate; `anchor` is what it ends with, None where that
    is not one to be trusted. `role` is by key usage.
    """

    at: datetime
    role: CertificateUsage
    chain: tuple[Link, ...]
    anchor: Authority | None

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """All that is wrong along the chain, each once, nearest to the card first."""
        return tuple(dict.fromkeys(flaw for link in self.chain for flaw in link.flaws))

    @property
    def revocation(self) -> Revocation:
        """That of the card's certificate; each authority's is in its link."""
        return self.chain[0].revocation

    @property
    def not_before(self) -> datetime:
        """From when on the card's certificate is valid, in UTC."""
        return self.chain[0].certificate.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """Until when the card's certificate is valid, in UTC."""
        return self.chain[0].certificate.not_valid_after_utc

    @property
    def is_test(self) -> bool:
        """Whether it ends with a TEST anchor: never enough for production."""
        return self.anchor is not None and self.anchor.standing is Standing.TEST

    @property
    def is_trusted(self) -> bool:
        """An anchor, no flaw, nothing revoked, and no question about the card left unanswered.

        True also where revocation was not asked about: look at `revocation.status`.
        """
        statuses = [link.revocation.status for link in self.chain]
        if self.flaws or RevocationStatus.REVOKED in statuses:
            return False
        return self.anchor is not None and statuses[0] is not RevocationStatus.UNKNOWN
