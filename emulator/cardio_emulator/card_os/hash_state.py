"""SHA-1 and SHA-256 resumed from an intermediate state (FIPS 180-4 §6.1.2, §6.2.2).

PSO HASH gets the state after all blocks but the last one, and the last one; `hashlib` cannot be
given a state, so the compression functions are written out here.
"""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass

BLOCK = 64
"""Bytes per block of both functions (FIPS 180-4 §1)."""
_WORD = 0xFFFFFFFF

_K1 = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)


def _fraction_words(count: int, root: int) -> tuple[int, ...]:
    """First 32 bits of the fractions of the roots of the first primes (FIPS 180-4 §4.2.2)."""
    primes = [n for n in range(2, 400) if all(n % d for d in range(2, int(n**0.5) + 1))]
    return tuple(_integer_root(p << (32 * root), root) & _WORD for p in primes[:count])


def _integer_root(value: int, root: int) -> int:
    low, high = 0, 1 << (value.bit_length() // root + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**root <= value else (low, middle)
    return low


_K256 = _fraction_words(64, 3)


def _left(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & _WORD


def _right(word: int, by: int) -> int:
    return _left(word, 32 - by)


def _sha1_round(index: int, b: int, c: int, d: int) -> int:
    if index < 20:
        return (b & c) ^ (~b & d)
    if 40 <= index < 60:
        return (b & c) ^ (b & d) ^ (c & d)
    return b ^ c ^ d


def _sha1_block(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    w = list(struct.unpack(">16I", block))
    for t in range(16, 80):
        w.append(_left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1))
    a, b, c, d, e = state
    for t in range(80):
        f = _sha1_round(t, b, c, d)
        a, b, c, d, e = (_left(a, 5) + f + e + _K1[t // 20] + w[t]) & _WORD, a, _left(b, 30), c, d
    return _sum(state, (a, b, c, d, e))


def _sha256_block(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    w = list(struct.unpack(">16I", block))
    for t in range(16, 64):
        s0 = _right(w[t - 15], 7) ^ _right(w[t - 15], 18) ^ w[t - 15] >> 3
        s1 = _right(w[t - 2], 17) ^ _right(w[t - 2], 19) ^ w[t - 2] >> 10
        w.append((w[t - 16] + s0 + w[t - 7] + s1) & _WORD)
    a, b, c, d, e, f, g, h = state
    for k, word in zip(_K256, w, strict=True):
        s1 = _right(e, 6) ^ _right(e, 11) ^ _right(e, 25)
        t1 = h + s1 + ((e & f) ^ (~e & g)) + k + word
        s0 = _right(a, 2) ^ _right(a, 13) ^ _right(a, 22)
        t2 = s0 + ((a & b) ^ (a & c) ^ (b & c))
        a, b, c, d, e, f, g, h = (t1 + t2) & _WORD, a, b, c, (d + t1) & _WORD, e, f, g
    return _sum(state, (a, b, c, d, e, f, g, h))


def _sum(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple((x + y) & _WORD for x, y in zip(one, other, strict=True))


@dataclass(frozen=True, slots=True)
class HashFunction:
    """`size` is the digest's, in bytes; `digest_info` is its DER prefix (RFC 8017 §9.2 note 1)."""

    name: str
    size: int
    digest_info: bytes
    initial: tuple[int, ...]
    compress: Callable[[tuple[int, ...], bytes], tuple[int, ...]]

    def digest(self, data: bytes) -> bytes:
        return hashlib.new(self.name, data, usedforsecurity=False).digest()

    def resume(self, state: bytes, hashed_bits: int, rest: bytes) -> bytes:
        """The digest of a message whose first `hashed_bits` bits left `state`, and then `rest`."""
        words = struct.unpack(f">{self.size // 4}I", state)
        total = hashed_bits + 8 * len(rest)
        zeros = -(len(rest) + 1 + 8) % BLOCK
        padded = rest + b"\x80" + bytes(zeros) + total.to_bytes(8, "big")
        return self._run(words, padded)

    def state_after(self, blocks: bytes) -> bytes:
        """The intermediate state after whole blocks, as a client sends it in PSO HASH."""
        return self._run(self.initial, blocks)

    def _run(self, words: tuple[int, ...], blocks: bytes) -> bytes:
        for at in range(0, len(blocks), BLOCK):
            words = self.compress(words, blocks[at : at + BLOCK])
        return struct.pack(f">{self.size // 4}I", *words)


SHA1 = HashFunction(
    name="sha1",
    size=20,
    digest_info=bytes.fromhex("3021300906052B0E03021A05000414"),
    initial=(0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0),
    compress=_sha1_block,
)
SHA256 = HashFunction(
    name="sha256",
    size=32,
    digest_info=bytes.fromhex("3031300D060960864801650304020105000420"),
    initial=_fraction_words(8, 2),
    compress=_sha256_block,
)
