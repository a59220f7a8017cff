"""`cardio completion`: the script that teaches a shell the commands and options."""

import click
from click.shell_completion import get_completion_class

from cardio.cli.commands import command


@command(help="cli.completion.help")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of this shell."""
    from cardio.cli.root import cardio

    maker = get_completion_class(shell)
    if maker is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(maker(cardio, {}, "cardio", "_CARDIO_COMPLETE").source())
