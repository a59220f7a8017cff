"""The readers of an in-process bench shown to every PC/SC program, by cardio's own reader driver.

What is done to the bench shows in PC/SC about a millisecond later; its PIN pads work for any
program (docs/explanation/own-driver.md).
"""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from cardio.errors import ConfigurationError
from cardio.rig.driver.library import build, reader_conf
from cardio.rig.driver.names import entries
from cardio.rig.driver.server import MAX_SLOTS, ReaderServer
from cardio.rig.pcscd.host import check_service, pcscd_build
from cardio.rig.pcscd.process import PcscdProcess
from cardio.rig.pcscd.room import room
from cardio_emulator.bench import Bench


class OwnDriverPcscd(PcscdProcess):
    """A private pcscd with the readers that the bench has now.

    The bench's readers bear full PC/SC names (`Reader 00 00`), and PC/SC shows the same ones. For
    `directory` and `env` see `PcscdProcess`. The bench's own service is another one: its
    `kill_service` ends no pcscd, `kill` does.
    """

    def __init__(self, bench: Bench, *, directory: Path | None = None) -> None:
        """Raises `ConfigurationError` for the readers, `RigUnavailable` where it cannot run."""
        check_service()
        self._bench = bench
        self._entries = entries(bench.readers)
        if pcscd_build().max_entries and len(bench.readers) > MAX_SLOTS:
            message = (
                f"this pcscd holds {MAX_SLOTS} readers in all; that of pcsc-lite 2.5 holds more"
            )
            raise ConfigurationError(message)
        self._servers = ExitStack()
        super().__init__(directory)

    def start(self) -> Self:
        """Build the driver if need be, and start.

        Raises `RigUnavailable` or `ConfigurationError`, and leaves nothing behind then.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._prepare()
            self._configure(build(self.directory))
            self._run()
            undo.pop_all()
        return self

    def restart(self) -> None:
        """Start the service again, after `kill` or while it runs; the cards are where they were."""
        self.stop_service()
        self._prepare()
        self._run()

    def stop(self) -> None:
        """End it and leave nothing behind; a second call does nothing."""
        self.stop_service()
        self._servers.close()
        super().stop()

    def _configure(self, library: Path) -> None:
        """Serve each entry's readers at a socket, and tell pcscd of it."""
        folder = self.directory / "own"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "conf").mkdir(parents=True)
        text = [room(self.directory, len(self._bench.readers))]
        for at, entry in enumerate(self._entries):
            path, copy = folder / f"readers{at}", folder / f"driver{entry.copy}.so"
            shutil.copyfile(library, copy)
            readers = [self._bench.reader(name) for name in entry.readers]
            self._servers.enter_context(ReaderServer(path, readers))
            text.append(reader_conf(entry.name, copy, path))
        (folder / "conf" / "readers").write_text("\n".join(text), encoding="utf-8")

    def _run(self) -> None:
        self._launch(self.directory / "own" / "conf", os.environ)
        self._wait_for_socket()
