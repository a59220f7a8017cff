"""A process that holds a service in a mount namespace, and ends it when its owner is gone.

The keeper reads from a pipe of its owner. A line names the signal that ends the service. The end
of the pipe, whatever the owner died of, kills it, and removes its folder if that is a temporary
one. The kernel kills the service if the keeper itself is killed.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from cardio.rig.pcscd.folders import LOCK

_ENDS_WITHIN = 5.0

# $0 is the service's folder, $1 where it makes its socket, $2 what is hidden from it.
_SCRIPT = f"""
set -e
[ -d "$1" ] || {{ mount -t tmpfs none "${{1%/*}}"; mkdir "$1"; }}
mount --bind "$0/run" "$1"
[ ! -d "$2" ] || mount -t tmpfs none "$2"
shift 2
setpriv --pdeathsig KILL "$@" &
echo $! > "$0/pid"
read -r signal || signal=
kill -s "${{signal:-KILL}}" $! 2>&- || true
wait $! || true
[ -n "$signal" ] || [ ! -e "$0/{LOCK}" ] || rm -rf "$0"
"""


@dataclass(frozen=True, slots=True)
class Mounts:
    """What the service sees of the machine: its socket folder is our `run`, one folder is empty."""

    socket_folder: str
    hidden: str = ""


class Keeper:
    """A running service; what it says goes to `log` in its folder."""

    def __init__(
        self,
        folder: Path,
        namespace: str,
        mounts: Mounts,
        command: Sequence[str],
        env: Mapping[str, str],
    ) -> None:
        self._folder = folder
        (folder / "pid").unlink(missing_ok=True)
        script = ("sh", "-c", _SCRIPT, str(folder), mounts.socket_folder, mounts.hidden)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                ("unshare", namespace, *script, *command),  # noqa: S607
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,  # a Ctrl-C is for the owner alone
            )

    @property
    def pid(self) -> int | None:
        """Process id of the service; None until it has one."""
        return service_pid(self._folder)

    @property
    def has_died(self) -> bool:
        """Whether the service, or the keeper before it, ended by itself."""
        pid = self.pid
        return self._process.poll() is not None or (pid is not None and not is_alive(pid))

    def end(self, signal: Signals) -> None:
        """Send the service this signal and wait for its end; kill it when that is long."""
        try:
            self._process.communicate(f"{signal.name[3:]}\n".encode(), timeout=_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def service_pid(folder: Path) -> int | None:
    """The process that runs, or last ran, in this folder; None if none ever did."""
    file = folder / "pid"
    told = file.read_text("ascii") if file.exists() else ""
    return int(told) if told.endswith("\n") else None


def is_alive(pid: int) -> bool:
    """Whether it runs: one that has ended, but not been waited for, does not (proc(5), stat)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")
