"""The way to the hosts, tried for real against servers on the loopback."""

import socket
import threading
from datetime import timedelta

import pytest
from tests.support.hosts import Authority, authority, listening, proxy, web

from cardio.probe import probe
from cardio.probe.network import reaching
from cardio.probe.network.facts import HostFacts, Reached
from cardio.probe.network.hosts import Host, hosts, inspects
from cardio.probe.network.reaching import look_at_network, reach, system_proxy


@pytest.fixture(scope="module")
def good() -> Authority:
    return authority("TEST Autorité")


def at(port: int) -> Host:
    return Host("localhost", port)


def test_a_host_that_is_reached(good: Authority) -> None:
    with listening(web(good.server(), timedelta())) as port:
        found = reach(at(port), trust=good.trust())
    assert found.offset is not None
    assert abs(found.offset) <= 2
    assert found == HostFacts("localhost", port, Reached.TRUSTED, good.name, offset=found.offset)


def test_the_time_of_a_host_shows_a_wrong_clock(good: Authority) -> None:
    with listening(web(good.server(), timedelta(hours=1))) as port:
        found = reach(at(port), trust=good.trust())
    assert found.offset is not None
    assert -3603 <= found.offset <= -3597
    with listening(web(good.server())) as port:
        assert reach(at(port), trust=good.trust()).offset is None


def test_tls_opened_on_the_way_is_told_by_its_issuer(good: Authority) -> None:
    between = authority("TEST Zscaler Inc.")
    with listening(web(between.server(), timedelta())) as port:
        distrusted = reach(at(port), trust=good.trust())
        installed = reach(at(port), trust=between.trust())
    assert (distrusted.reached, distrusted.issuer) == (Reached.UNTRUSTED, between.name)
    assert (installed.reached, installed.inspected) == (Reached.TRUSTED, True)
    assert distrusted.inspected
    assert inspects("FORTINET") is True
    assert inspects("Certigna") is False


def test_a_certificate_for_another_host(good: Authority) -> None:
    with listening(web(good.server("other.test"))) as port:
        found = reach(at(port), trust=good.trust())
    assert (found.reached, found.issuer, found.inspected) == (Reached.UNTRUSTED, good.name, False)


def test_no_server_no_tls_and_silence(good: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert reach(at(port), trust=good.trust()).reached is Reached.REFUSED
    with listening(web(None)) as port:
        assert reach(at(port), trust=good.trust()).reached is Reached.NO_TLS
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(reaching, "CONNECT_LIMIT", 0.3)
        assert reach(at(port), trust=good.trust()).reached is Reached.NO_ANSWER


def test_a_name_that_is_not_found(monkeypatch: pytest.MonkeyPatch, good: Authority) -> None:
    def lost(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", lost)
    assert reach(at(443), trust=good.trust()).reached is Reached.NO_NAME
    assert reach(at(443), "http://proxy.test:1", trust=good.trust()).reached is Reached.PROXY


def test_through_a_proxy_with_its_password(good: Authority) -> None:
    asked: list[bytes] = []
    with listening(web(good.server(), timedelta())) as port:
        with listening(proxy(port, asked)) as tunnel:
            found = reach(at(port), f"http://u:p%40ss@127.0.0.1:{tunnel}", trust=good.trust())
        with listening(proxy(port, asked, allow=False)) as tunnel:
            refused = reach(at(port), f"127.0.0.1:{tunnel}", trust=good.trust())
    assert (found.reached, found.via_proxy, found.issuer) == (Reached.TRUSTED, True, good.name)
    assert asked[0].startswith(f"CONNECT localhost:{port} ".encode())
    assert b"Proxy-Authorization: Basic dTpwQHNz" in asked[0]
    assert refused.reached is Reached.PROXY
    assert "p%40ss" not in repr(found)


def test_a_host_of_plain_http() -> None:
    with listening(web(None, timedelta())) as port:
        plain = Host("localhost", port, is_plain=True)
        found = reach(plain)
    assert (found.reached, found.issuer) == (Reached.TRUSTED, None)
    assert found.offset is not None


def test_hosts_are_tried_side_by_side_and_cut_off(good: Authority) -> None:
    release = threading.Event()

    def hang(line: socket.socket) -> None:
        release.wait(60)

    with listening(web(good.server())) as port, listening(hang) as silent:
        wanted = (at(port), *[at(silent)] * 8)
        found = look_at_network(wanted, lambda _: None, limit=1.5, trust=good.trust())
    release.set()
    reached = [one.reached for one in found.hosts]
    assert reached == [Reached.TRUSTED, *[Reached.NO_ANSWER] * 8]


def test_the_proxy_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "localhost")
    assert system_proxy("www.dmp.fr") == "http://proxy.test:3128"
    assert system_proxy("localhost") is None


def test_hosts_are_dated_and_have_a_source() -> None:
    assert all(one.source and one.checked and one.services for one in hosts())
    assert {one.port for one in hosts() if one.is_plain} == {80}


def test_nothing_is_connected_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a name was asked for")

    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    report = probe("demo")
    assert report.network is None
    assert not [one for one in report.checks if one.check.startswith("network.")]


def test_a_probe_with_network_tells_of_every_host(
    monkeypatch: pytest.MonkeyPatch, good: Authority
) -> None:
    with listening(web(None, timedelta(minutes=10))) as port:
        wanted = (Host("localhost", port, is_plain=True),)
        monkeypatch.setattr("cardio.probe.surroundings.hosts", lambda: wanted)
        monkeypatch.setattr("cardio.probe.reading.RESPONDER", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
        report = probe("demo", network=True)
    found = {one.check: f"{one.status} {one.cause}" for one in report.checks}
    assert found["network.reach"] == "pass ok"
    assert found["network.clock"] == "fail wrong"
