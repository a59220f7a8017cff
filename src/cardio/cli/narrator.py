"""`-v`: tell each exchange on standard error while it happens."""

import click

from cardio.trace.explain import explain
from cardio.trace.recorder import Recorder
from cardio.trace.trace import Entry, Exchange


class Narrator(Recorder):
    """A recorder that keeps nothing: it says one line for each exchange, PINs masked."""

    def __init__(self, language: str) -> None:
        self._language = language
        super().__init__(with_answers=False)

    def keep(self, entry: Entry) -> None:
        """Say the exchange."""
        if isinstance(entry, Exchange):
            milliseconds = f"{entry.seconds * 1000:6.1f} ms"
            click.echo(f"{milliseconds}  {explain(entry, self._language)}", err=True)
