"""What pyscard lacks on Linux, straight from libpcsclite.

Bytes in and out, reader names beyond ASCII (facts: pcsc_vpcd.md §2), and the socket of a context:
to shut it down is the one way to end a call that waits for a mute card. The handles are those of
pyscard, which loads the same library.
"""

import ctypes
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache

_BUFFER = 65548
"""MAX_BUFFER_SIZE_EXTENDED of pcsclite.h, the most that SCardTransmit gives."""

_MAX_ATR = 33
_PCI_SIZE = 2 * ctypes.sizeof(ctypes.c_ulong)


class _IoRequest(ctypes.Structure):
    """SCARD_IO_REQUEST of pcsclite.h."""

    _fields_ = (("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong))


class _ReaderState(ctypes.Structure):
    """SCARD_READERSTATE of pcsclite.h."""

    _fields_ = (
        ("reader", ctypes.c_char_p),
        ("user_data", ctypes.c_void_p),
        ("current_state", ctypes.c_ulong),
        ("event_state", ctypes.c_ulong),
        ("atr_length", ctypes.c_ulong),
        ("atr", ctypes.c_ubyte * _MAX_ATR),
    )


@cache
def library() -> ctypes.CDLL | None:
    """The library with its calls typed; None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = ctypes.CDLL("libpcsclite.so.1")
    except OSError:
        return None
    word, pointer = ctypes.c_ulong, ctypes.c_void_p
    transmit, status_change = found.SCardTransmit, found.SCardGetStatusChange
    transmit.argtypes = (ctypes.c_long, pointer, ctypes.c_char_p, word, pointer, pointer, pointer)
    status_change.argtypes = (ctypes.c_long, word, pointer, word)
    transmit.restype = status_change.restype = ctypes.c_long
    return found


def sender(library: ctypes.CDLL, card: int, protocol: int) -> Callable[[bytes], tuple[int, bytes]]:
    """SCardTransmit for one card, from bytes to (code, bytes); `protocol` is SCARD_PROTOCOL_Tn."""
    transmit = library.SCardTransmit
    length = ctypes.c_ulong()
    buffer = ctypes.create_string_buffer(_BUFFER)
    answer = memoryview(buffer).cast("B")
    pci = ctypes.byref(_IoRequest(protocol, _PCI_SIZE))
    at_length = ctypes.byref(length)

    def send(command: bytes) -> tuple[int, bytes]:
        length.value = _BUFFER
        code = transmit(card, pci, command, len(command), None, buffer, at_length)
        # After a failure the buffer holds anything (facts: pcsc_vpcd.md §2, half a header).
        return code, b"" if code else answer[: length.value].tobytes()

    return send


def status_change(
    library: ctypes.CDLL, context: int, milliseconds: int, states: Sequence[tuple[str, int]]
) -> tuple[int, list[tuple[str, int, bytes]]]:
    """SCardGetStatusChange: (name, state known) in, code and (name, state now, ATR) out."""
    array = (_ReaderState * len(states))()
    for entry, (name, known) in zip(array, states, strict=True):
        entry.reader, entry.current_state = name.encode(), known
    code = library.SCardGetStatusChange(context, milliseconds, array, len(array))
    return code, [
        (name, entry.event_state, bytes(entry.atr)[: entry.atr_length])
        for entry, (name, _) in zip(array, states, strict=True)
    ]


def sockets() -> frozenset[str]:
    """The sockets open in this process, by their names in proc(5)."""
    return frozenset(name for name, _ in _sockets())


def service_socket(before: frozenset[str]) -> socket.socket | None:
    """A second handle on the one socket to pcscd opened since `before`, if it is only one.

    Shutting it down makes the call that waits on it return.
    """
    new = [_duplicate(fd) for name, fd in list(_sockets()) if name not in before]
    found = [one for one in new if one and "pcscd" in str(one.getpeername())]
    for one in new:
        if one and (one not in found or len(found) > 1):
            one.close()
    return found[0] if len(found) == 1 else None


def _sockets() -> Iterator[tuple[str, int]]:
    """By text alone: a `Path` for each would take three times as long."""
    with os.scandir("/proc/self/fd") as entries:
        for entry in entries:
            with suppress(OSError):
                name = os.readlink(entry.path)  # noqa: PTH115
                if name.startswith("socket:"):
                    yield name, int(entry.name)


def _duplicate(fd: int) -> socket.socket | None:
    try:
        found = socket.socket(fileno=os.dup(fd))
    except OSError:
        return None
    try:
        found.getpeername()
    except OSError:
        found.close()
        return None
    return found
