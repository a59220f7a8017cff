"""Asking responders over HTTP: that of openssl, and one of our own, wrong on demand."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.support import trust
from tests.support.ocsp import Answer, Responder, serving
from tests.support.trust import DAY, NOW

from cardio.cards.cps.trust import http as http_module
from cardio.cards.cps.trust.examine import examine
from cardio.cards.cps.trust.ocsp import OcspResponder
from cardio.cards.cps.trust.report import Doubt, Revocation, RevocationStatus
from cardio.errors import ConfigurationError
from cardio_emulator.certificates import Credential

GOOD, REVOKED, UNKNOWN = 21, 22, 23


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def ask(
    answer: Answer, *, serial: int = GOOD, at: datetime = NOW, timeout: float = 5
) -> Revocation:
    with serving(answer) as url:
        responder = OcspResponder(url, timeout)
        return responder.ask(trust.card(serial=serial), trust.persons().certificate, NOW)


def delegate(
    *, usage: bool = True, until: datetime = NOW + DAY, foreign: bool = False
) -> Credential:
    """A certificate for signing answers, or one that only looks like it."""
    role = ("digital_signature",), (ExtendedKeyUsageOID.OCSP_SIGNING if usage else None)
    issuer = trust.root() if foreign else trust.persons()
    made = trust.card(role, issuer, until=until)
    return Credential(trust.key("card 2048", 2048), made)


def test_good_and_what_is_asked() -> None:
    responder = Responder()
    told = ask(responder)
    assert (told.status, told.as_of, told.next_update) == (RevocationStatus.GOOD, NOW, NOW + DAY)
    assert told.source.startswith("http://127.0.0.1:")
    (request,) = responder.requests
    assert request.serial_number == GOOD
    nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    assert len(nonce) == 32


def test_revoked() -> None:
    told = ask(Responder(ocsp.OCSPCertStatus.REVOKED))
    assert told.status is RevocationStatus.REVOKED
    assert (told.since, told.reason) == (NOW - 3 * DAY, "cessationOfOperation")


def test_a_delegate_may_sign() -> None:
    assert ask(Responder(signer=delegate())).status is RevocationStatus.GOOD


def test_without_nonce_and_without_next_update() -> None:
    assert ask(Responder(has_nonce=False)).status is RevocationStatus.GOOD
    assert ask(Responder(until=None)).status is RevocationStatus.GOOD
    old = ask(Responder(since=NOW - 2 * DAY, until=None))
    assert old.doubt is Doubt.OUT_OF_DATE


DOUBTS: dict[str, tuple[Doubt, Callable[[], Answer]]] = {
    "unknown there": (Doubt.NOT_KNOWN_THERE, lambda: Responder(ocsp.OCSPCertStatus.UNKNOWN)),
    "signed by another": (Doubt.WRONG_SIGNATURE, lambda: Responder(signer=trust.root())),
    "delegate without the usage": (
        Doubt.WRONG_SIGNATURE,
        lambda: Responder(signer=delegate(usage=False)),
    ),
    "delegate of another": (
        Doubt.WRONG_SIGNATURE,
        lambda: Responder(signer=delegate(foreign=True)),
    ),
    "delegate out of date": (
        Doubt.WRONG_SIGNATURE,
        lambda: Responder(signer=delegate(until=NOW - DAY)),
    ),
    "of another certificate": (Doubt.OTHER_CERTIFICATE, lambda: Responder(serial=99)),
    "replayed": (Doubt.OTHER_CERTIFICATE, lambda: Responder(nonce=bytes(32))),
    "out of date": (
        Doubt.OUT_OF_DATE,
        lambda: Responder(since=NOW - 9 * DAY, until=NOW - DAY),
    ),
    "of the future": (Doubt.OUT_OF_DATE, lambda: Responder(since=NOW + DAY, until=NOW + 2 * DAY)),
    "try later": (Doubt.REFUSED, lambda: refusing(ocsp.OCSPResponseStatus.TRY_LATER)),
    "unauthorised": (Doubt.REFUSED, lambda: refusing(ocsp.OCSPResponseStatus.UNAUTHORIZED)),
    "no answer of this kind": (Doubt.DAMAGED, lambda: lambda body: (200, b"<html>")),
    "empty": (Doubt.DAMAGED, lambda: lambda body: (200, b"")),
    "not found": (Doubt.NO_ANSWER, lambda: lambda body: (404, b"")),
    "server error": (Doubt.NO_ANSWER, lambda: lambda body: (500, b"")),
    "endless": (Doubt.NO_ANSWER, lambda: lambda body: (200, bytes(http_module.MAX_ANSWER + 1))),
    "redirection": (Doubt.NO_ANSWER, lambda: lambda body: (302, b"file:///etc/hostname")),
}


def refusing(status: ocsp.OCSPResponseStatus) -> Answer:
    made = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return lambda body: (200, made.public_bytes(Encoding.DER))


@pytest.mark.parametrize(("doubt", "make"), DOUBTS.values(), ids=DOUBTS)
def test_answers_that_tell_nothing(doubt: Doubt, make: Callable[[], Answer]) -> None:
    told = ask(make())
    assert (told.status, told.doubt) == (RevocationStatus.UNKNOWN, doubt)


def test_damaged_answers_never_break_it() -> None:
    responder = Responder()
    card, issuer = trust.card(serial=GOOD), trust.persons().certificate
    positions = iter(range(0, 100_000, 7))

    def damaged(body: bytes) -> tuple[int, bytes]:
        status, raw = responder(body)
        changed = bytearray(raw)
        changed[next(positions) % len(raw)] ^= 0x55
        return status, bytes(changed)

    with serving(damaged) as url:
        told = [OcspResponder(url).ask(card, issuer, NOW) for _ in range(60)]
    assert RevocationStatus.REVOKED not in {one.status for one in told}
    assert all(one.doubt is not None for one in told)


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        told = OcspResponder(f"http://127.0.0.1:{unused.getsockname()[1]}/").ask(
            trust.card(), trust.persons().certificate, NOW
        )
    assert told.doubt is Doubt.NO_ANSWER


def test_a_responder_that_drips_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        dripping = Thread(target=_drip, args=(server,), daemon=True)
        dripping.start()
        start = time.monotonic()
        told = OcspResponder(url, 0.5).ask(trust.card(), trust.persons().certificate, NOW)
        assert time.monotonic() - start < 20
        dripping.join(timeout=30)
    assert told.doubt is Doubt.NO_ANSWER


def _drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(300):
            try:
                connection.sendall(b"x")
            except OSError:
                return
            time.sleep(0.1)


@pytest.mark.parametrize(
    "url", ["", "ocsp.esante.gouv.fr", "file:///etc/passwd", "http://", "ftp://a/", "http://["]
)
def test_only_web_addresses(url: str) -> None:
    with pytest.raises(ConfigurationError):
        OcspResponder(url)


def test_in_a_report(tmp_path: Path) -> None:
    store = trust.store(tmp_path)
    for status, trusted in ((ocsp.OCSPCertStatus.GOOD, True), (ocsp.OCSPCertStatus.REVOKED, False)):
        with serving(Responder(status)) as url:
            sources = [OcspResponder(url)]
            report = examine(trust.decode(trust.card()), store, revocation=sources, at=NOW)
        assert (report.is_trusted, report.flaws) == (trusted, ())
        # the responder has no say about the authority: its answer is not signed by the root
        assert report.chain[1].revocation.doubt is Doubt.WRONG_SIGNATURE


@contextmanager
def openssl_responder(folder: Path) -> Iterator[str]:
    """`openssl ocsp` with an index of three certificates, for a handful of requests."""
    (folder / "ca.pem").write_bytes(trust.persons().certificate.public_bytes(Encoding.PEM))
    key = trust.persons().key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    (folder / "ca.key").write_bytes(key)
    (folder / "index.txt").write_text(
        f"V\t330101000000Z\t\t{GOOD:02X}\tunknown\t/CN=a\n"
        f"R\t330101000000Z\t261101000000Z,superseded\t{REVOKED:02X}\tunknown\t/CN=b\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["openssl", "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem"]
    command += ["-rkey", "ca.key", "-port", str(port), "-nmin", "5"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ACCEPT")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


def test_openssls_responder(tmp_path: Path) -> None:
    now, issuer = datetime.now(UTC), trust.persons().certificate
    with openssl_responder(tmp_path) as url:
        good, revoked, unknown = (
            OcspResponder(url).ask(trust.card(serial=serial), issuer, now)
            for serial in (GOOD, REVOKED, UNKNOWN)
        )
        assert good.status is RevocationStatus.GOOD
        assert revoked.status is RevocationStatus.REVOKED
        assert (revoked.reason, revoked.since) == (
            "superseded",
            datetime(2026, 11, 1, tzinfo=UTC),
        )
        assert unknown.doubt is Doubt.NOT_KNOWN_THERE
