"""TLS with the key of a card: an `ssl.SSLContext` for any HTTP client (extra `tls`)."""

import ssl
from pathlib import Path
from typing import Self

from cardio.authentication.tls_guard import OnEnd, TlsGuard
from cardio.authentication.tls_identity import TlsIdentity
from cardio.authentication.tls_watch import CardWatch
from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import CardioError, ConfigurationError, TlsSessionClosed
from cardio.keys.private_key import CardPrivateKey
from cardio.transport.base import ResourceManager


class TlsSession:
    """The TLS connections that one card vouches for. A context manager; ends with the card.

    `context` is for `http.client`, `urllib`, `httpx`; `requests` and `zeep` take it through
    `CardAdapter`. Its connections raise the card's own `CardioError`s. Once the session has
    ended nothing is signed any more, and its connections are closed: they raise `ended_by`.
    """

    def __init__(
        self,
        identity: TlsIdentity,
        *,
        server_authorities: Path | None = None,
        on_end: OnEnd | None = None,
    ) -> None:
        self._guard = TlsGuard(on_end)
        self._watch: CardWatch | None = None
        self.context: ssl.SSLContext = _context(identity, self._guard, server_authorities)

    @property
    def ended_by(self) -> CardioError | None:
        """Why the session ended; None while it lasts."""
        return self._guard.ended_by

    def watch(self, manager: ResourceManager, reader: str) -> None:
        """End the session as soon as the card leaves this reader, until `close`."""
        self._watch = CardWatch(manager, reader, self._guard)
        self._watch.start()

    def close(self) -> None:
        """End the session (`TlsSessionClosed`) and its connections; the card stays open."""
        if self._watch:
            self._watch.stop()
        self._guard.end(TlsSessionClosed("the TLS session was closed"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def tls_session(
    card: CpsCard,
    *,
    key: CardPrivateKey | None = None,
    server_authorities: Path | None = None,
    store: TrustStore | None = None,
    watch: ResourceManager | None = None,
    on_end: OnEnd | None = None,
    allow_expired: bool = False,
) -> TlsSession:
    """Connections that show the card's authentication certificate, or that of `key`.

    Contactless, ask for `card.keys.technical`: it names no holder. `server_authorities` is a file
    or folder of those that servers are verified by (the system's); `store` has the card's own
    (those installed). With `watch`, a `Workstation.manager`, the session ends when the card
    leaves; without, when the card next has to sign. `on_end` is then called once with the
    reason, in whichever thread noticed.

    The PIN is given before (`verify_pin`), or in the first handshake (`log_in` with DEFER), once.
    Raises `ConfigurationError`, `KeyMissing`, `KeyMisuse`, `CertificateMissing`,
    `CertificateExpired` and `TransportError`.
    """
    authorities = TrustStore.of_workstation() if store is None else store
    identity = TlsIdentity.of_key(
        key or card.keys.authentication, authorities, allow_expired=allow_expired
    )
    session = TlsSession(identity, server_authorities=server_authorities, on_end=on_end)
    if watch:
        session.watch(watch, card.reader)
    return session


def tls_context(
    card: CpsCard,
    *,
    key: CardPrivateKey | None = None,
    server_authorities: Path | None = None,
    store: TrustStore | None = None,
    allow_expired: bool = False,
) -> ssl.SSLContext:
    """The context of a `tls_session` that nothing watches and nobody closes; raises as that."""
    return tls_session(
        card,
        key=key,
        server_authorities=server_authorities,
        store=store,
        allow_expired=allow_expired,
    ).context


def _context(identity: TlsIdentity, guard: TlsGuard, servers: Path | None) -> ssl.SSLContext:
    try:
        from cardio.authentication.tls_openssl import client_context
    except ModuleNotFoundError as error:
        message = "TLS with a card's key needs sslcontext: pip install 'cardio-sante[tls]'"
        raise ConfigurationError(message) from error
    authorities = TrustStore.load(servers).authorities if servers else ()
    return client_context(identity, guard, tuple(one.certificate for one in authorities))
