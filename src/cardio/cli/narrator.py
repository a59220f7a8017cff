"""`-v`: tell each exchange on standard error while it happens."""

import click

from cardio.trace.explain import Language, explain
from cardio.trace.recorder import Recorder
from cardio.trace.trace import Entry, Exchange, TracedConnection


class Narrator(Recorder):
    """A recorder that keeps nothing: it says one line for each exchange, PINs masked."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self._readers: dict[int, str] = {}
        super().__init__(with_answers=False)

    def keep(self, entry: Entry) -> None:
        """Say the exchange, and the reader it was in."""
        if isinstance(entry, TracedConnection):
            self._readers[entry.number] = entry.reader
        elif isinstance(entry, Exchange):
            place = f"{self._readers[entry.connection]}  {entry.seconds * 1000:6.1f} ms"
            click.echo(f"{place}  {explain(entry, self._language)}", err=True)
