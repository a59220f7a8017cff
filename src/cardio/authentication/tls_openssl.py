"""The one module that drives `sslcontext`: OpenSSL asks it for signatures and certificates."""

import logging
import ssl
from threading import Lock

import sslcontext
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding as paddings
from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from sslcontext import CertificateRequest, ClientCertificateSelector, Identity, Padding

from cardio.authentication.tls_guard import TlsGuard
from cardio.authentication.tls_identity import TlsIdentity
from cardio.authentication.tls_request import refusal
from cardio.authentication.tls_socket import CardContext
from cardio.errors import CardioError, KeyMismatch, TlsNotPossible

_HASHES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


def client_context(
    identity: TlsIdentity, guard: TlsGuard, server_authorities: tuple[Certificate, ...]
) -> CardContext:
    """A context that verifies servers, by these authorities or the system's, and shows a card.

    TLS 1.2 at least; at most, for a key without PSS. A certificate may be asked for after the
    handshake as well (RFC 8446 §4.6.2).
    """
    context = CardContext(ssl.PROTOCOL_TLS_CLIENT)
    context.guard = guard
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not identity.supports_pss:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.post_handshake_auth = True
    shown = Identity(
        _der(identity.certificate), CardSigner(identity, guard), tuple(map(_der, identity.chain))
    )
    # It forgets what failed before in this thread, which `load_verify_locations` would raise.
    sslcontext.load_identity(context, shown)
    if server_authorities:
        context.load_verify_locations(cadata=b"".join(map(_der, server_authorities)))
    else:
        context.load_default_certs()
    RequestGate(identity, guard).install(context)
    _log.addFilter(_is_news)
    return context


class CardSigner:
    """Signs for OpenSSL, one handshake at a time, and tells the guard of what goes wrong.

    Each signature is verified with the certificate before it leaves: a server would only say
    that it is wrong.
    """

    def __init__(self, identity: TlsIdentity, guard: TlsGuard) -> None:
        self.supports_pss = identity.supports_pss
        self._identity = identity
        self._guard = guard
        self._signing = Lock()

    def sign(
        self,
        digest: bytes,
        *,
        hash: str,  # noqa: A002 - of `sslcontext.Signer`
        padding: Padding | None = None,
        salt_length: int | None = None,
    ) -> bytes:
        """See `sslcontext.Signer`."""
        with self._guard.failing(), self._signing:
            self._guard.check()
            function = _HASHES.get(hash)
            if function is None:
                raise TlsNotPossible(f"the server wants a signature with {hash}, which is too weak")
            how = _padding(function(), padding, salt_length)
            return self._verified_signature(digest, how, Prehashed(function()))

    def _verified_signature(
        self, digest: bytes, how: AsymmetricPadding, algorithm: Prehashed
    ) -> bytes:
        signature = self._identity.key.sign(digest, how, algorithm)
        try:
            self._identity.public_key.verify(signature, digest, how, algorithm)
        except InvalidSignature:
            raise KeyMismatch("the certificate does not belong to the key") from None
        return signature


class RequestGate(ClientCertificateSelector):
    """Lets the card's certificate be sent only where the server can take it.

    It chooses nothing itself: with None, OpenSSL sends the certificate loaded before.
    """

    def __init__(self, identity: TlsIdentity, guard: TlsGuard) -> None:
        super().__init__([])
        self._identity = identity
        self._guard = guard

    def select(self, request: CertificateRequest) -> None:
        """Raises `TlsError` for a request that the card cannot answer; as `TlsGuard.check`."""
        with self._guard.failing():
            self._guard.check()
            if error := refusal(self._identity, request):
                raise error


def _padding(
    function: hashes.HashAlgorithm, padding: Padding | None, salt_length: int | None
) -> AsymmetricPadding:
    if padding is Padding.PSS:
        salt = function.digest_size if salt_length is None else salt_length
        return paddings.PSS(paddings.MGF1(function), salt)
    return paddings.PKCS1v15()


def _der(certificate: Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


_log = logging.getLogger("sslcontext")


def _is_news(record: logging.LogRecord) -> bool:
    """`sslcontext` logs with a traceback what the caller gets as an error anyway."""
    return not (record.exc_info and isinstance(record.exc_info[1], CardioError))
