"""`cardio probe`: what works on this workstation, what does not, why, and what to do."""

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from cardio.cli.commands import command, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, print_json
from cardio.cli.render_probe import ProgressBar, render, render_changes
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.errors import ConfigurationError
from cardio.probe import Report, Status, changed, save, to_html, to_json, watch
from cardio.probe import probe as diagnose
from cardio.probe.system.platform import Platform
from cardio.probe.system.recorded import read_snapshot


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked of one diagnosis, and where its files go."""

    settings: Settings
    with_identity: bool
    network: bool
    platform: Platform | None
    html: Path | None
    folder: Path | None

    def diagnose(self) -> Report:
        """The report, with its progress shown on standard error."""
        with ProgressBar(Console(stderr=True), self.settings.text) as progress:
            return diagnose(
                self.settings.workstation,
                opener=lambda _: workstation_of(self.settings),
                with_identity=self.with_identity,
                network=self.network,
                platform=self.platform,
                progress=progress,
            )

    def write(self, report: Report) -> None:
        """Put it into the files asked for, and name them."""
        text, written = self.settings.text, list[Path]()
        if self.html:
            _write(self.html, to_html(report, text))
            written.append(self.html)
        if self.folder:
            written += save(report, self.folder, text)
        if not self.settings.as_json:
            for file in written:
                console().print(text("cli.probe.written", file=file), markup=False)


@command(help="cli.probe.help")
@option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="cli.probe.html",
)
@option(
    "--save",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="cli.probe.save",
)
@option("--network", is_flag=True, help="cli.probe.network")
@option("--watch", "is_watching", is_flag=True, help="cli.probe.watch")
@option(
    "--system",
    "snapshot",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="cli.probe.system",
)
@option("--with-identity", is_flag=True, help="cli.probe.with_identity")
@with_settings
def probe(
    settings: Settings,
    html: Path | None,
    folder: Path | None,
    network: bool,
    is_watching: bool,
    snapshot: Path | None,
    with_identity: bool,
) -> None:
    """Print the report; exits with 1 when a check failed."""
    platform = read_snapshot(snapshot) if snapshot else None
    wish = _Wish(settings, with_identity, network, platform, html, folder)
    report = _watch(wish) if is_watching else _once(wish)
    raise SystemExit(ExitCode.CHECK_FAILED if report.count(Status.FAIL) else ExitCode.FINE)


def _once(wish: _Wish) -> Report:
    report = wish.diagnose()
    settings = wish.settings
    if settings.as_json:
        print_json(to_json(report, settings.text))
    else:
        console().print(render(report, settings.text))
    wish.write(report)
    return report


def _watch(wish: _Wish) -> Report:
    """The whole report once, then what changed, until Ctrl-C; as JSON, one report a line."""
    settings, last = wish.settings, None
    with workstation_of(settings) as watched:
        try:
            with closing(watch(watched.manager, wish.diagnose)) as reports:
                for report in reports:
                    before, last = last, report
                    _show(report, before, settings)
                    wish.write(report)
        except KeyboardInterrupt:
            if last is None:
                raise
    if last is None:
        raise ConfigurationError("the watch ended before it began")
    return last


def _show(report: Report, last: Report | None, settings: Settings) -> None:
    if settings.as_json:
        click.echo(json.dumps(to_json(report, settings.text), ensure_ascii=False))
    elif last is None:
        console().print(render(report, settings.text))
        console().print(settings.text("cli.probe.watching"), style="dim", markup=False)
    else:
        console().print(render_changes(changed(last, report), report, settings.text))


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
