"""A bench on standard input and output: commands in, answers and events out, as JSON lines."""

import os
import queue
import sys
import threading
from collections.abc import Generator
from contextlib import suppress

import click

from cardio.cli.emulate_stop import Stopping
from cardio.rig.running.bench import RunningBench
from cardio.transport.json_line import MAX_LINE, Message, encode

_LOOK_EVERY = 1.0
"""Seconds between two looks at what the cards have answered; all else is told at once."""
_CHUNK = 65_536


class Lines:
    """Prints one line for each message, from any thread; says nothing once nobody reads."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._is_read = True

    def say(self, message: Message) -> None:
        self.print(encode(message))

    def print(self, line: str) -> None:
        with self._one_at_a_time:
            if not self._is_read:
                return
            try:
                click.echo(line)
            except BrokenPipeError:
                self._is_read = False
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Conversation:
    """Takes commands and tells events until `quit`, a signal, Ctrl-D, or a loss."""

    def __init__(self, lines: Lines, running: RunningBench) -> None:
        self._lines, self._running = lines, running
        self._wake: queue.SimpleQueue[str] = queue.SimpleQueue()  # `put` bears a signal handler
        self._over = threading.Event()

    def hold(self, stopping: Stopping) -> None:
        """Until it ends. Raises what was lost, if that is the end."""
        stopping.wake = lambda: self._wake.put("")
        for work in (self._listen, self._tell):
            threading.Thread(target=work, daemon=True).start()
        if stopping.lost:
            stopping.wake()
        why = self._woken() or stopping.why or "reader lost"
        stopping.ends = True
        self._over.set()
        self._lines.say({"event": "ending", "why": why, "at": self._running.now()})
        stopping.finish()

    def _woken(self) -> str:
        """What ends it.

        Without a time-out, this thread would sleep through a signal that the system gave to
        another one: Python's handlers run in this thread, once it runs.
        """
        while True:
            with suppress(queue.Empty):
                return self._wake.get(timeout=_LOOK_EVERY)

    def _listen(self) -> None:
        """Commands until standard input ends: at a terminal that is the end, else it goes on."""
        is_asked = False
        try:
            is_asked = sys.stdin.isatty()
            for line in _lines(sys.stdin.fileno()):
                self._lines.print(self._running.commands.execute(line))
                if self._running.commands.ended:
                    return self._wake.put("quit")
        except (AttributeError, OSError, ValueError):
            is_asked = False  # there is none, or it is another job's
        if is_asked:
            return self._wake.put("end of input")
        return self._lines.say({"event": "input_closed", "at": self._running.now()})

    def _tell(self) -> None:
        while not self._over.is_set():
            for event in self._running.events(_LOOK_EVERY):
                if not self._over.is_set():
                    self._lines.say(event)


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
