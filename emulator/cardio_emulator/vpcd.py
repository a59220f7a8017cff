"""The vsmartcard protocol: put a card in a vpcd reader over TCP (facts: pcsc_vpcd.md §2).

A message is its length (2 bytes, big-endian) and its body, both ways. A body of one byte is a
`Control`; any other is a command APDU. vpcd is the server; to connect is to insert the card, to
close is to take it out.
"""

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from cardio.errors import ConfigurationError, ServiceUnavailable, TransmitTimeout
from cardio_emulator.clock import woken_by
from cardio_emulator.faults import TornOut
from cardio_emulator.virtual_card import VirtualCard

DEFAULT_PORT = 35963
"""The first slot of Debian's vpcd; the second is one above (facts: pcsc_vpcd.md §2)."""
HOLD_BACK = 0.45
"""Seconds a reader must be empty for pcscd, which looks every 0.4 s, to notice (§0.5)."""
SEEN_WITHIN = 1.0
"""Seconds in which pcscd finds a new card (400 ms at most, §0.4), with a margin."""

_RETRY_EVERY = 0.05
_CONNECT_WITHIN = 5.0
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
_LENGTH_SIZE = 2
_STATUS_SIZE = 2


_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """Where a vpcd reader listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `HOST:PORT`, or `[IPV6]:PORT`. Raises `ConfigurationError`."""
        host, _, port = text.rpartition(":")
        bare = host.strip("[]")
        is_port = port.isascii() and port.isdecimal() and 1 <= int(port) <= _MAX_PORT
        if not (bare and is_port) or (":" in bare and host == bare):
            raise ConfigurationError(f"{text!r} is not HOST:PORT, like 127.0.0.1:{DEFAULT_PORT}")
        return cls(bare, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


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

    def half_close(self) -> None:
        """Say that nothing more will be sent, from any thread; the reader's answer is to close."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

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
    """One card in one vpcd reader, from `insert` until it leaves or the reader is gone.

    `seen` is set once the reader has powered the card on and read its ATR. A card that comes
    before pcscd has seen the one before it leave would take its place unnoticed (§0.5): `insert`
    waits until this can no longer be, unless something else does and `holds_back` is False.
    `on_answer` is told of each answer once all of it is sent, by the thread that serves.
    """

    def __init__(self, card: VirtualCard, address: Address, *, holds_back: bool = True) -> None:
        self.card = card
        self.address = address
        self.seen = threading.Event()
        self.holds_back = holds_back
        self.on_answer: Callable[[bytes], None] | None = None
        self._ejected = threading.Event()
        self._ended = threading.Event()
        self._powered = False
        self._is_answering = False
        self._link: Link | None = None

    def insert(self, wait: float = 0.0) -> None:
        """Connect, trying for `wait` seconds while nobody listens.

        Raises `ServiceUnavailable`.
        """
        if self.holds_back:
            self._ejected.wait(_DEPARTURES.pause_before(self.address))
        deadline = time.monotonic() + wait
        while not self._connect():
            if time.monotonic() + _RETRY_EVERY > deadline or self._ejected.wait(_RETRY_EVERY):
                raise ServiceUnavailable(
                    f"no vpcd reader listens at {self.address}:"
                    " it takes a pcscd that runs, and vsmartcard-vpcd"
                )

    def serve(self, wait: float = 0.0) -> None:
        """Answer until the card is ejected or a fault takes it out.

        When the reader goes away, insert the card again, waiting `wait` seconds for the reader
        to come back. Raises `ServiceUnavailable` when it does not.
        """
        while self._is_lost_after_answering():
            if not wait:
                raise ServiceUnavailable(f"the vpcd reader at {self.address} went away")
            self._ejected.wait(HOLD_BACK)
            self.insert(wait)

    @property
    def has_left(self) -> bool:
        """Whether the card was taken out, by hand or by a fault."""
        return self._ejected.is_set()

    def leave(self, within: float = SEEN_WITHIN) -> None:
        """Take the card out, and wait until the reader has noticed, at most `within` seconds.

        From any thread but the one that serves it.
        """
        self._ejected.set()
        if link := self._link:
            link.half_close()
            noticed = self._ended.wait(within) and not self._is_answering
            self._close()
            if noticed:
                _DEPARTURES.seen(self.address)

    def eject(self) -> None:
        """Take the card out at once, from any thread."""
        self._ejected.set()
        self._close()

    def _connect(self) -> bool:
        try:
            connection = socket.create_connection(
                (self.address.host, self.address.port), _CONNECT_WITHIN
            )
        except OSError:
            return False
        connection.settimeout(None)
        self._ended.clear()
        self._link = Link(connection)
        return True

    def _is_lost_after_answering(self) -> bool:
        """Whether the reader went away, rather than the card."""
        try:
            with woken_by(self._ejected):  # a silent card is silent no longer than it is in
                while link := self._link:
                    self._answer(link, link.receive())
        except (OSError, ServiceUnavailable):
            return not self._ejected.is_set()
        finally:
            self._ended.set()
            self._close()
        return False

    def _answer(self, link: Link, message: bytes) -> None:
        is_command = len(message) != 1
        self._is_answering |= is_command
        if self._ejected.is_set():
            return
        if is_command:
            self._command(link, message)
            self._is_answering = False
        else:
            self._control(link, message[0])

    def _command(self, link: Link, command: bytes) -> None:
        try:
            answer = _complete(self.card.transmit(command))
            link.send(answer)
            self._tell(answer)
        except TornOut as torn:
            if torn.announced:
                link.send_torn(torn.sent, torn.announced)
            self.eject()
            if torn.is_whole:
                self._tell(torn.sent)
        except TransmitTimeout:
            self.eject()

    def _tell(self, answer: bytes) -> None:
        if self.on_answer:
            self.on_answer(answer)

    def _control(self, link: Link, code: int) -> None:
        if code == Control.GET_ATR:
            link.send(self.card.atr)
            if self._powered:
                self.seen.set()
        elif code in (Control.POWER_ON, Control.RESET):
            self.card.reset()
            self._powered = True

    def _close(self) -> None:
        link, self._link = self._link, None
        if link:
            _DEPARTURES.unseen(self.address)
            link.close()


class _Departures:
    """Readers whose card left, and until when pcscd may not have noticed."""

    def __init__(self) -> None:
        self._until: dict[Address, float] = {}

    def unseen(self, address: Address) -> None:
        self._until[address] = time.monotonic() + HOLD_BACK

    def seen(self, address: Address) -> None:
        self._until.pop(address, None)

    def pause_before(self, address: Address) -> float:
        """Seconds to wait before a card may be inserted."""
        return max(0.0, self._until.get(address, 0.0) - time.monotonic())


_DEPARTURES = _Departures()


@contextmanager
def attach(
    card: VirtualCard, host: str, port: int, *, wait: float = 0.0, holds_back: bool = True
) -> Generator[Insertion, None, None]:
    """Keep `card` in the reader for the length of a `with` block, served by a thread.

    At its end the reader has seen the card leave, if it looks at its cards at all. For
    `holds_back` see `Insertion`. Raises `ServiceUnavailable` when nobody listens for `wait`
    seconds.
    """
    insertion = Insertion(card, Address(host, port), holds_back=holds_back)
    insertion.insert(wait)
    thread = threading.Thread(target=_serve_quietly, args=(insertion,), daemon=True)
    thread.start()
    try:
        yield insertion
    finally:
        insertion.leave()
        thread.join(_CONNECT_WITHIN)


def _serve_quietly(insertion: Insertion) -> None:
    with suppress(ServiceUnavailable):
        insertion.serve()


def _complete(answer: bytes) -> bytes:
    """Fewer than 2 bytes would hang pcscd's client (§0.6): such a card fails with 6F00."""
    return answer if len(answer) >= _STATUS_SIZE else b"\x6f\x00"
