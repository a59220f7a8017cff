"""A report in words, for the views to lay out: what is drawn of readers and said of checks."""

from dataclasses import dataclass

from cardio.locale import Translator
from cardio.probe import wording
from cardio.probe.check import Status
from cardio.probe.encode import beneficiary, holder
from cardio.probe.facts import ReaderFacts
from cardio.probe.report import CheckResult, Report
from cardio.probe.subjects import CPS_KINDS, VITALE_KINDS
from cardio.transport.base import CardPresence

_GROUPS = {
    "usb": "wiring",
    "pcsc": "wiring",
    "reader": "readers",
    "card": "cards",
    "cps": "cards",
    "vitale": "cards",
    "cards": "cards",
    "galss": "software",
    "cryptolib": "software",
    "srvsvcnam": "software",
    "browser": "software",
    "network": "network",
}
"""First words of checks, and the part of the page they stand in; all others: "machine"."""

_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.SKIP, Status.PASS)


@dataclass(frozen=True, slots=True)
class ReaderView:
    """A reader as drawn: `face` is the card's ("cps", "vitale", "other", "empty")."""

    name: str
    face: str
    label: str
    caption: str
    is_test: bool
    status: Status


@dataclass(frozen=True, slots=True)
class CheckView:
    """A line of the list of checks."""

    id: str
    reader: str | None
    status: Status
    title: str
    found: str
    advice: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody a card names: labels and values."""

    reader: str
    fields: dict[str, str]


def check_view(result: CheckResult, text: Translator) -> CheckView:
    """A check's result in words."""
    return CheckView(
        id=result.check,
        reader=result.reader,
        status=result.status,
        title=wording.title(result.check, text),
        found=wording.found(result, text),
        advice=wording.advice(result, text),
        cases=result.cases,
    )


def to_do(checks: list[CheckView]) -> list[CheckView]:
    """What somebody has to act on, the worst first; what was skipped follows from the rest."""
    urgent = [check for check in checks if check.status not in (Status.PASS, Status.SKIP)]
    return sorted(urgent, key=lambda check: _WORST_FIRST.index(check.status))


def grouped(checks: list[CheckView], text: Translator) -> list[tuple[str, list[CheckView]]]:
    """The checks by what they are about, each group under its title, in the order asked."""
    groups: dict[str, list[CheckView]] = {}
    for check in checks:
        name = _GROUPS.get(check.id.partition(".")[0], "machine")
        groups.setdefault(text(f"report.group.{name}"), []).append(check)
    return list(groups.items())


def reader_view(reader: ReaderFacts, report: Report, text: Translator) -> ReaderView:
    """What is drawn and written of one reader."""
    found = {result.status for result in report.checks if result.reader == reader.name}
    return ReaderView(
        name=reader.name,
        face=_face(reader),
        label={"cps": "CPS", "vitale": "Vitale", "other": "?", "empty": ""}[_face(reader)],
        caption=_caption(reader, text),
        is_test=bool(reader.is_test),
        status=next((status for status in _WORST_FIRST if status in found), Status.PASS),
    )


def _face(reader: ReaderFacts) -> str:
    if reader.presence is CardPresence.ABSENT:
        return "empty"
    kind = reader.match.kind if reader.match else None
    if kind in CPS_KINDS:
        return "cps"
    return "vitale" if kind in VITALE_KINDS else "other"


def _caption(reader: ReaderFacts, text: Translator) -> str:
    if reader.presence is CardPresence.ABSENT:
        return text("report.empty")
    if reader.match is None:
        return text("report.unidentified")
    return text(f"card.kind.{reader.match.kind.value}")


def people(report: Report, text: Translator) -> list[PersonView]:
    """Everybody the cards name; empty unless the report was made with identities."""
    found: list[PersonView] = []
    for reader in report.readers:
        if reader.cps and reader.cps.identity:
            found.append(_person(reader.name, holder(reader.cps.identity), text))
        if reader.vitale and reader.vitale.identity:
            found += [_person(reader.name, beneficiary(p), text) for p in reader.vitale.identity]
    return found


def _person(reader: str, fields: dict[str, str | None], text: Translator) -> PersonView:
    said = {text(f"report.field.{name}"): value for name, value in fields.items() if value}
    return PersonView(reader, said)
