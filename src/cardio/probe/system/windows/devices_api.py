"""Present USB nodes and their problem codes, from the configuration manager.

Not run on real Windows yet. facts: workstation_systems.md §2.1.
"""

import ctypes

from cardio.probe.system.known import Known, NotReadable, is_known
from cardio.probe.system.windows.libraries import failure, library, strings, wide

_ENUMERATOR = "USB"
_FLAGS = 0x001 | 0x100
"""CM_GETIDLIST_FILTER_ENUMERATOR and CM_GETIDLIST_FILTER_PRESENT (cfgmgr32.h)."""

_SUCCESS, _BUFFER_SMALL = 0x00, 0x1A
"""CR_SUCCESS and CR_BUFFER_SMALL: the list grew between the two calls."""

_TRIES = 3


def ask(cfgmgr32: ctypes.CDLL | None = None) -> Known[object]:
    """`[{"InstanceId", "Problem", "Present"}]`. Raises `OSError` where there is no such library."""
    manager = cfgmgr32 or library("cfgmgr32")
    listed: Known[tuple[str, ...]] = failure(_BUFFER_SMALL)
    for _ in range(_TRIES):
        listed = _listed(manager)
        if is_known(listed):
            return [found for name in listed if (found := _node(manager, name))]
    return listed


def _listed(manager: ctypes.CDLL) -> Known[tuple[str, ...]]:
    size, wanted = ctypes.c_uint32(), wide(_ENUMERATOR)
    code = manager.CM_Get_Device_ID_List_SizeW(ctypes.byref(size), wanted, _FLAGS)
    if code != _SUCCESS:
        return _refused(code)
    buffer = (ctypes.c_uint16 * max(size.value, 2))()
    code = manager.CM_Get_Device_ID_ListW(wanted, buffer, len(buffer), _FLAGS)
    return strings(buffer) if code == _SUCCESS else _refused(code)


def _node(manager: ctypes.CDLL, name: str) -> dict[str, object] | None:
    """A node with its problem code; None for one that left meanwhile."""
    node, status, problem = ctypes.c_uint32(), ctypes.c_uint32(), ctypes.c_uint32()
    if manager.CM_Locate_DevNodeW(ctypes.byref(node), wide(name), 0) != _SUCCESS:
        return None
    shown = (ctypes.byref(status), ctypes.byref(problem))
    if manager.CM_Get_DevNode_Status(*shown, node, 0) != _SUCCESS:
        return None
    has_problem = status.value & _HAS_PROBLEM
    return {
        "InstanceId": name,
        "Problem": problem.value if has_problem else 0,
        "Present": True,
    }


def _refused(code: int) -> NotReadable:
    """CR_ACCESS_DENIED is 0x33 here."""
    return failure(5 if code == _CR_ACCESS_DENIED else code)


_HAS_PROBLEM = 0x400
"""DN_HAS_PROBLEM of the status flags (cfg.h)."""

_CR_ACCESS_DENIED = 0x33
