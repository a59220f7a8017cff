"""Free TCP ports for readers, and who listens on which (proc(5), net/tcp)."""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cardio.errors import RigUnavailable

FIRST, LAST = 10_000, 32_000
"""Where to choose from: below the range Linux takes its own ports from."""

_LISTENING = "0A"
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def listening() -> set[int]:
    """TCP ports something listens on."""
    return {port for port, _ in _listeners()}


def listening_of(pid: int) -> set[int]:
    """TCP ports that this process listens on."""
    own: set[str] = set()
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                own.add(str(link.readlink()))
    return {port for port, inode in _listeners() if f"socket:[{inode}]" in own}


def choose_pairs(count: int, first: int | None = None) -> tuple[int, ...]:
    """The lower one of `count` pairs of free ports: from `first` on, or anywhere.

    Raises `RigUnavailable` when one of those from `first` on is taken.
    """
    taken = listening()
    if first is not None:
        check_free(next((port for port in range(first, first + 2 * count) if port in taken), None))
        return tuple(range(first, first + 2 * count, 2))
    chosen: list[int] = []
    while len(chosen) < count:
        port = FIRST + 2 * secrets.randbelow((LAST - FIRST) // 2)
        if taken.isdisjoint((port, port + 1)):
            taken |= {port, port + 1}
            chosen.append(port)
    return tuple(chosen)


def check_free(taken: int | None) -> None:
    """Raises `RigUnavailable` for the port that another program has, if there is one."""
    if taken is not None:
        raise RigUnavailable(
            f"port {taken} is taken: `ss -ltnp 'sport = :{taken}'` shows by which program"
        )


def _listeners() -> Iterator[tuple[int, str]]:
    """Port and inode: local address in column 2, state in column 4, inode in column 10."""
    for table in _TABLES:
        with suppress(OSError):
            for line in table.read_text("ascii").splitlines()[1:]:
                row = line.split()
                if row[3] == _LISTENING:
                    yield int(row[1].rpartition(":")[2], 16), row[9]
