"""The `cardio` command run in this process, on readers that live as long as the test."""

import json
from collections.abc import Mapping
from typing import Any

from click.testing import CliRunner, Result

from cardio.cli.root import cardio
from cardio.trace.recorder import Recorder
from cardio.workstation import Workstation
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.virtual_card import VirtualCard

REAL_OPEN = Workstation.open


class Desk:
    """Emulated readers and the `cardio` command; cards keep their state from call to call."""

    def __init__(self) -> None:
        self.bench = Bench()

    def put(self, reader: str, card: VirtualCard | None = None) -> None:
        self.bench.plug(reader, card)

    def open(self, where: str = "pcsc", *, recorder: Recorder | None = None) -> Workstation:
        if where != "pcsc":
            return REAL_OPEN(where, recorder=recorder)
        return Workstation(EmulatedResourceManager(self.bench), recorder=recorder)

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
