"""The session of this process, from Remote Desktop Services and the window system.

Not run on real Windows yet. Names of clients and users are not asked for.
"""

import ctypes
import os
import struct

from cardio.probe.system.known import Known
from cardio.probe.system.windows.libraries import library

_REMOTE_SESSION = 0x1000
"""SM_REMOTESESSION of GetSystemMetrics."""
_THIS_SESSION = 0xFFFFFFFF
"""WTS_CURRENT_SESSION."""
_STATION_NAME, _CONNECT_STATE, _PROTOCOL = 6, 8, 16
"""WTSWinStationName (text), WTSConnectState (32 bits), WTSClientProtocolType (16 bits)."""


def ask(
    wtsapi32: ctypes.CDLL | None = None,
    user32: ctypes.CDLL | None = None,
    kernel32: ctypes.CDLL | None = None,
) -> Known[object]:
    """`{"RemoteSession", "SessionId", …}`; what Remote Desktop Services do not tell is missing.

    Raises `OSError` where there are no such libraries.
    """
    shown: dict[str, object] = {}
    user, kernel = user32 or library("user32"), kernel32 or library("kernel32")
    shown["RemoteSession"] = user.GetSystemMetrics(_REMOTE_SESSION)
    session = ctypes.c_uint32()
    if kernel.ProcessIdToSessionId(os.getpid(), ctypes.byref(session)):
        shown["SessionId"] = session.value
    wts = wtsapi32 or library("wtsapi32")
    return shown | _numbers(wts) | _station(wts)


def _numbers(wts: ctypes.CDLL) -> dict[str, object]:
    fields = {
        "ConnectState": (_CONNECT_STATE, struct.Struct("<i")),
        "ClientProtocolType": (_PROTOCOL, struct.Struct("<H")),
    }
    found = {name: (_queried(wts, number), layout) for name, (number, layout) in fields.items()}
    return {
        name: layout.unpack_from(data)[0]
        for name, (data, layout) in found.items()
        if len(data) >= layout.size
    }


def _station(wts: ctypes.CDLL) -> dict[str, object]:
    name = _queried(wts, _STATION_NAME).decode("utf-16-le", "replace").partition("\0")[0]
    return {"WinStationName": name} if name else {}


def _queried(wts: ctypes.CDLL, number: int) -> bytes:
    """An answer's bytes, nothing where it failed. The library's memory is given back."""
    data, size = ctypes.c_void_p(), ctypes.c_uint32()
    room = (ctypes.byref(data), ctypes.byref(size))
    session = ctypes.c_uint32(_THIS_SESSION)
    if not wts.WTSQuerySessionInformationW(None, session, number, *room) or not data.value:
        return b""
    try:
        return ctypes.string_at(data.value, size.value)
    finally:
        wts.WTSFreeMemory(data)
