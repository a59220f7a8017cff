"""JSON objects over a stream socket, one a line, and where such a socket is.

It carries readers from one process or machine to another: see docs/reference/bench-commands.md.
"""

import ipaddress
import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Self, cast

from cardio.errors import BenchUnreachable, ConfigurationError

MAX_LINE = 262_144
"""Bytes; twice an extended APDU in hexadecimal (ISO/IEC 7816-3 §12.1.3), a choice."""

_CHUNK = 65_536
_FOR_EVER = 1e6
"""Seconds. Without any, a socket blocks, and with it the sends that go by the same one."""
_BACKLOG = 64
_TCP, _UNIX = "tcp://", "unix:"
_LAST_PORT = 65_535

Message = dict[str, object]


class NoMessage(ValueError):
    """What came is no JSON object on a line of at most `MAX_LINE` bytes."""


def decode(line: bytes | str) -> Message:
    """The object of one line. Raises `NoMessage`, which does not repeat it."""
    try:
        message: object = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NoMessage("this is no JSON") from None
    if not isinstance(message, dict):
        raise NoMessage("a line holds one JSON object, in braces")
    return cast(Message, message)


def _refuse(_constant: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def encode(message: Mapping[str, object]) -> str:
    """One line of ASCII, without its end: any text, half a surrogate pair too, can be written."""
    return json.dumps(message)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP port, or the `path` of a Unix socket. Port 0: any free one, to listen at."""

    host: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `tcp://HOST:PORT`, `HOST:PORT` or `unix:PATH`. Raises `ConfigurationError`."""
        if text.startswith(_UNIX):
            return cls(path=Path(text.removeprefix(_UNIX)))
        host, colon, port = text.removeprefix(_TCP).rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (host and colon and port.isdecimal() and int(port) <= _LAST_PORT):
            raise ConfigurationError(f"{text!r} is not tcp://HOST:PORT or unix:PATH")
        return cls(host, int(port))

    def __str__(self) -> str:
        if self.path:
            return f"{_UNIX}{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{_TCP}{host}:{self.port}"

    @property
    def is_of_this_machine(self) -> bool:
        """Whether only programs of this machine reach it."""
        if self.path or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def connect(self, within: float) -> socket.socket:
        """A connection to it, made in `within` seconds. Raises `BenchUnreachable`."""
        try:
            if self.path:
                return _connect_unix(self.path, within)
            return socket.create_connection((self.host, self.port), within)
        except OSError as error:
            raise BenchUnreachable(
                f"no bench answers at {self}: {error.strerror or 'no answer'}"
            ) from None

    def listen(self) -> socket.socket:
        """A listening socket; a Unix one is for its user alone. Raises `ConfigurationError`."""
        try:
            return self._listen_unix(self.path) if self.path else self._listen_tcp()
        except OSError as error:
            why = str(error.strerror).partition(" (")[0]
            raise ConfigurationError(
                f"cannot listen at {self}: {why}; choose another one{self._who_has_it()}"
            ) from None

    def _listen_tcp(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        return socket.create_server((self.host, self.port), family=family, backlog=_BACKLOG)

    def _listen_unix(self, path: Path) -> socket.socket:
        if path.is_socket() and not self._is_answered():
            path.unlink()  # left by one that was killed
        listening = socket.socket(socket.AF_UNIX)
        try:
            listening.bind(str(path))
            path.chmod(0o600)  # nobody can connect before `listen`
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
        return listening

    def _is_answered(self) -> bool:
        try:
            self.connect(1.0).close()
        except BenchUnreachable:
            return False
        return True

    def _who_has_it(self) -> str:
        return "" if self.path else f" (who has this one: ss -ltnp 'sport = :{self.port}')"


def _connect_unix(path: Path, within: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(within)
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


class JsonLine:
    """One connection. Any thread may send, one may receive.

    Of the two directions none waits for ever: a send that is not taken in `send_within` seconds
    raises `TimeoutError`, as `receive` does.
    """

    def __init__(self, connection: socket.socket, *, send_within: float = 10.0) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(send_within)
        self._receiving = connection
        self._sending = connection.dup()  # a timeout of its own
        self._sending.settimeout(send_within)
        self._one_at_a_time = threading.Lock()
        self._buffer = bytearray()

    def send(self, message: Mapping[str, object]) -> None:
        """Raises `OSError` when the other side is gone."""
        with self._one_at_a_time:
            self._sending.sendall(encode(message).encode() + b"\n")

    def receive(self, within: float | None = None) -> bytes | None:
        """The next line, None at the end. Raises `TimeoutError` after `within` seconds,
        `OSError`, and `NoMessage` for a line that is too long.
        """
        deadline = monotonic() + (_FOR_EVER if within is None else within)
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise NoMessage(f"a line has at most {MAX_LINE} bytes")
            self._receiving.settimeout(max(deadline - monotonic(), 0.001))
            if not (more := self._receiving.recv(_CHUNK)):
                return None
            self._buffer += more
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def close(self) -> None:
        """End it, from any thread: a `receive` under way returns at once."""
        with suppress(OSError):
            self._receiving.shutdown(socket.SHUT_RDWR)
        self._receiving.close()
        self._sending.close()
