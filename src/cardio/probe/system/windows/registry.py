"""The registry of this Windows, read only. Not run on real Windows yet."""

from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast

from cardio.probe.system.known import Known
from cardio.probe.system.live import unreadable
from cardio.probe.system.sources import RegistryValue, View

_ROOTS = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
}
_VIEWS = {View.BITS_64: "KEY_WOW64_64KEY", View.BITS_32: "KEY_WOW64_32KEY"}
_SUBKEYS, _VALUES = 0, 1
"""Places in the answer of `QueryInfoKey`."""


class WindowsRegistry:
    """The real one, through Python's `winreg`, which is given as only Windows has it."""

    def __init__(self, winreg: ModuleType) -> None:
        self._winreg = winreg

    def value(self, key: str, name: str, view: View = View.BITS_64) -> Known[RegistryValue]:
        """One value; strings with `%NAME%` stay as they are."""
        try:
            with self._open(key, view) as handle:
                return _shaped(self._winreg.QueryValueEx(handle, name)[0])
        except OSError as error:
            return unreadable(error)

    def names(self, key: str, view: View = View.BITS_64) -> Known[tuple[str, ...]]:
        """The names of the values of a key."""
        try:
            with self._open(key, view) as handle:
                count = self._winreg.QueryInfoKey(handle)[_VALUES]
                return tuple(self._winreg.EnumValue(handle, at)[0] for at in range(count))
        except OSError as error:
            return unreadable(error)

    def keys(self, key: str, view: View = View.BITS_64) -> Known[tuple[str, ...]]:
        """The names of the keys right below a key."""
        try:
            with self._open(key, view) as handle:
                count = self._winreg.QueryInfoKey(handle)[_SUBKEYS]
                return tuple(self._winreg.EnumKey(handle, at) for at in range(count))
        except OSError as error:
            return unreadable(error)

    @contextmanager
    def _open(self, key: str, view: View) -> Generator[Any]:
        root, _, path = key.partition("\\")
        access = self._winreg.KEY_READ | getattr(self._winreg, _VIEWS[view])
        handle = self._winreg.OpenKeyEx(getattr(self._winreg, _ROOTS[root]), path, 0, access)
        with handle:
            yield handle


def _shaped(value: object) -> RegistryValue:
    """`winreg` gives lists, and None for empty bytes."""
    if isinstance(value, list):
        return tuple(cast(list[str], value))
    return b"" if value is None else cast(RegistryValue, value)
