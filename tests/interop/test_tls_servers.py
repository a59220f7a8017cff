"""What servers may want of a card: nginx, `openssl s_server` and `openssl ocsp`."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.support import trust
from tests.support.cps_cards import CountedWire, opened
from tests.support.tls_servers import (
    HOST,
    Server,
    asking_again,
    asking_later,
    nginx,
    ocsp_responder,
    s_server,
)

from cardio import CpsCard, Pin, PinEntryMode, Verified
from cardio.authentication import TlsSession, tls_session
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import (
    CardRemoved,
    KeyMissing,
    KeyMisuse,
    TlsCertificateRefused,
    TlsNotPossible,
    TlsWrongAuthority,
)
from cardio_emulator.certificates import Credential, hierarchy, new_key

WAIT = 10.0


def unlocked(kind: str, persona: str = "medecin") -> tuple[CountedWire, CpsCard]:
    wire, card = opened(kind, persona)
    if card.has_pin:
        with Pin.of("1234") as pin:
            assert card.verify_pin(pin) == Verified()
    return wire, card


def get(session: TlsSession, server: Server) -> httpx.Response:
    return httpx.get(server.url, verify=session.context, timeout=WAIT)


def never() -> Pin:
    raise AssertionError("the PIN was asked for")


@pytest.mark.parametrize(
    ("kind", "option", "spoken"),
    [
        ("cps3", "-tls1_2", "TLSv1.2"),
        ("cps4", "-tls1_2", "TLSv1.2"),
        ("cps4", "-tls1_3", "TLSv1.3"),
        ("cps3-contactless", "-tls1_2", "TLSv1.2"),
    ],
)
def test_s_server(tmp_path: Path, kind: str, option: str, spoken: str) -> None:
    _, card = unlocked(kind)
    key = card.keys.technical if kind == "cps3-contactless" else None
    with (
        s_server(tmp_path, option) as server,
        tls_session(card, key=key, server_authorities=server.authority) as session,
    ):
        page = get(session, server).text
    assert f"Protocol  : {spoken}" in page
    assert "Verify return code: 0 (ok)" in page
    shown = card.certificates[-1] if key else card.authentication_certificate
    assert shown
    name = shown.load().subject.rfc4514_string().split("CN=")[1].split("+")[0].split(",")[0]
    assert name in page


@pytest.mark.parametrize(
    "options", [("-tls1_3",), ("-tls1_2", "-client_sigalgs", "RSA-PSS+SHA256")]
)
def test_a_server_that_wants_pss(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A CPS3 has none: told before anybody is asked for a PIN. A CPS4 has."""
    wire, card = opened("cps3")
    card.log_in(PinEntryMode.DEFER, never)
    with s_server(tmp_path, *options) as server:
        with tls_session(card, server_authorities=server.authority) as session:
            before = len(wire.commands)
            with pytest.raises(TlsNotPossible):
                get(session, server)
            assert len(wire.commands) == before
            assert session.ended_by is None
        _, card = unlocked("cps4")
        with tls_session(card, server_authorities=server.authority) as session:
            assert get(session, server).status_code == 200


@pytest.mark.parametrize("protocols", ["TLSv1.2", "TLSv1.3"])
def test_a_server_of_other_authorities(tmp_path: Path, protocols: str) -> None:
    wire, card = opened("cps4")
    card.log_in(PinEntryMode.DEFER, never)
    other = trust.authority("AC AILLEURS", unit="AILLEURS")
    with (
        nginx(tmp_path, protocols=protocols, clients=(other,)) as server,
        tls_session(card, server_authorities=server.authority) as session,
    ):
        before = len(wire.commands)
        with pytest.raises(TlsWrongAuthority, match="AC AILLEURS, not of TEST AC IGC") as told:
            get(session, server)
        assert told.value.accepted == ("AC AILLEURS",)
        assert len(wire.commands) == before
        assert session.ended_by is None


def test_a_test_card_at_a_server_for_real_ones(tmp_path: Path) -> None:
    _, card = unlocked("cps3")
    real = trust.authority("AC IGC-SANTE FORT PERSONNES", unit="IGC-SANTE")
    with (
        nginx(tmp_path, clients=(real,)) as server,
        tls_session(card, server_authorities=server.authority) as session,
        pytest.raises(TlsWrongAuthority, match="this is a test card"),
    ):
        get(session, server)


def test_the_chain_is_sent_as_far_as_it_is_known(tmp_path: Path) -> None:
    """nginx knows the root only: it takes the card if the issuer's certificate comes along."""
    _, card = unlocked("cps3")
    file = tmp_path / "issuer.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(hierarchy().persons.der), encoding="ascii")
    answers: list[int] = []
    with nginx(tmp_path / "nginx", clients=(hierarchy().root,)) as server:
        for store in (TrustStore(), TrustStore.load(file)):
            with tls_session(card, store=store, server_authorities=server.authority) as session:
                answers.append(get(session, server).status_code)
    assert answers == [400, 200]


@pytest.mark.parametrize("option", ["-tls1_2", "-tls1_3"])
def test_a_server_that_refuses_the_certificate(tmp_path: Path, option: str) -> None:
    """It has an authority of the right name and the wrong key."""
    _, card = unlocked("cps4")
    persons = hierarchy().persons
    impostor_key = new_key("impostor")
    subject = persons.certificate.subject
    made = trust.issue(subject, None, [(trust.x509.BasicConstraints(True, 0), True)],
                       own_key=impostor_key)  # fmt: skip
    with (
        s_server(tmp_path, option, clients=(Credential(impostor_key, made.certificate),)) as server,
        tls_session(card, server_authorities=server.authority) as session,
    ):
        with pytest.raises(TlsCertificateRefused) as told:
            get(session, server)
        assert told.value.alert in ("decrypt_error", "bad_certificate", "unknown_ca")
        assert session.ended_by is None


def test_contactless_shows_its_technical_certificate_only_when_asked() -> None:
    _, card = opened("cps3-contactless")
    with pytest.raises(KeyMissing, match=r"card\.keys\.technical"):
        tls_session(card)


def test_the_signature_key_is_not_for_tls() -> None:
    _, card = opened("cps3")
    with pytest.raises(KeyMisuse, match="authentication key"):
        tls_session(card, key=card.keys.signature)


def test_a_server_that_does_not_ask_gets_nothing(tmp_path: Path) -> None:
    wire, card = opened("cps4")
    card.log_in(PinEntryMode.DEFER, never)
    with (
        nginx(tmp_path, verify="off") as server,
        tls_session(card, server_authorities=server.authority) as session,
    ):
        before = len(wire.commands)
        assert get(session, server).status_code == 200
        assert len(wire.commands) == before


@contextmanager
def asked_later(folder: Path, *, is_removed: bool) -> Iterator[tuple[CpsCard, ssl.SSLSocket]]:
    """A connection whose server asks for the certificate once it has read something."""
    wire, card = unlocked("cps4")
    with (
        asking_later(folder) as server,
        tls_session(card, server_authorities=server.authority) as session,
        socket.create_connection(("127.0.0.1", server.port), timeout=WAIT) as plain,
        session.context.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        wire.is_removed = is_removed
        connection.sendall(b"hello")
        yield card, connection


def test_asked_after_the_handshake(tmp_path: Path) -> None:
    """As web servers do that protect one folder only (RFC 8446 §4.6.2)."""
    with asked_later(tmp_path, is_removed=False) as (card, connection):
        assert connection.recv(3) == b"now"
        connection.sendall(b"go on")
        assert str(card.holder.ps_idnat) in connection.recv(10_000).decode()


def test_asked_after_the_handshake_when_the_card_has_left(tmp_path: Path) -> None:
    with asked_later(tmp_path, is_removed=True) as (_, connection), pytest.raises(CardRemoved):
        connection.recv(3)


@pytest.mark.parametrize("is_removed", [False, True])
def test_asked_by_a_renegotiation(tmp_path: Path, is_removed: bool) -> None:
    """The same in TLS 1.2: the card signs in the middle of a `recv`, or has left."""
    wire, card = unlocked("cps3")
    with (
        asking_again(tmp_path) as (server, ask),
        tls_session(card, server_authorities=server.authority) as session,
        socket.create_connection(("127.0.0.1", server.port), timeout=WAIT) as plain,
        session.context.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        before = len(wire.commands)
        wire.is_removed = is_removed
        ask()
        if is_removed:
            with pytest.raises(CardRemoved):
                connection.recv(100)
        else:
            assert connection.recv(100) == b"hello\n"
            assert len(wire.commands) > before


@pytest.mark.parametrize(
    ("revoked", "answer", "verdict"),
    [(False, 200, "SUCCESS"), (True, 400, "FAILED:certificate revoked")],
)
def test_a_server_that_asks_a_responder(
    tmp_path: Path, revoked: bool, answer: int, verdict: str
) -> None:
    """nginx has the card's certificate looked up at `openssl ocsp`; a revoked one stays out."""
    _, card = unlocked("cps4")
    assert card.authentication_certificate
    number = card.authentication_certificate.load().serial_number
    with ocsp_responder(tmp_path / "ocsp", number, revoked=revoked) as url:
        more = f"ssl_ocsp leaf; ssl_ocsp_responder {url};"
        with (
            nginx(tmp_path / "nginx", more=more) as server,
            tls_session(card, server_authorities=server.authority) as session,
        ):
            assert get(session, server).status_code == answer
            assert server.log()[0][0] == verdict
