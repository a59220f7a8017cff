"""RSA keys from a small stock, for tests that need many and read nothing into which."""

from functools import cache
from itertools import count

from cryptography.hazmat.primitives.asymmetric import rsa

from cardio.anonymise.keys import NewKey

STOCK = 6


@cache
def _stocked(number: int, bits: int, exponent: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


def stock(drawer: int = 0) -> NewKey:
    """Gives `STOCK` different keys in turn, made once for all tests of the process.

    Another drawer has other keys: for the cards whose keys are to be replaced.
    """
    numbers = count()
    return lambda bits, exponent: _stocked(drawer * STOCK + next(numbers) % STOCK, bits, exponent)
