"""Tell the user of an error: what happened, where, and what to do about it."""

import click

from cardio.cli.output import print_json
from cardio.cli.settings import Settings
from cardio.errors import CardioError


def show(error: CardioError, settings: Settings) -> None:
    """On standard error as text; with `--json`, on standard output as an object too."""
    hint = settings.text.hint(error)
    if settings.as_json:
        print_json({"error": _as_json(error, hint)})
    click.echo(f"{error.code}: {error}\n→ {hint}", err=True)


def _as_json(error: CardioError, hint: str) -> dict[str, str | bool | int | None]:
    return {
        "code": error.code,
        "message": error.message,
        "hint": hint,
        "retryable": error.retryable,
        "reader": error.where.reader,
        "apdu_index": error.where.apdu_index,
    }
