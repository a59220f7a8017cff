"""Fresh RSA keys in the place of those of the cards and of their issuers.

With the true public key anybody could find the holder in the public directory, so none is kept
(docs/decisions/0019-anonymised-recordings.md). They are test keys and protect nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd, lcm

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cardio.anonymise.stream import Stream

NewKey = Callable[[int, int], RSAPrivateKey]
"""From the bits of the modulus and the public exponent."""

_ROUNDS = 40
"""Of Miller and Rabin (FIPS 186-5 table B.1 asks for fewer)."""
_SMALL = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]
MIN_BITS, MAX_BITS = 1024, 4096
PUBLIC_EXPONENTS = (3, 65537)
"""Those that `cryptography` makes keys with."""


def random_key(bits: int, exponent: int) -> RSAPrivateKey:
    """A key nobody can make again."""
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


def seeded_key(stream: Stream, bits: int, exponent: int) -> RSAPrivateKey:
    """The same key for the same stream."""
    p = _prime(stream, bits // 2, exponent)
    q = _prime(stream, bits // 2, exponent)
    d = pow(exponent, -1, lcm(p - 1, q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    crt = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()


def _prime(stream: Stream, bits: int, exponent: int) -> int:
    """Its two highest bits are set, so that the product of two has all its bits."""
    while True:
        number = int.from_bytes(stream.octets(bits // 8), "big") | 3 << bits - 2 | 1
        if gcd(number - 1, exponent) == 1 and _is_prime(number, stream):
            return number


def _is_prime(number: int, stream: Stream) -> bool:
    if any(number % small == 0 for small in _SMALL):
        return False
    twos = (number - 1 & 1 - number).bit_length() - 1
    odd = number - 1 >> twos
    return all(_passes(number, 2 + stream.below(1 << 63), odd, twos) for _ in range(_ROUNDS))


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Replaced:
    """A public key of before, and the private key that has taken its place."""

    modulus: int
    exponent: int
    key: RSAPrivateKey

    @property
    def size(self) -> int:
        """Bytes of the modulus, and of every signature."""
        return (self.modulus.bit_length() + 7) // 8


class KeyRing:
    """Each key of before, and each issuer, has one fresh key."""

    def __init__(self, new_key: NewKey) -> None:
        self._new_key = new_key
        self._replaced: dict[tuple[int, int], Replaced] = {}
        self._issuers: dict[tuple[bytes, int], RSAPrivateKey] = {}

    @property
    def replaced(self) -> tuple[Replaced, ...]:
        return tuple(self._replaced.values())

    def replace(self, modulus: int, exponent: int) -> RSAPrivateKey | None:
        """A key of the same size and exponent; None for sizes that cards do not have."""
        bits = modulus.bit_length()
        if not MIN_BITS <= bits <= MAX_BITS or bits % 8 or exponent not in PUBLIC_EXPONENTS:
            return None
        if (modulus, exponent) not in self._replaced:
            key = self._new_key(bits, exponent)
            self._replaced[modulus, exponent] = Replaced(modulus, exponent, key)
        return self._replaced[modulus, exponent].key

    def issuer(self, name: bytes, size: int) -> RSAPrivateKey | None:
        """The key of the issuer of this distinguished name (DER), for signatures of `size` bytes.

        None for a size that is none of RSA.
        """
        if not MIN_BITS <= size * 8 <= MAX_BITS:
            return None
        if (name, size) not in self._issuers:
            self._issuers[name, size] = self._new_key(size * 8, PUBLIC_EXPONENTS[-1])
        return self._issuers[name, size]

    @property
    def issuers(self) -> dict[tuple[bytes, int], RSAPrivateKey]:
        return dict(self._issuers)
