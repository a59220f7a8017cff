"""Hashes resumed from an intermediate state, against published digests and hashlib."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio_emulator.card_os.hash_state import BLOCK, SHA1, SHA256, HashFunction

# NIST example messages for FIPS 180-4, of more than one block.
_LONG = (
    b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
    b"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
)
_MILLION = b"a" * 1_000_000
_DIGESTS = [
    (SHA1, _LONG, "a49b2446a02c645bf419f995b67091253a04a259"),
    (SHA256, _LONG, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
    (SHA1, _MILLION[:640], hashlib.sha1(_MILLION[:640]).hexdigest()),
]


def _resumed(function: HashFunction, message: bytes) -> bytes:
    cut = (len(message) - 1) // BLOCK * BLOCK
    return function.resume(function.state_after(message[:cut]), 8 * cut, message[cut:])


@pytest.mark.parametrize(("function", "message", "digest"), _DIGESTS)
def test_published_digests(function: HashFunction, message: bytes, digest: str) -> None:
    assert _resumed(function, message).hex() == digest


def test_states_the_ans_library_sent() -> None:
    """150 letters x, cut by it after two blocks (facts: vendor_library.md §4)."""
    sha256, sha1 = SHA256.state_after(b"x" * 128), SHA1.state_after(b"x" * 128)
    assert sha256.hex().upper().startswith("3D67C6272D0EE1E3B7561B3C53F7A959C6")
    assert sha1.hex().upper().startswith("C13DDD93100E849861D7F5B4562DC5A790")


@given(st.binary(min_size=BLOCK + 1, max_size=400), st.sampled_from([SHA1, SHA256]))
def test_any_message_as_hashlib(message: bytes, function: HashFunction) -> None:
    assert _resumed(function, message) == hashlib.new(function.name, message).digest()
