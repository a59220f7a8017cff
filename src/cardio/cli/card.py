"""`cardio card`: what is known of the cards, which touches no reader; and images of cards."""

from collections.abc import Iterator
from typing import Any

import click

from cardio.cards.identify import CardKind
from cardio.cards.layout import Access, CardFile
from cardio.cards.layouts import LAYOUTS
from cardio.cli.commands import group
from cardio.cli.dump import dump
from cardio.cli.output import console, print_json, table
from cardio.cli.settings import Settings, with_settings
from cardio.locale import Translator


@group(help="cli.card_group.help")
def card() -> None:
    """Commands on what is known of the cards, and on their images."""


card.add_command(dump)


@card.command(help="cli.card_group.layout.help")
@click.argument("kind", type=click.Choice([kind.value for kind in LAYOUTS]), required=False)
@with_settings
def layout(settings: Settings, kind: str | None) -> None:
    """Print each file of one KIND of card, or of all: place, access, source, confidence."""
    wanted = [CardKind(kind)] if kind else list(LAYOUTS)
    if settings.as_json:
        print_json([_as_json(one) for one in wanted])
        return
    for one in wanted:
        _print(one, settings.text)


def _as_json(kind: CardKind) -> dict[str, Any]:
    return {"kind": kind.value, "files": [_file(file) for file in LAYOUTS[kind]]}


def _file(file: CardFile) -> dict[str, str | None]:
    return {
        "name": file.name,
        "path": str(file.path) if file.path else None,
        "content": file.content,
        "read": file.read.value,
        "update": file.update.value,
        "confidence": file.confidence.value,
        "source": file.source,
    }


def _print(kind: CardKind, text: Translator) -> None:
    rows = table(*(text(f"card.layout.{column}") for column in ("file", "place", "rules")))
    rows.columns[0].no_wrap = True
    for file in LAYOUTS[kind]:
        place = str(file.path or text("card.layout.found"))
        rows.add_row(file.name, f"{place}\n{file.content}", _rules(file, text))
    out = console()
    out.print(text(f"card.kind.{kind.value}"), style="bold")
    out.print(rows)
    out.print()


def _rules(file: CardFile, text: Translator) -> str:
    return text(
        "card.layout.rules_of",
        access=", ".join(_access(file, text)),
        confidence=text(f"card.confidence.{file.confidence.value}"),
        source=file.source,
    )


def _access(file: CardFile, text: Translator) -> Iterator[str]:
    yield text("card.layout.read", access=text(f"card.access.{file.read.value}"))
    if file.update is not Access.UNKNOWN:
        yield text("card.layout.update", access=text(f"card.access.{file.update.value}"))
