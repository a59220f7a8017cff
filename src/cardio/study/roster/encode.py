"""A roster's mistakes and its preview as JSON. Nobody is named."""

from datetime import date
from typing import Any

from cardio.locale import Translator
from cardio.study.roster import wording
from cardio.study.roster.columns import Column
from cardio.study.roster.mistakes import Mistake
from cardio.study.roster.preview import Preview
from cardio.study.roster.rules import RosterRule

Json = dict[str, Any]


def mistake(one: Mistake, text: Translator, today: date) -> Json:
    """Line, field, cause and severity as stable words, and what they mean."""
    return {
        "line": one.line,
        "field": one.field.value if one.field else None,
        "cause": one.cause.value,
        "severity": one.severity.value,
        "other_line": one.other_line,
        "column": one.column,
        "found": wording.found(one, text),
        "advice": wording.advice(one, text),
        "rule": rule(one.rule, today) if one.rule else None,
    }


def rule(one: RosterRule, today: date) -> Json:
    """`old`: to be shown with its date."""
    return {
        "id": one.id,
        "source": one.source,
        "date": str(one.date) if one.date else None,
        "old": one.date is not None and one.date.is_old(today),
        "confidence": one.confidence.value,
    }


def preview(one: Preview, text: Translator, today: date) -> Json:
    """The format, the columns, the first rows and what is wrong with the file."""
    form = one.form
    return {
        "format": form.kind,
        "encoding": form.encoding,
        "delimiter": form.delimiter,
        "sheet": form.sheet,
        "sheets": list(form.sheets),
        "header_line": one.header_line,
        "columns": [_column(column) for column in one.columns],
        "rows": [list(row) for row in one.rows],
        "mistakes": [mistake(found, text, today) for found in one.mistakes],
    }


def _column(column: Column) -> Json:
    return {
        "number": column.number,
        "header": column.header,
        "field": column.field.value if column.field else None,
        "why": column.why.value,
    }
