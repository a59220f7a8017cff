"""MANAGE SECURITY ENVIRONMENT: SET and RESTORE (facts: iasecc_opensc.md §3)."""

from cardio.errors import TlvError
from cardio.iso7816 import tlv
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import INCORRECT_P1_P2, REFERENCE_NOT_FOUND, WRONG_DATA
from cardio.iso7816.tlv import Tlv
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.state import CardState, SecurityEnvironment
from cardio_emulator.image import KeyImage

AUTHENTICATION, HASH, SIGNATURE, CONFIDENTIALITY = 0xA4, 0xAA, 0xB6, 0xB8
"""Tags of control reference templates (ISO/IEC 7816-4:2020 §10.4.3)."""

ALGORITHMS = {
    AUTHENTICATION: (0x02,),
    HASH: (0x10, 0x40),
    SIGNATURE: (0x12, 0x42),
    CONFIDENTIALITY: (0x0A, 0x1A),
}
"""Algorithm octets: hash in the high nibble, mechanism in the low (facts: iasecc_opensc.md §3)."""

_SET = (0x41, 0x81, 0xC1)
_RESTORE = 0xF3
_ALGORITHM, _PUBLIC_KEY, _KEY, _USAGE = 0x80, 0x83, 0x84, 0x95
_LOCAL = 0x80


def manage(card: CardState, command: CommandApdu) -> bytes:
    """Choose algorithm and key for one kind of operation; data objects come in any order."""
    if command.p1 == _RESTORE:
        card.session.environments.clear()
        return b""
    if command.p1 not in _SET or command.p2 not in ALGORITHMS:
        raise Refusal(INCORRECT_P1_P2)
    environment = SecurityEnvironment()
    for node in _objects(command.data):
        if node.tag == _ALGORITHM:
            environment.algorithm = _algorithm(node, command.p2)
        elif node.tag == _KEY:
            environment.key = _key(card, node)
        elif node.tag not in (_PUBLIC_KEY, _USAGE):
            raise Refusal(WRONG_DATA)
    card.session.environments[command.p2] = environment
    return b""


def _objects(data: bytes) -> tuple[Tlv, ...]:
    try:
        objects = tlv.parse_all(data)
    except TlvError as error:
        raise Refusal(WRONG_DATA) from error
    if not objects or any(len(node.value) != 1 for node in objects):
        raise Refusal(WRONG_DATA)
    return objects


def _algorithm(node: Tlv, template: int) -> int:
    if node.value[0] not in ALGORITHMS[template]:
        raise Refusal(WRONG_DATA)
    return node.value[0]


def _key(card: CardState, node: Tlv) -> KeyImage:
    reference = node.value[0]
    key = card.key(reference & ~_LOCAL) if reference & _LOCAL else None
    if key is None:
        raise Refusal(REFERENCE_NOT_FOUND)
    return key
