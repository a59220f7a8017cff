"""A TLS session lasts as long as its card: in its reader, its own, with its PIN."""

import gc
import socket
import ssl
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.support.tls_memory import handshake, server_context
from tests.support.tls_servers import HOST, server_authority

from cardio import CpsCard, Pin, PinEntryMode, Verified, Workstation, WrongPin, authentication
from cardio.authentication import TlsSession, tls_context, tls_session
from cardio.authentication.tls_guard import OnEnd
from cardio.authentication.tls_identity import TlsIdentity
from cardio.errors import (
    CardioError,
    CardRemoved,
    CardReset,
    CertificateExpired,
    ConfigurationError,
    HeldInTransaction,
    KeyMismatch,
    KeyMissing,
    PinNotVerified,
    SecurityStatusNotSatisfied,
    TlsCertificateRefused,
    TlsSessionClosed,
    TransportError,
)
from cardio.keys.private_key import CardPrivateKey
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator import persona
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.certificates import authentication_credential, hierarchy, new_key
from cardio_emulator.kinds import make

READER = "Lecteur 00 00"
SOON = 5.0


class Desk:
    """One card in one reader of a workstation."""

    def __init__(self, kind: str = "cps3", persona: str = "medecin") -> None:
        self.bench = Bench()
        self.emulated = make(kind, persona)
        self.bench.add_reader(READER, self.emulated)
        self.workstation = Workstation(EmulatedResourceManager(self.bench))
        self.card = self.workstation.cps()

    @property
    def tries_left(self) -> int:
        assert isinstance(self.emulated, Card)
        return self.emulated.pins[1].tries_left


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    with made.workstation:
        yield made


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    file = tmp_path / "authority.pem"
    file.write_bytes(server_authority().certificate)
    return file


def unlocked(card: CpsCard) -> CpsCard:
    with Pin.of("1234") as pin:
        assert card.verify_pin(pin) == Verified()
    return card


@contextmanager
def connection_to(session: TlsSession, server: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A connection to a server that says nothing after its handshake."""
    ours, theirs = socket.socketpair()
    ours.settimeout(SOON)
    theirs.settimeout(SOON)

    def serve() -> None:
        with suppress(OSError), server.wrap_socket(theirs, server_side=True) as end:
            end.recv(100)

    serving = Thread(target=serve, daemon=True)
    serving.start()
    with session.context.wrap_socket(ours, server_hostname=HOST) as connection:
        yield connection
    serving.join(SOON)
    theirs.close()


@contextmanager
def connected(
    desk: Desk, authority: Path, on_end: OnEnd | None = None
) -> Iterator[tuple[TlsSession, ssl.SSLSocket]]:
    """A session that watches its card, and a connection of it."""
    unlocked(desk.card)
    manager = desk.workstation.manager
    with (
        tls_session(
            desk.card, server_authorities=authority, watch=manager, on_end=on_end
        ) as session,
        connection_to(session, server_context()) as connection,
    ):
        yield session, connection


class Person:
    """Gives a PIN when asked, and counts how often that was."""

    def __init__(self, pin: str = "1234") -> None:
        self.pin, self.asked = pin, 0

    def __call__(self) -> Pin:
        self.asked += 1
        return Pin.of(self.pin)


def test_the_pin_is_asked_for_once_in_the_first_handshake(desk: Desk, authority: Path) -> None:
    person = Person()
    desk.card.log_in(PinEntryMode.DEFER, person)
    with tls_session(desk.card, server_authorities=authority) as session:
        assert person.asked == 0
        for _ in range(3):
            handshake(session.context, server_context())
    assert (person.asked, desk.tries_left) == (1, 3)


def test_a_wrong_pin_is_told_and_not_asked_for_again(desk: Desk, authority: Path) -> None:
    person = Person("9081")
    desk.card.log_in(PinEntryMode.DEFER, person)
    with tls_session(desk.card, server_authorities=authority) as session:
        for _ in range(3):
            with pytest.raises(PinNotVerified) as told:
                handshake(session.context, server_context())
            assert told.value.outcome == WrongPin(2)
    assert (person.asked, desk.tries_left) == (1, 2)


def test_without_pin(desk: Desk, authority: Path) -> None:
    with (
        tls_session(desk.card, server_authorities=authority) as session,
        pytest.raises(SecurityStatusNotSatisfied),
    ):
        handshake(session.context, server_context())
    assert desk.tries_left == 3


def test_giving_up_at_the_prompt_gets_through(desk: Desk, authority: Path) -> None:
    def give_up() -> Pin:
        raise KeyboardInterrupt

    desk.card.log_in(PinEntryMode.DEFER, give_up)
    with (
        tls_session(desk.card, server_authorities=authority) as session,
        pytest.raises(KeyboardInterrupt),
    ):
        handshake(session.context, server_context())
    assert desk.tries_left == 3


def test_a_card_taken_out_ends_session_and_connection(desk: Desk, authority: Path) -> None:
    """While a thread waits for an answer over a connection that needs the card no more."""
    ended, reasons, raised = Event(), list[CardioError](), list[BaseException]()

    def on_end(reason: CardioError) -> None:
        reasons.append(reason)
        ended.set()

    with connected(desk, authority, on_end) as (session, connection):

        def wait_for_an_answer() -> None:
            try:
                connection.recv(100)
            except CardioError as error:
                raised.append(error)

        waiting = Thread(target=wait_for_an_answer, daemon=True)
        waiting.start()
        desk.bench.reader(READER).remove()
        assert ended.wait(SOON)
        waiting.join(SOON)
        assert isinstance(session.ended_by, CardRemoved)
        assert [*reasons, *raised] == [session.ended_by] * 2
        for talk in (lambda: connection.send(b"?"), lambda: connection.recv(1)):
            with pytest.raises(CardRemoved):
                talk()
        with pytest.raises(CardRemoved):
            handshake(session.context, server_context())
    assert len(reasons) == 1


@pytest.mark.parametrize("what", ["reader unplugged", "swapped for the same kind"])
def test_what_else_ends_it(desk: Desk, authority: Path, what: str) -> None:
    ended = Event()
    with connected(desk, authority, lambda _: ended.set()) as (session, connection):
        if what == "reader unplugged":
            desk.bench.unplug_reader(READER)
        else:
            desk.bench.reader(READER).remove()
            desk.bench.reader(READER).insert(make("cps3", "infirmiere"))
        assert ended.wait(SOON)
        assert isinstance(session.ended_by, CardRemoved)
        with pytest.raises(CardRemoved):
            connection.recv(1)


def test_closing_the_workstation_ends_it(desk: Desk, authority: Path) -> None:
    ended = Event()
    with connected(desk, authority, lambda _: ended.set()) as (session, connection):
        desk.workstation.close()
        assert ended.wait(SOON)
        with pytest.raises(TransportError, match="were closed"):
            connection.recv(1)
        assert session.ended_by


def test_the_session_may_be_closed_from_within_the_callback(desk: Desk, authority: Path) -> None:
    closed = Event()

    def on_end(_: CardioError) -> None:
        session.close()
        closed.set()

    unlocked(desk.card)
    session = tls_session(
        desk.card, server_authorities=authority, watch=desk.workstation.manager, on_end=on_end
    )
    desk.bench.reader(READER).remove()
    assert closed.wait(SOON)
    assert isinstance(session.ended_by, CardRemoved)


def test_a_card_that_has_left_before(desk: Desk, authority: Path) -> None:
    key = unlocked(desk.card).keys.authentication
    assert key.certificate
    desk.bench.reader(READER).remove()
    with tls_session(
        desk.card, server_authorities=authority, watch=desk.workstation.manager
    ) as session:
        assert isinstance(session.ended_by, CardRemoved)


def test_cards_of_other_readers_do_not_matter(desk: Desk, authority: Path) -> None:
    with connected(desk, authority) as (session, _):
        desk.bench.add_reader("Autre 00 00", make("vitale2"))
        desk.bench.reader("Autre 00 00").remove()
        desk.bench.unplug_reader("Autre 00 00")
        handshake(session.context, server_context())
        assert session.ended_by is None


def test_closed_by_the_caller(desk: Desk, authority: Path) -> None:
    with connected(desk, authority) as (session, connection):
        session.close()
        with pytest.raises(TlsSessionClosed):
            connection.recv(1)
        with pytest.raises(TlsSessionClosed):
            handshake(session.context, server_context())
    assert desk.card.tries_left() is None or desk.tries_left == 3


def test_without_a_watch_the_next_handshake_tells(desk: Desk, authority: Path) -> None:
    context = tls_context(unlocked(desk.card), server_authorities=authority)
    handshake(context, server_context())
    other = make("cps3")
    desk.bench.reader(READER).remove()
    desk.bench.reader(READER).insert(other)
    for _ in range(2):
        with pytest.raises(CardRemoved):
            handshake(context, server_context())
    assert isinstance(other, Card)
    assert (desk.tries_left, other.pins[1].tries_left) == (3, 3)


def test_another_program_resets_the_card(desk: Desk, authority: Path) -> None:
    """The connection is lost with the PIN's state: told, and a new session works on."""
    with tls_session(unlocked(desk.card), server_authorities=authority) as session:
        other = desk.bench.reader(READER).connect()
        other.reset()
        other.close()
        for _ in range(2):
            with pytest.raises(CardReset):
                handshake(session.context, server_context())
    again = unlocked(desk.workstation.reopen(desk.card))
    with tls_session(again, server_authorities=authority) as session:
        handshake(session.context, server_context())


def test_a_busy_card_fails_one_handshake_only(
    desk: Desk, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> bytes:
        raise HeldInTransaction("another program is busy with the card")

    with tls_session(unlocked(desk.card), server_authorities=authority) as session:
        with monkeypatch.context() as patch:
            patch.setattr(CardPrivateKey, "sign", busy)
            with pytest.raises(HeldInTransaction):
                handshake(session.context, server_context())
        assert session.ended_by is None
        handshake(session.context, server_context())


def test_threads_share_a_session(desk: Desk, authority: Path) -> None:
    with (
        tls_session(unlocked(desk.card), server_authorities=authority) as session,
        ThreadPoolExecutor(8) as pool,
    ):
        server = server_context()
        shaken = list(pool.map(lambda _: handshake(session.context, server), range(24)))
    assert len(shaken) == 24


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_expired(authority: Path, kind: str) -> None:
    """Refused here; and by the server, in the TLS 1.2 handshake or with the first answer."""
    desk = Desk(kind, "expire")
    with desk.workstation:
        with pytest.raises(CertificateExpired):
            tls_session(desk.card, server_authorities=authority)
        unlocked(desk.card)
        with (
            tls_session(desk.card, server_authorities=authority, allow_expired=True) as session,
            pytest.raises(TlsCertificateRefused, match="it has expired") as told,
            connection_to(session, server_context()) as connection,
        ):
            connection.recv(1)
    assert told.value.alert == "certificate_expired"


def test_a_cps2ter_has_no_key_for_it(authority: Path) -> None:
    desk = Desk("cps2ter")
    with desk.workstation, pytest.raises(KeyMissing):
        tls_session(desk.card, server_authorities=authority)


def test_a_key_that_is_not_that_of_the_certificate(desk: Desk, authority: Path) -> None:
    right = desk.card.keys.authentication.certificate
    wrong = TlsIdentity(new_key("another"), right)
    with TlsSession(wrong, server_authorities=authority) as session:
        for _ in range(2):
            with pytest.raises(KeyMismatch):
                handshake(session.context, server_context())


@pytest.mark.parametrize("supports_pss", [True, False])
def test_a_key_in_a_file(authority: Path, supports_pss: bool) -> None:
    credential = authentication_credential(persona.load("medecin"))
    chain = (hierarchy().persons.certificate,)
    identity = TlsIdentity(credential.key, credential.certificate, chain, supports_pss)
    with TlsSession(identity, server_authorities=authority) as session:
        client, _ = handshake(session.context, server_context())
    assert client.version() == ("TLSv1.3" if supports_pss else "TLSv1.2")
    assert "CN=" not in repr(identity)


def test_nothing_is_kept_of_a_session_that_is_over(desk: Desk, authority: Path) -> None:
    """The signer is registered for the life of the context: which must end."""
    kept = list[TlsSession]()
    session = tls_session(
        unlocked(desk.card), server_authorities=authority, on_end=lambda _: kept.clear()
    )
    kept.append(session)
    handshake(session.context, server_context())
    context = weakref.ref(session.context)
    session.close()
    del session
    gc.collect()
    assert context() is None


def test_without_the_extra(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sslcontext", None)
    monkeypatch.delitem(sys.modules, "cardio.authentication.tls_openssl", raising=False)
    with pytest.raises(ConfigurationError, match=r"cardio-sante\[tls\]"):
        authentication.tls_session(desk.card)
