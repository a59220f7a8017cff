"""A bench on standard input and output: commands in, answers and events out, as JSON lines."""

import os
import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress

from cardio.cli.emulate_stop import Stopping
from cardio.rig.running.bench import RunningBench
from cardio.transport.json_line import MAX_LINE, Message, encode

_LOOK_EVERY = 1.0
"""Seconds between two looks at what the cards have answered; all else is told at once."""
_LAST_WITHIN = 1.0
"""Seconds for the last line: who asks for the end may have stopped reading."""
_CHUNK = 65_536
_NONE = -1


class Lines:
    """Prints one line for each message, from any thread.

    It says no more once a line did not get out whole: nobody reads any longer, a disk is full.
    """

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._is_over = sys.stdout is None

    def say(self, message: Message) -> None:
        self.print(encode(message))

    def print(self, line: str, *, is_last: bool = False) -> None:
        with self._one_at_a_time:
            if self._is_over:
                return
            self._is_over = True
            with suppress(OSError):
                _write(sys.stdout.fileno(), f"{line}\n".encode())
                self._is_over = is_last

    def end(self, message: Message) -> None:
        """The last line; given up where nobody takes it."""
        last = threading.Thread(
            target=self.print, args=(encode(message),), kwargs={"is_last": True}, daemon=True
        )
        last.start()
        last.join(_LAST_WITHIN)


class Conversation:
    """Takes commands and tells events until `quit`, a signal, Ctrl-D, or a loss."""

    def __init__(self, lines: Lines, running: RunningBench) -> None:
        self._lines, self._running = lines, running
        self._over = threading.Event()

    def hold(self, opening: Iterable[Message], stopping: Stopping) -> None:
        """Until it ends. Raises what was lost, if that is the end."""
        stopping.heed()
        threading.Thread(target=self._tell, args=(opening, stopping), daemon=True).start()
        why = stopping.wait()
        self._over.set()
        self._lines.end({"event": "ending", "why": why, "at": self._running.now()})
        stopping.finish()

    def _listen(self, stopping: Stopping) -> None:
        """Commands until standard input ends: at a terminal that is the end, else it goes on."""
        with suppress(OSError):  # there is none, or it is another job's
            source = sys.stdin.fileno() if sys.stdin else _NONE
            for line in _lines(source):
                self._lines.print(self._running.commands.execute(line))
                if self._running.commands.ended:
                    return stopping.ask("quit")
            if os.isatty(source):
                return stopping.ask("end of input")
        return self._lines.say({"event": "input_closed", "at": self._running.now()})

    def _tell(self, opening: Iterable[Message], stopping: Stopping) -> None:
        for line in opening:
            self._lines.say(line)
        threading.Thread(target=self._listen, args=(stopping,), daemon=True).start()
        while not self._over.is_set():
            for event in self._running.events(_LOOK_EVERY):
                self._lines.say(event)


def _write(target: int, raw: bytes) -> None:
    """All of it. `sys.stdout` would have Python abort when it ends while a thread waits here."""
    while raw:
        raw = raw[os.write(target, raw) :]


def _lines(source: int) -> Generator[bytes, None, None]:
    """What comes from a file descriptor, line by line; of a line too long the part that is.

    `sys.stdin` would do the same, and have Python abort when it ends while a thread waits for it.
    """
    buffer = bytearray()
    while more := os.read(source, _CHUNK):
        buffer += more
        *whole, rest = bytes(buffer).split(b"\n")
        yield from filter(bytes.strip, whole)
        buffer = bytearray(rest)
        if len(buffer) > MAX_LINE:
            yield bytes(buffer)
            buffer.clear()
    if buffer.strip():
        yield bytes(buffer)
