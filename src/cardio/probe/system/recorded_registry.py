"""A Windows registry from a snapshot, and the empty one of other systems."""

from collections.abc import Mapping
from typing import Any, cast

from cardio.probe.system.known import ABSENT, Absent, Known, NotReadable, Why
from cardio.probe.system.sources import RegistryValue, View

Json = Mapping[str, Any]
_NOTHING: Json = {}


def part(document: Json, key: str) -> Any:  # noqa: ANN401 (JSON)
    """What a snapshot has there: `ABSENT` for nothing, `NotReadable` for {"unreadable": why}."""
    found = document.get(key, ABSENT)
    if isinstance(found, dict) and "unreadable" in found:
        return NotReadable(Why(cast(Json, found)["unreadable"]))
    return cast(Any, found)


class RecordedRegistry:
    """Recorded keys, each with its values; upper and lower case are the same."""

    def __init__(self, views: Json) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._keys: dict[str, Json] = {}
        for view, keys in views.items():
            self._names[view] = tuple(keys)
            self._keys[view] = {key.casefold(): part(keys, key) for key in keys}

    def value(self, key: str, name: str, view: View = View.BITS_64) -> Known[RegistryValue]:
        """One value; bytes are recorded as {"hex": "…"}, lists become tuples."""
        values = self._values(key, view)
        if isinstance(values, Absent | NotReadable):
            return values
        given = part({one.casefold(): values[one] for one in values}, name.casefold())
        if isinstance(given, dict):
            return bytes.fromhex(cast(Json, given)["hex"])
        return tuple(cast(list[str], given)) if isinstance(given, list) else given

    def names(self, key: str, view: View = View.BITS_64) -> Known[tuple[str, ...]]:
        """The names of the values of a key."""
        values = self._values(key, view)
        return values if isinstance(values, Absent | NotReadable) else tuple(values)

    def keys(self, key: str, view: View = View.BITS_64) -> Known[tuple[str, ...]]:
        """The names of the keys right below a key."""
        start = key.casefold() + "\\"
        whole = (one for one in self._names.get(view, ()) if one.casefold().startswith(start))
        below = dict.fromkeys(one[len(start) :].split("\\")[0] for one in whole)
        if below:
            return tuple(below)
        values = self._values(key, view)
        return values if isinstance(values, Absent | NotReadable) else ()

    def _values(self, key: str, view: View) -> Known[Json]:
        return self._keys.get(view, _NOTHING).get(key.casefold(), ABSENT)


NO_REGISTRY = RecordedRegistry({})
"""The registry of a system that has none."""
