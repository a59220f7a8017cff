"""The SELECT commands that public readers are known to send to a Vitale 2.

Byte for byte as in facts: vitale.md §2.3; the card's answers to other forms are not public.
"""

from cardio.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardio.iso7816.path import MASTER_FILE

_SELECT = 0xA4


def select_root() -> CommandApdu:
    return CommandApdu(0x00, _SELECT, 0x00, 0x00, data=MASTER_FILE.to_bytes(2, "big"))


def select_application(aid: bytes) -> CommandApdu:
    return CommandApdu(0x00, _SELECT, 0x04, 0x00, data=aid)


def select_file(fid: int) -> CommandApdu:
    """An elementary file under the current application."""
    data = fid.to_bytes(2, "big")
    return CommandApdu(0x00, _SELECT, 0x02, 0x00, data=data, le=SHORT_MAX_LE)
