"""The vsmartcard protocol: put a card in a vpcd reader over TCP (facts: pcsc_vpcd.md §2).

A message is its length (2 bytes, big-endian) and its body, both ways. A body of one byte is a
`Control`; any other is a command APDU. vpcd is the server; to connect is to insert the card, to
close is to take it out.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum

from cardio.errors import ServiceUnavailable, TransportError
from cardio_emulator.faults import TornOut
from cardio_emulator.virtual_card import VirtualCard

DEFAULT_PORT = 35963
"""The first slot of Debian's vpcd; the second is one above (facts: pcsc_vpcd.md §2)."""
HOLD_BACK = 0.45
"""Seconds a reader must be empty for pcscd, which looks every 0.4 s, to notice (§0.5)."""
SEEN_WITHIN = 1.0
"""Seconds in which pcscd asks a new card for its ATR (400 ms at most, §0.4), with a margin."""

_RETRY_EVERY = 0.05
_CONNECT_WITHIN = 5.0
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
_LENGTH_SIZE = 2


class Control(IntEnum):
    """What vpcd asks apart from APDUs; only GET_ATR is answered."""

    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    GET_ATR = 4


class Link:
    """Messages over one TCP connection. Raises `ServiceUnavailable` when the reader is gone."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self) -> bytes:
        """The body of the next message, in however many packets it comes."""
        if _QUICKACK is not None:
            # Not sticky: without it before each message vpcd 0.8 takes 44 ms (§0.1).
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return self._exactly(int.from_bytes(self._exactly(_LENGTH_SIZE), "big"))

    def send(self, body: bytes) -> None:
        """One message in one write; two would wait for each other's acknowledgement (§0.2)."""
        self._socket.sendall(len(body).to_bytes(_LENGTH_SIZE, "big") + body)

    def send_torn(self, sent: bytes, announced: int) -> None:
        """The start of a message of `announced` bytes whose rest never comes."""
        self._socket.sendall(announced.to_bytes(_LENGTH_SIZE, "big") + sent)

    def close(self) -> None:
        """End it, from any thread: a `receive` under way returns at once."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _exactly(self, size: int) -> bytes:
        raw = self._socket.recv(size)
        while len(raw) < size:
            more = self._socket.recv(size - len(raw))
            if not more:
                raise ServiceUnavailable("the vpcd reader closed the connection")
            raw += more
        return raw


class Insertion:
    """One card in one vpcd reader, from `insert` until `eject` or until the reader is gone."""

    def __init__(self, card: VirtualCard, host: str, port: int) -> None:
        self.card = card
        self.host, self.port = host, port
        self.seen = threading.Event()
        self._ejected = threading.Event()
        self._link: Link | None = None

    def insert(self, wait: float = 0.0) -> None:
        """Connect, trying for `wait` seconds while nobody listens.

        Raises `ServiceUnavailable`.
        """
        deadline = time.monotonic() + wait
        while True:
            try:
                self._link = Link(socket.create_connection((self.host, self.port), _CONNECT_WITHIN))
            except OSError as error:
                if time.monotonic() + _RETRY_EVERY > deadline or self._ejected.is_set():
                    raise ServiceUnavailable(
                        f"no vpcd reader listens at {self.host}:{self.port}: {error.strerror}"
                    ) from error
                self._ejected.wait(_RETRY_EVERY)
            else:
                return

    def serve(self, wait: float = 0.0) -> None:
        """Answer until the card is ejected or a fault takes it out.

        When the reader goes away, insert the card again, waiting `wait` seconds for the reader
        to come back. Raises `ServiceUnavailable` when it does not.
        """
        while True:
            try:
                self._answer_all()
            except (OSError, ServiceUnavailable) as error:
                self._close()
                if self._ejected.is_set():
                    return
                if not wait:
                    raise ServiceUnavailable(
                        f"the vpcd reader at {self.host}:{self.port} went away"
                    ) from error
            else:
                return
            self._ejected.wait(HOLD_BACK)
            self.insert(wait)

    def eject(self) -> None:
        """Take the card out, from any thread."""
        self._ejected.set()
        self._close()
