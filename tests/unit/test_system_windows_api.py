"""The calls to Windows, tried against a stand-in library (tests/support/windows_api.c) and a
stand-in `winreg`: widths, handles, buffers and what is given back. Not run on real Windows yet.
"""

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

import pytest

from cardio.probe.system.known import ABSENT, NotReadable, Why
from cardio.probe.system.sources import View
from cardio.probe.system.windows import devices_api, processes_api, services_api, session_api
from cardio.probe.system.windows.libraries import failure, library, strings, wide
from cardio.probe.system.windows.live import WindowsSources
from cardio.probe.system.windows.registry import WindowsRegistry

SOURCE = Path(__file__).parents[1] / "support" / "windows_api.c"
needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("windows") / "windows_api.so"
    command = ["cc", "-shared", "-fPIC", "-o", str(path), str(SOURCE)]
    subprocess.run(command, check=True, timeout=60)
    return path


@pytest.fixture
def api(built: Path, tmp_path: Path) -> Iterator[ctypes.CDLL]:
    """A fresh copy of the stand-in, all of whose handles must be closed in the end."""
    copy = tmp_path / "windows_api.so"
    shutil.copy(built, copy)
    opened = ctypes.CDLL(str(copy))
    yield opened
    assert opened.handles_left() == 0


@needs_compiler
def test_devices_and_their_problems(api: ctypes.CDLL) -> None:
    assert devices_api.ask(api) == [
        {"InstanceId": r"USB\VID_08E6&PID_3437\5&1A2B3C4D&0&2", "Problem": 0, "Present": True},
        {"InstanceId": r"USB\VID_0F14&PID_0037\5&1A2B3C4D&0&3", "Problem": 10, "Present": True},
    ]


@needs_compiler
def test_states_of_services(api: ctypes.CDLL) -> None:
    others = ("ScDeviceEnum", "CertPropSvc", "SCPolicySvc")
    assert services_api.ask(api) == [
        {"Name": "SCardSvr", "Status": 4, "ExitCode": 0},
        *({"Name": name, "unreadable": "failed"} for name in others),
    ]


@needs_compiler
def test_the_session(api: ctypes.CDLL) -> None:
    assert session_api.ask(api, api, api) == {
        "RemoteSession": 1,
        "SessionId": 3,
        "ConnectState": 0,
        "ClientProtocolType": 2,
        "WinStationName": "RDP-Tcp#12",
    }


@needs_compiler
def test_processes_and_who_has_the_library(api: ctypes.CDLL) -> None:
    """The stand-in aborts if lsass, which is in another session, is looked into."""
    assert processes_api.ask(api) == [
        {"name": "System", "winscard": None},
        {"name": "lsass.exe", "winscard": None},
        {"name": "ccm.exe", "winscard": True},
        {"name": "notepad.exe", "winscard": False},
        {"name": "protected.exe", "winscard": None},
        {"name": "Café.exe", "winscard": True},
    ]


@needs_compiler
def test_structures_are_as_wide_as_a_compiler_makes_them(api: ctypes.CDLL) -> None:
    entries = (processes_api.ProcessEntry, processes_api.ModuleEntry)
    assert [api.struct_size(at) for at in (0, 1)] == [ctypes.sizeof(one) for one in entries]
    if sys.maxsize > 2**32:
        assert [ctypes.sizeof(one) for one in entries] == [568, 1080], "as on 64-bit Windows"


def test_strings_have_16_bits_a_character() -> None:
    assert bytes(wide("Aé")) == b"A\0\xe9\0\0\0"
    assert strings(wide("one\0two\0\0left over")) == ("one", "two")
    assert strings(wide("")) == ()


def test_codes_of_failures() -> None:
    assert failure(5) == NotReadable(Why.DENIED, "error 5")
    assert failure(0x1A) == NotReadable(Why.FAILED, "error 26")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has the libraries")
def test_other_systems_have_no_such_calls() -> None:
    with pytest.raises(FileNotFoundError):
        library("cfgmgr32")
    sources = WindowsSources(WindowsRegistry(ModuleType("winreg")))
    for word in ("devices", "services", "session", "processes", "unknown"):
        assert sources.ask(word) is ABSENT


class Handle(str):
    """An open key."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        OPEN.remove(self)


OPEN: list[str] = []
KEYS: dict[str, dict[str, object]] = {
    r"HKLM|SOFTWARE\ASIP|64": {"Version": "5.2.6", "Number": 3, "Bytes": b"\x01", "Empty": None},
    r"HKLM|SOFTWARE\ASIP|32": {"Names": ["a", "b"], "": "default"},
    r"HKLM|SOFTWARE\ASIP\Below|64": {},
}


class StandInWinreg(ModuleType):
    """The few names of `winreg` that are used, with its signatures and errors."""

    KEY_READ, KEY_WOW64_64KEY, KEY_WOW64_32KEY = 0x20019, 0x100, 0x200
    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, HKEY_CLASSES_ROOT = "HKLM", "HKCU", "HKCR"

    def OpenKeyEx(self, root: str, path: str, reserved: int, access: int) -> Handle:  # noqa: N802
        assert reserved == 0
        assert access & self.KEY_READ == self.KEY_READ
        if root == "HKCU":
            raise PermissionError(13, "refused")
        handle = Handle(f"{root}|{path}|{'64' if access & 0x100 else '32'}")
        if handle not in KEYS:
            raise FileNotFoundError(2, "no such key")
        OPEN.append(handle)
        return handle

    def QueryValueEx(self, handle: str, name: str) -> tuple[object, int]:  # noqa: N802
        if name not in KEYS[handle]:
            raise FileNotFoundError(2, "no such value")
        return KEYS[handle][name], 1

    def QueryInfoKey(self, handle: str) -> tuple[int, int, int]:  # noqa: N802
        return len(self._below(handle)), len(KEYS[handle]), 0

    def EnumKey(self, handle: str, at: int) -> str:  # noqa: N802
        return self._below(handle)[at]

    def EnumValue(self, handle: str, at: int) -> tuple[str, object, int]:  # noqa: N802
        return [(name, value, 1) for name, value in KEYS[handle].items()][at]

    def _below(self, handle: str) -> list[str]:
        start, _, view = handle.rpartition("|")
        rest = (one[len(start) + 1 :] for one in KEYS if one.startswith(start + "\\"))
        return [one.removesuffix(f"|{view}") for one in rest if one.endswith(view)]


def test_the_registry_in_both_views() -> None:
    registry, key = WindowsRegistry(StandInWinreg("winreg")), r"HKLM\SOFTWARE\ASIP"
    found = {name: registry.value(key, name) for name in ("Version", "Number", "Bytes", "Empty")}
    assert found == {"Version": "5.2.6", "Number": 3, "Bytes": b"\x01", "Empty": b""}
    assert registry.value(key, "Names", View.BITS_32) == ("a", "b")
    assert registry.value(key, "", View.BITS_32) == "default"
    assert registry.names(key) == ("Version", "Number", "Bytes", "Empty")
    assert (registry.keys(key), registry.keys(key, View.BITS_32)) == (("Below",), ())
    assert not OPEN


def test_a_registry_that_refuses_is_not_one_that_has_nothing() -> None:
    registry = WindowsRegistry(StandInWinreg("winreg"))
    for key, expected in ((r"HKCU\x", NotReadable(Why.DENIED)), (r"HKLM\none", ABSENT)):
        answers = (registry.value(key, "x"), registry.names(key), registry.keys(key))
        assert answers == (expected,) * 3
    assert registry.value(r"HKLM\SOFTWARE\ASIP", "none") is ABSENT
    assert not OPEN
