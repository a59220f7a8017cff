"""A private pcscd with vpcd readers, for tests and benchmarks. Never the machine's own service.

It runs in its own mount namespace, with or without root, on a socket of its own directory
(facts: pcsc_vpcd.md §1). Clients reach it through `PCSCLITE_CSOCK_NAME`, which libpcsclite reads
once: one process can speak to one socket path for its whole life, so a test worker keeps its
directory and starts one service after another on it.

vpcd 0.8 makes two readers of each entry: the named one and a spare (`X 00 00`, `X 00 01`).
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

MAX_ENTRIES = 8
"""pcscd up to 2.4 holds 16 readers, two for each entry (facts: pcsc_vpcd.md §0.3)."""

_FIRST_PORT, _LAST_PORT = 10_000, 32_000
"""Below the range Linux takes its own ports from."""

_DRIVERS = ("usr/lib/pcsc/drivers/serial/libifdvpcd.so*", "usr/lib/*/pcsc/**/libifdvpcd.so*")
_SHIM_SOURCE = Path(__file__).with_name("support") / "fast_poll.c"
_READY_WITHIN = 10.0

# `setpriv` makes the kernel end the service if the test process dies first.
_LAUNCH = """
set -e
mount -t tmpfs none /run
mkdir /run/pcscd
mount --bind "$0/run" /run/pcscd
exec env LD_PRELOAD="$1" setpriv --pdeathsig KILL "$2" --foreground -c "$0/conf" $3
"""


class PcscdError(RuntimeError):
    """The private service cannot be run here, or did not start."""


class PrivatePcscd:
    """A private pcscd with one vpcd reader for each name of `readers`; a context manager.

    `directory` (made when missing, kept at the end) fixes the socket path; without it a
    temporary one is made and removed. `fast` makes insertions visible in about 11 ms instead of
    234 where a C compiler is found (facts: pcsc_vpcd.md §3f).

    `env` is the environment for client processes; `reader_names` are the full PC/SC names in
    the order of `readers`; `ports` gives the port a card connects to for each full name, spares
    included.
    """

    def __init__(
        self,
        readers: Sequence[str] = ("Reader",),
        *,
        fast: bool = False,
        directory: Path | None = None,
    ) -> None:
        driver, reason = _driver_path(), unavailable()
        if driver is None or reason:
            raise PcscdError(reason)
        self._driver = driver
        if not 1 <= len(set(readers)) == len(readers) <= MAX_ENTRIES:
            raise PcscdError(f"1 to {MAX_ENTRIES} readers of different names, not {readers}")
        self._temporary = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="cardio-pcscd-"))
        self.readers = tuple(readers)
        self.reader_names = tuple(f"{name} 00 00" for name in readers)
        self.spare_names = tuple(f"{name} 00 01" for name in readers)
        self.ports: dict[str, int] = {}
        self._fast = fast
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.directory / "run" / "pcscd.comm"

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "PCSCLITE_CSOCK_NAME": str(self.socket)}

    @property
    def pid(self) -> int | None:
        """Process id of the running service."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start the service on free ports and wait until its readers listen."""
        (self.directory / "run").mkdir(parents=True, exist_ok=True)
        self._configure()
        self._launch()
        return self

    def kill(self) -> None:
        """End the service as a crash would: clients and cards see their sockets close."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start the service again, after `kill` or while it runs, same readers and ports."""
        self.stop_service()
        self._launch()

    def stop_service(self) -> None:
        """End the service in order; nothing to do when it does not run."""
        self._end(signal.SIGTERM)

    def stop(self) -> None:
        """End the service and remove the directory if it is a temporary one."""
        self.stop_service()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _configure(self) -> None:
        conf = self.directory / "conf"
        shutil.rmtree(conf, ignore_errors=True)
        conf.mkdir()
        self.ports = _choose_ports(self.reader_names, self.spare_names)
        entries: list[str] = []
        for at, name in enumerate(self.readers):
            driver = self.directory / f"vpcd{at}.so"
            shutil.copyfile(self._driver, driver)
            device = f"/dev/null:{self.ports[self.reader_names[at]]}"
            entries.append(
                f'FRIENDLYNAME "{name}"\nDEVICENAME {device}\nLIBPATH {driver}\nCHANNELID {at}\n'
            )
        (conf / "readers").write_text("\n".join(entries), encoding="utf-8")

    def _launch(self) -> None:
        self.socket.unlink(missing_ok=True)
        (self.socket.parent / "pcscd.pid").unlink(missing_ok=True)
        shim = str(_build_shim(self.directory) or "") if self._fast else ""
        namespace = "-m" if os.geteuid() == 0 else "-Urm"
        script = ("sh", "-c", _LAUNCH, str(self.directory), shim, _pcscd_path(), _polkit_flag())
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ("unshare", namespace, *script),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        while not (self.socket.exists() and set(self.ports.values()) <= _listening_ports()):
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self._end(signal.SIGKILL)
                log = (self.directory / "log").read_text(encoding="utf-8", errors="replace")
                raise PcscdError(f"pcscd did not start: {log[-2000:]}")
            time.sleep(0.002)

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(with_signal)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def unavailable() -> str | None:
    """Why a private pcscd cannot be run here; None when it can."""
    missing = [name for name in ("unshare", "setpriv", "mount") if not shutil.which(name)]
    if missing:
        return f"no {', '.join(missing)} on this machine"
    if not Path(_pcscd_path()).exists():
        return "pcscd is not installed"
    if _driver_path() is None:
        return "the vpcd driver (vsmartcard-vpcd) is not installed"
    return None


def _pcscd_path() -> str:
    return shutil.which("pcscd") or "/usr/sbin/pcscd"


def _driver_path() -> Path | None:
    found = (path for pattern in _DRIVERS for path in sorted(Path("/").glob(pattern)))
    return next(found, None)


def _polkit_flag() -> str:
    """pcscd 2 asks polkit, which refuses in a container; 1.9 does not know the option."""
    version = subprocess.run([_pcscd_path(), "--version"], capture_output=True, check=False)
    return "--disable-polkit" if b"polkit" in version.stdout + version.stderr else ""


def _choose_ports(names: Sequence[str], spares: Sequence[str]) -> dict[str, int]:
    """A free port for each name, and the next one for its spare."""
    taken = _listening_ports()
    chosen: dict[str, int] = {}
    for name, spare in zip(names, spares, strict=True):
        port = _FIRST_PORT
        while not taken.isdisjoint((port, port + 1)) or port == _FIRST_PORT:
            port = _FIRST_PORT + 2 * secrets.randbelow((_LAST_PORT - _FIRST_PORT) // 2)
        taken |= {port, port + 1}
        chosen |= {name: port, spare: port + 1}
    return chosen


def _listening_ports() -> set[int]:
    """TCP ports something listens on (proc(5): local address in column 2, state 0A = listen)."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:])
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}


def _build_shim(directory: Path) -> Path | None:
    """Compile the polling shim into `directory`; None where there is no C compiler."""
    library, compiler = directory / "fast_poll.so", shutil.which("cc")
    if compiler and not library.exists():
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(_SHIM_SOURCE)]
        subprocess.run(command, check=True, capture_output=True)
    return library if compiler else None
