"""GET DATA of security data objects: PINs and private keys (facts: iasecc_opensc.md §1.7)."""

from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import INCORRECT_P1_P2, REFERENCE_NOT_FOUND, WRONG_DATA
from cardio.iso7816.tlv import Tlv
from cardio_emulator.card_os import rsa
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import AccessRule, KeyImage

_HEADER_LIST, _SDO_TEMPLATE = b"\x4d", b"\x70"
_PIN_CLASS, _KEY_CLASS, _LOCAL = 0x01, 0x10, 0x80
_PARAMETERS_ASKED = b"\xa0\x80"
_PIN_CONTENTS_ASKED = b"\x7f\x41\x80"

_SDO, _PARAMETERS, _PIN_CONTENTS = 0xBF0000, 0xA0, 0x7F41
_MAX_LENGTH, _MIN_LENGTH, _SIZE = 0x80, 0x81, 0x80
_TRIES_MAX, _TRIES_LEFT, _USAGE_LEFT, _NON_REPUDIATION = 0x9A, 0x9B, 0x9D, 0x9E
_RULES, _RULE = 0xA1, 0x8C


def get_data(card: CardState, command: CommandApdu) -> bytes:
    """One object of the current DF, by class and reference: its parameters, or a PIN's lengths."""
    if (command.p1, command.p2) != (0x3F, 0xFF):
        raise Refusal(INCORRECT_P1_P2)
    header = _unwrapped(_unwrapped(command.data, _HEADER_LIST), _SDO_TEMPLATE)
    asked = _unwrapped(header, header[:3])
    kind, reference = header[1] & ~_LOCAL, header[2]
    answer = _object(card, kind, reference, asked)
    tag = _SDO | (kind | _LOCAL) << 8 | reference
    return Tlv.of(_SDO_TEMPLATE[0], Tlv.of(tag, answer)).encode()


def _unwrapped(raw: bytes, tag: bytes) -> bytes:
    """The value of a tag that fills `raw`. A tag list inside is no BER: `80` ends each tag."""
    value = raw[len(tag) + 1 :]
    if not raw.startswith(tag) or raw[len(tag) : len(tag) + 1] != bytes((len(value),)):
        raise Refusal(WRONG_DATA)
    return value


def _object(card: CardState, kind: int, reference: int, asked: bytes) -> Tlv:
    pin = card.pins.get(reference)
    if kind == _PIN_CLASS and pin and pin.image.df == card.session.df:
        return _pin_object(pin, asked)
    key = card.key(reference)
    if kind == _KEY_CLASS and key:
        return _key_object(key, asked)
    raise Refusal(REFERENCE_NOT_FOUND)


def _pin_object(pin: PinState, asked: bytes) -> Tlv:
    if asked == _PIN_CONTENTS_ASKED:
        length = bytes((pin.image.length,))
        return Tlv.of(_PIN_CONTENTS, Tlv.of(_MAX_LENGTH, length), Tlv.of(_MIN_LENGTH, length))
    if asked != _PARAMETERS_ASKED:
        raise Refusal(WRONG_DATA)
    parts = [
        Tlv.of(_TRIES_MAX, bytes((pin.image.tries,))),
        Tlv.of(_TRIES_LEFT, bytes((pin.tries_left,))),
        _rules(pin.image.access),
    ]
    if pin.usage_left is not None:
        parts.append(Tlv.of(_USAGE_LEFT, pin.usage_left.to_bytes(2, "big")))
    return Tlv.of(_PARAMETERS, *parts)


def _key_object(key: KeyImage, asked: bytes) -> Tlv:
    """Asking for the key itself gives 6A80, after which OpenSC goes on to the parameters."""
    if asked != _PARAMETERS_ASKED:
        raise Refusal(WRONG_DATA)
    return Tlv.of(
        _PARAMETERS,
        _rules(key.access),
        Tlv.of(_SIZE, rsa.size(key.key).to_bytes(2, "big")),
        Tlv.of(_NON_REPUDIATION, bytes((key.non_repudiation,))),
    )


def _rules(rule: AccessRule) -> Tlv:
    return Tlv.of(_RULES, Tlv.of(_RULE, rule.encode()))
