"""A study, and what changed since another one, on a terminal."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cardio.catalogue.model import Service
from cardio.cli.output import table
from cardio.locale import Translator
from cardio.study import told
from cardio.study.answers import State
from cardio.study.conduct import Outcome
from cardio.study.diff import Course, Difference
from cardio.study.fixes import Fix, Scope
from cardio.study.result import Since, Verdict
from cardio.study.roster import wording as roster_wording
from cardio.study.roster.mistakes import Severity
from cardio.study.tally import FixTally

_MOST = 20
"""Lines of a list on a terminal; the files have all."""

_STYLES = {
    Verdict.READY: "green",
    Verdict.NOT_READY: "bold red",
    Verdict.CANNOT_TELL: "magenta",
    Verdict.NOT_CONCERNED: "dim",
}


def render(
    outcome: Outcome, catalogue: Mapping[str, Service], text: Translator, folder: Path | None
) -> RenderableType:
    """The verdicts by service, the errands, and what was wrong with the files; nobody is named."""
    return Group(
        Text(text("study.verdicts"), style="bold"),
        _services(outcome, catalogue, text),
        _heading(text("study.errands")),
        _errands(outcome, text),
        *_inputs(outcome, text),
        *([Text(text("study.written", folder=folder))] if folder else []),
    )


def render_diff(found: Difference, text: Translator) -> RenderableType:
    """Counts first, then each change."""
    if found.is_empty:
        return Text(text("study.diff.nothing"))
    return Group(*(Text(line) for line in _diff(found, text)))


def _services(
    outcome: Outcome, catalogue: Mapping[str, Service], text: Translator
) -> RenderableType:
    order = (Verdict.READY, Verdict.CANNOT_TELL, Verdict.NOT_READY, Verdict.NOT_CONCERNED)
    rows = table(text("study.service"), *(text(f"study.verdict.{one}") for one in order))
    for service, counts in outcome.total.readiness():
        cells = (Text(str(counts[one]), style=_STYLES[one] if counts[one] else "") for one in order)
        rows.add_row(Text(catalogue[service].name[text.language]), *cells)
    return rows


def _errands(outcome: Outcome, text: Translator) -> RenderableType:
    fixes = outcome.total.fixes
    if not fixes:
        return Text(text("study.nothing-to-do"))
    rows = table(text("study.errand"), text("study.how-many"), text("study.column.state"))
    for fix in sorted(fixes, key=lambda one: -fixes[one].people[State.NOT_MET]):
        found = fixes[fix]
        title = Text.assemble(told.title(fix, text), ("\n" + told.advice(fix, text), "dim"))
        count = text("study.counted", count=found.lines, unit=_unit(fix, found, text))
        states = ", ".join(
            text("study.state-count", state=text(f"study.state.{state}"), people=people)
            for state, people in found.people.items()
            if people
        )
        rows.add_row(title, Text(count), Text(states))
    return rows


def _inputs(outcome: Outcome, text: Translator) -> Iterator[RenderableType]:
    total = outcome.total
    yield _heading(text("study.roster"))
    warnings = total.mistakes[Severity.WARNING]
    counts = {"lines": total.people, "errors": total.lines_with_errors, "warnings": warnings}
    yield Text(text("study.roster-state", **counts))
    for one in outcome.mistakes[:_MOST]:
        yield Text(f"  {roster_wording.told(one, text)}")
    yield Text(
        text(
            "study.reports-state",
            reports=outcome.reports,
            problems=len(outcome.problems),
            strangers=outcome.strangers,
        )
    )
    for one in outcome.problems[:_MOST]:
        yield Text(f"  {one.file}: {text(f'study.problem.{one.problem}', detail=one.detail)}")
    if outcome.options.before is not None:
        yield Text(text("study.arrived", count=total.since[Since.ARRIVED]))
        yield Text(text("study.left", count=len(outcome.left)))
        yield Text(text("study.tell-changes"), style="dim")


def _diff(found: Difference, text: Translator) -> Iterator[str]:
    if not found.same_series:
        yield text("study.diff.other-series")
    yield text(
        "study.diff.people",
        arrived=len(found.arrived),
        left=len(found.left),
        better=found.count(Course.BETTER),
        worse=found.count(Course.WORSE),
    )
    yield from _people(found, text)
    courses = [one.course for one in found.workstations]
    yield text(
        "study.diff.workstations",
        new=len(found.new_workstations),
        gone=len(found.gone_workstations),
        better=courses.count(Course.BETTER),
        worse=courses.count(Course.WORSE),
    )
    for one in found.workstations[:_MOST]:
        told_of = _verdicts(one.before, one.after, text)
        yield "  " + text("study.diff.workstation-change", name=one.workstation, **told_of)
    yield from _counts(found, text)


def _people(found: Difference, text: Translator) -> Iterator[str]:
    for moved, word in ((found.arrived, "arrived"), (found.left, "left")):
        for one in moved[:_MOST]:
            line, what = text("study.line", line=one.line), text(f"study.diff.{word}")
            yield "  " + text("study.diff.moved", line=line, what=what)
    for one in found.changes[:_MOST]:
        told_of = _verdicts(one.before, one.after, text)
        line = text("study.line", line=one.line)
        yield "  " + text("study.diff.change", line=line, service=one.service, **told_of)


def _counts(found: Difference, text: Translator) -> Iterator[str]:
    yield text("study.diff.services")
    for service, (before, after) in found.ready.items():
        if before != after:
            yield "  " + text("study.diff.ready", service=service, before=before, after=after)
    yield text("study.diff.fixes")
    for fix, (before, after) in found.fixes.items():
        if before != after:
            title = text(f"study.fix.{fix}.title") if text.has(f"study.fix.{fix}.title") else fix
            yield "  " + text("study.diff.fix", title=title, before=before, after=after)


def _verdicts(before: str | None, after: str | None, text: Translator) -> dict[str, str]:
    return {
        "before": text(f"study.verdict.{before or 'not-probed'}"),
        "after": text(f"study.verdict.{after or 'not-probed'}"),
    }


def _unit(fix: Fix, found: FixTally, text: Translator) -> str:
    scope = Scope.SITE if found.is_by_site(fix) else fix.scope
    return text(f"study.unit.{scope}", count=found.lines)


def _heading(title: str) -> RenderableType:
    return Padding(Text(title, style="bold"), (1, 0, 0, 0))
