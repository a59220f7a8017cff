"""A recorder into a new file, for the length of one command."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cardio.cli.narrator import Narrator
from cardio.errors import ConfigurationError
from cardio.trace.recorder import Recorder, TraceFile
from cardio.trace.trace import Entry, Exchange, TracedConnection


class FileRecorder(Recorder):
    """Adds each entry to `file` at once and counts; `narrator` is told of each too."""

    def __init__(self, file: TraceFile, *, with_answers: bool) -> None:
        self.narrator: Narrator | None = None
        self.connections = self.exchanges = 0
        self._file = file
        super().__init__(with_answers=with_answers)

    @property
    def failure(self) -> str:
        """Why the file ends early; empty where it does not."""
        return self._file.failure

    def keep(self, entry: Entry) -> None:
        """See `Recorder.keep`."""
        with self._lock:
            self._file.write(entry)
            self.connections += isinstance(entry, TracedConnection)
            self.exchanges += isinstance(entry, Exchange)
            if self.narrator:
                self.narrator.keep(entry)


@contextmanager
def recording_new(path: Path, *, with_answers: bool) -> Generator[FileRecorder]:
    """A recorder into a file that is not there yet, for its owner only.

    A file in which no card is, is removed again. Raises `ConfigurationError`.
    """
    try:
        file = TraceFile(path)
    except FileExistsError:
        raise ConfigurationError(
            f"{str(path)!r} is there already; record into a new file"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"cannot write {str(path)!r}: {error.strerror}") from None
    recorder = FileRecorder(file, with_answers=with_answers)
    try:
        yield recorder
    finally:
        file.close()
        if not recorder.connections:
            path.unlink()
