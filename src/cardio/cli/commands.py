"""The two shapes of command that `cardio` is made of, with the global options on each."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from cardio.cli import interrupt
from cardio.cli.exit_codes import ExitCode
from cardio.cli.localized import LocalCommand, LocalOption, speaking
from cardio.cli.settings import Settings, global_options
from cardio.errors import CardioError


class CardioCommand(LocalCommand):
    """A command that takes the global options after its name too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += global_options()


class CardioGroup(CardioCommand, click.Group):
    """A group of `CardioCommand`s."""

    command_class = CardioCommand


class RootGroup(CardioGroup):
    """The `cardio` command: imports a command's module when it is called, reports its errors."""

    def __init__(self, *args: Any, commands_at: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self._commands_at.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command = getattr(importlib.import_module(module), name)
        interrupt.raises()
        return command

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        with speaking(sys.argv[1:] if args is None else args):
            return super().main(args, *more, **named)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(ExitCode.INTERRUPTED)
        except CardioError as error:
            from cardio.cli.failure import exit_code, show

            with ctx:
                show(error, Settings.current())
            ctx.exit(exit_code(error))


def command(**attributes: Any) -> Any:
    """`click.command` making a `CardioCommand`; `help` is a message key."""
    return click.command(cls=CardioCommand, **attributes)


def group(**attributes: Any) -> Any:
    """`click.group` making a `CardioGroup`; `help` is a message key."""
    return click.group(cls=CardioGroup, **attributes)


def option(*declarations: str, **attributes: Any) -> Any:
    """`click.option` with a `help` that is a message key."""
    return click.option(*declarations, cls=LocalOption, **attributes)
