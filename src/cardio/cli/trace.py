"""`cardio trace`: recorded exchanges."""

from pathlib import Path

import click

from cardio.cli.commands import group
from cardio.cli.output import print_json
from cardio.cli.settings import Settings, with_settings
from cardio.cli.trace_anonymise import anonymise
from cardio.cli.trace_record import record
from cardio.trace.explain import explain
from cardio.trace.jsonl import decode
from cardio.trace.trace import Exchange, Trace


@group(help="cli.trace.help")
def trace() -> None:
    """Commands on trace files."""


trace.add_command(record)
trace.add_command(anonymise)


@trace.command(name="explain", help="cli.trace.explain.help")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def explain_file(settings: Settings, file: Path) -> None:
    """Say every exchange of FILE in one line; no data of the cards is shown."""
    recorded = decode(file.read_bytes())
    lines = [
        (exchange, explain(exchange, settings.text.language)) for exchange in recorded.exchanges
    ]
    if settings.as_json:
        print_json([_as_json(exchange, line) for exchange, line in lines])
        return
    for exchange, line in lines:
        click.echo(f"{_place(recorded, exchange)}  {exchange.seconds * 1000:7.1f} ms  {line}")


def _place(recorded: Trace, exchange: Exchange) -> str:
    return f"{exchange.at:8.3f} s  {recorded.connections[exchange.connection].reader}"


def _as_json(exchange: Exchange, line: str) -> dict[str, object]:
    return {
        "connection": exchange.connection,
        "at": exchange.at,
        "seconds": exchange.seconds,
        "explanation": line,
    }
