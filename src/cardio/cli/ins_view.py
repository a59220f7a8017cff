"""What was found in an identity, as text and as JSON."""

from dataclasses import fields
from typing import Any

from cardio.cli.output import console, pairs, table
from cardio.identity.deduction import Deduced
from cardio.identity.examination import Examination, Finding, GivenIdentity
from cardio.identity.nir import Sex
from cardio.locale import Translator


def as_json(done: Examination) -> dict[str, Any]:
    """The findings, the names as the INSi takes them, and what the number tells."""
    return {
        "valid": done.is_valid,
        "findings": [
            {
                "code": finding.code.value,
                "error": finding.code.is_error,
                "field": finding.field,
                "offset": finding.offset,
                "detail": finding.detail or None,
            }
            for finding in done.findings
        ],
        "names": done.names,
        "deduced": _deduced(done.deduced) if done.deduced else None,
    }


def show(done: Examination, given: GivenIdentity, text: Translator) -> None:
    """On standard output."""
    out = console()
    out.print(text("ins.valid" if done.is_valid else "ins.not_valid"))
    if done.findings:
        rows = table("", text("ins.heading.field"), text("ins.heading.finding"))
        for finding in done.findings:
            mark = "✗" if finding.code.is_error else "!"
            rows.add_row(mark, text(f"ins.field.{finding.field}"), _said(finding, text))
        out.print(rows)
    faulty = {finding.field for finding in done.findings}
    changed = {
        name: value
        for name, value in done.names.items()
        if name not in faulty and value != getattr(given, name)
    }
    if changed:
        out.print(text("ins.heading.names"))
        out.print(pairs({text(f"ins.field.{name}"): value for name, value in changed.items()}))
    if done.deduced:
        out.print(text("ins.heading.deduced"))
        out.print(pairs(_rows(done.deduced, text)))


def show_identity(given: GivenIdentity, text: Translator) -> None:
    """The fields, on standard output."""
    rows = {text(f"ins.field.{name}"): value for name, value in identity_as_json(given).items()}
    console().print(pairs(rows))


def identity_as_json(given: GivenIdentity) -> dict[str, str]:
    """The fields that have a value."""
    return {
        field.name: value
        for field in fields(given)
        if isinstance(value := getattr(given, field.name), str)
    }


def _said(finding: Finding, text: Translator) -> str:
    detail = finding.detail
    if text.has(f"ins.detail.{detail}"):
        detail = text(f"ins.detail.{detail}")
    at = "" if finding.offset is None else finding.offset + 1
    return text(f"ins.finding.{finding.code.value}", detail=detail, at=at)


def _rows(told: Deduced, text: Translator) -> dict[str, str | None]:
    readings = tuple(text(f"ins.reading.{one.value}") for one in told.place_readings)
    place = text("ins.place", code=told.place, readings=readings) if told.place else None
    untold = tuple(text(f"ins.untold.{one.value}") for one in told.untold)
    return {
        text("ins.told.kind"): text(f"ins.kind.{told.kind.value}"),
        text("ins.told.test"): text("ins.yes") if told.is_test else None,
        text("ins.told.sex"): _sex(told.sex, text),
        text("ins.told.years"): text("cli.plain", value=told.years) if told.years else None,
        text("ins.told.month"): str(told.month) if told.month else None,
        text("ins.told.place"): place,
        text("ins.told.untold"): text("cli.plain", value=untold),
    }


def _sex(sex: Sex | None, text: Translator) -> str | None:
    return text(f"ins.sex.{sex.value}") if sex else None


def _deduced(told: Deduced) -> dict[str, Any]:
    return {
        "kind": told.kind.value,
        "test": told.is_test,
        "sex": told.sex.value if told.sex else None,
        "years": list(told.years),
        "month": told.month,
        "place": told.place,
        "place_readings": [one.value for one in told.place_readings],
        "untold": [one.value for one in told.untold],
    }
