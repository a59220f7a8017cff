"""The reader's side of the vsmartcard protocol: other people's virtual cards in our readers.

A card that connects to a vpcd (`vicc`, a jCardSim remote, …) connects here just as well, and is
in a `VirtualReader` from then on, until it closes the connection (facts: pcsc_vpcd.md §2).
"""

import errno
import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import Self

from cardio.errors import ConfigurationError, RigUnavailable, TransmitTimeout
from cardio_emulator.faults import TornOut
from cardio_emulator.reader import VirtualReader
from cardio_emulator.vpcd import DEFAULT_PORT, Address, Control, Link

ANSWER_WITHIN = 30.0
"""Seconds for one answer. vpcd itself waits for ever (facts: pcsc_vpcd.md §0.7)."""
ATR_WITHIN = 5.0
"""Seconds for the answer to reset: whoever takes longer is no card."""

_LENGTH_SIZE = 2
_STATUS_SIZE = 2
_JOIN_WITHIN = 5.0
_ACCEPT_AGAIN = 0.1
"""Seconds between two attempts while this process has no descriptor left for a card."""
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
"""One that takes no descriptor of its own, and of any number where the system has it."""


class RemoteCard:
    """A card at the other end of a connection; a `VirtualCard`.

    One that breaks the protocol, or is late, is as good as torn out: `transmit` and `reset` raise
    `TornOut` or `TransmitTimeout`, and the connection is closed. `limit` is for each answer.
    """

    serial = ""

    def __init__(self, connection: socket.socket, *, limit: float = ANSWER_WITHIN) -> None:
        self.left = threading.Event()
        self._socket = connection
        self._link = Link(connection)
        self._limit = limit
        self._busy = threading.Lock()
        self._is_fresh = True
        self.atr = self._start(Control.POWER_ON)

    def reset(self) -> None:
        """A warm reset; nothing for a card that was only just powered on."""
        if not self._is_fresh:
            self.atr = self._start(Control.RESET)

    def transmit(self, command: bytes) -> bytes:
        self._is_fresh = False
        return self._ask((command,), self._limit, _STATUS_SIZE)

    def watch(self) -> None:
        """Block until the card is gone: it closed the connection, or spoke without being asked."""
        while not self.left.is_set():
            with suppress(OSError, ValueError), _Selector() as selector:
                selector.register(self._socket, selectors.EVENT_READ)
                selector.select()
            with self._busy:
                if self._has_spoken():
                    self.close()

    def close(self) -> None:
        """End the connection, from any thread."""
        self.left.set()
        self._link.close()

    def _start(self, how: Control) -> bytes:
        return self._ask((bytes((how,)), bytes((Control.GET_ATR,))), ATR_WITHIN, 1)

    def _ask(self, messages: tuple[bytes, ...], limit: float, shortest: int) -> bytes:
        """Send them and give the one answer, of `shortest` bytes at least."""
        deadline = time.monotonic() + min(limit, self._limit)
        with self._busy:
            try:
                self._socket.settimeout(limit)
                for message in messages:
                    self._link.send(message)
                size = int.from_bytes(self._exactly(_LENGTH_SIZE, deadline), "big")
                if size < shortest:
                    raise TornOut
                return self._exactly(size, deadline)
            except TimeoutError:
                self.close()
                raise TransmitTimeout("the card did not answer in time") from None
            except (OSError, TornOut):
                self.close()
                raise TornOut from None

    def _exactly(self, size: int, deadline: float) -> bytes:
        raw = b""
        while len(raw) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            more = self._socket.recv(size - len(raw))
            if not more:
                raise TornOut
            raw += more
        return raw

    def _has_spoken(self) -> bool:
        """Whether there is anything to read, the end of the connection included."""
        try:
            self._socket.setblocking(False)
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


class VpcdServer:
    """Listens for cards and puts them in `reader`, one at a time; a context manager.

    It listens on the loopback unless told otherwise: whoever reaches `address` is a card in the
    reader. Port 0 takes any. Raises `RigUnavailable` for a port that is taken, and
    `ConfigurationError` for an address that is none of this machine's.
    """

    def __init__(
        self,
        reader: VirtualReader,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        limit: float = ANSWER_WITHIN,
    ) -> None:
        self._reader = reader
        self._limit = limit
        self._server = _listen(host, port)
        self.address = Address(host, self._server.getsockname()[1])
        self._connection: socket.socket | None = None
        self._stopped = threading.Event()
        name = f"vpcd at {self.address}"
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send the card away and listen no more; a second call does nothing."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        for each in filter(None, (self._server, self._connection)):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)  # on Linux, `close` alone leaves `accept` waiting
        self._server.close()
        self._thread.join(_JOIN_WITHIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                self._connection, _ = self._server.accept()
            except OSError:  # it is closed; or there is no descriptor left
                self._stopped.wait(_ACCEPT_AGAIN)
                continue
            with suppress(OSError, TornOut, TransmitTimeout, ConfigurationError):
                self._hold(self._connection)

    def _hold(self, connection: socket.socket) -> None:
        """Keep the card in the reader until either lets the other go."""
        with connection:
            if self._stopped.is_set():
                return
            card = RemoteCard(connection, limit=self._limit)
            self._reader.insert(card)
            hand = threading.Thread(target=self._await_removal, args=(card,), daemon=True)
            hand.start()
            card.watch()
            self._take_out(card)
            hand.join(_JOIN_WITHIN)

    def _await_removal(self, card: RemoteCard) -> None:
        """A hand may take the card out of the reader: then its connection ends."""
        with self._reader.changed:
            self._reader.changed.wait_for(lambda: self._reader.card is not card)
        card.close()

    def _take_out(self, card: RemoteCard) -> None:
        with self._reader.changed:
            if self._reader.card is card:
                self._reader.remove()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            advice = f"`ss -ltnp 'sport = :{port}'` shows by which program"
            raise RigUnavailable(f"port {port} is taken: {advice}") from error
        why = str(error.strerror).partition(" (")[0]
        raise ConfigurationError(f"no card can be awaited at {host}:{port}: {why}") from error
