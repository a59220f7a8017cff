"""Calls that end, in both ways."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from cardio.errors import TransmitTimeout
from cardio.transport.deadline import CutOff, Deadline, HandOver

LIMIT = 0.4


@pytest.fixture(params=["cut off", "hand over"])
def bounded(request: pytest.FixtureRequest) -> Iterator[tuple[Deadline, Callable[[], object]]]:
    """A deadline, and a call that never ends by itself."""
    ours, theirs = socket.socketpair()
    release = threading.Event()
    if request.param == "cut off":
        yield CutOff(ours.dup(), LIMIT), lambda: ours.recv(1)
    else:
        yield HandOver(LIMIT), release.wait
    release.set()
    ours.close()
    theirs.close()


Bounded = tuple[Deadline, Callable[[], object]]


def test_a_quick_call_gives_its_result(bounded: Bounded) -> None:
    deadline, _ = bounded
    assert [deadline(pow, 2, exponent) for exponent in range(3)] == [1, 2, 4]
    deadline.close(list)


def test_a_slow_call_ends_in_time(bounded: Bounded) -> None:
    deadline, for_ever = bounded
    began = monotonic()
    with pytest.raises(TransmitTimeout, match=r"0\.4 s"):
        deadline(for_ever)
    assert monotonic() - began >= LIMIT
    with pytest.raises(TransmitTimeout):
        deadline(pow, 2, 2)
    deadline.close(list)


def test_calls_one_after_another_do_not_add_up(bounded: Bounded) -> None:
    deadline, _ = bounded
    pause = threading.Event()
    for _ in range(5):
        assert deadline(pause.wait, LIMIT / 4) is False
    deadline.close(list)


def test_the_last_call_is_made_at_once(bounded: Bounded) -> None:
    deadline, _ = bounded
    made: list[str] = []
    deadline.close(lambda: made.append("last"))
    assert made == ["last"]


def test_a_call_left_behind_is_followed_by_the_last_one() -> None:
    deadline, release, made = HandOver(LIMIT), threading.Event(), threading.Event()
    with pytest.raises(TransmitTimeout):
        deadline(release.wait)
    deadline.close(made.set)
    assert not made.is_set()
    release.set()
    assert made.wait(5)


def test_what_a_call_raises_is_raised(bounded: Bounded) -> None:
    deadline, _ = bounded
    with pytest.raises(ValueError, match="invalid literal"):
        deadline(int, "x")
    assert deadline(int, "7") == 7
    deadline.close(list)


@pytest.fixture
def others() -> set[threading.Thread]:
    """What runs before there is a deadline."""
    return set(threading.enumerate())


def test_threads_end_with_the_deadline(others: set[threading.Thread], bounded: Bounded) -> None:
    deadline, _ = bounded
    deadline(pow, 2, 2)
    deadline.close(list)
    end = monotonic() + 5
    while any(one.name.startswith("cardio") for one in {*threading.enumerate()} - others):
        assert monotonic() < end
        threading.Event().wait(0.01)


def test_a_call_left_behind_does_not_keep_the_process() -> None:
    program = """
import threading
from cardio.errors import TransmitTimeout
from cardio.transport.deadline import HandOver
try:
    HandOver(0.05)(threading.Event().wait)
except TransmitTimeout:
    print("left")
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, timeout=20)
    assert done.stdout.strip() == b"left"
