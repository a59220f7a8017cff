"""Windows' own libraries through ctypes, and the strings they take and give.

Characters are 16-bit numbers here, not `c_wchar`: that has 32 bits elsewhere, and these calls are
tried against a stand-in library on Linux. Not run on real Windows yet.
"""

import ctypes
import sys

from cardio.probe.system.known import NotReadable, Why

_ACCESS_DENIED = 5
"""ERROR_ACCESS_DENIED."""


def library(name: str) -> ctypes.CDLL:
    """A system library such as "cfgmgr32". Raises `OSError` where there is none."""
    if sys.platform == "win32":
        return ctypes.WinDLL(name, use_last_error=True)
    raise FileNotFoundError(name)


def failure(code: int | None = None) -> NotReadable:
    """Why a call failed: by its code, or by the one Windows keeps for this thread."""
    found = _last_error() if code is None else code
    return NotReadable(Why.DENIED if found == _ACCESS_DENIED else Why.FAILED, f"error {found}")


def wide(text: str) -> ctypes.Array[ctypes.c_uint16]:
    """A string with a zero at its end, as the calls whose names end in W take it."""
    data = text.encode("utf-16-le") + b"\0\0"
    return (ctypes.c_uint16 * (len(data) // 2)).from_buffer_copy(data)


def narrow(characters: ctypes.Array[ctypes.c_uint16]) -> str:
    """A string up to its first zero."""
    return bytes(characters).decode("utf-16-le", "replace").partition("\0")[0]


def strings(characters: ctypes.Array[ctypes.c_uint16]) -> tuple[str, ...]:
    """Strings with a zero after each, the last one empty."""
    whole = bytes(characters).decode("utf-16-le", "replace")
    return tuple(one for one in whole.partition("\0\0")[0].split("\0") if one)


def _last_error() -> int:
    return ctypes.get_last_error() if sys.platform == "win32" else 0
