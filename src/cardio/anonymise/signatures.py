"""Signatures made by the card, made again by the fresh key that took the true one's place.

What was signed need not be known: the true public key shows the padded block of an RSA signature
whatever its padding, and the fresh private key signs the same block.
"""

from collections.abc import Iterable, Iterator

from cardio.anonymise.inventions import Inventions
from cardio.anonymise.keys import Replaced

_SIGNED, _ENCIPHERED = b"\x00\x01\xff", b"\x00\x02"
_PSS_END = b"\xbc"


def remade(signature: bytes, keys: Iterable[Replaced]) -> bytes | None:
    """The same content signed by a fresh key; None where no known key opens the signature.

    PKCS #1 v1.5 is known by its padding (RFC 8017 §9.2), PSS by its last byte (§9.1), which
    another key shows by chance one time in 256; PKCS #1 is looked for first.
    """
    opened = list(_opened(signature, keys))
    for wanted in (_is_pkcs1, _is_pss):
        for block, key in opened:
            if wanted(block):
                return _applied(block, key)
    return None


def redeciphered(
    cryptogram: bytes, answer: bytes, keys: Iterable[Replaced], inventions: Inventions
) -> tuple[bytes, bytes] | None:
    """A cryptogram and its block, for a card that gives the block as it is (a CPS4).

    A block to be signed stays, and gets a signature; a message that was enciphered becomes
    another one. None where no known key leads from one to the other.
    """
    for block, key in _opened(answer, keys):
        if block != cryptogram:
            continue
        if not answer.startswith(_ENCIPHERED):
            return cryptogram, _applied(block, key)
        made = _other_message(answer, inventions)
        numbers = key.key.public_key().public_numbers()
        sent = pow(int.from_bytes(made, "big"), numbers.e, numbers.n)
        return sent.to_bytes(key.size, "big"), made
    return None


def _other_message(block: bytes, inventions: Inventions) -> bytes:
    """Padding without 00, and a message of the same length."""
    zero = block.find(b"\x00", len(_ENCIPHERED))
    end = zero if zero > 0 else len(block)
    filling = bytes(byte or 1 for byte in inventions.octets(block[len(_ENCIPHERED) : end]))
    return _ENCIPHERED + filling + block[end : end + 1] + inventions.octets(block[end + 1 :])


def _opened(signature: bytes, keys: Iterable[Replaced]) -> Iterator[tuple[bytes, Replaced]]:
    number = int.from_bytes(signature, "big")
    for key in keys:
        if key.size == len(signature) and number < key.modulus:
            block = pow(number, key.exponent, key.modulus)
            yield block.to_bytes(key.size, "big"), key


def _is_pkcs1(block: bytes) -> bool:
    return block.startswith(_SIGNED)


def _is_pss(block: bytes) -> bool:
    return block.endswith(_PSS_END) and not block[0] & 0x80


def _applied(block: bytes, key: Replaced) -> bytes:
    numbers = key.key.private_numbers()
    public = key.key.public_key().public_numbers()
    made = pow(int.from_bytes(block, "big"), numbers.d, public.n)
    return made.to_bytes(key.size, "big")
