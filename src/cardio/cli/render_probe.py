"""The probe's report on a terminal."""

from collections.abc import Iterator
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from cardio.locale import Translator
from cardio.probe import Change, Report, Status, Step, Verdict
from cardio.probe.views import CheckView, ReaderView, check_view, grouped, reader_view, to_do

_STATUS = {
    Status.PASS: ("✓", "green"),
    Status.WARN: ("!", "yellow"),
    Status.FAIL: ("✗", "bold red"),
    Status.SKIP: ("–", "dim"),
    Status.UNKNOWN: ("?", "magenta"),
}
_VERDICT = {
    Verdict.READY: "bold green",
    Verdict.ATTENTION: "bold yellow",
    Verdict.NOT_READY: "bold red",
    Verdict.UNKNOWN: "bold magenta",
}


def render(report: Report, text: Translator) -> RenderableType:
    """The whole report, to be printed on a rich console; nobody's identity is in it."""
    checks = [check_view(result, text) for result in report.checks]
    readers = [reader_view(reader, report, text) for reader in report.readers]
    return Group(
        Text(text(f"report.verdict.{report.verdict}"), style=_VERDICT[report.verdict]),
        Text(text(f"report.verdict-why.{report.verdict}")),
        _heading(text("report.readers")),
        _readers(readers, text),
        _heading(text("report.checks")),
        *_checks(checks, text),
        *_to_do(to_do(checks), text),
    )


def render_changes(changes: tuple[Change, ...], report: Report, text: Translator) -> RenderableType:
    """What came out otherwise than before, with what to do, under the time and the verdict."""
    head = Text(f"\n{report.created:%H:%M:%S} ", style="dim")
    head.append(text(f"report.verdict.{report.verdict}"), style=_VERDICT[report.verdict])
    if not changes:
        return Group(head, Text(text("cli.probe.unchanged"), style="dim"))
    rows = _table()
    for change in changes:
        shown = change.after or change.before
        if shown is not None:
            _add_change(rows, change, check_view(shown, text))
    return Group(head, rows)


def _add_change(rows: Table, change: Change, view: CheckView) -> None:
    """The sign before, the sign after; what is no longer asked is dim."""
    marks = Text(" → ").join(
        _mark(one.status) if one else Text("·", style="dim")
        for one in (change.before, change.after)
    )
    said = Text(view.found, style="" if change.after else "dim")
    if change.after and view.advice:
        said.append(f"\n→ {view.advice}")
    rows.add_row(marks, _asked(view), said)


class ProgressBar:
    """A line that tells how far the probe is; use it as a context manager, call it with steps.

    Shown on a terminal only.
    """

    def __init__(self, console: Console, text: Translator) -> None:
        self._text = text
        columns = (BarColumn(), TextColumn("{task.description}"))
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def __call__(self, step: Step) -> None:
        said = self._text(f"report.progress.{step.stage}", done=step.done, total=step.total)
        self._bar.update(self._task, description=said, completed=step.done, total=step.total)


def _heading(title: str) -> RenderableType:
    return Padding(Text(title, style="bold"), (1, 0, 0, 0))


def _readers(readers: list[ReaderView], text: Translator) -> RenderableType:
    if not readers:
        return Text(text("report.no-reader"))
    rows = _table()
    for reader in readers:
        note = text("report.test-card") if reader.is_test else ""
        rows.add_row(_mark(reader.status), Text(reader.name), Text(reader.caption), Text(note))
    return rows


def _checks(checks: list[CheckView], text: Translator) -> Iterator[RenderableType]:
    for title, group in grouped(checks, text):
        rows = _table()
        for check in group:
            rows.add_row(_mark(check.status), _asked(check), Text(check.found))
        yield Text(title, style="italic")
        yield rows


def _to_do(checks: list[CheckView], text: Translator) -> list[RenderableType]:
    if not checks:
        return []
    rows = _table()
    for check in checks:
        rows.add_row(_mark(check.status), _asked(check), Text(check.advice))
    return [_heading(text("report.to-do")), rows]


def _asked(check: CheckView) -> Text:
    return Text(check.title) + Text(f"\n{check.reader}" if check.reader else "", style="dim")


def _mark(status: Status) -> Text:
    sign, style = _STATUS[status]
    return Text(sign, style=style)


def _table() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
