"""A private PC/SC service, whatever driver its readers have. Never the machine's own.

It runs in its own mount namespace, with or without root, on a socket of its own folder (facts:
pcsc_vpcd.md §1). The drivers of USB readers are hidden from it: it never touches a real one.
Clients reach it through `PCSCLITE_CSOCK_NAME` (see `cardio.rig.pcscd.own_socket`).
"""

import os
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Self

from cardio.errors import ConfigurationError, RigUnavailable
from cardio.rig.pcscd.folders import OwnFolder
from cardio.rig.pcscd.host import namespace_option, pcscd_build, pcscd_path
from cardio.rig.pcscd.keeper import Keeper, Mounts, is_alive, service_pid
from cardio.rig.pcscd.own_socket import PREFIX, socket_in

_READY_WITHIN = 20.0
_LOOK_EVERY = 0.002
"""Seconds between two looks whether it is ready: pcscd tells nobody."""
_LOG_SIZE = 2000
_MAX_SOCKET_PATH = 107
"""Bytes, and a last zero (unix(7))."""


class PcscdProcess(ABC):
    """A pcscd that lives from `start` to `stop`; a context manager for both.

    `directory` (made when missing, kept at the end) fixes the socket path; without it a
    temporary one is made and removed. `env` is the environment for client processes.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._temporary = None if directory else OwnFolder(PREFIX)
        self.directory = self._temporary.path if self._temporary else directory or Path()
        self._keeper: Keeper | None = None
        self._ending = threading.Lock()

    @property
    def socket(self) -> Path:
        return socket_in(self.directory)

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "PCSCLITE_CSOCK_NAME": str(self.socket)}

    @property
    def pid(self) -> int | None:
        """Process id of the running service."""
        return self._keeper.pid if self._keeper else None

    @abstractmethod
    def start(self) -> Self:
        """Start it. Raises `RigUnavailable` or `ConfigurationError`, and leaves nothing behind."""

    def kill(self) -> None:
        """End the service as a crash would; nothing to do when it does not run."""
        self._end(SIGKILL)

    def stop_service(self) -> None:
        """End the service in order; nothing to do when it does not run."""
        self._end(SIGTERM)

    def stop(self) -> None:
        """End the service and remove the directory if it is a temporary one."""
        self.stop_service()
        if self._temporary:
            self._temporary.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _prepare(self) -> None:
        """Make the folder, without the traces of an earlier service.

        Raises `ConfigurationError` while one still runs there, or if it can hold none.
        """
        folder = self.directory
        if len(os.fsencode(self.socket)) > _MAX_SOCKET_PATH:
            raise ConfigurationError(
                f"{folder} is too long for a socket: set TMPDIR to another one"
            )
        served = Path(pcscd_build().socket_folder)
        if folder.resolve().is_relative_to(served.parent) and not served.exists():
            raise ConfigurationError(f"{folder} would be hidden: set TMPDIR to one out of /run")
        pid = service_pid(folder)
        if pid is not None and is_alive(pid):
            raise ConfigurationError(f"a PC/SC service runs in {folder} already: stop it first")
        (folder / "run").mkdir(parents=True, exist_ok=True)
        for stale in (self.socket, folder / "run" / "pcscd.pid"):
            stale.unlink(missing_ok=True)

    def _launch(self, configuration: Path, env: Mapping[str, str]) -> None:
        """Start pcscd with this folder of entries."""
        build = pcscd_build()
        self._keeper = Keeper(
            self.directory,
            namespace_option(),
            Mounts(build.socket_folder, hidden=build.usb_drivers),
            (pcscd_path(), "--foreground", "-c", str(configuration), *build.options),
            env,
        )

    def _wait_for_socket(self) -> None:
        """It is there once pcscd has tried every reader. Raises `RigUnavailable`."""
        deadline = time.monotonic() + _READY_WITHIN
        while not (self.pid and self._takes_clients()):
            self._look_again(deadline)

    def _takes_clients(self) -> bool:
        """The file is there a moment before anybody listens."""
        with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
            client.connect(str(self.socket))
            return True
        return False

    def _look_again(self, deadline: float) -> None:
        """Let a moment pass. Raises `RigUnavailable` where waiting on is no use."""
        if self._keeper is None or self._keeper.has_died or time.monotonic() > deadline:
            self._end(SIGKILL)
            raise RigUnavailable(f"pcscd did not start: {self._log()}")
        time.sleep(_LOOK_EVERY)

    def _log(self) -> str:
        log = (self.directory / "log").read_text("utf-8", errors="replace")
        return log[-_LOG_SIZE:].strip() or "it said nothing"

    def _end(self, signal: Signals) -> None:
        """It is over on return, also where another thread had begun to end it."""
        with self._ending:
            keeper, self._keeper = self._keeper, None
            if keeper:
                keeper.end(signal)
