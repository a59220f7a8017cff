"""Our padding and stripping, with the bare private operation, against `cryptography`."""

from contextlib import suppress
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from cardio.errors import DecryptionFailed, KeyMisuse
from cardio.keys.abilities import Padding
from cardio.keys.encoding import eme_oaep_message, eme_pkcs1_message, emsa_pss
from cardio.keys.operations import DecipheringRequest, SigningRequest

HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384()}
HASHES["sha512"] = hashes.SHA512()
BITS = (1024, 1025, 1031, 2048)
"""PSS blocks are one bit shorter than the modulus: one byte shorter for 1025 bits."""

names = st.sampled_from(sorted(HASHES))


@cache
def key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def operate(private: rsa.RSAPrivateKey, block: bytes) -> bytes:
    numbers = private.private_numbers()
    size = (private.key_size + 7) // 8
    number = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)
    return number.to_bytes(size, "big")


@settings(max_examples=30)
@given(
    name=names, message=st.binary(max_size=200), bits=st.sampled_from(BITS), is_pss=st.booleans()
)
def test_signatures_verify(name: str, message: bytes, bits: int, is_pss: bool) -> None:
    function, private = HASHES[name], key(bits)
    size = function.digest_size
    salt = min(size, (bits + 6) // 8 - size - 2)
    how = padding.PSS(padding.MGF1(function), salt) if is_pss else padding.PKCS1v15()
    request = SigningRequest(Padding.PSS if is_pss else Padding.PKCS1, name, message, False, salt)
    signature = operate(private, request.block(bits))
    private.public_key().verify(signature, message, how, function)


@settings(max_examples=30)
@given(message=st.binary(max_size=117), label=st.binary(max_size=9), name=names)
def test_messages_come_back(message: bytes, label: bytes, name: str) -> None:
    private = key(2048)
    cryptogram = private.public_key().encrypt(message, padding.PKCS1v15())
    request = DecipheringRequest(Padding.PKCS1, cryptogram)
    assert request.message(operate(private, cryptogram)) == message
    mgf, function = hashes.SHA256(), HASHES[name]
    oaep = padding.OAEP(padding.MGF1(mgf), function, label)
    cryptogram = private.public_key().encrypt(message, oaep)
    request = DecipheringRequest(Padding.OAEP, cryptogram, name, "sha256", label)
    assert request.message(operate(private, cryptogram)) == message


FILLED = b"\x00\x02" + bytes(range(1, 9))


@pytest.mark.parametrize(
    "block",
    [
        bytes(256),
        b"\x00\x01" + FILLED[2:] + b"\x00message",
        b"\x01\x02" + FILLED[2:] + b"\x00message",
        FILLED[:-1] + b"\x00message",
        FILLED + b"no end",
    ],
)
def test_a_block_without_padding_fails_in_one_way(block: bytes) -> None:
    with pytest.raises(DecryptionFailed) as pkcs1:
        eme_pkcs1_message(block)
    with pytest.raises(DecryptionFailed) as oaep:
        eme_oaep_message(block, "sha1", "sha1", b"")
    assert str(pkcs1.value) == str(oaep.value)


def test_an_empty_message_is_one() -> None:
    assert eme_pkcs1_message(FILLED + b"\x00") == b""


@given(st.binary(min_size=128, max_size=128))
def test_random_blocks_fail_or_give_a_part_of_themselves(block: bytes) -> None:
    with suppress(DecryptionFailed):
        assert block.endswith(eme_pkcs1_message(block))
    with pytest.raises(DecryptionFailed):
        eme_oaep_message(block, "sha256", "sha256", b"")


def test_a_salt_too_long_is_refused() -> None:
    with pytest.raises(KeyMisuse):
        emsa_pss("sha512", bytes(64), 63, 1024)


def test_a_salt_is_fresh_each_time() -> None:
    assert emsa_pss("sha256", bytes(32), 32, 2048) != emsa_pss("sha256", bytes(32), 32, 2048)
