"""Click commands whose help is in the language of `--lang`.

The `help` of a command, group or option is a key of the message catalogue.
"""

from copy import copy
from typing import TypeVar

import click

from cardio.locale import Translator, translator

_META = "cardio.text"

T = TypeVar("T", bound=click.Command | click.Option)


def set_text(context: click.Context, text: Translator) -> None:
    """Choose the language for this call; shared by all nested contexts."""
    context.meta[_META] = text


def current_text() -> Translator:
    """The messages of the call under way, in the user's language unless `--lang` said other."""
    context = click.get_current_context(silent=True)
    return (context and context.meta.get(_META)) or translator()


def _translated(item: T) -> T:
    twin = copy(item)
    twin.help = current_text()(item.help) if item.help else None
    return twin


class LocalOption(click.Option):
    """An option whose `help` is a message key."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        return click.Option.get_help_record(_translated(self), ctx)


class LocalCommand(click.Command):
    """A command whose `help` is a message key."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        click.Command.format_help_text(_translated(self), ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        return click.Command.get_short_help_str(_translated(self), limit)
