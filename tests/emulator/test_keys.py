"""The keys of every emulated card: what they sign, what it costs, what they refuse."""

import copy
import hashlib
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from tests.support.cps_cards import opened
from tests.support.key_cards import HOLDER_KINDS, KEYS, key_of, ready

from cardio.errors import (
    CardioError,
    CertificateExpired,
    DecryptionFailed,
    KeyMissing,
    KeyMisuse,
    KeyNotExportable,
    SecurityStatusNotSatisfied,
)
from cardio.keys.abilities import KeyRole, Padding
from cardio.keys.private_key import CardPrivateKey

PKCS1 = padding.PKCS1v15()
SHA256 = hashes.SHA256()
PSS = padding.PSS(padding.MGF1(SHA256), padding.PSS.DIGEST_LENGTH)
OAEP = padding.OAEP(padding.MGF1(SHA256), SHA256, None)
LENGTHS = (0, 1, 5, 63, 64, 65, 119, 128, 150, 50_000, 70_000)
NO_DIGEST_INFO = getattr(utils, "NoDigestInfo", None)

with_every_key = pytest.mark.parametrize(("kind", "role"), KEYS)


@with_every_key
def test_messages_of_all_lengths_verify(kind: str, role: str) -> None:
    _, card = ready(kind)
    key = key_of(card, role)
    public = key.public_key()
    for length in LENGTHS:
        message = bytes(index % 251 for index in range(length))
        public.verify(key.sign(message, PKCS1, SHA256), message, PKCS1, SHA256)


@with_every_key
def test_hashes_given_are_signed_as_such(kind: str, role: str) -> None:
    _, card = ready(kind)
    key = key_of(card, role)
    digest = hashlib.sha256(b"text").digest()
    signature = key.sign(data=digest, padding=PKCS1, algorithm=Prehashed(SHA256))
    assert signature == key.sign(b"text", PKCS1, SHA256)
    key.public_key().verify(signature, b"text", PKCS1, SHA256)
    buffer: Any = memoryview(b"text")
    assert key.sign(buffer, PKCS1, SHA256) == signature


@with_every_key
def test_what_a_key_is_told_to_be_able_it_does(kind: str, role: str) -> None:
    _, card = ready(kind)
    key = key_of(card, role)
    assert card.key_abilities[KeyRole(role)] == key.abilities
    public = key.public_key()
    for name in key.abilities.hashes:
        function = getattr(hashes, name.upper())()
        public.verify(key.sign(b"x", PKCS1, function), b"x", PKCS1, function)
        if Padding.PSS in key.abilities.paddings:
            pss = padding.PSS(padding.MGF1(function), function.digest_size)
            public.verify(key.sign(b"x", pss, function), b"x", pss, function)
    for unknown in (hashes.SHA224(), hashes.MD5(), hashes.SHA3_256()):
        with pytest.raises(KeyMisuse, match="sha256"):
            key.sign(b"x", PKCS1, unknown)


@pytest.mark.parametrize(
    ("kind", "role", "first", "later"),
    [
        ("cps3", "authentication", 4, 2),
        ("cps3", "signature", 5, 2),
        ("cps3-contactless", "technical", 3, 1),
        ("cps4", "authentication", 3, 2),
        ("cps4", "signature", 2, 2),
        ("cps4-t0", "authentication", 4, 3),
        ("cps4-t0", "signature", 3, 3),
    ],
)
def test_exchanges_of_a_signature(kind: str, role: str, first: int, later: int) -> None:
    """GET RESPONSE included; the limits are 4 and 5, then 3."""
    wire, card = ready(kind)
    key = key_of(card, role)
    counts: list[int] = []
    for message in (b"one", b"two" * 50, b"three" * 100):
        before = len(wire.commands)
        key.sign(message, PKCS1, SHA256)
        counts.append(len(wire.commands) - before)
    assert counts == [first, later, later]


@pytest.mark.parametrize("kind", HOLDER_KINDS)
def test_from_an_unknown_card_to_a_signature(kind: str) -> None:
    """Found, tries counter read, PIN verified, signed: 14 exchanges at most."""
    wire, card = ready(kind)
    card.keys.authentication.sign(b"x", PKCS1, SHA256)
    assert len(wire.commands) == {"cps3": 10, "cps4": 8, "cps4-t0": 10}[kind]


def test_the_bytes_of_a_cps3_are_those_of_the_vendors_library() -> None:
    """facts: vendor_library.md §4; the hash function and the keys stay chosen."""
    wire, card = ready("cps3")
    at = len(wire.commands)
    card.keys.signature.sign(150 * b"x", PKCS1, SHA256)
    card.keys.authentication.sign(b"x", PKCS1, SHA256)
    commands = wire.since(at)
    assert commands[:2] == ["00A4090C043F000001", "002241AA03800140"]
    assert commands[2].startswith("002A90A04290283D67C6272D0EE1E3B7561B3C53F7A959C6")
    assert commands[2].endswith("8016" + 22 * "78")
    assert commands[3:6] == ["002241B606800142840181", "002A9E9A00", "002241A406800102840182"]
    assert commands[6].startswith(
        "00880000333031300D06096086480165030402010500 0420".replace(" ", "")
    )
    assert commands[7:] == ["00C0000000"]


def test_a_message_of_one_block_has_no_state() -> None:
    wire, card = ready("cps3")
    at = len(wire.commands)
    card.keys.signature.sign(b"hello", PKCS1, SHA256)
    assert wire.since(at)[2] == "002A90A009900080 0568656C6C6F".replace(" ", "")


def test_the_bytes_of_a_cps4() -> None:
    """facts: cps.md §7."""
    wire, card = ready("cps4")
    at = len(wire.commands)
    digest = hashlib.sha256(b"x").hexdigest().upper()
    card.keys.signature.sign(b"x", PKCS1, SHA256)
    card.keys.signature.sign(b"x", PSS, SHA256)
    assert wire.since(at) == [
        "012281B60491022890", f"012A9E9A20{digest}00",
        "012281B60491022C90", f"012A9E9A20{digest}00",
    ]  # fmt: skip
    at = len(wire.commands)
    card.keys.authentication.sign(b"x", PKCS1, SHA256)
    assert wire.since(at)[0] == "012241B803830120"
    assert wire.since(at)[1].startswith("112A8086FF0001FFFF")


@pytest.mark.parametrize("size", [1, 51, 102])
@pytest.mark.skipif(NO_DIGEST_INFO is None, reason="this cryptography has no NoDigestInfo")
def test_a_cps3_authenticates_bytes_of_40_percent(size: int) -> None:
    assert NO_DIGEST_INFO
    for kind, role in (("cps3", "authentication"), ("cps3-contactless", "technical")):
        key = key_of(ready(kind)[1], role)
        signature = key.sign(bytes(size), PKCS1, NO_DIGEST_INFO())
        found = key.public_key().recover_data_from_signature(signature, PKCS1, None)
        assert found == bytes(size)
        wire, card = ready(kind)
        at = len(wire.commands)
        with pytest.raises(KeyMisuse, match="at most 102 bytes, not 103"):
            key_of(card, role).sign(bytes(103), PKCS1, NO_DIGEST_INFO())
        assert len(wire.commands) == at


@pytest.mark.skipif(NO_DIGEST_INFO is None, reason="this cryptography has no NoDigestInfo")
def test_bytes_that_are_no_hash_elsewhere() -> None:
    assert NO_DIGEST_INFO
    key = ready("cps4")[1].keys.authentication
    signature = key.sign(bytes(245), PKCS1, NO_DIGEST_INFO())
    assert key.public_key().recover_data_from_signature(signature, PKCS1, None) == bytes(245)
    with pytest.raises(KeyMisuse, match="at most 245"):
        key.sign(bytes(246), PKCS1, NO_DIGEST_INFO())
    with pytest.raises(KeyMisuse, match="PKCS1v15"):
        key.sign(b"x", PSS, NO_DIGEST_INFO())
    for kind in HOLDER_KINDS:
        with pytest.raises(KeyMisuse, match=r"use card\.keys\.authentication"):
            ready(kind)[1].keys.signature.sign(b"x", PKCS1, NO_DIGEST_INFO())


WRONG_USES = {
    "PSS with a CPS3": ("cps3", "authentication", PSS, SHA256, "PKCS1v15"),
    "PSS to sign with a CPS3": ("cps3", "signature", PSS, SHA256, "CPS4"),
    "a hash the card cannot": ("cps3", "signature", PKCS1, hashes.SHA512(), "authentication"),
    "SHA-512 with a CPS4": ("cps4", "signature", PSS, SHA256, "same hash"),
    "SHA-1": ("cps3", "signature", PKCS1, hashes.SHA1(), "SHA-256"),
    "SHA-1 to authenticate": ("cps4", "authentication", PKCS1, hashes.SHA1(), "allowing_sha1"),
    "a padding for encryption": ("cps4", "signature", OAEP, SHA256, "PKCS1v15 or PSS"),
}
WRONG_USES["SHA-512 with a CPS4"] = (
    "cps4", "signature", padding.PSS(padding.MGF1(hashes.SHA512()), 32), SHA256, "same hash",
)  # fmt: skip


@pytest.mark.parametrize("name", WRONG_USES)
def test_a_wrong_use_says_what_to_use_and_sends_nothing(name: str) -> None:
    kind, role, how, algorithm, instead = WRONG_USES[name]
    wire, card = ready(kind)
    at = len(wire.commands)
    with pytest.raises(KeyMisuse, match=instead) as refusal:
        key_of(card, role).sign(b"x", how, algorithm)
    assert isinstance(refusal.value, ValueError)
    assert isinstance(refusal.value, CardioError)
    assert len(wire.commands) == at


@pytest.mark.parametrize("salt", [0, 31, padding.PSS.MAX_LENGTH, padding.PSS.AUTO])
def test_salts_of_other_lengths(salt: int) -> None:
    """The card's own PSS has one length (STAND_IN); where the host pads, any but AUTO goes."""
    how = padding.PSS(padding.MGF1(SHA256), salt)
    card = ready("cps4")[1]
    with pytest.raises(KeyMisuse, match="DIGEST_LENGTH"):
        card.keys.signature.sign(b"x", how, SHA256)
    key = card.keys.authentication
    if salt not in (0, 31, padding.PSS.MAX_LENGTH):
        with pytest.raises(KeyMisuse, match="DIGEST_LENGTH"):
            key.sign(b"x", how, SHA256)
    else:
        key.public_key().verify(key.sign(b"x", how, SHA256), b"x", how, SHA256)


@pytest.mark.parametrize(("kind", "role"), KEYS)
def test_sha1_is_signed_when_allowed_by_name(kind: str, role: str) -> None:
    _, card = ready(kind)
    key = key_of(card, role)
    old = key.allowing_sha1()
    signature = old.sign(b"old", PKCS1, hashes.SHA1())
    key.public_key().verify(signature, b"old", PKCS1, hashes.SHA1())
    with pytest.raises(KeyMisuse):
        key.sign(b"old", PKCS1, hashes.SHA1())


@with_every_key
def test_wrong_types_are_what_cryptography_makes_of_them(kind: str, role: str) -> None:
    key = key_of(ready(kind)[1], role)
    with pytest.raises(TypeError):
        key.sign("text", PKCS1, SHA256)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        key.sign(b"text", "PKCS1", SHA256)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        key.sign(b"text", PKCS1, "sha256")  # type: ignore[arg-type]
    with pytest.raises(KeyMisuse, match="32 bytes"):
        key.sign(b"text", PKCS1, Prehashed(SHA256))
    with pytest.raises(TypeError):
        key.decrypt("text", PKCS1)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", HOLDER_KINDS)
def test_the_authentication_key_deciphers(kind: str) -> None:
    wire, card = ready(kind)
    key = card.keys.authentication
    for size in (0, 1, 32, 245):
        cryptogram = key.public_key().encrypt(bytes(size), PKCS1)
        at = len(wire.commands)
        assert key.decrypt(ciphertext=cryptogram, padding=PKCS1) == bytes(size)
        assert len(wire.commands) - at <= 5


def test_oaep_is_for_a_cps4() -> None:
    key = ready("cps4")[1].keys.authentication
    for how in (OAEP, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA384(), b"label")):
        assert key.decrypt(key.public_key().encrypt(b"secret", how), how) == b"secret"
    other = padding.OAEP(padding.MGF1(SHA256), hashes.SHA3_256(), None)
    with pytest.raises(KeyMisuse, match="sha256"):
        key.decrypt(bytes(256), other)
    with pytest.raises(KeyMisuse, match="CPS4"):
        ready("cps3")[1].keys.authentication.decrypt(bytes(256), OAEP)


@pytest.mark.parametrize("kind", HOLDER_KINDS)
def test_what_cannot_be_deciphered_is_told_in_one_way(kind: str) -> None:
    card = ready(kind)[1]
    key = card.keys.authentication
    for wrong in (bytes(255) + b"\x02", bytes(256), b"\xff" * 256):
        with pytest.raises(DecryptionFailed, match="cannot be deciphered") as failure:
            key.decrypt(wrong, PKCS1)
        assert isinstance(failure.value, ValueError)
    with pytest.raises(KeyMisuse, match="256 bytes, not 255"):
        key.decrypt(bytes(255), PKCS1)
    with pytest.raises(KeyMisuse, match="PKCS1v15 or OAEP"):
        key.decrypt(bytes(256), PSS)
    assert card.keys.authentication.sign(b"x", PKCS1, SHA256)


@pytest.mark.parametrize(("kind", "role"), [key for key in KEYS if key[1] != "authentication"])
def test_the_other_keys_do_not_decipher(kind: str, role: str) -> None:
    with pytest.raises(KeyMisuse, match=r"use card\.keys\.authentication"):
        key_of(ready(kind)[1], role).decrypt(bytes(256), PKCS1)


@pytest.mark.parametrize(
    ("kind", "role", "instead"),
    [
        ("cps3", "technical", "card.keys.authentication"),
        ("cps4", "technical", "card.keys.authentication"),
        ("cps3-contactless", "authentication", "card.keys.technical"),
        ("cps3-contactless", "signature", "contact reader"),
        ("cps2ter", "authentication", "CPS3 or a CPS4"),
        ("cps2ter", "signature", "CPS3 or a CPS4"),
        ("cps2ter", "technical", "CPS3 or a CPS4"),
    ],
)
def test_a_key_that_a_card_has_not(kind: str, role: str, instead: str) -> None:
    wire, card = opened(kind)
    at = len(wire.commands)
    with pytest.raises(KeyMissing, match=instead):
        getattr(card.keys, role)
    assert KeyRole(role) not in card.keys.roles
    assert len(wire.commands) == at


@with_every_key
def test_nothing_is_read_before_it_is_asked_for(kind: str, role: str) -> None:
    wire, card = opened(kind)
    at = len(wire.commands)
    key = key_of(card, role)
    assert key.key_size == 2048
    assert key.role is KeyRole(role)
    assert repr(key) == f"<CardPrivateKey {role}, 2048 bits>"
    assert copy.copy(key) is key
    assert copy.deepcopy({"key": key})["key"] is key
    assert isinstance(key, rsa.RSAPrivateKey)
    assert len(wire.commands) == at
    assert key.public_key().key_size == key.key_size
    certificates = [certificate.load() for certificate in card.certificates]
    assert key.certificate in certificates


@with_every_key
def test_the_private_part_cannot_be_had(kind: str, role: str) -> None:
    key = key_of(opened(kind)[1], role)
    with pytest.raises(KeyNotExportable, match="numbers") as numbers:
        key.private_numbers()
    assert isinstance(numbers.value, ValueError)
    with pytest.raises(KeyNotExportable):
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    with pytest.raises(KeyNotExportable):
        pickle.dumps(key)


@pytest.mark.parametrize(("kind", "role"), [key for key in KEYS if key[1] != "technical"])
def test_the_pin_comes_first(kind: str, role: str) -> None:
    wire, card = opened(kind)
    with pytest.raises(SecurityStatusNotSatisfied):
        key_of(card, role).sign(b"x", PKCS1, SHA256)
    assert not [c for c in wire.commands if c[1] == 0x20]
    with pytest.raises(SecurityStatusNotSatisfied):
        card.keys.authentication.decrypt(bytes(256), PKCS1)


@with_every_key
def test_a_key_is_checked_against_its_certificate(kind: str, role: str) -> None:
    _, card = ready(kind)
    key = key_of(card, role)
    key.check()
    for moment, why in ((datetime(2099, 1, 1, tzinfo=UTC), "expired"),
                        (datetime(2001, 1, 1, tzinfo=UTC), "not valid before")):  # fmt: skip
        with pytest.raises(CertificateExpired, match=why):
            key.check(moment)
        with pytest.raises(CertificateExpired, match=why):
            key.check_validity(moment)


def test_an_expired_certificate_is_refused_before_anything_is_signed() -> None:
    wire, card = ready("cps3", "expire")
    key = card.keys.signature
    with pytest.raises(CertificateExpired):
        key.check()
    assert not [command for command in wire.commands if command[1] == 0x2A]
    assert key.sign(b"x", PKCS1, SHA256), "signing itself asks for no date"


def test_keys_are_made_once() -> None:
    card = opened("cps3")[1]
    assert card.keys is card.keys
    assert card.keys.signature is card.keys.signature
    assert isinstance(card.keys.signature, CardPrivateKey)
