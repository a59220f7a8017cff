"""TLS handshakes in memory: no socket, no port, no second thread."""

import ssl
from functools import cache

from sslcontext.issuing import CertificateAuthority, IssuedCertificate
from tests.support.tls_servers import HOST, server_authority

from cardio_emulator.certificates import hierarchy

MAX_TURNS = 20


@cache
def _issued() -> IssuedCertificate:
    return server_authority().issue([HOST])


def server_context(
    authority: bytes | None = None, *, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """A server that wants a certificate of the emulator's hierarchy, or of `authority` (DER)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _issued().load_into(context)
    issuers = authority or hierarchy().persons.der + hierarchy().root.der
    context.load_verify_locations(cadata=issuers)
    context.verify_mode = ssl.CERT_REQUIRED
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def authority() -> CertificateAuthority:
    """Who issued the certificate of `server_context`."""
    return server_authority()


def handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> tuple[ssl.SSLObject, ...]:
    """Both ends once they have shaken hands, and the client has read one byte."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=HOST),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    waiting = list(ends)
    for _ in range(MAX_TURNS):
        waiting = [end for end in waiting if not _is_done(end)]
        if not waiting:
            ends[1].write(b"!")
            assert ends[0].read(1) == b"!"
            return ends
    raise RuntimeError("the handshake does not end")


def _is_done(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
