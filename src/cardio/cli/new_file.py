"""Whether a new file may be written, told before any work is done."""

import os
from pathlib import Path

from cardio.errors import ConfigurationError


def require_free(target: Path, *, source: Path | None = None, force: bool) -> None:
    """Raises `ConfigurationError` where `target` cannot be written.

    Never over the `source` it is made from; over another file only with `force`.
    """
    if target.exists():
        if source and target.samefile(source):
            raise ConfigurationError(f"{str(target)!r} is the file it would be made from")
        if not force:
            raise ConfigurationError(f"{str(target)!r} is there already; --force replaces it")
    if not os.access(target.absolute().parent, os.W_OK):
        raise ConfigurationError(f"cannot write to the folder of {str(target)!r}")
