"""Fixtures and settings shared by all tests."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))

from cardio.pin.memory import WRONG_CODES
from cardio.rig.pcscd.private import PrivatePcscd, own_directory, unavailable

settings.register_profile("default", max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# libpcsclite reads the socket path once per process: it is set here, before any test, so that
# no test can reach the machine's own service.
_DIRECTORY = own_directory()


def pytest_xdist_auto_num_workers() -> int:
    """One more than the cores: a third of the tests' time they wait for pcscd and its clients."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong PINs are remembered for the life of a process: not from one test to the next."""
    monkeypatch.setattr(WRONG_CODES, "_wrong", {})


StartPcscd = Callable[..., PrivatePcscd]


@pytest.fixture
def start_pcscd() -> Iterator[StartPcscd]:
    """Starts a private pcscd for this test: `start_pcscd(["CPS", "Vitale"])`.

    One at a time in a test; it ends with the test. Insertions show in about 11 ms
    (`fast=False` for the service's own 400 ms). Skips where pcscd or vpcd is not installed.
    """
    if reason := unavailable():
        pytest.skip(reason)
    started: list[PrivatePcscd] = []

    def start(readers: Sequence[str] = ("Reader",), *, fast: bool = True) -> PrivatePcscd:
        service = PrivatePcscd(readers, fast=fast, directory=_DIRECTORY)
        started.append(service)
        return service.start()

    yield start
    for service in started:
        service.stop()
