"""States of the smart-card services, from the service control manager.

Not run on real Windows yet. Asks for the right to look only; nothing is started or stopped.
"""

import ctypes
import struct

from cardio.probe.system.known import Known, NotReadable
from cardio.probe.system.windows.libraries import failure, library, wide
from cardio.probe.system.windows.services import RELATED, SMART_CARD

_CONNECT = 0x0001
"""SC_MANAGER_CONNECT."""
_QUERY_STATUS = 0x0004
"""SERVICE_QUERY_STATUS."""
_STATUS_PROCESS_INFO = 0
_STATUS = struct.Struct("<9I")
"""SERVICE_STATUS_PROCESS: type, state, accepted controls, exit code, and five more."""


def ask(advapi32: ctypes.CDLL | None = None) -> Known[object]:
    """`[{"Name", "Status", "ExitCode"}]`; a service nobody may look at has "unreadable" instead.

    Raises `OSError` where there is no such library.
    """
    advapi = advapi32 or library("advapi32")
    for call in (advapi.OpenSCManagerW, advapi.OpenServiceW):
        call.restype = ctypes.c_void_p
    manager = advapi.OpenSCManagerW(None, None, _CONNECT)
    if not manager:
        return failure()
    try:
        return [_state(advapi, manager, name) for name in (SMART_CARD, *RELATED)]
    finally:
        advapi.CloseServiceHandle(ctypes.c_void_p(manager))


def _state(advapi: ctypes.CDLL, manager: int, name: str) -> dict[str, object]:
    service = advapi.OpenServiceW(ctypes.c_void_p(manager), wide(name), _QUERY_STATUS)
    if not service:
        return _unreadable(name, failure())
    try:
        return _status(advapi, service, name)
    finally:
        advapi.CloseServiceHandle(ctypes.c_void_p(service))


def _status(advapi: ctypes.CDLL, service: int, name: str) -> dict[str, object]:
    buffer, needed = ctypes.create_string_buffer(_STATUS.size), ctypes.c_uint32()
    room = (buffer, _STATUS.size, ctypes.byref(needed))
    if not advapi.QueryServiceStatusEx(ctypes.c_void_p(service), _STATUS_PROCESS_INFO, *room):
        return _unreadable(name, failure())
    _, state, _, exit_code, *_ = _STATUS.unpack(buffer.raw)
    return {"Name": name, "Status": state, "ExitCode": exit_code}


def _unreadable(name: str, why: NotReadable) -> dict[str, object]:
    return {"Name": name, "unreadable": why.why.value}
