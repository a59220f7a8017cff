"""The draft as JSON, version 1: `patient-draft-v1.schema.json` beside this file."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, NoReturn, TypeVar, cast

from cardio.cards.vitale.draft.model import (
    CardSource,
    DraftEntry,
    DraftField,
    DraftUse,
    Origin,
    PatientDraft,
)
from cardio.errors import DraftError, DraftTooNew

FORMAT = "cardio-patient-draft"
VERSION = 1
MAX_SIZE = 4 * 1024 * 1024
"""Characters of one draft: more than its 1000 entries can fill."""

T = TypeVar("T")


def encode_draft(draft: PatientDraft) -> str:
    """One JSON document; names a patient."""
    card = draft.card
    document = {
        "format": FORMAT,
        "version": VERSION,
        "use": draft.use.value,
        "created": _written(draft.created),
        "card": {
            "read_at": _written(card.read_at),
            "beneficiary": card.beneficiary,
            "beneficiaries": card.beneficiaries,
            "test": card.is_test,
        }
        if card
        else None,
        "entries": [
            {
                "field": entry.name.value,
                "value": entry.value,
                "from": entry.origin.value,
                "at": _written(entry.at),
            }
            for entry in draft.entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def decode_draft(text: str) -> PatientDraft:
    """Raises `DraftError` for what is no draft, `DraftTooNew` for a version of the future."""
    document = _parse(text)
    if not isinstance(document, dict):
        raise DraftError("this is no patient draft")
    members = cast("dict[str, object]", document)
    if members.get("format") != FORMAT:
        raise DraftError("this is no patient draft")
    _check_version(members.get("version"))
    whole = _members(members, "draft", ("format", "version", "use", "created", "card", "entries"))
    return PatientDraft(
        use=_word(whole, "use", DraftUse),
        created=_time(whole, "created"),
        card=_card(whole["card"]) if whole["card"] is not None else None,
        entries=tuple(_entry(one) for one in _list(whole, "entries")),
    )


def schema() -> dict[str, Any]:
    """The published JSON Schema of version 1."""
    file = files("cardio.cards.vitale.draft") / "patient-draft-v1.schema.json"
    return json.loads(file.read_text(encoding="utf-8"))


def _parse(text: str) -> object:
    if len(text) > MAX_SIZE:
        raise DraftError(f"more than {MAX_SIZE} characters")
    try:
        return json.loads(text, object_pairs_hook=_without_twins, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise DraftError("this is no JSON document") from None


def _check_version(version: object) -> None:
    if type(version) is not int or version < 1:
        raise DraftError("the draft tells no version")
    if version > VERSION:
        raise DraftTooNew(f"the draft has version {version}; this cardio reads up to {VERSION}")


def _card(value: object) -> CardSource:
    card = _members(value, "card", ("read_at", "beneficiary", "beneficiaries", "test"))
    test = card["test"]
    if test is not None and not isinstance(test, bool):
        raise DraftError("card.test is neither true, false nor null")
    return CardSource(
        read_at=_time(card, "read_at"),
        beneficiary=_number(card, "beneficiary"),
        beneficiaries=_number(card, "beneficiaries"),
        is_test=test,
    )


def _entry(value: object) -> DraftEntry:
    entry = _members(value, "entry", ("field", "value", "from", "at"))
    return DraftEntry(
        name=_word(entry, "field", DraftField),
        value=_text(entry, "value"),
        origin=_word(entry, "from", Origin),
        at=_time(entry, "at"),
    )


def _members(value: object, what: str, names: tuple[str, ...]) -> Mapping[str, object]:
    """An object with exactly these members."""
    if not isinstance(value, dict):
        raise DraftError(f"{what} is no object")
    members = cast("dict[str, object]", value)
    if members.keys() != set(names):
        raise DraftError(f"{what} has not exactly the members {', '.join(names)}")
    return members


def _list(members: Mapping[str, object], name: str) -> list[object]:
    value = members[name]
    if not isinstance(value, list):
        raise DraftError(f"{name} is no list")
    return cast("list[object]", value)


def _text(members: Mapping[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise DraftError(f"{name} is no text")
    return value


def _number(members: Mapping[str, object], name: str) -> int:
    value = members[name]
    if type(value) is not int:
        raise DraftError(f"{name} is no number")
    return value


def _word(members: Mapping[str, object], name: str, words: Callable[[str], T]) -> T:
    try:
        return words(_text(members, name))
    except ValueError:
        raise DraftError(f"{name} is a word that is not known") from None


def _time(members: Mapping[str, object], name: str) -> datetime:
    text = _text(members, name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or _written(moment) != text:
        raise DraftError(f"{name} is no time in UTC, to the second")
    return moment


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DraftError("a member stands there twice")
    return members


def _refuse(word: str) -> NoReturn:
    raise DraftError(f"{word} is no JSON")
