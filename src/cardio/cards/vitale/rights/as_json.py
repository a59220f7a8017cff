"""Rights as plain data, for programs: every field as written, and what was found wrong."""

from typing import Any

from cardio.cards.vitale.rights.checks import RightsProblem, problems_of
from cardio.cards.vitale.rights.grammar import field_names, texts_of
from cardio.cards.vitale.rights.model import Rights
from cardio.cards.vitale.rights.records import AnyRecord, RawRecord


def as_json(rights: Rights) -> dict[str, Any]:
    """Records in their order, fields by name; null is what the source does not tell."""
    return {
        "source": rights.source.value,
        "records": [_record(record) for record in rights.records],
        "problems": [_problem(problem) for problem in problems_of(rights)],
        "unread": list(rights.unread),
    }


def _record(record: AnyRecord) -> dict[str, Any]:
    if isinstance(record, RawRecord):
        return {"group": record.group, "raw": record.content.hex().upper()}
    fields = zip(field_names(type(record)), texts_of(record), strict=True)
    return {"group": record.GROUP or None, "fields": dict(fields)}


def _problem(problem: RightsProblem) -> dict[str, Any]:
    return {
        "code": problem.code.value,
        "record": problem.record,
        "person": problem.person,
        "group": problem.group,
        "field": problem.field,
        "why": problem.why,
    }
