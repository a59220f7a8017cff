"""Temporary folders that do not outlive the process that made them, however it ends."""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

LOCK = "lock"
"""A file in the folder that is locked for as long as its process lives."""


class OwnFolder:
    """A new temporary folder of this process, at `path`, until `close`.

    Those that processes now dead have left behind, if any, are removed first: a lock tells them
    from the others, also where process numbers mean nothing (containers that share /tmp).
    """

    def __init__(self, prefix: str = "cardio-") -> None:
        sweep(prefix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._lock = _lock_up(self.path)

    def close(self) -> None:
        """Remove it with all that is in it; a second call does nothing."""
        if self._lock is None:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        self._lock = None


def sweep(prefix: str) -> None:
    """Remove the folders of this user whose process is gone; Windows does not tell."""
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        if _is_left_behind(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _lock_up(folder: Path) -> int:
    """Make the lock file; it gets its name once it is locked, lest it be swept before."""
    unlocked = folder / f"{LOCK}.new"
    lock = os.open(unlocked, os.O_CREAT | os.O_RDWR, 0o600)
    if sys.platform != "win32":
        fcntl.flock(lock, fcntl.LOCK_EX)
        unlocked.rename(folder / LOCK)
    return lock


def _is_left_behind(folder: Path) -> bool:
    with suppress(OSError):
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return False
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(lock)
        return True
    return False
