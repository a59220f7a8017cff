"""`cardio study`: a whole site, from its staff list and the reports of its workstations."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from cardio.catalogue.catalogue import Catalogue
from cardio.cli.commands import group, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, print_json
from cardio.cli.render_study import render, render_diff
from cardio.cli.service_options import catalogue_option, environment_option
from cardio.cli.settings import Settings, with_settings
from cardio.locale import Translator
from cardio.study import diff as diffs
from cardio.study import document, folder
from cardio.study.before import Before
from cardio.study.conduct import Outcome, Request, conduct
from cardio.study.engine import Options
from cardio.study.evidence import Environment
from cardio.study.reports import find
from cardio.study.roster.columns import parse_mapping
from cardio.study.roster.reading import read_roster
from cardio.study.series import Series
from cardio.study.site_file import read_sites
from cardio.study.writing import DocumentWriter

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PLACE = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@group(help="study.help", invoke_without_command=True)
@option("--roster", type=_FILE, metavar="FILE", help="study.option.roster")
@option("--site", type=_FILE, metavar="FILE", help="study.option.site")
@option("--reports", type=_FOLDER, multiple=True, metavar="DIR", help="study.option.reports")
@option("--out", type=_FOLDER, metavar="DIR", help="study.option.out")
@option("--service", "services", multiple=True, metavar="ID", help="study.option.service")
@catalogue_option
@environment_option
@option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="study.option.map")
@option("--sheet", metavar="NAME", help="study.option.sheet")
@option("--previous", type=_PLACE, metavar="PATH", help="study.option.previous")
@option("--with-identity", is_flag=True, help="study.option.with_identity")
@click.pass_context
@with_settings
def study(
    settings: Settings,
    context: click.Context,
    roster: Path | None,
    site: Path | None,
    reports: tuple[Path, ...],
    out: Path | None,
    services: tuple[str, ...],
    catalogues: tuple[Path, ...],
    environment: str,
    columns: tuple[str, ...],
    sheet: str | None,
    previous: Path | None,
    with_identity: bool,
) -> None:
    """Exits with 1 unless everybody is ready for all of theirs and every file could be used."""
    if context.invoked_subcommand:
        return
    if roster is None:
        raise click.MissingParameter(ctx=context, param_hint="'--roster'", param_type="option")
    catalogue = Catalogue.load(*catalogues)
    sites = read_sites(site, catalogue.services) if site else None
    chosen = tuple(service.id for service in catalogue.choose(services))
    people = read_roster(
        roster,
        parse_mapping(columns),
        sheet=sheet,
        defaults=sites.defaults if sites else None,
    )
    series = _series(out, previous)
    before = Before.read(previous, series) if previous else None
    options = Options(Environment(environment), with_identity, before)
    request = Request(people, sites, find(reports), catalogue.services, chosen, series, options)
    outcome = _conduct(request, out, settings)
    raise SystemExit(ExitCode.FINE if outcome.is_fine else ExitCode.CHECK_FAILED)


@study.command("diff", help="study.diff.help")
@click.argument("old", type=_PLACE)
@click.argument("new", type=_PLACE)
@with_settings
def show_diff(settings: Settings, old: Path, new: Path) -> None:
    """Exits with 1 where something got worse."""
    found = diffs.compare(old, new)
    if settings.as_json:
        print_json(asdict(found))
    else:
        console().print(render_diff(found, settings.text))
    raise SystemExit(ExitCode.CHECK_FAILED if found.is_worse else ExitCode.FINE)


class _Bar:
    """A line that tells how far the study is, on a terminal only."""

    def __init__(self, text: Translator) -> None:
        self._text = text
        columns, console = (BarColumn(), TextColumn("{task.description}")), Console(stderr=True)
        hidden = not console.is_terminal
        self._bar = Progress(*columns, console=console, transient=True, disable=hidden)
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        said = self._text(f"study.progress.{stage}", done=done, total=total)
        self._bar.update(self._task, description=said, completed=done, total=total)


def _conduct(request: Request, out: Path | None, settings: Settings) -> Outcome:
    """With a folder all is written there; without one the document or the summary is printed."""
    text = settings.text
    with _Bar(text) as progress:
        if out:
            outcome = folder.write(request, out, text, progress)
        elif settings.as_json:
            return _print_document(request, text, progress)
        else:
            outcome = conduct(request, (), progress)
    if out and settings.as_json:
        print_json({"folder": str(out), "total": document.tally_json(outcome.total, text)})
    else:
        console().print(render(outcome, request.catalogue, text, out))
    return outcome


def _print_document(request: Request, text: Translator, progress: _Bar) -> Outcome:
    writer = DocumentWriter(sys.stdout)
    writer.begin(document.head(request, text))
    outcome = conduct(request, (writer,), progress)
    writer.end(document.tail(request, outcome, text))
    return outcome


def _series(out: Path | None, previous: Path | None) -> Series:
    """That of the folder or of the study before; without a folder none is kept."""
    before = previous.parent if previous and previous.is_file() else previous
    if out is None:
        return Series.found(before) or Series.once()
    folder.make(out)
    return Series.of(out, before)
