"""A file that appears whole or not at all."""

import os
from pathlib import Path

from cardio.errors import ConfigurationError


def require_free(target: Path, *, source: Path, force: bool) -> None:
    """Raises `ConfigurationError` where `target` cannot be written, before any work is done.

    Never over the `source`; over another file only with `force`.
    """
    if target.exists():
        if target.samefile(source):
            raise ConfigurationError(f"{str(target)!r} is the file to be signed itself")
        if not force:
            raise ConfigurationError(f"{str(target)!r} is there already; --force replaces it")
    if not os.access(target.absolute().parent, os.W_OK):
        raise ConfigurationError(f"cannot write to the folder of {str(target)!r}")


def write_whole(target: Path, content: bytes, *, force: bool) -> None:
    """Write beside it under another name, then give it its own. Raises `ConfigurationError`.

    Without `force`, a file that has come about in the meantime stays as it is.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not force and target.exists():
            raise ConfigurationError(f"{str(target)!r} is there already; --force replaces it")
        part.replace(target)
    except OSError as error:
        raise ConfigurationError(f"cannot write {str(target)!r}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
