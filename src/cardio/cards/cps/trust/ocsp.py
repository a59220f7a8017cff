"""Revocation by asking a responder that the user names (RFC 6960, RFC 8954).

Only the certificate's serial number and digests of its issuer are sent. The address that stands
in the certificate is never followed by itself.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, ExtendedKeyUsage, OCSPNonce, ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from cardio.cards.cps.trust.chain import common_flaws
from cardio.cards.cps.trust.damage import DAMAGED
from cardio.cards.cps.trust.extensions import extensions_of, find
from cardio.cards.cps.trust.freshness import is_fresh
from cardio.cards.cps.trust.http import post
from cardio.cards.cps.trust.report import Doubt, Revocation, RevocationStatus, doubtful
from cardio.errors import ConfigurationError

NONCE_SIZE = 32
"""Bytes (RFC 8954 §2.1)."""

_REQUEST_TYPE = "application/ocsp-request"
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_STATUSES = {
    ocsp.OCSPCertStatus.GOOD: RevocationStatus.GOOD,
    ocsp.OCSPCertStatus.REVOKED: RevocationStatus.REVOKED,
}


@dataclass(frozen=True, slots=True)
class OcspResponder:
    """A responder at an http or https address, and how many seconds it has for an answer.

    Raises `ConfigurationError` for another kind of address.
    """

    url: str
    timeout: float = 10.0

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
        except DAMAGED:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"{self.url!r} is no http or https address")

    def ask(self, certificate: Certificate, issuer: Certificate, at: datetime) -> Revocation:
        """Ask about one certificate; whatever goes wrong on the way is a doubt."""
        request = _request(certificate, issuer)
        raw = post(self.url, request.public_bytes(Encoding.DER), _REQUEST_TYPE, self.timeout)
        if raw is None:
            return doubtful(self.url, Doubt.NO_ANSWER)
        try:
            return self._read(ocsp.load_der_ocsp_response(raw), request, issuer, at)
        except DAMAGED:
            return doubtful(self.url, Doubt.DAMAGED)

    def _read(
        self,
        response: ocsp.OCSPResponse,
        request: ocsp.OCSPRequest,
        issuer: Certificate,
        at: datetime,
    ) -> Revocation:
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return doubtful(self.url, Doubt.REFUSED)
        if not any(_is_signed(response, signer) for signer in _signers(response, issuer, at)):
            return doubtful(self.url, Doubt.WRONG_SIGNATURE)
        single = next((one for one in response.responses if _is_about(one, request)), None)
        if single is None or not _echoes(response, request):
            return doubtful(self.url, Doubt.OTHER_CERTIFICATE)
        status = _STATUSES.get(single.certificate_status)
        if status is None:
            return doubtful(self.url, Doubt.NOT_KNOWN_THERE)
        as_of, next_update = single.this_update_utc, single.next_update_utc
        if status is RevocationStatus.GOOD and not is_fresh(as_of, next_update, at):
            return doubtful(self.url, Doubt.OUT_OF_DATE)
        since, reason = single.revocation_time_utc, single.revocation_reason
        return Revocation(
            status, self.url, None, since, reason.value if reason else None, as_of, next_update
        )


def _request(certificate: Certificate, issuer: Certificate) -> ocsp.OCSPRequest:
    """SHA-1 only names the issuer here, and is what every responder knows (RFC 5019 §2.1.1)."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    nonce = OCSPNonce(secrets.token_bytes(NONCE_SIZE))
    return builder.add_extension(nonce, critical=False).build()


def _signers(
    response: ocsp.OCSPResponse, issuer: Certificate, at: datetime
) -> Iterator[Certificate]:
    """Who may sign: the issuer, and those it named for this by a certificate (§4.2.2.2)."""
    yield issuer
    for delegate in response.certificates:
        if _is_delegate(delegate, issuer) and not any(common_flaws(delegate, at)):
            yield delegate


def _is_delegate(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *DAMAGED):
        return False
    usage = find(extensions_of(certificate), ExtendedKeyUsage)
    return usage is not None and ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _is_signed(response: ocsp.OCSPResponse, signer: Certificate) -> bool:
    key, digest = signer.public_key(), response.signature_hash_algorithm
    signed = response.signature, response.tbs_response_bytes
    if not isinstance(digest, _STRONG):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(*signed, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(*signed, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _is_about(single: ocsp.OCSPSingleResponse, request: ocsp.OCSPRequest) -> bool:
    told, asked = (
        (type(one.hash_algorithm), one.issuer_name_hash, one.issuer_key_hash, one.serial_number)
        for one in (single, request)
    )
    return told == asked


def _echoes(response: ocsp.OCSPResponse, request: ocsp.OCSPRequest) -> bool:
    """Whether a nonce in the answer is ours; a responder may leave it out (RFC 8954 §2.1)."""
    told, asked = find(response.extensions, OCSPNonce), find(request.extensions, OCSPNonce)
    return told is None or told == asked
