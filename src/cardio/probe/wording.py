"""Say a check's result in one language: what was asked, what was found, what to do."""

from cardio.locale import Translator
from cardio.probe.check import Value
from cardio.probe.report import CheckResult

_EVERYWHERE = frozenset({"need", "hung", "broken", "not-here", "no-way", "not-readable"})
"""Causes any check can have: the runner gives them, or `untold`."""


def title(check: str, text: Translator) -> str:
    """What the check with this id asks."""
    return text(f"check.{check}.title")


def found(result: CheckResult, text: Translator) -> str:
    """What came out, with its evidence."""
    return _say(result, "found", text)


def advice(result: CheckResult, text: Translator) -> str:
    """What to do about it; empty when there is nothing to do."""
    return _say(result, "advice", text) if text.has(_key(result, "advice")) else ""


def _say(result: CheckResult, what: str, text: Translator) -> str:
    values = {name: _term(name, value, text) for name, value in result.evidence.items()}
    return text(_key(result, what), **values)


def _key(result: CheckResult, what: str) -> str:
    owner = "any" if result.cause in _EVERYWHERE else result.check
    return f"check.{owner}.{result.cause}.{what}"


def _term(name: str, value: Value, text: Translator) -> Value:
    """Stable words of the evidence have their own texts; all else is said as it is."""
    if isinstance(value, tuple):
        return tuple(str(_term(name, item, text)) for item in value)
    if name == "need":
        return title(str(value), text)
    key = f"{_TERMS.get(name, f'report.term.{name}')}.{value}"
    return text(key) if text.has(key) else value


_TERMS = {"kind": "card.kind", "confidence": "card.confidence"}
