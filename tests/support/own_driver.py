"""A private pcscd with cardio's own reader driver, on the socket that all tests use."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cardio.rig.driver import library as ifd
from cardio.rig.driver.server import ReaderServer
from cardio.rig.driver.service import OwnDriverPcscd
from cardio.rig.pcscd import host
from cardio.rig.pcscd.own_socket import own_directory
from cardio.transport.base import ReaderStatus
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.reader import VirtualReader

FOLDER = own_directory()


def unavailable() -> str | None:
    return host.service_unavailable() or ifd.unavailable()


@contextmanager
def own_readers(count: int = 1, name: str = "Own") -> Iterator[list[VirtualReader]]:
    """Readers `name 00 00` and so on, each a slot of one entry."""
    bench = Bench([f"{name} 00 {number:02X}" for number in range(count)])
    with OwnDriverPcscd(bench, directory=FOLDER):
        yield [bench.reader(reader) for reader in bench.readers]


@contextmanager
def serve(readers: Sequence[VirtualReader]) -> Iterator[Path]:
    """The path where the readers can be called."""
    with tempfile.TemporaryDirectory(prefix="own-", dir=FOLDER) as folder:
        path = Path(folder, "readers")
        with ReaderServer(path, readers):
            yield path


def wait_until(manager: PcscResourceManager, **wanted: object) -> ReaderStatus:
    """Until the first reader shows what is wanted, attribute by attribute."""
    end = time.monotonic() + 20
    known = manager.readers()
    while not known or any(getattr(known[0], key) != value for key, value in wanted.items()):
        assert time.monotonic() < end, f"still not {wanted}: {known}"
        known = manager.wait(known, 1)
    return known[0]
