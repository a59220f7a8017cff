"""What asks `cardio emulate` to end is heard, whenever it asks."""

import signal
from contextlib import suppress

import pytest

from cardio.cli.emulate_stop import until_stopped
from cardio.errors import ServiceUnavailable


def test_a_signal_interrupts_once_and_is_not_lost_where_that_is_swallowed() -> None:
    with until_stopped() as stopping:
        is_interrupted = True
        with suppress(BaseException):
            signal.raise_signal(signal.SIGTERM)
            is_interrupted = False
        assert is_interrupted
        signal.raise_signal(signal.SIGINT)
        assert [stopping.wait(), stopping.wait()] == ["SIGTERM", "SIGINT"]


def test_a_signal_ends_the_block_and_handlers_are_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with until_stopped():
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("no interrupt")
    assert signal.getsignal(signal.SIGTERM) is before


def test_who_heeds_is_woken_for_all_that_asks() -> None:
    woken: list[str] = []
    with until_stopped() as stopping:
        stopping.ask("before")
        stopping.heed(lambda: woken.append("."))
        assert len(woken) == 1
        signal.raise_signal(signal.SIGTERM)
        stopping.lose(ServiceUnavailable("gone"))
        assert len(woken) == 3
        with pytest.raises(ServiceUnavailable, match="gone"):
            stopping.finish()
