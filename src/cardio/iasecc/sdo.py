"""Security data objects: what the card tells of its PINs and keys (facts: iasecc_opensc.md §1.7).

Reading them spends no try.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from cardio.errors import TlvError
from cardio.iasecc.commands import get_data, select_path
from cardio.iso7816 import tlv
from cardio.iso7816.path import Path
from cardio.iso7816.tlv import Tlv
from cardio.transport.channel import Channel

_EXTENDED_HEADER_LIST, _TEMPLATE, _SDO = 0x4D, 0x70, 0xBF0000
_LOCAL = 0x80
"""Set in the class byte, which BER reads as a tag byte that another follows."""
_WHOLE_OBJECT = b"\x80"
_DOCP = 0xA0
"""Data object control parameters."""
_SIZE, _TRIES_MAX, _TRIES_LEFT, _USES_MAX, _USES_LEFT = 0x80, 0x9A, 0x9B, 0x9C, 0x9D


class SdoClass(IntEnum):
    """Kinds of security data objects."""

    PIN = 0x01
    RSA_PRIVATE_KEY = 0x10
    RSA_PUBLIC_KEY = 0x20


@dataclass(frozen=True, slots=True)
class ControlParameters:
    """What the card tells of a PIN or key; None where it does not.

    `uses_left` counts the times the object may still be used (a PUK: 100 at first);
    `size` is a key's, in bytes.
    """

    tries_max: int | None = None
    tries_left: int | None = None
    uses_max: int | None = None
    uses_left: int | None = None
    size: int | None = None

    @property
    def is_blocked(self) -> bool:
        """No try or no use is left (facts: vendor_library.md §2)."""
        return self.tries_left == 0 or self.uses_left == 0

    @classmethod
    def decode(cls, raw: bytes, sdo_class: SdoClass, reference: int) -> Self:
        """Parse the answer to `request`. Raises `TlvError` when it tells of another object."""
        template = tlv.parse(raw)
        parameters = template.find(_tag(sdo_class, reference), _DOCP)
        if parameters is None or template.tag != _TEMPLATE:
            raise TlvError("the answer does not tell of the object asked for")
        return cls(
            tries_max=_number(parameters, _TRIES_MAX),
            tries_left=_number(parameters, _TRIES_LEFT),
            uses_max=_number(parameters, _USES_MAX),
            uses_left=_number(parameters, _USES_LEFT),
            size=_number(parameters, _SIZE),
        )


def request(sdo_class: SdoClass, reference: int) -> bytes:
    """The extended header list that asks for the control parameters of object 1 to 31."""
    wanted = Tlv.of(_tag(sdo_class, reference), tlv.encode_tag(_DOCP) + _WHOLE_OBJECT)
    return Tlv.of(_EXTENDED_HEADER_LIST, Tlv.of(_TEMPLATE, wanted)).encode()


def read_control_parameters(
    channel: Channel, home: Path, sdo_class: SdoClass, reference: int
) -> ControlParameters:
    """Select the DF the object lives in and ask: 2 commands.

    The card looks in its current DF only. Raises `UnexpectedStatus` (6A88: no such object) and
    `TlvError`.
    """
    with channel.transaction():
        channel.run(select_path(home, fcp=False))
        answer = channel.run(get_data(request(sdo_class, reference)))
    return ControlParameters.decode(answer, sdo_class, reference)


def _tag(sdo_class: SdoClass, reference: int) -> int:
    return _SDO | (_LOCAL | sdo_class) << 8 | reference


def _number(parameters: Tlv, tag: int) -> int | None:
    raw = parameters.get(tag)
    return None if raw is None else int.from_bytes(raw, "big")
