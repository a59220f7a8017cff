"""Results as JSON (docs/reference/study.md): texts in one language, words the same in all."""

from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from typing import Any

from cardio._version import __version__
from cardio.locale import Translator
from cardio.study import site_wide, wording
from cardio.study.conduct import Outcome, Request
from cardio.study.fixes import Fix
from cardio.study.kinds import STATES
from cardio.study.result import (
    SCHEMA_VERSION,
    Cause,
    CheckFound,
    Identity,
    NameDifference,
    PersonResult,
    ServiceVerdict,
    WorkstationResult,
)
from cardio.study.roster import wording as roster_wording
from cardio.study.roster.mistakes import Mistake
from cardio.study.site import Site
from cardio.study.tally import FixTally, Tally

Json = dict[str, Any]

SCHEMA_FILE = "study-v1.schema.json"


def schema() -> str:
    """The JSON Schema of a study, as text."""
    return (files("cardio.study") / SCHEMA_FILE).read_text(encoding="utf-8")


def services(found: Iterable[ServiceVerdict]) -> list[Json]:
    """`services` of an element of `people` or `workstations`."""
    return [_service(one) for one in found]


def person(found: PersonResult) -> Json:
    """One element of `people`, but its `services`; `identity` only if it was asked for."""
    card = found.card
    encoded: Json = {
        "line": found.line,
        "keys": list(found.keys),
        "site": found.site,
        "profession": found.profession,
        "verdict": found.verdict.value,
        "workstations": list(found.workstations),
        "card": {
            "report": card.report,
            "reader": card.reader,
            "kind": card.kind,
            "link": card.link.value,
        }
        if card
        else None,
        "differences": [_difference(one) for one in found.differences],
        "mistakes": [mistake(one) for one in found.mistakes],
        "bsi_referent": found.is_bsi_referent,
        "rpps_plus": {"has_number": found.rpps_plus.has_number, "role": found.rpps_plus.role}
        if found.rpps_plus
        else None,
        "since": found.since.value if found.since else None,
    }
    return encoded | ({"identity": _identity(found.identity)} if found.identity else {})


def workstation(found: WorkstationResult) -> Json:
    """One element of `workstations`."""
    return {
        "name": found.name,
        "site": found.site,
        "report": found.report,
        "id": found.id,
        "created": found.created.isoformat(timespec="seconds") if found.created else None,
        "verdict": found.verdict,
        "readers": found.readers,
        "checks": [_check(one) for one in found.checks],
        "services": services(found.services),
    }


def mistake(found: Mistake) -> Json:
    """A mistake of the roster, in its stable words."""
    return {
        "line": found.line,
        "cause": found.cause.value,
        "severity": found.severity.value,
        "field": found.field.value if found.field else None,
        "column": found.column,
        "other_line": found.other_line,
        "rule": found.rule.id if found.rule else None,
    }


def head(request: Request, text: Translator) -> Json:
    """The members before all lists. `schema_version` and `kind` come first."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "study",
        "tool": {"name": "cardio", "version": __version__},
        "created": request.created.isoformat(timespec="seconds"),
        "language": text.language,
        "environment": request.options.environment.value,
        "with_identity": request.options.with_identity,
        "series": request.series.id,
    }


def tail(request: Request, outcome: Outcome, text: Translator) -> Json:
    """The members behind the lists of people and workstations."""
    today = outcome.created.date()
    return {
        "left": [
            {"line": one.line, "site": one.site, "profession": one.profession}
            for one in outcome.left
        ],
        "causes": [_cause(one, text, today) for one in outcome.causes],
        "services": [
            {"id": one.id, "name": one.name[text.language], "status": one.status.value}
            for one in request.catalogue.values()
            if one.id in outcome.total.verdicts
        ],
        "sites": [_site(site, tally, text) for site, tally in outcome.by_site.values()],
        "total": tally_json(outcome.total, text),
        "inputs": _inputs(outcome, text),
    }


def tally_json(found: Tally, text: Translator) -> Json:
    """The counts of a site or of all."""
    return {
        "people": found.people,
        "verdicts": {one.value: count for one, count in found.worst.items()},
        "workstations": found.workstations,
        "probed": found.probed,
        "workstation_verdicts": dict(found.stations),
        "cards_linked": found.linked,
        "names_differ": found.differing,
        "services": [
            {"service": service, "verdicts": {one.value: count for one, count in counts.items()}}
            for service, counts in found.readiness()
        ],
        "fixes": [_fix(fix, found.fixes[fix], text) for fix in Fix if fix in found.fixes],
        "mistakes": {one.value: count for one, count in found.mistakes.items()},
        "lines_with_errors": found.lines_with_errors,
        "since": {one.value: count for one, count in found.since.items()},
        "rpps_plus_roles": dict(found.roles),
    }


def _service(found: ServiceVerdict) -> Json:
    return {
        "service": found.service,
        "verdict": found.verdict.value,
        "way": found.way or None,
        "causes": [cause.number for cause in found.causes],
        "to_confirm": [cause.number for cause in found.to_confirm],
    }


def _difference(found: NameDifference) -> Json:
    told: Json = {
        "trait": found.trait,
        "causes": list(found.causes),
        "severity": found.severity,
    }
    values = found.roster is not None or found.card is not None
    return told | ({"roster": found.roster, "card": found.card} if values else {})


def _check(found: CheckFound) -> Json:
    return {
        "check": found.check,
        "reader": found.reader,
        "status": found.status,
        "cause": found.cause,
        "fix": found.fix.value,
        "finding": found.finding,
        "advice": found.advice,
    }


def _identity(found: Identity) -> Json:
    return {
        "civility": found.civility,
        "family_name": found.family_name,
        "given_name": found.given_name,
        "rpps": found.rpps,
        "adeli": found.adeli,
    }


def _cause(found: Cause, text: Translator, today: date) -> Json:
    condition = found.answer.condition
    return {
        "number": found.number,
        "service": found.service,
        "way": found.way,
        "subject": condition.subject,
        "wanted": wording.wanted(condition, text),
        "state": found.answer.state.value,
        "cause": found.answer.cause,
        "found": wording.found(found.answer, text),
        "advice": wording.advice(found.answer, text),
        "note": condition.why.get(text.language),
        "fix": found.fix.value,
        "source": condition.source,
        "date": str(condition.date) if condition.date else None,
        "old": condition.is_old(today),
        "confidence": condition.confidence.value,
    }


def _fix(fix: Fix, found: FixTally, text: Translator) -> Json:
    return {
        "fix": fix.value,
        "title": text(f"study.fix.{fix}.title"),
        "advice": text(f"study.fix.{fix}.advice"),
        "scope": fix.scope.value,
        "lines": found.lines,
        "people": {state.value: found.people[state] for state in STATES if found.people[state]},
        "workstations": found.workstations,
        "services": sorted(found.services),
        "causes": {str(number): count for number, count in sorted(found.causes.items())},
    }


def _site(site: Site, tally: Tally, text: Translator) -> Json:
    needs, referents = site_wide.insi(site, tally), site_wide.referents(tally)
    return {
        "id": site.id,
        "name": site.name,
        "finess": str(site.finess) if site.finess else None,
        "sector": site.sector,
        "networks": [
            {"name": one.name, "internet": one.internet.value, "proxy": one.proxy.value}
            for one in site.networks
        ],
        "total": tally_json(tally, text),
        "insi": {
            "people": needs.people,
            "ready": needs.ready,
            "staff_without_card": needs.staff_without_card,
            "choice": needs.choice.value,
            "advice": text(f"study.insi.{needs.choice}", count=needs.staff_without_card),
            "certificate_names": list(site_wide.CERTIFICATE_NAMES),
            "source": needs.source,
            "date": needs.date,
            "confidence": needs.confidence.value,
        }
        if needs
        else None,
        "bsi_referents": {
            "lines": list(referents.lines),
            "limit": referents.limit,
            "rule": roster_wording.rule(referents.rule, text),
        }
        if referents
        else None,
        "fami": [_indicator(one, text) for one in site_wide.fami(site, tally)],
    }


def _indicator(found: site_wide.Indicator, text: Translator) -> Json:
    return {
        "id": found.id,
        "title": text(f"study.fami.{found.id}"),
        "proof": found.proof.value,
        "met": found.is_met,
        "seen": found.seen,
        "of": found.of,
        "source": found.source,
        "confidence": found.confidence.value,
    }


def _inputs(outcome: Outcome, text: Translator) -> Json:
    return {
        "lines": outcome.total.people,
        "blank_lines": outcome.blank_lines,
        "mistakes": [
            mistake(one) | {"text": roster_wording.told(one, text)} for one in outcome.mistakes
        ],
        "reports": outcome.reports,
        "cards_of_strangers": outcome.strangers,
        "problems": [
            {
                "file": one.file,
                "problem": one.problem.value,
                "detail": one.detail,
                "text": text(f"study.problem.{one.problem}", detail=one.detail),
            }
            for one in outcome.problems
        ],
    }
