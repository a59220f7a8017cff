"""`cardio trace record`: any other command, with all it says to cards recorded."""

from pathlib import Path
from typing import Any, cast

import click

from cardio.cli.commands import command, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.file_recorder import FileRecorder, recording_new
from cardio.cli.localized import current_text
from cardio.cli.settings import Settings, record_with, with_settings
from cardio.locale import Translator

_PASSED_ON: dict[str, Any] = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@command(name="record", help="cli.trace.record.help", context_settings=_PASSED_ON)
@option("--without-answers", is_flag=True, help="cli.trace.record.without_answers")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("words", metavar="COMMAND [ARGS]...", nargs=-1, required=True)
@with_settings
@click.pass_context
def record(
    context: click.Context,
    settings: Settings,
    file: Path,
    words: tuple[str, ...],
    without_answers: bool,
) -> None:
    """Run COMMAND on the workstation chosen, every exchange kept in FILE."""
    root = context.find_root()
    name, inner, arguments = cast("click.Group", root.command).resolve_command(root, list(words))
    if name is None or inner is None:
        raise click.UsageError(settings.text("cli.trace.record.no_command"))
    with recording_new(file, with_answers=not without_answers) as recorder:
        record_with(context, recorder)
        try:
            with inner.make_context(name, arguments, parent=root) as called:
                inner.invoke(called)
        except SystemExit as end:
            if end.code or not recorder.failure:
                raise
        finally:
            click.echo(_summary(current_text(), file, recorder, without_answers), err=True)
    if recorder.failure:
        raise SystemExit(ExitCode.USAGE)


def _summary(text: Translator, file: Path, recorder: FileRecorder, without_answers: bool) -> str:
    """What is in the file now, and whom it may be shown to."""
    if not recorder.connections:
        return text("cli.trace.record.nothing", file=file)
    counts = {"connections": recorder.connections, "exchanges": recorder.exchanges}
    lines = [text("cli.trace.record.done", file=file, **counts)]
    if recorder.failure:
        lines.append(text("cli.trace.record.cut_short", reason=recorder.failure))
    lines.append(text("cli.trace.record.bare" if without_answers else "cli.trace.record.holds"))
    return "\n".join(lines)
