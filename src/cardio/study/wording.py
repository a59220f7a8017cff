"""Conditions and answers in words."""

from collections.abc import Iterable

from cardio.catalogue.subject import Demand, Subject
from cardio.identity.nomenclature import Table
from cardio.locale import Translator
from cardio.study.answers import Answer, Condition

_TABLES: dict[str, Table] = {
    Subject.PROFESSION: Table.PROFESSION,
    Subject.SECTOR: Table.SECTOR,
    Subject.SPECIALITY: Table.PROFESSION,
}


def wanted(condition: Condition, text: Translator) -> str:
    """What is wanted: `credential: CPS, e-CPS`."""
    subject = text(f"readiness.subject.{condition.subject}")
    values = _values(condition, text)
    return text("readiness.wanted", subject=subject, values=values) if values else subject


def found(answer: Answer, text: Translator) -> str:
    """What was found of it."""
    return text(f"readiness.found.{answer.cause}")


def advice(answer: Answer, text: Translator) -> str:
    """What to do; empty where there is nothing to do."""
    key = f"readiness.advice.{answer.cause}"
    return text(key) if text.has(key) else ""


def said_by(condition: Condition, text: Translator) -> str:
    """Who says so, when, and how sure that is."""
    return text(
        "readiness.rule",
        source=condition.source,
        date=condition.date or text("readiness.undated"),
        confidence=text(f"readiness.confidence.{condition.confidence}"),
    )


def _values(condition: Condition, text: Translator) -> str:
    if condition.demand in (Demand.AT_LEAST, Demand.AT_MOST):
        return text(f"readiness.{condition.demand}", limit=condition.values[0])
    return listed(condition.subject, condition.values, text)


def listed(subject: str, values: Iterable[str], text: Translator) -> str:
    """Words of the catalogue with their labels; those that have none as they are."""
    return ", ".join(_label(subject, value, text) for value in values)


def _label(subject: str, value: str, text: Translator) -> str:
    table = _TABLES.get(subject)
    if table and (label := table.labels.get(value)):
        return label
    key = f"readiness.value.{value}"
    return text(key) if text.has(key) else value
