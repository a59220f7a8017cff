"""Files that appear whole or not at all."""

import os
import secrets
from pathlib import Path

from cardio.errors import ConfigurationError

_OWNER_ONLY, _AS_USUAL = 0o600, 0o666


def write_whole(path: Path, content: bytes, *, private: bool = False, replace: bool = True) -> None:
    """Write beside it under another name, then give it its own: a file there stays until then.

    Only its owner may read a `private` one. Without `replace`, a file that is there already
    stays; a device always does. Raises `ConfigurationError`.
    """
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"{str(path)!r} is no regular file")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    rights = _OWNER_ONLY if private else _AS_USUAL
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not replace and path.exists():
            raise ConfigurationError(f"{str(path)!r} is there already")
        part.replace(path)
    except OSError as error:
        raise ConfigurationError(f"cannot write {str(path)!r}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
