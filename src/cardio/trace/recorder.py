"""Records exchanges as they happen, in memory or into a file; PINs never get that far."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import TextIO

from cardio.trace.jsonl import encode_entry
from cardio.trace.redaction import Redactor
from cardio.trace.trace import Entry, Exchange, Trace, TracedConnection, TraceHeader

_OWNER_ONLY = 0o600


class TraceFile:
    """A new file for its owner only, to which entries are added line by line.

    If it can no longer be written on, it ends with its last whole line and `failure` says why:
    whoever speaks to a card is not disturbed. Raises `OSError` where it cannot be made, as
    `FileExistsError` if something is there.
    """

    def __init__(self, path: Path) -> None:
        self.failure = ""
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        self._size = 0

    def write(self, entry: Entry) -> None:
        """Add its line, unless an earlier one could not be added."""
        if self.failure:
            return
        line = (encode_entry(entry) + "\n").encode()
        try:
            written = 0
            while written < len(line):
                written += os.write(self._descriptor, line[written:])
            self._size += written
        except OSError as error:
            self.failure = error.strerror or str(error)
            os.ftruncate(self._descriptor, self._size)

    def close(self) -> None:
        """End it; for one call only."""
        os.close(self._descriptor)


class ConnectionRecorder:
    """Records the exchanges of one connection; see `Recorder.connection`."""

    def __init__(self, recorder: "Recorder", connection: int, redactor: Redactor) -> None:
        self._recorder = recorder
        self._connection = connection
        self._redactor = redactor

    def record(self, command: bytes, response: bytes, seconds: float) -> None:
        """Redact and keep one exchange that took `seconds`; `response` is empty if none came."""
        shown = self._redactor.redact(command, response)
        self._recorder.keep(Exchange(self._connection, *shown, self._began(seconds), seconds))

    def record_control(self, code: int, data: bytes, response: bytes, seconds: float) -> None:
        """The same for a command to the reader itself; no PIN is in those of a PIN pad."""
        shown = self._redactor.redact_control(data, response)
        self._recorder.keep(
            Exchange(self._connection, *shown, self._began(seconds), seconds, control=code)
        )

    def _began(self, seconds: float) -> float:
        return max(0.0, self._recorder.elapsed() - seconds)


class Recorder:
    """Collects the exchanges of any number of connections, from any number of threads.

    With `output`, each entry is written there at once as a line (JSONL v1) and not kept in
    memory. Answers are kept, since a replay needs them: they hold what the card told, names and
    NIR included. `with_answers=False` keeps only their lengths and status words.
    """

    def __init__(self, output: TextIO | None = None, *, with_answers: bool = True) -> None:
        self._output = output
        self._with_answers = with_answers
        self._entries: list[Entry] = []
        self._connections = 0
        self._lock = RLock()
        self._began = monotonic()
        self.keep(TraceHeader(datetime.now(UTC)))

    @property
    def trace(self) -> Trace:
        """What was collected in memory so far."""
        with self._lock:
            return Trace.of(tuple(self._entries))

    def elapsed(self) -> float:
        """Seconds since recording began."""
        return monotonic() - self._began

    def connection(self, reader: str, atr: bytes, protocol: int) -> ConnectionRecorder:
        """Start recording a connection just opened; `protocol` is 0 or 1 (T=0, T=1)."""
        with self._lock:
            opened = TracedConnection(self._connections, reader, atr, protocol, self.elapsed())
            self._connections += 1
            self.keep(opened)
        return ConnectionRecorder(self, opened.number, Redactor(with_answers=self._with_answers))

    def keep(self, entry: Entry) -> None:
        """Write or collect one entry. Every entry passes here, for a subclass to see it."""
        with self._lock:
            if self._output is None:
                self._entries.append(entry)
                return
            self._output.write(encode_entry(entry) + "\n")
            self._output.flush()


@contextmanager
def recording(path: Path, *, with_answers: bool = True) -> Generator[Recorder]:
    """A recorder into a file; a new one can only be read by its owner. Raises `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as output:
        yield Recorder(output, with_answers=with_answers)
