"""A card of a few lines behind a vpcd reader: what it answers, and how it fails, is up to a test.

As a process of its own (`python soft_card.py PORT`) it is the echo card of the benchmarks.
"""

import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

CPS3_ATR = bytes.fromhex("3BAC00402A001225006480000310009000")

_GET_ATR = b"\x04"
_TCP_QUICKACK = 12
"""Linux tcp(7); set before every header, or vpcd 0.8 costs 44 ms (facts: pcsc_vpcd.md §0.1)."""


@dataclass(frozen=True, slots=True)
class Torn:
    """Send these raw bytes in place of a framed answer, then leave the reader."""

    raw: bytes = b""


class Mute:
    """Never answer."""


Answer = bytes | Torn | Mute


class SoftCard:
    """A card in the reader that listens on `port`, served by a thread; a context manager.

    `answer` is called with each command. `controls` holds the power and reset bytes received.
    """

    def __init__(
        self, port: int, answer: Callable[[bytes], Answer] | None = None, atr: bytes = CPS3_ATR
    ) -> None:
        self._answer = answer or echo
        self._atr = atr
        self._left = threading.Event()
        self.controls = bytearray()
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Take the card out."""
        self._left.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def wait_gone(self) -> None:
        """Block until the card has left the reader by itself."""
        self._left.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _serve(self) -> None:
        try:
            while not self._left.is_set():
                self._serve_one(self._receive())
        except OSError:
            self._left.set()

    def _serve_one(self, message: bytes) -> None:
        if message == _GET_ATR:
            self._send(self._atr)
        elif len(message) == 1:
            self.controls += message
        else:
            self._reply(self._answer(message))

    def _reply(self, answer: Answer) -> None:
        match answer:
            case bytes():
                self._send(answer)
            case Torn(raw):
                self._socket.sendall(raw)
                self.remove()
            case Mute():
                self._left.wait()

    def _send(self, body: bytes) -> None:
        self._socket.sendall(len(body).to_bytes(2, "big") + body)

    def _receive(self) -> bytes:
        self._socket.setsockopt(socket.IPPROTO_TCP, _TCP_QUICKACK, 1)
        return self._exactly(int.from_bytes(self._exactly(2), "big"))

    def _exactly(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            part = self._socket.recv(size - len(received))
            if not part:
                raise ConnectionError
            received += part
        return received


def echo(command: bytes) -> bytes:
    """`xx xx hi lo ..`: an answer of (hi, lo) bytes in all, 9000 included."""
    size = int.from_bytes(command[2:4], "big")
    return bytes(max(size - 2, 0)) + b"\x90\x00"


if __name__ == "__main__":
    SoftCard(int(sys.argv[1])).wait_gone()
