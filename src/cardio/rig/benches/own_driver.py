"""A bench in process, shown to every PC/SC program by cardio's own reader driver, as one."""

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from cardio.rig.driver.service import OwnDriverPcscd
from cardio_emulator.bench import Bench


class OwnDriverBench(Bench):
    """A bench whose service is a private pcscd: killed and started with it.

    `readers` are full PC/SC names, `directory` is as for `PcscdProcess`: that of
    `cardio.rig.pcscd.own_socket` lets this process see them, too. Raises as `OwnDriverPcscd`.
    """

    def __init__(
        self, readers: Iterable[str], *, directory: Path | None = None, seed: int = 0
    ) -> None:
        super().__init__(readers, seed=seed)
        self._service = OwnDriverPcscd(self, directory=directory)
        self._life = threading.RLock()

    @property
    def env(self) -> dict[str, str]:
        """The environment for client processes."""
        return self._service.env

    def start(self) -> Self:
        """Start the service. Raises `RigUnavailable`, and leaves nothing behind."""
        with ExitStack() as undo:
            undo.callback(self.close)
            self._service.start()
            undo.pop_all()
        return self

    def kill_service(self) -> None:
        with self._life:
            super().kill_service()
            self._service.kill()

    def restart_service(self) -> None:
        with self._life:
            super().restart_service()
            self._service.restart()

    def close(self) -> None:
        super().close()
        with self._life:
            self._service.stop()
