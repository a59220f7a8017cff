"""TLS servers that want a client certificate: nginx and `openssl s_server`, on this machine only.

Each runs in a folder of its own, without privileges, and dies with the test's process.
"""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sslcontext.issuing import CertificateAuthority

from cardio_emulator.certificates import Credential, hierarchy

HOST = "localhost"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
BOTH = "TLSv1.2 TLSv1.3"
_WITHIN = 10.0

_NGINX_CONF = """
daemon off;
master_process off;
pid nginx.pid;
error_log error.log info;
events {{ worker_connections 64; }}
http {{
    log_format holders '$ssl_client_verify|$ssl_protocol|$ssl_client_s_dn';
    access_log access.log holders;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate server.pem;
        ssl_certificate_key server.key;
        ssl_protocols {protocols};
        ssl_client_certificate clients.pem;
        ssl_verify_client {verify};
        ssl_verify_depth 3;
        {more}
        location / {{ default_type text/plain; return 200 '$ssl_client_s_dn'; }}
    }}
}}
"""


@cache
def server_authority() -> CertificateAuthority:
    """Who issues the servers' certificates: nobody the cards know."""
    return CertificateAuthority.create("Serveurs de test")


@dataclass(frozen=True)
class Server:
    """A running server; `authority` is the file to verify it by."""

    port: int
    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/"

    def log(self, requests: int = 1) -> list[list[str]]:
        """What nginx wrote of each of so many requests: verification, version, subject.

        It writes after the answer has gone.
        """
        file, deadline = self.folder / "access.log", time.monotonic() + _WITHIN
        while len(lines := file.read_text(encoding="utf-8").splitlines()) < requests:
            assert time.monotonic() < deadline, lines
            time.sleep(0.005)
        return [line.split("|") for line in lines]


@contextmanager
def nginx(
    folder: Path,
    *,
    protocols: str = BOTH,
    clients: tuple[Credential, ...] = (),
    verify: str = "on",
    more: str = "",
) -> Iterator[Server]:
    """Debian's nginx, that lets in only holders of certificates of `clients` (the emulator's)."""
    if not Path(NGINX).exists():
        pytest.skip("nginx is not installed")
    server = _prepare(folder, clients)
    conf = _NGINX_CONF.format(port=server.port, protocols=protocols, verify=verify, more=more)
    (folder / "nginx.conf").write_text(conf, encoding="ascii")
    command = [NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    with _running(command, folder):
        _wait_for(server.port, folder / "error.log")
        yield server


@contextmanager
def s_server(folder: Path, *options: str, clients: tuple[Credential, ...] = ()) -> Iterator[Server]:
    """`openssl s_server -Verify`: no handshake without a certificate of `clients`."""
    server = _prepare(folder, clients)
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{server.port}", "-www"]
    command += ["-cert", "server.pem", "-key", "server.key", "-CAfile", "clients.pem"]
    command += ["-Verify", "3", "-verify_return_error", *options]
    with _running(command, folder):
        _wait_for(server.port, folder / "output")
        yield server


@contextmanager
def ocsp_responder(folder: Path, serial_number: int, *, revoked: bool) -> Iterator[str]:
    """`openssl ocsp`, that knows one certificate of the emulator's authority; gives its address."""
    folder.mkdir()
    digits = f"{serial_number:X}"
    digits = digits.rjust(len(digits) + len(digits) % 2, "0")
    status = "R\t330101000000Z\t251101000000Z" if revoked else "V\t330101000000Z\t"
    issuer = hierarchy().persons
    key = issuer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "index.txt").write_text(f"{status}\t{digits}\tunknown\t/CN=a\n", encoding="ascii")
    (folder / "ca.pem").write_text(ssl.DER_cert_to_PEM_cert(issuer.der), encoding="ascii")
    (folder / "ca.key").write_bytes(key)
    port = _free_port()
    command = ["openssl", "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem"]
    command += ["-rkey", "ca.key", "-port", str(port), "-nmin", "5"]
    with _running(command, folder):
        _wait_for_word("ACCEPT", folder / "output")  # a connection tried first would hold it up
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def asking_again(folder: Path) -> Iterator[tuple[Server, Callable[[], None]]]:
    """`openssl s_server`, and what makes it ask: by a renegotiation of TLS 1.2.

    It says `hello` once it has verified a certificate.
    """
    server = _prepare(folder, ())
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{server.port}", "-tls1_2"]
    command += ["-cert", "server.pem", "-key", "server.key", "-CAfile", "clients.pem"]
    command += ["-no_resumption_on_reneg", "-naccept", "1"]
    with _running(command, folder) as process:
        _wait_for_word("ACCEPT", folder / "output")

        def ask() -> None:
            assert process.stdin
            process.stdin.write(b"R\n")
            process.stdin.flush()
            Thread(target=greet, daemon=True).start()

        def greet() -> None:
            with suppress(AssertionError, OSError, ValueError):  # the test misses the greeting
                _wait_for_word("verify return:1", folder / "output")
                process.communicate(b"hello\n")

        yield server, ask


@contextmanager
def asking_later(folder: Path) -> Iterator[Server]:
    """A server that asks for the certificate after the TLS 1.3 handshake, for one connection."""
    server = _prepare(folder, ())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.load_verify_locations(folder / "clients.pem")
    context.post_handshake_auth = True
    context.verify_mode = ssl.CERT_REQUIRED

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as speaking:
                speaking.recv(100)
                speaking.verify_client_post_handshake()
                speaking.sendall(b"now")
                speaking.recv(100)
                speaking.sendall(str(speaking.getpeercert()).encode())
        except OSError:
            connection.close()

    with socket.create_server(("127.0.0.1", server.port)) as listening:
        thread = Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield server
    thread.join(timeout=5)


def _prepare(folder: Path, clients: tuple[Credential, ...]) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    issued = server_authority().issue([HOST, "127.0.0.1"])
    (folder / "server.pem").write_bytes(issued.certificate)
    (folder / "server.key").write_bytes(issued.key)
    (folder / "authority.pem").write_bytes(server_authority().certificate)
    chosen = clients or (hierarchy().persons, hierarchy().root)
    pem = "".join(ssl.DER_cert_to_PEM_cert(one.der) for one in chosen)
    (folder / "clients.pem").write_text(pem, encoding="ascii")
    return Server(_free_port(), folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def _running(command: list[str], folder: Path) -> Generator[subprocess.Popen[bytes]]:
    launcher = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(
            [*launcher, *command], cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _wait_for_word(word: str, file: Path) -> None:
    deadline = time.monotonic() + _WITHIN
    while word not in file.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, file.read_text(encoding="utf-8")
        time.sleep(0.01)


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + _WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError(f"no server: {log.read_text('utf-8')}") from None
            time.sleep(0.01)
        else:
            return
