"""The `cardio` command run in this process, on readers that live as long as the test."""

import json
from collections.abc import Mapping
from typing import Any

from click.testing import CliRunner, Result

from cardio.cli.root import cardio
from cardio.transport.base import ResourceManager
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.managers import open_manager
from cardio_emulator.bench import Bench
from cardio_emulator.virtual_card import VirtualCard


class Desk:
    """Emulated readers and the `cardio` command; cards keep their state from call to call."""

    def __init__(self) -> None:
        self.bench = Bench()

    def put(self, reader: str, card: VirtualCard | None = None) -> None:
        self.bench.add_reader(reader, card)

    def manager(self, where: str) -> ResourceManager:
        """These readers in the place of the machine's own; all else as ever."""
        return EmulatedResourceManager(self.bench) if where == "pcsc" else open_manager(where)

    def run(self, *words: str, typed: str = "", env: Mapping[str, str] | None = None) -> Result:
        """Run `cardio` with these words; `typed` is standard input. English unless they say."""
        return CliRunner().invoke(
            cardio, [*words], input=typed, env={"LC_ALL": "C", "COLUMNS": "100", **(env or {})}
        )

    def json(self, *words: str, typed: str = "", code: int | None = 0) -> Any:  # noqa: ANN401
        """The document that `cardio --json` printed; it must exit with `code`, if given."""
        done = self.run("--json", *words, typed=typed)
        assert code in (None, done.exit_code), done.output
        return json.loads(done.stdout)
