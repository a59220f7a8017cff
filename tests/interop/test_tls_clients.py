"""Each of Python's HTTP clients, with an emulated card, at Debian's nginx."""

import ssl
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.support.cps_cards import CountedWire, opened
from tests.support.tls_clients import CLIENTS, SOAP_LOCATION, Client, with_zeep
from tests.support.tls_servers import Server, nginx

from cardio import CpsCard, Pin, Verified
from cardio.authentication import tls_session
from cardio.errors import CardRemoved

FIRST, LATER = 4, 2
"""Exchanges of a handshake, GET RESPONSE included: the first has to choose key and scheme."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with nginx(tmp_path_factory.mktemp("nginx"), more=SOAP_LOCATION) as running:
        yield running


@pytest.fixture
def clients(tmp_path: Path) -> dict[str, Client]:
    return {**CLIENTS, "zeep": partial(with_zeep, folder=tmp_path)}


NAMES = [*CLIENTS, "zeep"]


def unlocked(kind: str) -> tuple[CountedWire, CpsCard]:
    wire, card = opened(kind)
    with Pin.of("1234") as pin:
        assert card.verify_pin(pin) == Verified()
    return wire, card


def ps_idnat(card: CpsCard) -> str:
    assert card.holder.ps_idnat
    return str(card.holder.ps_idnat)


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
@pytest.mark.parametrize("name", NAMES)
def test_client(server: Server, clients: dict[str, Client], name: str, kind: str) -> None:
    wire, card = unlocked(kind)
    with tls_session(card, server_authorities=server.authority) as session:
        before = len(wire.commands)
        for expected in (FIRST, LATER):
            assert ps_idnat(card) in clients[name](session.context, server.url)
            assert len(wire.commands) - before <= expected
            before = len(wire.commands)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_that_left_is_told_as_such(
    server: Server, clients: dict[str, Client], name: str
) -> None:
    wire, card = unlocked("cps3")
    with tls_session(card, server_authorities=server.authority) as session:
        wire.is_removed = True
        for _ in range(2):
            with pytest.raises(CardRemoved):
                clients[name](session.context, server.url)
        assert isinstance(session.ended_by, CardRemoved)


@pytest.mark.parametrize("name", NAMES)
def test_the_server_is_verified(server: Server, clients: dict[str, Client], name: str) -> None:
    """By the system's authorities, which do not know it: nothing is signed for it."""
    wire, card = unlocked("cps4")
    with tls_session(card) as session:
        before = len(wire.commands)
        with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
            clients[name](session.context, server.url)
        assert len(wire.commands) == before
        assert session.ended_by is None


def test_requests_adds_no_authority(
    server: Server, clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, card = unlocked("cps3")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ssl.get_default_verify_paths().openssl_cafile)
    with tls_session(card, server_authorities=server.authority) as session:
        assert ps_idnat(card) in clients["requests"](session.context, server.url)
        (only,) = session.context.get_ca_certs()
        assert "Serveurs de test" in str(only["subject"])
        assert session.context.verify_mode is ssl.CERT_REQUIRED


def test_versions(server: Server, clients: dict[str, Client]) -> None:
    get: Callable[..., str] = clients["httpx"]
    known = len(server.log(0))
    for number, (kind, version) in enumerate((("cps3", "TLSv1.2"), ("cps4", "TLSv1.3")), 1):
        _, card = unlocked(kind)
        with tls_session(card, server_authorities=server.authority) as session:
            get(session.context, server.url)
        assert server.log(known + number)[-1][:2] == ["SUCCESS", version]
