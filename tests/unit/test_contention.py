"""Waiting for another program, and transactions inside transactions, on emulated readers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

from cardio.errors import (
    CardRemoved,
    HeldExclusively,
    HeldInTransaction,
    SharingViolation,
)
from cardio.transport.base import ShareMode
from cardio.transport.contention import Contention, Waiting, contention, wait_for_card
from cardio.transport.stack import stack
from cardio.workstation.emulated import EmulatedResourceManager, demo

SELECT_ROOT = bytes.fromhex("00A4090C023F00")


@pytest.fixture
def manager() -> Iterator[EmulatedResourceManager]:
    manager = demo()
    yield manager
    manager.close()


@pytest.fixture
def reader(manager: EmulatedResourceManager) -> str:
    return manager.readers()[0].name


@contextmanager
def held(manager: EmulatedResourceManager, reader: str, how: str) -> Iterator[Callable[[], None]]:
    """Another program holds the card until the end of the block, or until it is told to end."""
    share = ShareMode.EXCLUSIVE if how == "exclusive" else ShareMode.SHARED
    other = manager.connect(reader, share)
    around: AbstractContextManager[None] = nullcontext()
    if how == "transaction":
        around = other.transaction()
    with around:
        yield other.close
    other.close()


def ask(manager: EmulatedResourceManager, reader: str) -> bytes:
    connection = manager.connect(reader)
    try:
        return connection.transmit(SELECT_ROOT)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("how", "kind", "error"),
    [
        ("exclusive", Contention.EXCLUSIVE, HeldExclusively),
        ("transaction", Contention.TRANSACTION, HeldInTransaction),
    ],
)
def test_a_wait_in_vain_says_how_the_card_is_held(
    manager: EmulatedResourceManager,
    reader: str,
    how: str,
    kind: Contention,
    error: type[SharingViolation],
) -> None:
    told: list[Waiting] = []
    with held(manager, reader, how), pytest.raises(error) as caught:
        wait_for_card(
            manager, reader, lambda: ask(manager, reader), limit=0.2, progress=told.append
        )
    assert caught.value.where.reader == reader
    assert isinstance(caught.value.__cause__, SharingViolation)
    assert {(waiting.contention, waiting.reader, waiting.limit) for waiting in told} == {
        (kind, reader, 0.2)
    }
    assert [waiting.waited for waiting in told] == sorted(waiting.waited for waiting in told)
    assert told[-1].waited < 0.2


@pytest.mark.parametrize("how", ["exclusive", "transaction"])
def test_a_card_that_gets_free_is_used(
    manager: EmulatedResourceManager, reader: str, how: str
) -> None:
    with held(manager, reader, how) as release:
        told: list[Waiting] = []

        def progress(waiting: Waiting) -> None:
            told.append(waiting)
            if len(told) == 2:
                release()

        answer = wait_for_card(manager, reader, lambda: ask(manager, reader), progress=progress)
    assert answer == b"\x90\x00"
    assert len(told) == 2


def test_a_limit_of_nothing_tries_once(manager: EmulatedResourceManager, reader: str) -> None:
    told: list[Waiting] = []
    with held(manager, reader, "exclusive"), pytest.raises(HeldExclusively):
        wait_for_card(manager, reader, lambda: ask(manager, reader), limit=0, progress=told.append)
    assert not told


def test_other_errors_are_not_waited_for(manager: EmulatedResourceManager, reader: str) -> None:
    manager.bench.reader(reader).remove()
    with pytest.raises(CardRemoved):
        wait_for_card(manager, reader, _removed, limit=60)


def _removed() -> None:
    raise CardRemoved("pulled")


def test_a_holder_that_does_not_show(manager: EmulatedResourceManager, reader: str) -> None:
    def violated() -> None:
        raise SharingViolation("held by nobody")

    assert contention(manager, reader) is Contention.UNKNOWN
    with pytest.raises(SharingViolation, match="held by nobody") as caught:
        wait_for_card(manager, reader, violated, limit=0)
    assert type(caught.value) is SharingViolation


def test_a_transaction_lasts_to_the_end_of_the_outermost(
    manager: EmulatedResourceManager, reader: str
) -> None:
    ours, other = stack(manager.connect(reader)), manager.connect(reader)
    with ours.transaction():
        for _ in range(2):
            with ours.transaction():
                ours.transmit(SELECT_ROOT)
        with pytest.raises(SharingViolation):
            other.transmit(SELECT_ROOT)
    assert other.transmit(SELECT_ROOT) == b"\x90\x00"


def test_a_failed_transaction_can_be_followed_by_another(
    manager: EmulatedResourceManager, reader: str
) -> None:
    ours = stack(manager.connect(reader))
    with pytest.raises(KeyError), ours.transaction(), ours.transaction():
        raise KeyError
    done = threading.Event()

    def other_thread() -> None:
        with ours.transaction():
            done.set()

    thread = threading.Thread(target=other_thread)
    thread.start()
    thread.join(5)
    assert done.is_set()
