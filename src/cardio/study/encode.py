"""Answers as JSON, for programs (docs/reference/readiness.md)."""

from datetime import date
from typing import Any

from cardio.locale import Translator
from cardio.study import wording
from cardio.study.answers import Answer, ConventionAnswer, ServiceAnswer

Json = dict[str, Any]


def service(answer: ServiceAnswer, text: Translator, today: date) -> Json:
    """A service, the best way to use it first named, then every way with its conditions."""
    return {
        "id": answer.service.id,
        "name": answer.service.name[text.language],
        "status": answer.service.status.value,
        "readiness": answer.readiness.value,
        "best": answer.best.convention.id,
        "conventions": [_convention(one, text, today) for one in answer.conventions],
    }


def _convention(answer: ConventionAnswer, text: Translator, today: date) -> Json:
    return {
        "id": answer.convention.id,
        "name": answer.convention.name[text.language],
        "channels": [channel.value for channel in answer.convention.channels],
        "readiness": answer.readiness.value,
        "conditions": [_answer(one, text, today) for one in answer.answers],
    }


def _answer(answer: Answer, text: Translator, today: date) -> Json:
    condition = answer.condition
    return {
        "subject": condition.subject,
        "demand": condition.demand.value,
        "values": list(condition.values),
        "state": answer.state.value,
        "cause": answer.cause,
        "found": wording.found(answer, text),
        "advice": wording.advice(answer, text),
        "note": condition.why.get(text.language),
        "source": condition.source,
        "date": str(condition.date) if condition.date else None,
        "old": condition.is_old(today),
        "confidence": condition.confidence.value,
    }
