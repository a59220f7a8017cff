"""What the RSA keys do: PSO HASH, CDS and DECIPHER, INTERNAL AUTHENTICATE; and GET CHALLENGE.

facts: iasecc_opensc.md §1.9 and §3, vendor_library.md §2.
"""

import secrets
from collections.abc import Callable

from cardio.errors import TlvError
from cardio.iso7816 import tlv
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import (
    CONDITIONS_NOT_SATISFIED,
    INCORRECT_P1_P2,
    WRONG_DATA,
    WRONG_LENGTH,
)
from cardio_emulator.card_os import rsa
from cardio_emulator.card_os.hash_state import BLOCK, SHA1, SHA256, HashFunction
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.security_environment import (
    AUTHENTICATION,
    CONFIDENTIALITY,
    HASH,
    SIGNATURE,
)
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import KeyImage, Mode

_HASH_FUNCTIONS = {0x1: SHA1, 0x4: SHA256}
_INTERMEDIATE, _LAST_BLOCK = 0x90, 0x80
_COUNTER = 8
"""Bytes of the count of bits already hashed, behind the intermediate state."""
_CRYPTOGRAM = 0x81
"""Padding indicator before the bytes to decipher (facts: iasecc_opensc.md §1.9)."""
_INPUT_LIMIT = 40
"""INTERNAL AUTHENTICATE takes at most 40 % of the key's size (facts: iasecc_opensc.md §1.9)."""
_CHALLENGE = 8


def perform(card: CardState, command: CommandApdu) -> bytes:
    """PERFORM SECURITY OPERATION: P1-P2 name the operation."""
    operation = _OPERATIONS.get((command.p1, command.p2))
    if operation is None:
        raise Refusal(INCORRECT_P1_P2)
    return operation(card, command.data)


def internal_authenticate(card: CardState, command: CommandApdu) -> bytes:
    """Sign the bytes given, padded but not hashed: a DigestInfo, or a TLS hash."""
    if command.p1 or command.p2:
        raise Refusal(INCORRECT_P1_P2)
    key, _ = _chosen(card, AUTHENTICATION)
    card.require_rule(key.access, Mode.INTERNAL_AUTHENTICATE)
    if not 1 <= len(command.data) <= rsa.size(key.key) * _INPUT_LIMIT // 100:
        raise Refusal(WRONG_DATA)
    return rsa.sign_padded(key.key, command.data)


def get_challenge(card: CardState, command: CommandApdu) -> bytes:  # noqa: ARG001
    """8 random bytes."""
    if command.data or command.le is None:
        raise Refusal(WRONG_LENGTH)
    return secrets.token_bytes(_CHALLENGE)


def _hash(card: CardState, data: bytes) -> bytes:
    """Finish a hash that the client began, do it all, or take it as it is."""
    environment = card.session.environments.get(HASH)
    if environment is None or environment.algorithm is None:
        raise Refusal(CONDITIONS_NOT_SATISFIED)
    function = _hash_function(environment.algorithm)
    card.session.digest = (function.name, digest(function, data))
    return b""


def digest(function: HashFunction, data: bytes) -> bytes:
    """The hash that PSO HASH data lead to: whole, resumed, or given."""
    try:
        objects = {node.tag: node.value for node in tlv.parse_all(data)}
    except TlvError as error:
        raise Refusal(WRONG_DATA) from error
    state, last = objects.get(_INTERMEDIATE, b""), objects.get(_LAST_BLOCK)
    if objects.keys() - {_INTERMEDIATE, _LAST_BLOCK} or (last is not None and len(last) > BLOCK):
        raise Refusal(WRONG_DATA)
    if last is not None and not state:
        return function.digest(last)
    if last is None and len(state) == function.size:
        return state
    bits = int.from_bytes(state[function.size :], "big")
    if not last or len(state) != function.size + _COUNTER or not bits or bits % (8 * BLOCK):
        raise Refusal(WRONG_DATA)
    return function.resume(state[: function.size], bits, last)


def _sign(card: CardState, data: bytes) -> bytes:
    """Sign the hash waiting from PSO HASH, or the hash given (facts: vendor_library.md §2)."""
    key, algorithm = _chosen(card, SIGNATURE)
    card.require_rule(key.access, Mode.SIGN)
    function = _hash_function(algorithm)
    if data and len(data) != function.size:
        raise Refusal(WRONG_DATA)
    return rsa.sign_padded(key.key, function.digest_info + (data or waiting_digest(card, function)))


def waiting_digest(card: CardState, function: HashFunction) -> bytes:
    """The hash PSO HASH left, once. Refuses with 6985 where there is none of this function."""
    found, card.session.digest = card.session.digest, None
    if found is None or found[0] != function.name:
        raise Refusal(CONDITIONS_NOT_SATISFIED)
    return found[1]


def _decipher(card: CardState, data: bytes) -> bytes:
    key, _ = _chosen(card, CONFIDENTIALITY)
    card.require_rule(key.access, Mode.DECIPHER)
    if data[:1] != bytes((_CRYPTOGRAM,)) or len(data) != 1 + rsa.size(key.key):
        raise Refusal(WRONG_DATA)
    message = rsa.decipher(key.key, data[1:])
    if message is None:
        raise Refusal(WRONG_DATA)
    return message


def _chosen(card: CardState, template: int) -> tuple[KeyImage, int]:
    environment = card.session.environments.get(template)
    if environment is None or environment.key is None or environment.algorithm is None:
        raise Refusal(CONDITIONS_NOT_SATISFIED)
    return environment.key, environment.algorithm


def _hash_function(algorithm: int) -> HashFunction:
    return _HASH_FUNCTIONS[algorithm >> 4]


_OPERATIONS: dict[tuple[int, int], Callable[[CardState, bytes], bytes]] = {
    (0x90, 0xA0): _hash,
    (0x9E, 0x9A): _sign,
    (0x80, 0x86): _decipher,
}
