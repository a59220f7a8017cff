"""A signature with a wrong byte in it is given to nobody, once the certificate was read."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from tests.support.around import AroundCard
from tests.support.desk import Desk
from tests.support.key_cards import KEYS, key_of
from tests.support.tls_memory import authority, server_context
from tests.support.tls_servers import HOST

from cardio.authentication import sign_cms, sign_jws, sign_xml, tls_session
from cardio.cards.cps import CpsCard
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import KeyMismatch, PinStateLost, WrongSignature
from cardio.keys.abilities import Padding
from cardio.keys.private_key import CardPrivateKey
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import CorruptedCertificate, CorruptedTlv, FaultyCard, Rule
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

READER = "Lecteur 00 00"
PERFORM = 0x2A
PKCS1, SHA256 = padding.PKCS1v15(), hashes.SHA256()
PSS = padding.PSS(padding.MGF1(SHA256), padding.PSS.DIGEST_LENGTH)
MESSAGE = b"what is signed " * 10
DIGEST = bytes(range(32))
SPOILT = CorruptedTlv(Rule(), position=100, mask=0x01)
"""Whatever is as long as a signature."""
SPOILT_ONCE = CorruptedTlv(Rule(at=1, ins=PERFORM), position=100, mask=0x01)
"""The first signature of a CPS4's authentication key, which is asked for in two commands."""

every_key = pytest.mark.parametrize(("kind", "role"), KEYS)


BENCH = f"""
[[reader]]
name = "{READER}"
card = "cps3"

[[reader.fault]]
kind = "tlv"
ins = {PERFORM}
position = 100
mask = 1
"""


class Forgetful(AroundCard):
    """One that wants its PIN before each signature."""

    card: Card

    def transmit(self, command: bytes) -> bytes:
        answer = self.card.transmit(command)
        if command[1] == PERFORM and len(answer) > 2:
            self.card._state.session.verified.clear()
        return answer


@contextmanager
def desk(
    kind: str, around: Callable[[Card], VirtualCard] = lambda card: card, *, keep: bool = False
) -> Iterator[tuple[CpsCard, FaultyCard]]:
    """A card with its PIN given where it has one, and its faults, none yet."""
    bench = Bench([READER])
    faulty = FaultyCard(around(make(kind)))
    bench.insert(READER, faulty)
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        if card.has_pin:
            assert card.verify_pin(Pin.of("1234"), keep_for_session=keep) == Verified()
        yield card, faulty


def ways(key: CardPrivateKey) -> Iterator[Callable[[], bytes]]:
    yield lambda: key.sign(MESSAGE, PKCS1, SHA256)
    yield lambda: key.sign(DIGEST, PKCS1, Prehashed(SHA256))
    yield lambda: key.allowing_sha1().sign(MESSAGE, PKCS1, hashes.SHA1())
    if Padding.PSS in key.abilities.paddings:
        yield lambda: key.sign(MESSAGE, PSS, SHA256)
    if key.abilities.signs_bare and (no_digest_info := getattr(utils, "NoDigestInfo", None)):
        yield lambda: key.sign(b"bare", PKCS1, no_digest_info())


@every_key
def test_it_is_an_error_that_names_the_reader_and_costs_nothing(kind: str, role: str) -> None:
    with desk(kind) as (card, faulty):
        key = key_of(card, role)
        key.check_validity()
        for sign in ways(key):
            faulty.show(SPOILT)
            with pytest.raises(WrongSignature) as told:
                sign()
            assert told.value.where.reader == READER
            assert told.value.retryable
            spoilt = faulty.count
            faulty.show()
            sign()
            assert faulty.count <= spoilt, "nothing is read to verify it"
        assert isinstance(faulty.card, Card)
        assert all(pin.tries_left == pin.image.tries for pin in faulty.card.pins.values())


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_a_certificate_that_was_read_for_something_else_will_do(kind: str) -> None:
    with desk(kind) as (card, faulty):
        assert card.holder
        read = card._certificates.values()
        (known,) = (one.usage.value for one in read if one)
        (unread,) = {"authentication", "signature"} - {known}
        faulty.show(SPOILT)
        with pytest.raises(WrongSignature):
            key_of(card, known).sign(MESSAGE, PKCS1, SHA256)
        wrong = key_of(card, unread).sign(MESSAGE, PKCS1, SHA256)
        faulty.show()
        with pytest.raises(InvalidSignature):
            key_of(card, unread).public_key().verify(wrong, MESSAGE, PKCS1, SHA256)


@pytest.mark.parametrize("sign", [sign_cms, sign_xml, sign_jws])
def test_no_file_is_signed_wrongly(sign: Callable[[bytes, CardPrivateKey], object]) -> None:
    with desk("cps3") as (card, faulty):
        key = card.keys.signature
        key.check_validity()
        faulty.show(SPOILT)
        with pytest.raises(WrongSignature):
            sign(b"<a/>", key)
        faulty.show()
        assert sign(b"<a/>", key)


@pytest.mark.parametrize("form", ["cms", "xml", "jws"])
def test_the_command_writes_no_file(form: str, tmp_path: Path) -> None:
    bench, file, out = tmp_path / "bench.toml", tmp_path / "in.xml", tmp_path / "out"
    bench.write_text(BENCH, encoding="utf-8")
    file.write_bytes(b"<a/>")
    words = "sign", str(file), "--format", form, "--out", str(out), "--pin-env", "CODE"
    done = Desk().run("--workstation", str(bench), *words, env={"CODE": "1234"})
    assert done.exit_code
    assert WrongSignature.code in done.output
    assert set(tmp_path.iterdir()) == {bench, file}


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_no_server_gets_one(kind: str, tmp_path: Path) -> None:
    """TLS 1.2 and 1.3: an alert goes out in its place."""
    file = tmp_path / "authority.pem"
    file.write_bytes(authority().certificate)
    with (
        desk(kind) as (card, faulty),
        tls_session(card, server_authorities=file, store=TrustStore()) as session,
    ):
        faulty.show(SPOILT)
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = session.context.wrap_bio(to_client, to_server, server_hostname=HOST)
        server = server_context().wrap_bio(to_server, to_client, server_side=True)
        for end in (client, server):
            with pytest.raises(ssl.SSLWantReadError):
                end.do_handshake()
        with pytest.raises(WrongSignature) as told:
            client.do_handshake()
        assert session.ended_by is told.value
        with pytest.raises(ssl.SSLError, match="ALERT_INTERNAL_ERROR"):
            server.do_handshake()


def test_check_tells_one_spoilt_signature_from_a_key_that_is_another() -> None:
    with desk("cps4") as (card, faulty):
        key = card.keys.authentication
        key.check_validity()
        key.check()
        faulty.show()
        key.check()
        sound = faulty.count
        faulty.show(SPOILT_ONCE)
        key.check()
        assert faulty.count == 2 * sound, "signed twice"
        faulty.show(SPOILT)
        with pytest.raises(KeyMismatch) as told:
            key.check()
        assert told.value.where.reader == READER


@pytest.mark.parametrize("keep", [False, True])
def test_check_with_a_card_that_wants_its_pin_before_each_signature(keep: bool) -> None:
    """No CPS known does. A kept PIN is given again; else it is asked for, and no key is blamed."""
    with desk("cps4", Forgetful, keep=keep) as (card, faulty):
        key = card.keys.authentication
        key.check_validity()
        faulty.show(SPOILT_ONCE)
        with nullcontext() if keep else pytest.raises(PinStateLost):
            key.check()
        assert card.tries_left() == 3


def test_a_damaged_certificate_does_not_keep_a_card_from_signing() -> None:
    damaged = CorruptedCertificate().prepare(make("cps3"))
    bench = Bench([READER])
    bench.insert(READER, damaged)
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        assert card.verify_pin(Pin.of("1234")) == Verified()
        assert card.certificates == ()
        assert len(card.keys.signature.sign(MESSAGE, PKCS1, SHA256)) == 256
