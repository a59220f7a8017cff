"""Go to a host and come back: name, connection, TLS, the time it tells. Nothing is sent but HEAD.

The certificate is checked as browsers do, by the authorities of the system; where it does not
stand, a second connection takes its name only and sends nothing.
"""

import base64
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.oid import NameOID

from cardio.probe.network.facts import HostFacts, NetworkFacts, Reached
from cardio.probe.network.hosts import Host, inspects
from cardio.probe.runner import side_by_side

CONNECT_LIMIT = 5.0
"""Seconds for each step on the way to a host."""

NETWORK_LIMIT = 15.0
"""Seconds for all hosts, side by side: a name, a connection and TLS that all take long."""

Clock = Callable[[], datetime]
ProxyOf = Callable[[str], str | None]


def system_proxy(host: str) -> str | None:
    """The address of the proxy that this system has for a host, if it is a fixed one."""
    return None if proxy_bypass(host) else getproxies().get("https")


def look_at_network(
    hosts: Iterable[Host],
    proxy: ProxyOf = system_proxy,
    *,
    limit: float = NETWORK_LIMIT,
    trust: ssl.SSLContext | None = None,
) -> NetworkFacts:
    """What is reached of all hosts, each through the `proxy` it has, within `limit` seconds.

    `trust` holds the authorities to go by instead of the system's.
    """
    wanted = tuple(hosts)
    tasks = [lambda one=one: reach(one, proxy(one.host), trust=trust) for one in wanted]
    outcomes = side_by_side(tasks, limit)
    return NetworkFacts(
        tuple(
            outcome.value or HostFacts(host.host, host.port, Reached.NO_ANSWER)
            for host, outcome in zip(wanted, outcomes, strict=True)
        )
    )


def reach(
    host: Host,
    proxy: str | None = None,
    *,
    trust: ssl.SSLContext | None = None,
    now: Clock = lambda: datetime.now(UTC),
) -> HostFacts:
    """How far one host is reached. Raises nothing for what a network may do."""
    found = HostFacts(host.host, host.port, Reached.TRUSTED, via_proxy=proxy is not None)
    with closing(_line(host, proxy, trust or ssl.create_default_context())) as line:
        try:
            line.connect()
        except ssl.SSLCertVerificationError:
            return _told(found, Reached.UNTRUSTED, _issuer(host, proxy))
        except OSError as error:
            return replace(found, reached=_failure(error, via_proxy=proxy is not None))
        whole = f"http://{host.host}/" if proxy and host.is_plain else "/"
        issuer = _issuer_of(line.sock)
        return replace(_told(found, Reached.TRUSTED, issuer), offset=_offset(line, whole, now))


def _told(found: HostFacts, reached: Reached, issuer: str | None) -> HostFacts:
    inspected = issuer is not None and inspects(issuer)
    return replace(found, reached=reached, issuer=issuer, inspected=inspected)


def _line(host: Host, proxy: str | None, context: ssl.SSLContext) -> HTTPConnection:
    """A line that is not open yet; TLS through a proxy goes through a tunnel."""
    to = urlsplit(proxy if "//" in proxy else f"//{proxy}") if proxy else None
    name, port = (to.hostname or "", to.port or 8080) if to else (host.host, host.port)
    if host.is_plain:
        return HTTPConnection(name, port, timeout=CONNECT_LIMIT)
    line = HTTPSConnection(name, port, timeout=CONNECT_LIMIT, context=context)
    if to:
        line.set_tunnel(host.host, host.port, _credentials(to.username, to.password))
    return line


def _credentials(user: str | None, password: str | None) -> dict[str, str]:
    """What the proxy asks for (RFC 7617); it stays between this machine and the proxy."""
    if user is None:
        return {}
    both = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(both).decode('ascii')}"}


def _failure(error: OSError, *, via_proxy: bool) -> Reached:
    """The word for what happened; a proxy's refusal of a tunnel is a bare `OSError`."""
    if isinstance(error, socket.gaierror):
        return Reached.PROXY if via_proxy else Reached.NO_NAME
    if isinstance(error, ssl.SSLError | ConnectionResetError):
        return Reached.NO_TLS
    if isinstance(error, TimeoutError):
        return Reached.NO_ANSWER
    return Reached.PROXY if via_proxy else Reached.REFUSED


def _issuer(host: Host, proxy: str | None) -> str | None:
    """Who issued a certificate that does not stand; nothing is sent over this line."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with closing(_line(host, proxy, context)) as line:
        try:
            line.connect()
        except OSError:
            return None
        return _issuer_of(line.sock)


def _issuer_of(line: socket.socket | None) -> str | None:
    """The organisation of the issuer, or its common name."""
    der = line.getpeercert(binary_form=True) if isinstance(line, ssl.SSLSocket) else None
    if not der:
        return None
    try:
        name = load_der_x509_certificate(der).issuer
    except ValueError:
        return None
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for value in name.get_attributes_for_oid(oid):
            return str(value.value)
    return None


def _offset(line: HTTPConnection, address: str, now: Clock) -> float | None:
    """Seconds this clock is ahead of the host's Date header (RFC 9110 §6.6.1, whole seconds)."""
    begin = time.monotonic()
    try:
        line.request("HEAD", address, headers={"User-Agent": "cardio"})
        told = line.getresponse().getheader("Date")
        moment = parsedate_to_datetime(told) if told else None
    except (HTTPException, OSError, ValueError):
        return None
    if moment is None or moment.tzinfo is None:
        return None
    way = (time.monotonic() - begin) / 2
    return round((now() - moment).total_seconds() - way)
