"""Processes, and which of them have winscard.dll loaded, from snapshots of the system.

Not run on real Windows yet. Only processes of this session are looked into: an attempt on those of
the system fails anyway, and watch programs take it for an attack (lsass above all).
"""

import ctypes
import os
from collections.abc import Callable, Iterator

from cardio.probe.system.known import Known
from cardio.probe.system.windows.libraries import failure, library, narrow

_LIBRARY = "winscard.dll"
_PROCESSES = 0x02
"""TH32CS_SNAPPROCESS."""
_MODULES = 0x08 | 0x10
"""TH32CS_SNAPMODULE and, for 32-bit programs on 64-bit Windows, TH32CS_SNAPMODULE32."""
_INVALID = ctypes.c_void_p(-1).value
"""INVALID_HANDLE_VALUE."""


class ProcessEntry(ctypes.Structure):
    """PROCESSENTRY32W (tlhelp32.h)."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("usage", ctypes.c_uint32),
        ("process_id", ctypes.c_uint32),
        ("heap", ctypes.c_size_t),
        ("module", ctypes.c_uint32),
        ("threads", ctypes.c_uint32),
        ("parent", ctypes.c_uint32),
        ("priority", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
        ("name", ctypes.c_uint16 * 260),
    )


class ModuleEntry(ctypes.Structure):
    """MODULEENTRY32W (tlhelp32.h)."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("module", ctypes.c_uint32),
        ("process_id", ctypes.c_uint32),
        ("global_usage", ctypes.c_uint32),
        ("process_usage", ctypes.c_uint32),
        ("base", ctypes.c_void_p),
        ("base_size", ctypes.c_uint32),
        ("handle", ctypes.c_void_p),
        ("name", ctypes.c_uint16 * 256),
        ("path", ctypes.c_uint16 * 260),
    )


Step = Callable[..., int]


def ask(kernel32: ctypes.CDLL | None = None) -> Known[object]:
    """`[{"name", "winscard"}]` of all processes but this one and the idle one (0).

    Raises `OSError` where there is no such library.
    """
    kernel = kernel32 or library("kernel32")
    kernel.CreateToolhelp32Snapshot.restype = ctypes.c_void_p
    steps = (kernel.Process32FirstW, kernel.Process32NextW)
    entries = list(_snapshot(kernel, _PROCESSES, 0, ProcessEntry(), steps))
    if not entries:
        return failure()
    mine = _session(kernel, os.getpid())
    return [
        {"name": name, "winscard": _has_library(kernel, process_id, mine)}
        for process_id, name in entries
        if process_id not in (0, os.getpid())
    ]


def _has_library(kernel: ctypes.CDLL, process_id: int, mine: int | None) -> bool | None:
    """Whether it has; None for a process of another session, or one that shows nothing."""
    if mine is None or _session(kernel, process_id) != mine:
        return None
    steps = (kernel.Module32FirstW, kernel.Module32NextW)
    names = [
        name.lower() for _, name in _snapshot(kernel, _MODULES, process_id, ModuleEntry(), steps)
    ]
    return _LIBRARY in names if names else None


def _snapshot(
    kernel: ctypes.CDLL,
    what: int,
    process_id: int,
    entry: ProcessEntry | ModuleEntry,
    steps: tuple[Step, Step],
) -> Iterator[tuple[int, str]]:
    """The process id and name of each entry of a snapshot; none where it was refused."""
    snapshot = kernel.CreateToolhelp32Snapshot(what, ctypes.c_uint32(process_id))
    if snapshot is None or snapshot == _INVALID:
        return
    handle, step = ctypes.c_void_p(snapshot), steps[0]
    entry.size = ctypes.sizeof(entry)
    while step(handle, ctypes.byref(entry)):
        yield entry.process_id, narrow(entry.name)
        step = steps[1]
    kernel.CloseHandle(handle)


def _session(kernel: ctypes.CDLL, process_id: int) -> int | None:
    session = ctypes.c_uint32()
    found = kernel.ProcessIdToSessionId(ctypes.c_uint32(process_id), ctypes.byref(session))
    return session.value if found else None
