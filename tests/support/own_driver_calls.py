"""Calls the reader driver as pcscd would, and some more: `python own_driver_calls.py LIBRARY PATH`.

Prints one line of JSON: the result of each call by name, for transmit and control with the bytes.
"""

import ctypes
import json
import sys
from ctypes import POINTER, byref, c_long, c_ulong

library, path = ctypes.CDLL(sys.argv[1]), sys.argv[2].encode()
POWER_UP, SLOTS_NUMBER, ATR, WAITING, STOPPING = 500, 0x0FAE, 0x0303, 0x0FB3, 0x0FB2
GUARD = 0x5A


class Header(ctypes.Structure):
    """SCARD_IO_HEADER"""

    _fields_ = (("Protocol", c_ulong), ("Length", c_ulong))


def capability(lun: int, tag: int, room: int) -> tuple[int, bytes]:
    value, size = ctypes.create_string_buffer(64), c_ulong(room)
    code = library.IFDHGetCapabilities(c_ulong(lun), c_ulong(tag), byref(size), value)
    return code, value.raw[: size.value]


def function(tag: int, *arguments: type) -> "ctypes._FuncPointer":
    code, raw = capability(0, tag, 8)
    assert code == 0
    return ctypes.CFUNCTYPE(c_long, *arguments)(int.from_bytes(raw, sys.byteorder))


def transmit(lun: int, room: int = 258) -> tuple[int, str]:
    answer, size = ctypes.create_string_buffer(bytes((GUARD,)) * (room + 1)), c_ulong(room)
    received = Header()
    code = library.IFDHTransmitToICC(
        c_ulong(lun), Header(1, 16), b"\x00\xca\x00\x00\x00", c_ulong(5), answer,
        byref(size), byref(received),
    )  # fmt: skip
    assert size.value <= room
    assert answer.raw[room] == GUARD
    return code, answer.raw[: size.value].hex()


def control(lun: int, room: int = 258) -> tuple[int, str]:
    answer, size = ctypes.create_string_buffer(bytes((GUARD,)) * (room + 1)), c_ulong(99)
    code = library.IFDHControl(
        c_ulong(lun), c_ulong(0x42000D48), b"", c_ulong(0), answer, c_ulong(room), byref(size)
    )
    assert size.value <= room
    return code, answer.raw[: size.value].hex()


def power(lun: int) -> int:
    atr, size = ctypes.create_string_buffer(33), c_ulong(33)
    code = library.IFDHPowerICC(c_ulong(lun), c_ulong(POWER_UP), atr, byref(size))
    assert size.value <= 33
    return code


library.IFDHTransmitToICC.argtypes = (
    c_ulong, Header, ctypes.c_char_p, c_ulong, ctypes.c_char_p, POINTER(c_ulong), POINTER(Header)
)  # fmt: skip
for called in ("CreateChannelByName", "CloseChannel", "ICCPresence", "TransmitToICC", "Control",
               "PowerICC", "GetCapabilities"):  # fmt: skip
    getattr(library, f"IFDH{called}").restype = c_long

create, presence = library.IFDHCreateChannelByName, library.IFDHICCPresence
told: dict[str, object] = {}
told["too long a path"] = create(c_ulong(0), b"/" + b"x" * 4000)
told["no such places"] = [create(c_ulong(lun), path) for lun in (16, 64 << 16, 0xFFFFFFFF)]
told["nobody there"] = [presence(c_ulong(0)), power(0), transmit(0)[0], control(0)[0]]
told["create"] = create(c_ulong(0), path)
if told["create"] == 0:
    told["create again"] = create(c_ulong(0), path)
    told["slots"] = capability(0, SLOTS_NUMBER, 1)[1].hex()
    told["no room"] = capability(0, SLOTS_NUMBER, 0)[0]
    told["presence"] = presence(c_ulong(0))
    told["power"] = power(0)
    told["atr"] = capability(0, ATR, 33)[1].hex()
    told["transmit"], told["transmit again"] = transmit(0), transmit(0)
    told["no room for an answer"] = transmit(0, room=1)
    told["control"] = control(0)
    told["wait"] = function(WAITING, c_ulong, ctypes.c_int)(0, 10)
    told["presence after it"] = presence(c_ulong(0))
    told["stop"] = function(STOPPING, c_ulong)(0)
    told["wait no more"] = function(WAITING, c_ulong, ctypes.c_int)(0, 60_000)
    told["close"] = library.IFDHCloseChannel(c_ulong(0))
told["close again"] = library.IFDHCloseChannel(c_ulong(0))
sys.stdout.write(json.dumps(told))
