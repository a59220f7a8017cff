"""What a client does with the keys, and its services' answers: CARD-18xx."""

from enum import StrEnum

from cardio.errors.base import CardioError, Where
from cardio.errors.malformed import MalformedData


class AssertionRefused(CardioError):
    """Its service would refuse the assertion; `reasons` are the `Requirement`s that are not met."""

    code, hint = "CARD-1820", "Give what the reasons name, then make the assertion again."

    def __init__(self, message: str, *, reasons: tuple[StrEnum, ...]) -> None:
        super().__init__(message)
        self.reasons = reasons


class XmlRefused(MalformedData):
    code, hint = "CARD-1821", "Take the document for no XML: ask for it anew, or sign it as CMS."


class TeleserviceFault(CardioError):
    """The service answered with a fault; `service_code` is its own (`desir_560`), or None.

    `text` is what it says to the user; it is the service's, so it is in no message of ours.
    """

    code, hint = "CARD-1822", "Look the service's code up; its text says whom to ask."

    def __init__(self, message: str, *, service_code: str | None, text: str) -> None:
        super().__init__(message)
        self.service_code = service_code
        self.text = text


class ClockSkew(CardioError):
    code, hint = "CARD-1823", "Set the computer's clock, then start over."


class TlsError(CardioError):
    """A TLS connection with the card's certificate did not come about, or is over."""

    code = "CARD-1800"


class TlsWrongAuthority(TlsError):
    """The server asks for the certificates of other authorities, whose names `accepted` are."""

    code, hint = "CARD-1801", "Check the server's address (test or production?), or the card."

    def __init__(
        self, message: str, *, accepted: tuple[str, ...] = (), where: Where | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.accepted = accepted


class TlsCertificateRefused(TlsError):
    """The server refused the card's certificate; `alert` is the TLS alert (RFC 8446 §6.2)."""

    code, hint = "CARD-1802", "Ask the service why: is the card known, valid, not revoked?"

    def __init__(self, message: str, *, alert: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.alert = alert


class TlsNotPossible(TlsError):
    code, hint = "CARD-1803", "The card cannot sign as this server wants: only a newer one can."


class TlsSessionClosed(TlsError):
    code, hint = "CARD-1804", "Open a new TLS session with the card."


class SignatureError(CardioError):
    """The signature of a file cannot be relied on."""

    code, hint = "CARD-1840", "Do not rely on the file; ask its sender for it again."


class SignatureDamaged(SignatureError):
    code, hint = "CARD-1841", "The signature is damaged or forged: ask the signer for it again."


class ContentChanged(SignatureError):
    code, hint = "CARD-1842", "This is not the file that was signed: ask its sender for that one."


class UnknownSignatureFormat(SignatureError):
    code, hint = "CARD-1843", "Give a file with a CMS (.p7s), XML or JWS signature."


class UnsupportedSignature(SignatureError):
    code, hint = "CARD-1844", "Ask the signer for one signature with RSA and SHA-256 or longer."


class SignerNotTrusted(SignatureError):
    """The signature fits; `flaws` are those of the signer's chain of certificates."""

    code, hint = "CARD-1845", "Check whose certificate it is, and that its authorities are known."

    def __init__(
        self, message: str, *, flaws: tuple[StrEnum, ...], where: Where | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.flaws = flaws


class SignerExpired(SignerNotTrusted):
    code, hint = "CARD-1846", "Prove by other means when it was signed, and check for that time."
