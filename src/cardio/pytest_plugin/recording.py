"""The recorder of one test: in memory, and in a file of its own where that is wanted."""

import re
import zlib
from pathlib import Path

from cardio.trace.recorder import Recorder, TraceFile
from cardio.trace.trace import Entry, TraceHeader

_LONGEST_NAME = 120


class PerTestRecorder(Recorder):
    """Keeps everything in `trace`, and writes it to `path` too, at once and line by line.

    The file is made with the first connection, in the place of an older one: a test that speaks to
    no card leaves none. `failure` says why there is none, or why it ends early.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.failure = ""
        self._path = path
        self._file: TraceFile | None = None
        super().__init__()

    def keep(self, entry: Entry) -> None:
        """See `Recorder.keep`."""
        with self._lock:
            super().keep(entry)
            if self._path and not isinstance(entry, TraceHeader):
                self._write(self._path, entry)

    def close(self) -> None:
        """End the file; what is said to cards later is in `trace` only."""
        with self._lock:
            file, self._file, self._path = self._file, None, None
        if file:
            file.close()

    def _write(self, path: Path, entry: Entry) -> None:
        try:
            file = self._file or self._begun(path)
        except OSError as error:
            self.failure, self._path = error.strerror or str(error), None
            return
        file.write(entry)
        self.failure = file.failure

    def _begun(self, path: Path) -> TraceFile:
        path.unlink(missing_ok=True)
        self._file = TraceFile(path)
        self._file.write(TraceHeader(self.trace.created))
        return self._file


def file_name(test: str) -> str:
    """A name for the trace of this test (its node id): plain, not too long, like no other's."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", test)[-_LONGEST_NAME:].strip("-.")
    return f"{plain}-{zlib.crc32(test.encode()):08x}.jsonl"
