"""SHA-256 as far as its intermediate state, which `hashlib` does not show (FIPS 180-4 §6.2).

PSO HASH of a CPS3 takes the state after all blocks but the last, and the last block. The round
constants are computed from their definition, and held to the published vectors in the tests.
About 300 KB a second: see docs/decisions/0009-keys.md for why no library.
"""

import struct

BLOCK = 64
"""Bytes per block."""

_WORD = 0xFFFFFFFF


def _first_primes(number: int) -> list[int]:
    primes: list[int] = []
    candidate = 2
    while len(primes) < number:
        if all(candidate % prime for prime in primes):
            primes.append(candidate)
        candidate += 1
    return primes


def _fraction_of_root(prime: int, degree: int) -> int:
    """First 32 bits of the fraction of a prime's square or cube root (FIPS 180-4 §4.2.2)."""
    scaled, root = prime << 32 * degree, 0
    for bit in reversed(range(36)):
        candidate = root | 1 << bit
        if candidate**degree <= scaled:
            root = candidate
    return root & _WORD


_PRIMES = _first_primes(64)
_CONSTANTS = tuple(_fraction_of_root(prime, 3) for prime in _PRIMES)
_INITIAL = tuple(_fraction_of_root(prime, 2) for prime in _PRIMES[:8])


def intermediate_state(blocks: bytes) -> bytes:
    """The 32 bytes of state after these whole blocks of 64 bytes; none gives the initial value."""
    if len(blocks) % BLOCK:
        raise ValueError("not a whole number of blocks")
    state = _INITIAL
    for at in range(0, len(blocks), BLOCK):
        state = _compress(state, blocks[at : at + BLOCK])
    return struct.pack(">8I", *state)


def _compress(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    a, b, c, d, e, f, g, h = state
    for constant, word in zip(_CONSTANTS, _schedule(block), strict=True):
        ee, aa = e << 32 | e, a << 32 | a
        big1 = (ee >> 6 ^ ee >> 11 ^ ee >> 25) & _WORD
        big0 = (aa >> 2 ^ aa >> 13 ^ aa >> 22) & _WORD
        t1 = h + big1 + (g ^ e & (f ^ g)) + constant + word
        t2 = big0 + (a & b | c & (a | b))
        a, b, c, d, e, f, g, h = t1 + t2 & _WORD, a, b, c, d + t1 & _WORD, e, f, g
    return tuple(
        before + after & _WORD
        for before, after in zip(state, (a, b, c, d, e, f, g, h), strict=True)
    )


def _schedule(block: bytes) -> list[int]:
    """The 64 words of a block; a word doubled makes its rotations plain shifts."""
    words = list(struct.unpack(">16I", block))
    for t in range(16, 64):
        x, y = words[t - 15], words[t - 2]
        xx, yy = x << 32 | x, y << 32 | y
        small0 = (xx >> 7 ^ xx >> 18) & _WORD ^ x >> 3
        small1 = (yy >> 17 ^ yy >> 19) & _WORD ^ y >> 10
        words.append(words[t - 16] + small0 + words[t - 7] + small1 & _WORD)
    return words
