"""Print a result: as JSON for programs, as text for people."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Json = dict[str, Any] | list[Any]


def print_json(data: Json) -> None:
    """One JSON document on standard output, accents kept."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def console() -> "Console":
    """Standard output; coloured only on a terminal, never narrower than 80 columns."""
    from rich.console import Console

    plain = Console(highlight=False, soft_wrap=False)
    return plain if plain.width >= 80 else Console(highlight=False, width=80)


def table(*headings: str) -> "Table":
    """A plain table with these column headings."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def pairs(rows: Mapping[str, str | None]) -> "Table":
    """Two columns: a label and its value; rows without a value are left out."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold")
    made.add_column(overflow="fold")
    for label, value in rows.items():
        if value is not None:
            made.add_row(label, value)
    return made
