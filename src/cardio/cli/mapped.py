"""Files as bytes that are read as they are used, so that their size does not matter."""

import mmap
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cardio.errors import ConfigurationError


@contextmanager
def content_of(file: Path) -> Generator[memoryview, None, None]:
    """A file's content, mapped until its last view is gone. Raises `ConfigurationError`."""
    with _opened(file) as opened:
        try:
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):  # empty, or no plain file
            yield memoryview(opened.read())
            return
        yield memoryview(mapped)


def beginning_of(file: Path, size: int) -> bytes:
    """The first `size` bytes of a file. Raises `ConfigurationError`."""
    with _opened(file) as opened:
        return opened.read(size)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise ConfigurationError(f"cannot read {str(file)!r}: {error.strerror}") from None
