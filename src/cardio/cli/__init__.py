"""The command line: parse, call, render. Each command is in the file of its name."""

from cardio.cli import interrupt

__all__ = ["main"]


def main() -> None:
    """Run `cardio`, and exit with one of `cardio.cli.exit_codes.ExitCode`."""
    interrupt.ends_at_once()
    from cardio.cli.root import cardio

    cardio(prog_name="cardio")
