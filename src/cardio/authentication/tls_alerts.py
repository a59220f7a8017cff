"""What a server's TLS alert says of the card's certificate, as a typed error."""

from cardio.errors import TlsCertificateRefused, TlsError, TlsNotPossible

_MARK = "ALERT_"

_REFUSED = {
    "ACCESS_DENIED": "the holder has no access",
    "BAD_CERTIFICATE": "it is not good enough",
    "BAD_CERTIFICATE_STATUS_RESPONSE": "its status could not be had",
    "CERTIFICATE_EXPIRED": "it has expired",
    "CERTIFICATE_REQUIRED": "none was sent",
    "CERTIFICATE_REVOKED": "it is revoked",
    "CERTIFICATE_UNKNOWN": "it is not accepted",
    "DECRYPT_ERROR": "its signature is wrong",
    "UNKNOWN_CA": "its authority is not known there",
    "UNSUPPORTED_CERTIFICATE": "it is not of the right kind",
}
"""Alerts that speak of a client's certificate (RFC 8446 §6.2), by OpenSSL's names."""

_NO_VERSION = {"PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"}


def refusal(error: OSError) -> TlsError | None:
    """The typed error for an alert; None where the alert is of something else."""
    reason: str = getattr(error, "reason", None) or ""  # only OpenSSL's own errors have one
    _, is_alert, alert = reason.rpartition(_MARK)
    if alert in _NO_VERSION:
        return TlsNotPossible("the server speaks no version of TLS that this card can sign for")
    if is_alert and alert in _REFUSED:
        message = f"the server refused the card's certificate: {_REFUSED[alert]}"
        return TlsCertificateRefused(message, alert=alert.lower())
    return None
