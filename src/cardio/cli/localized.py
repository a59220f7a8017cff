"""Click commands in the language of `--lang`: our texts, and click's own sentences around them.

The `help` of a command, group or option is a key of the message catalogue. Click says its own
sentences through `gettext`; their French is in `cardio/locale/fr/LC_MESSAGES`.
"""

import gettext
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import click

import cardio.locale
from cardio.locale import LANGUAGES, Translator, translator

_DOMAIN = "click"
_FOLDER = Path(cardio.locale.__file__).parent
_VARIABLE = "LANGUAGE"
"""What Python's `gettext` looks at first; programs that are called may, too."""

_spoken: ContextVar[Translator] = ContextVar("cardio.text")

T = TypeVar("T", bound=click.Command | click.Option)


@contextmanager
def speaking(words: Sequence[str]) -> Generator[None, None, None]:
    """Within it, all is said in the language that the `words` of a command line ask for.

    They are looked at before click does, which may have to say that it cannot understand them.
    """
    text = translator(_asked_for(words))
    gettext.bindtextdomain(_DOMAIN, str(_FOLDER))
    gettext.textdomain(_DOMAIN)
    before, token = os.environ.get(_VARIABLE, ""), _spoken.set(text)
    os.environ[_VARIABLE] = text.language
    try:
        yield
    finally:
        os.environ[_VARIABLE] = before
        _spoken.reset(token)


def _asked_for(words: Sequence[str]) -> str | None:
    """The last `--lang fr` or `--lang=fr`; None for the user's own language."""
    parts = [part for word in words for part in word.split("=", 1)]
    given = [value for option, value in pairwise(parts) if option == "--lang"]
    return next((value for value in reversed(given) if value in LANGUAGES), None)


def current_text() -> Translator:
    """The messages of the call under way, in the user's language unless `--lang` said other."""
    return _spoken.get(None) or translator()


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

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = current_text()("cli.option.help")
        return option

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        click.Command.format_help_text(_translated(self), ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        return click.Command.get_short_help_str(_translated(self), limit)
