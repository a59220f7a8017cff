"""A bench offered on a socket: its commands, its events, and its readers themselves.

Whoever reaches the socket uses the cards, and sees the PINs sent to them: it listens on this
machine only unless told otherwise, where a Unix socket is for its own user, and a TCP port for
everybody logged in.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Self

from cardio.errors import ConfigurationError, ServiceUnavailable
from cardio.rig.control.board import Board, EventFeed, Readers
from cardio.rig.control.commands import BenchCommands
from cardio.rig.control.language import (
    VERBS,
    NotUnderstood,
    Verb,
    answered,
    octets_of,
    text_of,
)
from cardio.rig.control.session import SESSION_VERBS, HeldCard, LineSession
from cardio.transport.base import ResourceManager
from cardio.transport.json_line import Endpoint, JsonLine, Message, NoMessage
from cardio.transport.remote import LONGEST_WAIT, status_message
from cardio_emulator.control import BenchControl

MAX_LINES = 256
"""Lines at a time: one for each card a client is connected to, and a few more. Each takes two
descriptors: so they leave as many again of the usual 1024 to the bench itself."""

SOCKET_VERBS: Mapping[str, Verb] = {
    **VERBS,
    "readers": Verb(),
    "wait": Verb(("version",), ("seconds",)),
    "watch": Verb(),
    **SESSION_VERBS,
    "hold": Verb(("reader", "atr"), ("serial", "swap")),
}

_ALIVE_EVERY = 1.0
_ACCEPT_AGAIN = 0.1
_LONGEST_ATR = 33
"""Bytes (ISO/IEC 7816-3 §8.2.1); vpcd and pcscd have room for no more."""
_END_WITHIN = 5.0


class ControlServer:
    """Serves `bench` at `endpoint`, and its readers as `manager` shows them; a context manager.

    It closes the manager at its end, never the bench. Files that commands name are read from
    `folder` only. `anywhere` allows an address that other machines reach. `commands` may be
    shared with another source of commands.
    """

    def __init__(
        self,
        bench: BenchControl,
        manager: ResourceManager,
        endpoint: Endpoint | None = None,
        *,
        folder: Path | None = None,
        anywhere: bool = False,
        commands: BenchCommands | None = None,
    ) -> None:
        self.endpoint = endpoint or Endpoint()
        if not (anywhere or self.endpoint.is_of_this_machine):
            raise ConfigurationError(
                f"{self.endpoint} is open to other machines: whoever reaches it uses the cards;"
                " take 127.0.0.1 and an SSH tunnel, or give --anywhere (anywhere=True)"
            )
        self.manager = manager
        self.commands = commands or BenchCommands(bench, manager.readers, folder=folder)
        self.board = Board(manager)
        self.began = monotonic()
        self._listening: socket | None = None
        self._closed = threading.Event()
        self._guard = threading.Lock()
        self._lines: set[_Line] = set()
        self._accepting = threading.Thread(target=self._accept, name="bench door", daemon=True)

    def start(self) -> Self:
        """Listen; `endpoint` then has the port. Raises `ConfigurationError` when it is taken."""
        listening = self.endpoint.listen()
        try:
            self.board.start()
        except BaseException:
            listening.close()
            raise
        if not self.endpoint.path:
            host, port = listening.getsockname()[:2]
            self.endpoint = Endpoint(host, port)
        self._listening = listening
        self._accepting.start()
        return self

    def close(self) -> None:
        """End every line and connection; a second call does nothing."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        self._closed.set()
        with suppress(OSError):
            listening.shutdown(SHUT_RDWR)  # on Linux, `close` alone leaves `accept` waiting
        listening.close()
        self._accepting.join(_END_WITHIN)
        with self._guard:
            lines = tuple(self._lines)
        for line in lines:
            line.end()
        self.board.close()
        self.manager.close()
        for line in lines:
            line.join(_END_WITHIN)
        if self.endpoint.path:
            self.endpoint.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def forget(self, line: "_Line") -> None:
        """Nothing more comes of this line."""
        with self._guard:
            self._lines.discard(line)

    def _accept(self) -> None:
        while listening := self._listening:
            try:
                connection, _ = listening.accept()
            except OSError:  # it is closed; or this process has no descriptor left for a client
                self._closed.wait(_ACCEPT_AGAIN)
                continue
            try:
                self._welcome(JsonLine(connection))
            except OSError:  # this client has left already
                connection.close()

    def _welcome(self, wire: JsonLine) -> None:
        line = _Line(self, wire)
        with self._guard:
            has_room = self._listening is not None and len(self._lines) < MAX_LINES
            if has_room:
                self._lines.add(line)
        if has_room:
            line.start()
        else:
            with suppress(OSError):
                wire.send({"error": f"at most {MAX_LINES} lines at a time"})
            wire.close()


class _Line(threading.Thread):
    """One client's line: its commands one after the other, until it ends."""

    def __init__(self, server: ControlServer, wire: JsonLine) -> None:
        super().__init__(name="bench line", daemon=True)
        self._server = server
        self._wire = wire
        self._session = LineSession(server.manager)
        self._then: Callable[[], None] | None = None
        self._own: Mapping[str, Callable[[Message], Message]] = {
            "readers": lambda _: _seen("readers", *server.board.look()),
            "wait": self._wait,
            "watch": self._watch,
            "hold": self._hold,
            "quit": lambda _: {"done": "quit"},
            **dict.fromkeys(SESSION_VERBS, self._session.carry_out),
        }

    def run(self) -> None:
        try:
            self._converse()
        except OSError:
            pass  # the client is gone
        finally:
            self._session.close()
            self._wire.close()
            self._server.forget(self)

    def end(self) -> None:
        """From any thread."""
        self._wire.close()

    def _converse(self) -> None:
        is_first = True
        while (raw := self._receive()) is not None:
            answer = answered(raw, SOCKET_VERBS, self._carry_out)
            self._wire.send(answer)
            if self._then:
                self._then()
                return
            if answer.get("done") == "quit" or (is_first and not raw.lstrip().startswith(b"{")):
                return  # whoever starts with no JSON speaks another protocol, as a browser does
            is_first = False

    def _receive(self) -> bytes | None:
        try:
            return self._wire.receive()
        except NoMessage as error:
            self._wire.send({"error": str(error)})
            return None

    def _carry_out(self, command: Message) -> Message:
        do = str(command["do"])
        carry_out = self._own.get(do, self._server.commands.carry_out)
        return carry_out(command)

    def _wait(self, command: Message) -> Message:
        version, seconds = command["version"], command.get("seconds", LONGEST_WAIT)
        if not isinstance(version, int) or not isinstance(seconds, int | float):
            raise NotUnderstood("wait: 'version' and 'seconds' must be numbers")
        return _seen("wait", *self._server.board.wait(version, min(seconds, LONGEST_WAIT)))

    def _watch(self, _command: Message) -> Message:
        self._then = self._tell
        return {"done": "watch"}

    def _tell(self) -> None:
        """Tell what happens, until the client is gone: this line takes no more commands."""
        server = self._server
        feed = EventFeed(server.board, server.commands.tallies, since=server.began)
        while True:
            for event in feed.next(_ALIVE_EVERY) or ({"event": "alive", "at": feed.now()},):
                self._wire.send(event)

    def _hold(self, command: Message) -> Message:
        """Put the client's own card in; it lasts, in a reader or out of it, as its line does."""
        atr = octets_of(command, "atr")
        if len(atr) > _LONGEST_ATR:
            raise NotUnderstood(f"hold: 'atr' has at most {_LONGEST_ATR} bytes")
        serial = text_of(command, "serial") if "serial" in command else ""
        card, commands = HeldCard(self._wire, atr, serial), self._server.commands
        swap = command.get("swap") is True
        answer = commands.put(text_of(command, "reader"), card, swap=swap)

        def stay() -> None:
            card.listen()
            commands.take(card)

        self._then = stay
        return {"done": "hold", **answer}


def _seen(do: str, version: int, readers: Readers) -> Message:
    if readers is None:
        raise ServiceUnavailable("the PC/SC service is gone")
    return {"done": do, "version": version, "readers": [status_message(one) for one in readers]}
