"""Builders of the commands that read an IAS-ECC card (facts: iasecc_opensc.md §1.4, §1.6, §3).

A command that wants an answer carries Le, whatever the protocol: the T=0 layer takes it off.
"""

from cardio.errors import ApduError
from cardio.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardio.iso7816.path import Path

_SELECT, _READ_BINARY, _UPDATE_BINARY, _GET_DATA = 0xA4, 0xB0, 0xD6, 0xCB
_BY_PATH, _BY_NAME = 0x09, 0x04
_WANT_FCP, _WANT_NOTHING = 0x04, 0x0C
_SFI_IN_P1 = 0x80

MAX_OFFSET = 0x7FFF
"""Last byte READ and UPDATE BINARY reach: 15 bits of offset (ISO/IEC 7816-4 §11.2.2)."""


def select_path(path: Path, *, fcp: bool = True) -> CommandApdu:
    """SELECT by path, with its FCP or with no answer.

    P1=09 is relative to the current DF unless the path starts with 3F00; a CPS3 takes 3F00
    paths in this form only (facts: iasecc_opensc.md §1.4).
    """
    return _select(_BY_PATH, path.encode(), fcp=fcp)


def select_name(name: bytes, *, fcp: bool = True) -> CommandApdu:
    """SELECT an application by its DF name (AID), 1 to 16 bytes."""
    return _select(_BY_NAME, name, fcp=fcp)


def _select(p1: int, data: bytes, *, fcp: bool) -> CommandApdu:
    if fcp:
        return CommandApdu(0x00, _SELECT, p1, _WANT_FCP, data, le=SHORT_MAX_LE)
    return CommandApdu(0x00, _SELECT, p1, _WANT_NOTHING, data)


def read_binary(offset: int, size: int, *, cla: int = 0x00) -> CommandApdu:
    """READ BINARY of the current file: `size` bytes (1 to 256) from `offset` (0 to 32767).

    Raises `ApduError` for an offset out of reach.
    """
    return CommandApdu(cla, _READ_BINARY, *_at(offset), le=size)


def update_binary(offset: int, content: bytes, *, cla: int = 0x00) -> CommandApdu:
    """UPDATE BINARY: 1 to 255 bytes of the current file. Raises as `read_binary`."""
    return CommandApdu(cla, _UPDATE_BINARY, *_at(offset), content)


def _at(offset: int) -> tuple[int, int]:
    if offset > MAX_OFFSET:
        raise ApduError("offset out of the reach of READ and UPDATE BINARY", offset=2)
    return offset >> 8, offset & 0xFF


def read_by_sfi(sfi: int, size: int, offset: int = 0) -> CommandApdu:
    """READ BINARY of the file with short identifier `sfi` (1 to 30), which becomes current.

    `offset` is at most 255, `size` 1 to 256 bytes (ISO/IEC 7816-4 §11.2.2).
    """
    return CommandApdu(0x00, _READ_BINARY, _SFI_IN_P1 | sfi, offset, le=size)


def get_data(request: bytes) -> CommandApdu:
    """GET DATA of the current DF (P1-P2 3FFF) with an extended header list, see `iasecc.sdo`."""
    return CommandApdu(0x00, _GET_DATA, 0x3F, 0xFF, request, le=SHORT_MAX_LE)
