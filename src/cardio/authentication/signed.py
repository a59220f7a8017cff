"""What a signature that fits says: who made it, and when they say they did. Values only."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cardio.cards.cps.certificate import CpsCertificate


class SignatureFormat(StrEnum):
    """CMS: a detached PKCS#7. XML: enveloped, in the document. JWS: compact, content inside."""

    CMS = "cms"
    XML = "xml"
    JWS = "jws"


class WhenSigned(StrEnum):
    """What the certificate was at the time the signer claims; UNTOLD where none is claimed."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that fits its content and its certificate, which nobody has judged yet.

    `signed_at` is the signer's own clock, in UTC: a claim, no proof. `others` are further
    certificates that came along, DER. `content` is what a JWS holds, None for the others.
    """

    format: SignatureFormat
    algorithm: str
    certificate: CpsCertificate
    signed_at: datetime | None = None
    others: tuple[bytes, ...] = field(default=(), repr=False)
    content: bytes | None = field(default=None, repr=False)

    @property
    def when_signed(self) -> WhenSigned:
        if self.signed_at is None:
            return WhenSigned.UNTOLD
        if self.signed_at > self.certificate.not_after:
            return WhenSigned.EXPIRED
        is_early = self.signed_at < self.certificate.not_before
        return WhenSigned.NOT_YET_VALID if is_early else WhenSigned.VALID
