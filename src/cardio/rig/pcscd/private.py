"""A private PC/SC service with vpcd readers, for tests and benches."""

import os
import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL
from typing import Self

from cardio.rig.pcscd import ports as tcp
from cardio.rig.pcscd.compiled import compiled
from cardio.rig.pcscd.entries import plan, write_entries
from cardio.rig.pcscd.host import check_available, pcscd_build, unavailable, vpcd_driver
from cardio.rig.pcscd.own_socket import own_directory
from cardio.rig.pcscd.process import PcscdProcess
from cardio.rig.pcscd.room import room

__all__ = ["PrivatePcscd", "own_directory", "unavailable"]

_SHIM_SOURCE = Path(__file__).with_name("shim.c")
_READERS_WITHIN = 1.0
"""Seconds after its socket, which pcscd makes once it has tried every reader."""
_PORT_ATTEMPTS = 5
"""Another program may take a port between our look and pcscd's."""


class PrivatePcscd(PcscdProcess):
    """A private pcscd with a vpcd reader for each name of `readers`.

    For `directory` and `env` see `PcscdProcess`. `fast` makes insertions visible in about 11 ms
    instead of 234 where a C compiler is found (facts: pcsc_vpcd.md §3f). `first_port` fixes the
    ports, and `driver` puts another reader driver in the place of the stock vpcd.

    `reader_names` are the full PC/SC names in the order of `readers`, see
    `cardio.rig.pcscd.entries.plan`; `spare_names` are those of the second slots nobody asked for;
    `ports` gives the port a card connects to for each of both.

    Raises `RigUnavailable` where it cannot run, `ConfigurationError` for the readers' names.
    """

    def __init__(
        self,
        readers: Sequence[str] = ("Reader",),
        *,
        fast: bool = False,
        directory: Path | None = None,
        first_port: int | None = None,
        driver: Path | None = None,
    ) -> None:
        check_available()
        self._slots = plan(readers, pcscd_build().max_entries)
        self._driver = driver or vpcd_driver()
        self._first_port = first_port
        self._fast = fast
        self._unplugged: Collection[str] = ()
        spares = (slot.other for slot in self._slots if slot.other not in self._slots)
        self.reader_names = tuple(map(str, self._slots))
        self.spare_names = tuple(map(str, spares))
        self.ports: dict[str, int] = {}
        super().__init__(directory)

    def start(self) -> Self:
        """Start the service on free ports and wait until its readers listen.

        Raises `RigUnavailable` or `ConfigurationError`, and leaves nothing behind then.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            taken = None
            for _ in range(_PORT_ATTEMPTS):
                self._choose_ports()
                taken = self._listen()
                if taken is None:
                    break
            tcp.check_free(taken)
            undo.pop_all()
        return self

    def restart(self, *, unplugged: Collection[str] = ()) -> None:
        """Start the service again, after `kill` or while it runs, on the same ports.

        Both readers of an entry stay away if one of them is `unplugged` (full PC/SC names).
        """
        self.stop_service()
        self._unplugged = unplugged
        tcp.check_free(self._listen())

    def _choose_ports(self) -> None:
        entries = dict.fromkeys(slot.entry for slot in self._slots)
        chosen = tcp.choose_pairs(len(entries), self._first_port)
        first = dict(zip(entries, chosen, strict=True))
        slots = (slot for named in self._slots for slot in (named, named.other))
        self.ports = {str(slot): first[slot.entry] + slot.number for slot in slots}

    def _plugged(self) -> dict[str, int]:
        """The first port of each entry that is not unplugged."""
        away = {slot.entry for slot in self._slots if str(slot) in self._unplugged}
        return {
            slot.entry: self.ports[str(slot)] - slot.number
            for slot in self._slots
            if slot.entry not in away
        }

    def _listen(self) -> int | None:
        """Start the service and wait until it is ready; else a port another program has."""
        self._prepare()
        entries = self._plugged().items()
        first = room(self.directory, len(self.ports))
        write_entries(self.directory / "conf", self._driver, entries, first=first)
        self._launch(self.directory / "conf", self._service_env())
        self._wait_for_socket()
        return self._wait_for_ports()

    def _service_env(self) -> dict[str, str]:
        env = {**os.environ, "CARDIO_FAST_POLL": "1"} if self._fast else dict(os.environ)
        if shim := compiled(_SHIM_SOURCE, self.directory):
            env["LD_PRELOAD"] = str(shim)
        return env

    def _wait_for_ports(self) -> int | None:
        deadline = time.monotonic() + _READERS_WITHIN
        wanted = {port + number for port in self._plugged().values() for number in (0, 1)}
        while True:
            listening = tcp.listening()
            lacking = wanted - tcp.listening_of(self.pid or 0)
            if not lacking:
                return None
            if taken := listening & lacking:
                self._end(SIGKILL)
                return min(taken)
            self._look_again(deadline)
