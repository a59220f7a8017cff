"""A responder on this machine that signs its answers with `cryptography`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from tests.support import trust
from tests.support.trust import DAY, NOW

from cardio_emulator.certificates import Credential

Answer = Callable[[bytes], tuple[int, bytes]]


@dataclass
class Responder:
    """Says `status` of every certificate it is asked for; what else may be wrong is a field."""

    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD
    signer: Credential = field(default_factory=trust.persons)
    issuer: Credential = field(default_factory=trust.persons)
    since: datetime = NOW
    until: datetime | None = NOW + DAY
    serial: int | None = None
    nonce: bytes | None = None
    has_nonce: bool = True
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    requests: list[ocsp.OCSPRequest] = field(default_factory=list[ocsp.OCSPRequest])

    def __call__(self, body: bytes) -> tuple[int, bytes]:
        request = ocsp.load_der_ocsp_request(body)
        self.requests.append(request)
        is_revoked = self.status is ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=request.issuer_name_hash,
            issuer_key_hash=request.issuer_key_hash,
            serial_number=self.serial or request.serial_number,
            algorithm=request.hash_algorithm,
            cert_status=self.status,
            this_update=self.since,
            next_update=self.until,
            revocation_time=NOW - 3 * DAY if is_revoked else None,
            revocation_reason=x509.ReasonFlags.cessation_of_operation if is_revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.signer.certificate)
        if self.signer is not self.issuer:
            builder = builder.certificates([self.signer.certificate])
        if self.has_nonce:
            asked = request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
            builder = builder.add_extension(x509.OCSPNonce(self.nonce or asked), critical=False)
        made = builder.sign(self.signer.key, self.digest)  # type: ignore[arg-type]
        return 200, made.public_bytes(Encoding.DER)


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address at which `answer` is given, a body in, a status and a body out."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/ocsp-request"
            status, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
