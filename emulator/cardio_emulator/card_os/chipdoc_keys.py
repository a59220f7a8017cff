"""What the RSA keys of a CPS4 do: signatures, with PSS too, and the bare private operation.

facts: cps.md §7 "APDU recipes": signature `22 81 B6` and PSO CDS; authentication and deciphering
`22 41 B8` and PSO DECIPHER, where the client pads and strips.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import (
    CONDITIONS_NOT_SATISFIED,
    INCORRECT_P1_P2,
    REFERENCE_NOT_FOUND,
    WRONG_DATA,
)
from cardio_emulator.card_os import rsa
from cardio_emulator.card_os.hash_state import SHA1, SHA256, HashFunction
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.security_environment import CONFIDENTIALITY, SIGNATURE
from cardio_emulator.card_os.security_operations import digest, waiting_digest
from cardio_emulator.card_os.state import CardState, SecurityEnvironment
from cardio_emulator.image import KeyImage, Mode


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a hash is padded: PKCS #1 v1.5, or PSS with a salt as long as the hash (stand-in)."""

    function: HashFunction
    is_pss: bool


SCHEMES = {
    0x0A: Scheme(SHA1, is_pss=False),
    0x28: Scheme(SHA256, is_pss=False),
    0x15: Scheme(SHA1, is_pss=True),
    0x2C: Scheme(SHA256, is_pss=True),
}
"""By algorithm octet (facts: cps.md §7)."""

_SIGNING, _DECIPHERING = (0x81, SIGNATURE), (0x41, CONFIDENTIALITY)
_SIGNING_HEADER, _DECIPHERING_HEADER = b"\x91\x02", b"\x83\x01"
_HASH_GIVEN = 0x80
"""Set in the key's octet: what is signed is a hash (facts: cps.md §7)."""


def manage(card: CardState, command: CommandApdu) -> bytes:
    """MSE SET: `91 02` algorithm and key to sign, `83 01` key to decipher."""
    target = (command.p1, command.p2)
    if target == _SIGNING:
        environment = _signing(card, command.data)
    elif target == _DECIPHERING:
        environment = SecurityEnvironment(key=_key(card, command.data, _DECIPHERING_HEADER))
    else:
        raise Refusal(INCORRECT_P1_P2)
    card.session.environments[command.p2] = environment
    return b""


def _signing(card: CardState, data: bytes) -> SecurityEnvironment:
    if len(data) != 4 or data[2] not in SCHEMES or not data[3] & _HASH_GIVEN:
        raise Refusal(WRONG_DATA)
    return SecurityEnvironment(data[2], _key(card, data, _SIGNING_HEADER))


def _key(card: CardState, data: bytes, header: bytes) -> KeyImage:
    """The key that the last byte names, wherever it lies."""
    if len(data) != len(header) + header[1] or not data.startswith(header):
        raise Refusal(WRONG_DATA)
    for key in card.image.keys:
        if key.reference == data[-1] & ~_HASH_GIVEN:
            return key
    raise Refusal(REFERENCE_NOT_FOUND)


def perform(card: CardState, command: CommandApdu) -> bytes:
    """PERFORM SECURITY OPERATION: P1-P2 name the operation."""
    operation = _OPERATIONS.get((command.p1, command.p2))
    if operation is None:
        raise Refusal(INCORRECT_P1_P2)
    return operation(card, command.data)


def _hash(card: CardState, data: bytes) -> bytes:
    """PSO HASH, as on a CPS3, with the hash function of the signature to come."""
    _, algorithm = _chosen(card)
    function = SCHEMES[algorithm].function
    card.session.digest = (function.name, digest(function, data))
    return b""


def _sign(card: CardState, data: bytes) -> bytes:
    """PSO CDS: sign the hash given, or the one waiting from PSO HASH."""
    key, algorithm = _chosen(card)
    card.require_rule(key.access, Mode.SIGN)
    scheme = SCHEMES[algorithm]
    if data and len(data) != scheme.function.size:
        raise Refusal(WRONG_DATA)
    hashed = data or waiting_digest(card, scheme.function)
    if scheme.is_pss:
        return rsa.sign_pss(key.key, scheme.function.name, hashed)
    return rsa.sign_padded(key.key, scheme.function.digest_info + hashed)


def _chosen(card: CardState) -> tuple[KeyImage, int]:
    environment = card.session.environments.get(SIGNATURE)
    if environment is None or environment.key is None or environment.algorithm is None:
        raise Refusal(CONDITIONS_NOT_SATISFIED)
    return environment.key, environment.algorithm


def _decipher(card: CardState, data: bytes) -> bytes:
    """The private operation on a block as long as the key, padding left to the client."""
    environment = card.session.environments.get(CONFIDENTIALITY)
    if environment is None or environment.key is None:
        raise Refusal(CONDITIONS_NOT_SATISFIED)
    card.require_rule(environment.key.access, Mode.DECIPHER)
    if len(data) != rsa.size(environment.key.key):
        raise Refusal(WRONG_DATA)
    result = rsa.private_operation(environment.key.key, data)
    if result is None:
        raise Refusal(WRONG_DATA)
    return result


_OPERATIONS: dict[tuple[int, int], Callable[[CardState, bytes], bytes]] = {
    (0x90, 0xA0): _hash,
    (0x9E, 0x9A): _sign,
    (0x80, 0x86): _decipher,
}
