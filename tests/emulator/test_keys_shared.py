"""Keys while other programs use the card, keys in other places, keys of other certificates."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from tests.support.cps3 import Replaced, locations, open_card
from tests.support.cps_cards import opened
from tests.support.key_cards import HOLDER_KINDS, image, key_of, ready, with_another_key

from cardio.cards.cps import CpsCard
from cardio.errors import (
    CertificateMissing,
    KeyMismatch,
    KeyMissing,
    PinNotVerified,
    PinStateLost,
    SecurityStatusNotSatisfied,
    UnexpectedStatus,
)
from cardio.pin.entry import PinEntryMode
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3, pkcs15
from cardio_emulator.kinds import make
from cardio_emulator.reader import Session

PKCS1, SHA256 = padding.PKCS1v15(), hashes.SHA256()
PSS = padding.PSS(padding.MGF1(SHA256), padding.PSS.DIGEST_LENGTH)
READER = "Lecteur 00 00"


@contextmanager
def shared(kind: str) -> Iterator[tuple[CpsCard, Session]]:
    """A card with its PIN given, and another program's session with it."""
    bench = Bench()
    bench.add_reader(READER, make(kind))
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        assert card.verify_pin(Pin.of("1234")) == Verified()
        yield card, bench.reader(READER).connect()


IAS_INTRUSIONS = {
    "another DF": ["00A4090C043F000002"],
    "the root": ["00A4090C023F00"],
    "the environment restored": ["0022F300"],
    "SHA-1 for PSO HASH": ["00A4090C043F000001", "002241AA03800110"],
    "SHA-1 for the signature": ["00A4090C043F000001", "002241B606800112840181"],
    "the other key to sign": ["00A4090C043F000001", "002241B606800142840182"],
    "the other key to authenticate": ["00A4090C043F000001", "002241A406800102840181"],
    "the other key to decipher": ["00A4090C043F000001", "002241B80680011A840181"],
    "a hash left there": ["00A4090C043F000001", "002241AA03800140", "002A90A0059000800161"],
}
CHIPDOC_INTRUSIONS = {
    "another application": ["01A4040C07A0000001510000"],
    "another file": ["01A4080002D003"],
    "PSS": ["012281B60491022C90"],
    "PKCS#1": ["012281B60491022890"],
    "SHA-1": ["012281B60491020A90"],
    "the other key to sign": ["012281B604910228A0"],
    "the other key to decipher": ["012241B803830110"],
}
CASES = [
    *(("cps3", name) for name in IAS_INTRUSIONS),
    *((kind, name) for kind in ("cps4", "cps4-t0") for name in CHIPDOC_INTRUSIONS),
]


@pytest.mark.parametrize(("kind", "intrusion"), CASES)
def test_whatever_another_program_chose_the_signature_is_right(kind: str, intrusion: str) -> None:
    """Without a reset the card tells nobody that it was used in between."""
    with shared(kind) as (card, other):
        keys = card.keys.authentication, card.keys.signature
        hows = (PKCS1, PSS) if kind.startswith("cps4") else (PKCS1,)
        for message in (b"short", b"long " * 40):
            for key in keys:
                for how in hows:
                    for command in (IAS_INTRUSIONS | CHIPDOC_INTRUSIONS)[intrusion]:
                        other.transmit(bytes.fromhex(command))
                    signature = key.sign(message, how, SHA256)
                    key.public_key().verify(signature, message, how, SHA256)
        key = card.keys.authentication
        cryptogram = key.public_key().encrypt(b"secret", PKCS1)
        for command in (IAS_INTRUSIONS | CHIPDOC_INTRUSIONS)[intrusion]:
            other.transmit(bytes.fromhex(command))
        assert key.decrypt(cryptogram, PKCS1) == b"secret"
        assert card.tries_left() in (3, None)


@pytest.mark.parametrize("kind", HOLDER_KINDS)
def test_threads_of_this_program_take_turns(kind: str) -> None:
    with shared(kind) as (card, _), ThreadPoolExecutor(4) as pool:
        keys = [card.keys.authentication, card.keys.signature] * 8
        for key in keys[:2]:
            key.public_key()
        messages = [bytes([number]) * 90 for number in range(len(keys))]
        signatures = pool.map(lambda key, text: key.sign(text, PKCS1, SHA256), keys, messages)
        for key, text, signature in zip(keys, messages, signatures, strict=True):
            key.public_key().verify(signature, text, PKCS1, SHA256)


@pytest.mark.parametrize("kind", HOLDER_KINDS)
def test_our_own_reading_in_between(kind: str) -> None:
    _, card = ready(kind)
    for role in ("authentication", "signature", "authentication"):
        assert card.data_object("CPS_ACTIVITY_01_PS")
        card.tries_left()
        card.keys.signature.sign(b"x", PKCS1, SHA256)
        key = key_of(card, role)
        key.public_key().verify(key.sign(b"x", PKCS1, SHA256), b"x", PKCS1, SHA256)


@pytest.mark.parametrize("kind", HOLDER_KINDS)
def test_a_pin_asked_for_when_it_is_needed(kind: str) -> None:
    _, card = opened(kind)
    asked: list[Pin] = []

    def ask() -> Pin:
        asked.append(Pin.of("1234"))
        return asked[-1]

    card.log_in(PinEntryMode.DEFER, ask)
    assert not asked
    card.keys.signature.check()
    card.keys.authentication.check()
    assert len(asked) == 1


@pytest.mark.parametrize("kind", HOLDER_KINDS)
def test_a_wrong_pin_asked_for_is_given_once(kind: str) -> None:
    _, card = opened(kind)
    card.log_in(PinEntryMode.DEFER, lambda: Pin.of("9999"))
    with pytest.raises(PinNotVerified):
        card.keys.signature.sign(b"x", PKCS1, SHA256)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.keys.signature.sign(b"x", PKCS1, SHA256)
    assert card.tries_left() == 2


@pytest.mark.parametrize("kind", HOLDER_KINDS)
@pytest.mark.parametrize("keeps", [False, True])
def test_a_pin_lost_between_two_signatures(kind: str, keeps: bool) -> None:
    wire, card = opened(kind)
    card.verify_pin(Pin.of("1234"), keep_for_session=keeps)
    key = card.keys.signature
    key.sign(b"x", PKCS1, SHA256)
    wire.card.reset()
    at = len(wire.commands)
    if keeps:
        key.public_key().verify(key.sign(b"x", PKCS1, SHA256), b"x", PKCS1, SHA256)
    else:
        with pytest.raises(PinStateLost):
            key.sign(b"x", PKCS1, SHA256)
    given = [command for command in wire.commands[at:] if command[1] == 0x20 and len(command) > 5]
    assert len(given) == keeps


def moved(**references: int) -> Replaced:
    """A CPS3 whose keys have other references; its PrKDF tells them."""
    original = image()
    keys = tuple(
        replace(key, reference=references["signature" if key.non_repudiation else "authentication"])
        for key in original.keys
    )
    card = Card(replace(original, keys=keys), IAS_ECC)
    told = {name: cps3.LOCAL | reference for name, reference in references.items()}
    listed = pkcs15.private_keys(
        (
            pkcs15.PrivateKey("x", b"\x01", told["signature"], pkcs15.NON_REPUDIATION),
            pkcs15.PrivateKey("y", b"\x02", told["authentication"], pkcs15.SIGN_AND_DECIPHER),
        )
    )
    return Replaced(card, {locations(card)["prkdf"]: listed})


def test_the_directory_is_asked_where_the_published_reference_is_not_known() -> None:
    wire, card = open_card(moved(signature=5, authentication=7))
    assert card.verify_pin(Pin.of("1234")) == Verified()
    for role in ("signature", "authentication"):
        key_of(card, role).check()
    at = len(wire.commands)
    card.keys.signature.sign(b"x", PKCS1, SHA256)
    assert len(wire.commands) - at <= 5, "it is asked once"


def test_a_key_that_this_one_card_has_not() -> None:
    original = image()
    card = Card(replace(original, keys=original.keys[1:]), IAS_ECC)
    empty = Replaced(card, {locations(card)["prkdf"]: bytes(16)})
    _, opened_card = open_card(empty)
    assert opened_card.verify_pin(Pin.of("1234")) == Verified()
    with pytest.raises(KeyMissing, match="CPS_PRIV_SIG"):
        opened_card.keys.signature.sign(b"x", PKCS1, SHA256)
    opened_card.keys.authentication.check()
    _, lying = open_card(card)
    lying.verify_pin(Pin.of("1234"))
    with pytest.raises(UnexpectedStatus, match="6A88"):
        lying.keys.signature.sign(b"x", PKCS1, SHA256)


@pytest.mark.parametrize(("role", "reference"), [("signature", 1), ("authentication", 2)])
def test_a_certificate_of_another_key_is_found_out(role: str, reference: int) -> None:
    _, card = open_card(Card(with_another_key(reference), IAS_ECC))
    assert card.verify_pin(Pin.of("1234")) == Verified()
    with pytest.raises(KeyMismatch):
        key_of(card, role).check()
    other = "authentication" if role == "signature" else "signature"
    key_of(card, other).check()


def test_a_card_without_certificates_signs_all_the_same() -> None:
    card = Card(image(), IAS_ECC)
    _, opened_card = open_card(Replaced(card, {locations(card)["cdf"]: bytes(16)}))
    opened_card.verify_pin(Pin.of("1234"))
    key = opened_card.keys.signature
    assert len(key.sign(b"x", PKCS1, SHA256)) == 256
    with pytest.raises(CertificateMissing, match="signature key"):
        key.public_key()
    with pytest.raises(CertificateMissing):
        key.check()
