"""What one line of a control socket is connected to: a card of the bench, or a card it holds."""

import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import TypeVar

from cardio.errors import TransmitTimeout, TransportError
from cardio.rig.control.language import NotUnderstood, Verb, octets_of, text_of
from cardio.transport.base import Connection, Disposition, ResourceManager, ShareMode, control
from cardio.transport.json_line import JsonLine, Message, NoMessage, decode
from cardio_emulator.faults import Strike, Struck, TornOut
from cardio_emulator.faults.leaving import MAX_SECONDS

SESSION_VERBS: Mapping[str, Verb] = {
    "connect": Verb(("reader",), ("share",)),
    "transmit": Verb(("apdu",)),
    "control": Verb(("code",), ("data", "limit")),
    "begin": Verb(),
    "end": Verb(),
    "disconnect": Verb((), ("disposition",)),
}

T = TypeVar("T")

_LIMIT = MAX_SECONDS + 5.0
"""Seconds a card held by a client has to answer: longer than its longest silence."""

_CODES = range(1 << 32)
"""Control codes are DWORDs (PC/SC part 10 §2.2)."""
_LONGEST = 600.0
"""Seconds that a reader may take for one of them: far beyond what a PIN pad waits. A choice."""


class LineSession:
    """The one card that a line is connected to; the end of the line ends it."""

    def __init__(self, manager: ResourceManager) -> None:
        self._manager = manager
        self._connection: Connection | None = None
        self._transaction = ExitStack()
        self._verbs: Mapping[str, Callable[[Message], Message]] = {
            "connect": self._connect,
            "transmit": self._transmit,
            "control": self._control,
            "begin": lambda _: self._begin(),
            "end": lambda _: self._end(),
            "disconnect": self._disconnect,
        }

    def carry_out(self, command: Message) -> Message:
        """Do what a checked command says. Raises `NotUnderstood`, `TransportError`."""
        do = str(command["do"])
        return {"done": do, **self._verbs[do](command)}

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        with suppress(TransportError):
            self._transaction.close()
        connection, self._connection = self._connection, None
        if connection:
            connection.close(disposition)

    def _connect(self, command: Message) -> Message:
        if self._connection:
            raise NotUnderstood("this line is connected to a card: disconnect it first")
        share = _word(command, "share", {share.value: share for share in ShareMode})
        reader = text_of(command, "reader")
        self._connection = self._manager.connect(reader, share or ShareMode.SHARED)
        return {
            "reader": reader,
            "atr": self._connection.atr.hex().upper(),
            "protocol": self._connection.protocol.value,
        }

    def _transmit(self, command: Message) -> Message:
        answer = self._connected().transmit(octets_of(command, "apdu"))
        return {"answer": answer.hex().upper()}

    def _control(self, command: Message) -> Message:
        code, limit = command["code"], command.get("limit")
        if not isinstance(code, int) or code not in _CODES:
            raise NotUnderstood("control: 'code' must be a number of 32 bits")
        if limit is not None and not (isinstance(limit, int | float) and 0 <= limit <= _LONGEST):
            raise NotUnderstood(f"control: 'limit' must be a number of seconds up to {_LONGEST:g}")
        data = octets_of(command, "data") if "data" in command else b""
        return {"answer": control(self._connected(), code, data, limit=limit).hex().upper()}

    def _begin(self) -> Message:
        self._transaction.enter_context(self._connected().transaction())
        return {}

    def _end(self) -> Message:
        self._transaction.close()
        return {}

    def _disconnect(self, command: Message) -> Message:
        how = _word(command, "disposition", {one.value: one for one in Disposition})
        self.close(how or Disposition.LEAVE)
        return {}

    def _connected(self) -> Connection:
        if self._connection is None:
            raise NotUnderstood("this line is connected to no card", ("connect",))
        return self._connection


class HeldCard:
    """A card of the client's own: it is asked over its line, by whoever uses the reader.

    `listen` takes its answers, until it is gone.
    """

    def __init__(self, line: JsonLine, atr: bytes, serial: str) -> None:
        self._line, self._atr, self._serial = line, atr, serial
        self._answers: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._one_at_a_time = threading.Lock()
        self._is_fresh = True

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def serial(self) -> str:
        return self._serial

    def reset(self) -> None:
        """The client learns of it with the next command."""
        self._is_fresh = True

    def transmit(self, command: bytes) -> bytes:
        """Raises `TornOut` when the client is gone, and `TransmitTimeout`, as its card does."""
        with self._one_at_a_time:
            is_fresh, self._is_fresh = self._is_fresh, False
            try:
                self._line.send({"apdu": command.hex().upper(), "reset": is_fresh})
                answer = self._answers.get(timeout=_LIMIT)
            except queue.Empty:
                raise TransmitTimeout("the client's card does not answer") from None
            except OSError:
                raise TornOut from None
            return _card_answer(answer)

    def listen(self) -> None:
        """Take the client's answers until its line ends."""
        with suppress(OSError, NoMessage):
            while (raw := self._line.receive()) is not None:
                self._answers.put(decode(raw))
        self._answers.put(None)


def _card_answer(answer: Message | None) -> bytes:
    if answer is None:
        raise TornOut
    if "silent" in answer:
        raise TransmitTimeout("the card was silent")
    try:
        if "strike" in answer:
            raise Struck(Strike[str(answer["strike"])])
        if "torn" in answer:
            raise TornOut(bytes.fromhex(str(answer["torn"])), int(str(answer["announced"])))
        return bytes.fromhex(str(answer["answer"]))
    except (KeyError, ValueError):
        raise TornOut from None


def _word(command: Message, key: str, words: Mapping[str, T]) -> T | None:
    if key not in command:
        return None
    if (word := text_of(command, key)) not in words:
        raise NotUnderstood(f"{key!r} is none of its words", words)
    return words[word]
