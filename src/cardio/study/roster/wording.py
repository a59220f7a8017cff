"""Mistakes and fields of a roster in words."""

from cardio.locale import Translator
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Mistake
from cardio.study.roster.rules import RosterRule


def told(mistake: Mistake, text: Translator) -> str:
    """`line 12, RPPS number: the key is wrong`."""
    about = (field(mistake.field, text),) if mistake.field else ()
    column = (text("roster.column", name=mistake.column),) if mistake.column else ()
    where = ", ".join((text("roster.line", line=mistake.line), *about, *column))
    return text("roster.told", where=where, what=found(mistake, text))


def found(mistake: Mistake, text: Translator) -> str:
    """What is wrong."""
    return text(f"roster.cause.{mistake.cause}", line=mistake.other_line or "")


def advice(mistake: Mistake, text: Translator) -> str:
    """What to do; empty where there is nothing to do."""
    key = f"roster.advice.{mistake.cause}"
    return text(key) if text.has(key) else ""


def field(one: Field, text: Translator) -> str:
    """The name of a field."""
    return text(f"roster.field.{one}")


def rule(one: RosterRule, text: Translator) -> str:
    """What a rule says, who says it, when, and how sure that is."""
    said_by = text(
        "readiness.rule",
        source=one.source,
        date=one.date or text("readiness.undated"),
        confidence=text(f"readiness.confidence.{one.confidence}"),
    )
    return text("roster.told", where=text(f"roster.rule.{one.id}"), what=said_by)
