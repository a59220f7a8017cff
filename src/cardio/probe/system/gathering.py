"""All families of a platform at once; one that hangs costs nobody else a thing."""

from typing import Any

from cardio.probe.runner import side_by_side
from cardio.probe.system.facts import SystemFacts
from cardio.probe.system.known import NotReadable, Why
from cardio.probe.system.platform import FAMILIES, Platform

SYSTEM_LIMIT = 15.0
"""Seconds for all families, side by side: time for two or three commands that all hang."""


def gather_system(platform: Platform, limit: float = SYSTEM_LIMIT) -> SystemFacts:
    """What the platform tells within `limit` seconds; a family that takes longer is cut off."""
    outcomes = side_by_side([getattr(platform, family) for family in FAMILIES], limit)
    parts: dict[str, Any] = {}
    for family, outcome in zip(FAMILIES, outcomes, strict=True):
        if outcome.error is None:
            parts[family] = outcome.value
        elif isinstance(outcome.error, TimeoutError):
            parts[family] = NotReadable(Why.TIMEOUT, f"{limit:g} s")
        else:
            parts[family] = NotReadable(Why.FAILED, type(outcome.error).__name__)
    return SystemFacts(platform.name, **parts)
