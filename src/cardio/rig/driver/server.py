"""The readers behind cardio's own reader driver (`driver/ifd_cardio.c` tells the messages).

pcscd loads the driver; the driver's slots call this server's socket. Slot n is the nth reader.
"""

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import Self

from cardio.errors import ConfigurationError
from cardio.rig.driver.slot import BadMessage, ReaderSlot
from cardio_emulator.reader import VirtualReader

MAX_SLOTS = 16
"""Readers of one entry: pcscd up to 2.4 holds no more in all (facts: pcsc_vpcd.md §0.3)."""

_VERSION = 1
_GREETING = b"CI"
_HELLO_SIZE, _HELLO_WITHIN = 5, 5.0
_MAX_PATH = 107
"""Bytes of a Unix socket's path: sun_path of 108, its NUL included (unix(7))."""
_END_WITHIN = 5.0


class _Role(IntEnum):
    COMMANDS = 0
    EVENTS = 1


class ReaderServer:
    """Serves up to 16 readers that share one `changed`; a context manager.

    Several servers, each with its path and its entry in pcscd's configuration, give readers of
    several names. A reader that is unplugged hangs up on the driver: programs then get
    `ReaderUnavailable`, and it is back within half a second of being plugged in.
    """

    def __init__(self, path: Path, readers: Sequence[VirtualReader]) -> None:
        """Raises `ConfigurationError`."""
        if not 1 <= len(readers) <= MAX_SLOTS:
            raise ConfigurationError(f"1 to {MAX_SLOTS} readers, not {len(readers)}")
        if len(bytes(path)) > _MAX_PATH:
            raise ConfigurationError(f"the path {path} is longer than {_MAX_PATH} bytes")
        self.path = path
        self._slots = [ReaderSlot(reader) for reader in readers]
        self._changed = readers[0].changed
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lines: dict[socket.socket, threading.Thread] = {}
        self._ending = False
        self._threads = (
            threading.Thread(target=self._accept, name="cardio-ifd-accept", daemon=True),
            threading.Thread(target=self._tell, name="cardio-ifd-events", daemon=True),
        )

    def start(self) -> Self:
        """Listen. Raises `ConfigurationError` where no socket can be made at the path."""
        try:
            self._listener.bind(bytes(self.path))
        except OSError as error:
            self._listener.close()
            message = f"no socket can be made at {self.path}: {error.strerror}"
            raise ConfigurationError(message) from None
        self.path.chmod(0o600)
        self._listener.listen(2 * MAX_SLOTS)
        for thread in self._threads:
            thread.start()
        return self

    def close(self) -> None:
        """Hang up and leave nothing behind; a second call does nothing."""
        with self._changed:
            if self._ending:
                return
            self._ending = True
            self._changed.notify_all()
            lines = dict(self._lines)
        for line in (self._listener, *lines):
            _hang_up(line)
        for thread in (*self._threads, *lines.values()):
            thread.join(_END_WITHIN)
        self._listener.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._ending:
            with suppress(OSError):
                line, _ = self._listener.accept()
                self._start(line)

    def _start(self, line: socket.socket) -> None:
        thread = threading.Thread(
            target=self._serve, args=(line,), name="cardio-ifd-line", daemon=True
        )
        with self._changed:
            if self._ending:
                line.close()
                return
            self._lines[line] = thread
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        """One line, for as long as the driver keeps to the rules."""
        try:
            role, slot = self._welcome(line)
            line.settimeout(None)
            if role is _Role.EVENTS:
                self._subscribe(slot, line)
                line.recv(1)
            else:
                slot.serve(line)
        except (OSError, BadMessage):
            pass
        finally:
            with self._changed:
                del self._lines[line]
            line.close()

    def _welcome(self, line: socket.socket) -> tuple[_Role, ReaderSlot]:
        line.settimeout(_HELLO_WITHIN)
        hello = line.recv(_HELLO_SIZE + 1)
        if len(hello) != _HELLO_SIZE or hello[:3] != _GREETING + bytes((_VERSION,)):
            raise BadMessage
        role, number = hello[3:]
        if role not in tuple(_Role) or number >= len(self._slots):
            raise BadMessage
        slot = self._slots[number]
        line.sendall(bytes((_VERSION, len(self._slots))))
        if not slot.reader.plugged:
            raise BadMessage
        return _Role(role), slot

    def _subscribe(self, slot: ReaderSlot, line: socket.socket) -> None:
        with self._changed:
            slot.events, slot.told = line, None
            self._changed.notify_all()

    def _tell(self) -> None:
        """Tell the driver of every card that comes or goes."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ending or any(s.has_news for s in self._slots))
                if self._ending:
                    return
                news = [(slot.events, slot.news()) for slot in self._slots if slot.has_news]
            for line, messages in news:
                _send(line, messages)


def _send(line: socket.socket | None, messages: list[bytes]) -> None:
    if line is None:
        return
    if not messages:
        _hang_up(line)
    with suppress(OSError):
        for message in messages:
            line.sendall(message)


def _hang_up(line: socket.socket) -> None:
    """End it, from any thread; whoever waits on it returns, and closes it."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
