"""`cardio probe`: what works on this workstation, what does not, why, and what to do."""

from pathlib import Path

import click
from rich.console import Console

from cardio.cli.commands import command, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, print_json
from cardio.cli.render_probe import ProgressBar, render
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.errors import ConfigurationError
from cardio.probe import Report, Status, to_html, to_json
from cardio.probe import probe as diagnose


@command(help="cli.probe.help")
@option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="cli.probe.html",
)
@option("--with-identity", is_flag=True, help="cli.probe.with_identity")
@with_settings
def probe(settings: Settings, html: Path | None, with_identity: bool) -> None:
    """Print the report; exits with 1 when a check failed."""
    with ProgressBar(Console(stderr=True), settings.text) as progress:
        report = diagnose(
            settings.workstation,
            opener=lambda _: workstation_of(settings),
            with_identity=with_identity,
            progress=progress,
        )
    if settings.as_json:
        print_json(to_json(report, settings.text))
    else:
        console().print(render(report, settings.text))
    if html:
        _write(html, report, settings)
    raise SystemExit(ExitCode.CHECK_FAILED if report.count(Status.FAIL) else ExitCode.FINE)


def _write(file: Path, report: Report, settings: Settings) -> None:
    try:
        file.write_text(to_html(report, settings.text), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    if not settings.as_json:
        console().print(settings.text("cli.probe.written", file=file), markup=False)
