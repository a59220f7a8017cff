"""The report as JSON, the form that programs read (docs/reference/report.md).

Texts are in one language; ids, statuses and causes are the same in all.
"""

from datetime import date, datetime
from importlib.resources import files
from typing import Any

from cardio.locale import Translator
from cardio.probe import wording
from cardio.probe.check import Value
from cardio.probe.facts import BeneficiaryIdentity, CpsIdentity, ReaderFacts
from cardio.probe.report import SCHEMA_VERSION, CheckResult, Report
from cardio.probe.system.encode import facts_to_json

Json = dict[str, Any]

SCHEMA_FILE = "report-v1.schema.json"


def schema() -> str:
    """The JSON Schema of the report, as text."""
    return (files("cardio.probe") / SCHEMA_FILE).read_text(encoding="utf-8")


def to_json(report: Report, text: Translator) -> Json:
    """The report as a JSON object that fits `schema()`.

    It has an `identity` object exactly if the report was made with identities.
    """
    encoded: Json = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "cardio", "version": report.version},
        "created": _moment(report.created),
        "language": text.language,
        "workstation": _workstation(report),
        "readers": [_reader(reader) for reader in report.readers],
        "cards": [_card(reader) for reader in report.readers if reader.match],
        "checks": [_check(result, text) for result in report.checks],
        "verdict": {
            "status": report.verdict.value,
            "text": text(f"report.verdict.{report.verdict}"),
        },
    }
    encoded |= _looked_at(report)
    if report.has_identity:
        encoded["identity"] = _identity(report)
    return encoded


def _looked_at(report: Report) -> Json:
    """System, software and network, as far as anybody looked at them."""
    parts = {"system": report.system, "software": report.software, "network": report.network}
    return {name: facts_to_json(facts) for name, facts in parts.items() if facts is not None}


def _workstation(report: Report) -> Json:
    machine = report.machine
    return {
        "id": machine.id,
        "source": report.source,
        "platform": {
            "system": machine.system,
            "release": machine.release,
            "architecture": machine.architecture,
            "python": machine.python,
        },
    }


def _reader(reader: ReaderFacts) -> Json:
    return {
        "name": reader.name,
        "presence": reader.presence.value,
        "in_use": reader.in_use,
        "exclusive": reader.exclusive,
    }


def _card(reader: ReaderFacts) -> Json:
    match = reader.match
    if match is None:
        raise ValueError(f"reader {reader.name!r} has no card that was identified")
    return {
        "reader": reader.name,
        "atr": reader.atr.hex().upper(),
        "kind": match.kind.value,
        "generation": match.generation or None,
        "interface": match.interface.value,
        "confidence": match.confidence.value,
        "why": match.why_code,
        "test": reader.is_test,
        "card_type": reader.cps.card_type if reader.cps else None,
    }


def _check(result: CheckResult, text: Translator) -> Json:
    return {
        "id": result.check,
        "reader": result.reader,
        "status": result.status.value,
        "cause": result.cause,
        "evidence": {name: _value(value) for name, value in result.evidence.items()},
        "needs": list(result.needs),
        "cases": list(result.cases),
        "title": wording.title(result.check, text),
        "finding": wording.found(result, text),
        "advice": wording.advice(result, text),
    }


def _identity(report: Report) -> Json:
    cps = [(r.name, r.cps.identity) for r in report.readers if r.cps and r.cps.identity]
    vitale = [(r.name, r.vitale.identity) for r in report.readers if r.vitale and r.vitale.identity]
    return {
        "cps": [{"reader": name, **holder(identity), **_codes(identity)} for name, identity in cps],
        "vitale": [
            {"reader": name, "beneficiaries": [beneficiary(person) for person in people]}
            for name, people in vitale
        ],
    }


def holder(identity: CpsIdentity) -> dict[str, str | None]:
    """Who holds a CPS, field by field."""
    return {
        "ps_idnat": identity.ps_idnat,
        "family_name": identity.family_name,
        "given_name": identity.given_name,
        "profession": identity.profession,
        "card_number": identity.card_number,
    }


def _codes(identity: CpsIdentity) -> dict[str, str | None]:
    """What programs go by (tables G15 and R01)."""
    return {
        "profession_code": identity.profession_code,
        "speciality_code": identity.speciality_code,
    }


def beneficiary(identity: BeneficiaryIdentity) -> dict[str, str | None]:
    """A person of a Vitale card, field by field."""
    return {
        "family_name": identity.family_name,
        "given_name": identity.given_name,
        "birth_date": identity.birth_date,
        "nir": identity.nir,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _value(value: Value) -> str | int | bool | list[str] | None:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
