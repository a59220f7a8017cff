"""Whether a JSON document has the shape of a report, as far as a study reads it."""

from collections.abc import Mapping
from typing import Any, cast

_NAMES: tuple[type, ...] = (str,)
_NAME_OR_NONE = (str, type(None))
_FLAG_OR_NONE = (bool, type(None))

_READER = {"name": _NAMES}
_CARD = {"reader": _NAMES, "kind": _NAMES, "interface": _NAMES, "test": _FLAG_OR_NONE}
_CARD_LATER = {"card_type": _NAME_OR_NONE}
_CHECK = {
    "id": _NAMES,
    "reader": _NAME_OR_NONE,
    "status": _NAMES,
    "cause": _NAMES,
    "evidence": (dict,),
}
_HOLDER = {
    "reader": _NAMES,
    "ps_idnat": _NAME_OR_NONE,
    "family_name": _NAME_OR_NONE,
    "given_name": _NAME_OR_NONE,
}
_HOLDER_LATER = {"profession_code": _NAME_OR_NONE, "speciality_code": _NAME_OR_NONE}
Fields = Mapping[str, tuple[type, ...]]


def is_report(document: Mapping[str, Any]) -> bool:
    """Lists of readers, cards and checks with the fields that version 1 always has.

    Fields that came later may be missing.
    """
    holders = _get(document.get("identity", {"cps": []}), "cps")
    return (
        _all_have(document.get("readers"), _READER)
        and _all_have(document.get("cards"), _CARD, _CARD_LATER)
        and _all_have(document.get("checks"), _CHECK)
        and _has(document.get("workstation"), {"id": _NAME_OR_NONE})
        and _has(document.get("verdict"), {"status": _NAMES})
        and _all_have(holders, _HOLDER, _HOLDER_LATER)
    )


def _all_have(rows: object, fields: Fields, later: Fields | None = None) -> bool:
    if not isinstance(rows, list):
        return False
    return all(_has(row, fields, later) for row in cast(list[object], rows))


def _has(row: object, fields: Fields, later: Fields | None = None) -> bool:
    if not isinstance(row, dict):
        return False
    found = cast(dict[str, object], row)
    known = {**fields} | {name: kinds for name, kinds in (later or {}).items() if name in found}
    return all(name in found and isinstance(found[name], kinds) for name, kinds in known.items())


def _get(value: object, name: str) -> object:
    return cast(dict[str, object], value).get(name) if isinstance(value, dict) else None
