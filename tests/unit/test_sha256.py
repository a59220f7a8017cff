"""The intermediate state of SHA-256, against published vectors, `hashlib` and the vendor's wire."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.keys.sha256 import BLOCK, intermediate_state

LENGTHS = (0, 1, 5, 55, 56, 63, 64, 65, 119, 128, 150, 50_000)
"""Those of facts: vendor_library.md §2, and both sides of each edge of the padding."""


def padded(message: bytes) -> bytes:
    """FIPS 180-4 §5.1.1, so that the state after all blocks is the hash."""
    zeros = -(len(message) + 9) % BLOCK
    return message + b"\x80" + bytes(zeros) + (8 * len(message)).to_bytes(8, "big")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"),
        (b"abc", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1",
        ),
        (
            bytes(ord("a") + start + at for start in range(14) for at in range(8)),
            "CF5B16A778AF8380036CE59E7B0492370B249B11E8F07A51AFAC45037AFEE9D1",
        ),
    ],
)
def test_the_vectors_of_nist(message: bytes, expected: str) -> None:
    assert intermediate_state(padded(message)).hex().upper() == expected


def test_the_initial_value_is_that_of_the_standard() -> None:
    """FIPS 180-4 §5.3.3."""
    assert intermediate_state(b"").hex() == (
        "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19"
    )


def test_the_state_that_the_vendors_library_sends() -> None:
    """PSO HASH of 150 bytes `x` (facts: vendor_library.md §4)."""
    assert intermediate_state(128 * b"x").hex().startswith("3d67c6272d0ee1e3b7561b3c53f7a959c6")


@pytest.mark.parametrize("length", LENGTHS)
def test_all_lengths_of_the_fact_sheet(length: int) -> None:
    message = bytes(index % 251 for index in range(length))
    assert intermediate_state(padded(message)) == hashlib.sha256(message).digest()


@given(st.binary(max_size=300))
def test_any_message(message: bytes) -> None:
    assert intermediate_state(padded(message)) == hashlib.sha256(message).digest()


def test_parts_of_blocks_have_no_state() -> None:
    with pytest.raises(ValueError, match="whole number"):
        intermediate_state(b"x")
