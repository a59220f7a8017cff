"""Hosts of services on the loopback: any certificate, any Date, and a proxy before them."""

import contextlib
import datetime
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
Serve = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Authority:
    """A TEST authority, by the organisation's name."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def trust(self) -> ssl.SSLContext:
        """A client's context that goes by this authority only."""
        pem = self.certificate.public_bytes(Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, host: str = "localhost") -> ssl.SSLContext:
        """A server's context with a certificate for `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(host, key, self.name, self.key, is_authority=False)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "server.pem"
            secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            file.write_bytes(secret + made.public_bytes(Encoding.PEM))
            context.load_cert_chain(file)
        return context


def authority(name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(name, key, _certificate(name, key, name, key, is_authority=True))


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if is_authority:
        builder = builder.add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False),
            critical=True,
        )
    else:
        names = x509.SubjectAlternativeName([x509.DNSName(subject)])
        builder = builder.add_extension(names, critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(identifier, critical=False).add_extension(own, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """A server on the loopback, each connection in its own thread; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, serve), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, serve: Serve) -> None:
    with contextlib.suppress(OSError):
        while True:
            line, _ = server.accept()
            threading.Thread(target=_serve, args=(line, serve), daemon=True).start()


def _serve(line: socket.socket, serve: Serve) -> None:
    with line, contextlib.suppress(OSError):
        serve(line)


def web(context: ssl.SSLContext | None, ahead: datetime.timedelta | None = None) -> Serve:
    """Answers any request with 403 and a Date that is `ahead` of the clock, or without one."""

    def serve(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) if context else line as talk:
            _answer(talk, ahead)

    return serve


def _answer(talk: socket.socket, ahead: datetime.timedelta | None) -> None:
    talk.recv(4096)
    head = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n"
    if ahead is not None:
        moment = datetime.datetime.now(datetime.UTC) + ahead
        head += f"Date: {format_datetime(moment, usegmt=True)}\r\n"
    talk.sendall(f"{head}\r\n".encode())


def proxy(port: int, asked: list[bytes], *, allow: bool = True) -> Serve:
    """An HTTP proxy whose every tunnel leads to `port`; notes the heads of requests."""

    def serve(line: socket.socket) -> None:
        asked.append(line.recv(4096))
        if not allow:
            line.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as on:
            back = threading.Thread(target=_pump, args=(on, line), daemon=True)
            back.start()
            _pump(line, on)
            back.join(5)

    return serve


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(4096):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
