"""Facts as JSON: each field under its own name, so that reports of all systems read alike."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from cardio.probe.system.known import ABSENT, NotReadable


def facts_to_json(fact: object) -> Any:  # noqa: ANN401 (JSON)
    """Any fact: a data class is an object, bytes are hexadecimal, `ABSENT` is null.

    What is not readable is `{"not_readable": why}`, with its detail if it has one.
    """
    if fact is ABSENT:
        return None
    if isinstance(fact, NotReadable):
        return {"not_readable": fact.why.value} | ({"detail": fact.detail} if fact.detail else {})
    if is_dataclass(fact):
        return {one.name: facts_to_json(getattr(fact, one.name)) for one in fields(fact)}
    if isinstance(fact, Mapping):
        return {name: facts_to_json(one) for name, one in cast(Mapping[str, Any], fact).items()}
    if isinstance(fact, tuple | frozenset):
        return [facts_to_json(one) for one in cast(tuple[object, ...], fact)]
    return fact.hex().upper() if isinstance(fact, bytes) else fact
