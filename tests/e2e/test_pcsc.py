"""Readers and cards through a real, private pcscd with vpcd readers."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import CDLL
from pathlib import Path
from time import monotonic

import pytest
from smartcard import scard
from tests.conftest import StartPcscd
from tests.support.soft_card import CPS3_ATR, SoftCard

from cardio.errors import (
    CardMute,
    CardReset,
    NoCard,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransportError,
)
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport import pcsclite
from cardio.transport.base import (
    CardPresence,
    Disposition,
    ReaderStatus,
    ShareMode,
    TransmissionProtocol,
)
from cardio.transport.monitor import Monitor
from cardio.transport.pcsc import PcscResourceManager
from cardio.transport.stack import stack

pytestmark = pytest.mark.pcscd

NAMES = ("CPS", "Lecteur santé")
UNSUPPORTED = 0x8010001F
Asked = tuple[CDLL, int, int, Sequence[tuple[str, int]]]
Look = tuple[int, list[tuple[str, int, bytes]]]
T1_ATR = bytes.fromhex("3B8180018080")
CLIENT = Path(__file__).parents[1] / "support" / "pcsc_client.py"


@pytest.fixture
def service(start_pcscd: StartPcscd) -> PrivatePcscd:
    return start_pcscd(NAMES)


@pytest.fixture
def manager(service: PrivatePcscd) -> Iterator[PcscResourceManager]:
    manager = PcscResourceManager(limit=5)
    yield manager
    manager.close()


@pytest.fixture(params=["libpcsclite", "pyscard only"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the calls made straight to libpcsclite, and as on other systems."""
    if request.param == "pyscard only":
        monkeypatch.setattr(pcsclite, "library", lambda: None)
    return request.param


@contextmanager
def inserted(
    service: PrivatePcscd, manager: PcscResourceManager, at: int = 0, atr: bytes = CPS3_ATR
) -> Iterator[tuple[str, SoftCard]]:
    """A card in the reader, seen by the service."""
    name = service.reader_names[at]
    with SoftCard(service.ports[name], atr=atr) as card:
        wait_for(manager, name, absent=False)
        yield name, card


def wait_for(manager: PcscResourceManager, name: str, *, absent: bool) -> ReaderStatus:
    end = monotonic() + 10
    readers = manager.readers()
    while monotonic() < end:
        status = next(reader for reader in readers if reader.name == name)
        if (status.presence is CardPresence.ABSENT) is absent:
            return status
        readers = manager.wait(readers, 1)
    raise AssertionError(f"nothing happened in {name}")


@contextmanager
def another_program(reader: str, how: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(CLIENT), reader, how]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process


def end(process: subprocess.Popen[str], disposition: str = "leave") -> None:
    process.communicate(disposition + "\n", timeout=10)


def test_every_reader_is_listed(service: PrivatePcscd, manager: PcscResourceManager) -> None:
    readers = manager.readers()
    assert {reader.name for reader in readers} == {*service.reader_names, *service.spare_names}
    assert all(reader == ReaderStatus(reader.name) for reader in readers)


@pytest.mark.parametrize("at", range(len(NAMES)), ids=NAMES)
def test_insertion_and_removal_are_waited_for(
    service: PrivatePcscd, manager: PcscResourceManager, at: int
) -> None:
    with inserted(service, manager, at) as (name, card):
        status = wait_for(manager, name, absent=False)
        assert (status.presence, status.atr) == (CardPresence.PRESENT, CPS3_ATR)
        card.remove()
        gone = wait_for(manager, name, absent=True)
        assert (gone.atr, gone.event_count) == (b"", status.event_count + 1)


def test_a_wait_ends_in_time_when_nothing_happens(manager: PcscResourceManager) -> None:
    readers, began = manager.readers(), monotonic()
    assert manager.wait(readers, 0.05) == readers
    assert monotonic() - began >= 0.04


def test_a_wait_sleeps(manager: PcscResourceManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since pcsc-lite 2.3 a wrong count of readers' comings and goings wakes it at once."""
    readers, looks, look = manager.readers(), list[float](), pcsclite.status_change
    monkeypatch.setattr(
        pcsclite, "status_change", lambda *asked: (looks.append(monotonic()), look(*asked))[1]
    )
    assert manager.wait(readers, 0.5) == readers
    assert len(looks) < 10


@pytest.mark.parametrize("code", [UNSUPPORTED, 1, 0xC3A92030])
def test_a_look_that_libpcsclite_muddles_up(
    manager: PcscResourceManager, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """As libpcsclite 2.5 does now and then, or for good after a service with more readers."""
    readers, looks, look = manager.readers(), list[int](), pcsclite.status_change

    def muddled(*asked: *Asked) -> Look:
        return code, look(*asked)[1]

    def muddled_first(*asked: *Asked) -> Look:
        looks.append(code)
        return (muddled if len(looks) <= 2 else look)(*asked)

    monkeypatch.setattr(pcsclite, "status_change", muddled_first)
    assert manager.readers() == readers
    looks.clear()
    assert manager.wait(readers, 0.1) == readers
    monkeypatch.setattr(pcsclite, "status_change", muddled)
    with pytest.raises(ServiceUnavailable, match=r"libpcsclite 2\.5"):
        manager.readers()


def test_a_wait_is_ended_by_another_thread(manager: PcscResourceManager) -> None:
    readers = manager.readers()
    found: list[tuple[ReaderStatus, ...]] = []
    thread = threading.Thread(target=lambda: found.append(manager.wait(readers)))
    thread.start()
    stop = monotonic() + 30
    while thread.is_alive() and monotonic() < stop:
        manager.cancel()
        thread.join(timeout=0.05)
    assert found == [readers]


def test_closing_ends_a_wait_and_a_monitor(manager: PcscResourceManager) -> None:
    readers = manager.readers()
    timer = threading.Timer(0.1, manager.close)
    timer.start()
    began = monotonic()
    with pytest.raises(TransportError, match="were closed"):
        manager.wait(readers, 60)
    with Monitor(manager, known=readers) as monitor, pytest.raises(TransportError):
        list(monitor)
    assert monotonic() - began < 30


def test_a_cancel_between_two_looks_ends_a_wait(
    manager: PcscResourceManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, look = manager.readers(), pcsclite.status_change

    def cancelled(*asked: *Asked) -> Look:
        manager.cancel()
        return look(*asked)

    monkeypatch.setattr(pcsclite, "status_change", cancelled)
    assert manager.wait(readers) == readers


def test_a_wait_that_begins_while_it_is_closed(
    manager: PcscResourceManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, establish = manager.readers(), scard.SCardEstablishContext

    def closed(scope: int) -> tuple[int, int]:
        manager.close()
        return establish(scope)

    monkeypatch.setattr(scard, "SCardEstablishContext", closed)
    with pytest.raises(TransportError, match="were closed"):
        manager.wait(readers, 30)


@pytest.mark.parametrize("size", [2, 256, 258, 2048, 32768])
def test_answers_of_any_size_come_whole(
    service: PrivatePcscd, manager: PcscResourceManager, way: str, size: int
) -> None:
    with inserted(service, manager) as (name, _):
        connection = manager.connect(name)
        answer = connection.transmit(b"\x80\xf0" + size.to_bytes(2, "big") + b"\x00")
        assert answer == bytes(size - 2) + b"\x90\x00"
        connection.close()


def test_a_connection_knows_its_card(
    service: PrivatePcscd, manager: PcscResourceManager, way: str
) -> None:
    with inserted(service, manager) as (name, _):
        connection = manager.connect(name)
        assert (connection.reader, connection.atr) == (name, CPS3_ATR)
        assert connection.protocol is TransmissionProtocol.T0
        connection.close()
        connection.close()
        with pytest.raises(TransportError, match="closed"):
            connection.transmit(b"\x80\xf0\x00\x02\x00")


def test_a_t1_card_and_a_name_beyond_ascii(
    service: PrivatePcscd, manager: PcscResourceManager
) -> None:
    with inserted(service, manager, at=1, atr=T1_ATR) as (name, _):
        connection = manager.connect(name)
        assert connection.protocol is TransmissionProtocol.T1
        assert connection.transmit(b"\x80\xf0\x00\x02\x00") == b"\x90\x00"
        connection.close()


def test_the_stack_fetches_what_a_t0_card_announces(
    service: PrivatePcscd, manager: PcscResourceManager
) -> None:
    answers = {b"\x00\xa4\x04\x00\x01\xaa": b"\x61\x02", b"\x00\xc0\x00\x00\x02": b"hi\x90\x00"}
    name = service.reader_names[0]
    with SoftCard(service.ports[name], lambda command: answers[command]):
        wait_for(manager, name, absent=False)
        connection = stack(manager.connect(name))
        assert connection.transmit(b"\x00\xa4\x04\x00\x01\xaa\x00") == b"hi\x90\x00"
        connection.close()


@pytest.mark.parametrize(
    ("disposition", "control"), [(Disposition.RESET, 0x02), (Disposition.UNPOWER, 0x00)]
)
def test_the_card_is_left_as_asked(
    service: PrivatePcscd, manager: PcscResourceManager, disposition: Disposition, control: int
) -> None:
    with inserted(service, manager) as (name, card):
        manager.connect(name).close(Disposition.LEAVE)
        assert 0x02 not in card.controls
        seen = len(card.controls)
        manager.connect(name).close(disposition)
        end = monotonic() + 30
        while control not in card.controls[seen:] and monotonic() < end:
            threading.Event().wait(0.005)  # pcscd waits for no answer to a power-off
        assert control in card.controls[seen:]


def test_no_card_and_no_reader_have_their_errors(
    service: PrivatePcscd, manager: PcscResourceManager, way: str
) -> None:
    with pytest.raises(NoCard) as no_card:
        manager.connect(service.reader_names[0])
    assert no_card.value.where.reader == service.reader_names[0]
    with pytest.raises(ReaderUnavailable):
        manager.connect("No such reader 00 00")


def test_a_nonsensical_answer_to_reset_is_a_mute_card(
    service: PrivatePcscd, manager: PcscResourceManager
) -> None:
    with inserted(service, manager, atr=b"\x12\x34\x56\x78") as (name, _), pytest.raises(CardMute):
        manager.connect(name)


def test_use_by_others_shows(service: PrivatePcscd, manager: PcscResourceManager) -> None:
    with inserted(service, manager) as (name, _), another_program(name, "exclusive") as other:
        status = next(reader for reader in manager.readers() if reader.name == name)
        assert (status.in_use, status.exclusive) == (True, True)
        with pytest.raises(SharingViolation) as error:
            manager.connect(name)
        assert error.value.retryable
        end(other)
        manager.connect(name, ShareMode.EXCLUSIVE).close()


def test_a_reset_by_another_program_is_told_for_good(
    service: PrivatePcscd, manager: PcscResourceManager, way: str
) -> None:
    with inserted(service, manager) as (name, _):
        connection = manager.connect(name)
        with another_program(name, "shared") as other:
            end(other, "reset")
        for _ in range(2):
            with pytest.raises(CardReset):
                connection.transmit(b"\x80\xf0\x00\x02\x00")
        connection.close()
        again = manager.connect(name)
        assert again.transmit(b"\x80\xf0\x00\x02\x00") == b"\x90\x00"
        again.close()


def test_a_transaction_of_another_program_is_waited_for_in_time(
    service: PrivatePcscd, way: str
) -> None:
    manager = PcscResourceManager(limit=0.4)
    with inserted(service, manager) as (name, _):
        connection = manager.connect(name)
        with another_program(name, "transaction") as other:
            with pytest.raises(SharingViolation), connection.transaction():
                pass
            with pytest.raises(SharingViolation):
                manager.connect(name)
            connection.close()
            end(other)
        connection = manager.connect(name)
        with connection.transaction():
            assert connection.transmit(b"\x80\xf0\x00\x02\x00") == b"\x90\x00"
        connection.close()


def test_nothing_is_left_open(service: PrivatePcscd, manager: PcscResourceManager) -> None:
    with inserted(service, manager) as (name, _):
        before = pcsclite.sockets()
        for _ in range(20):
            manager.connect(name).close()
            with pytest.raises(NoCard):
                manager.connect(service.reader_names[1])
        assert len(pcsclite.sockets()) == len(before)


def test_a_manager_outlives_its_service(
    service: PrivatePcscd, manager: PcscResourceManager, way: str
) -> None:
    with inserted(service, manager) as (name, _):
        connection = manager.connect(name)
        service.kill()
        for call in (manager.readers, lambda: connection.transmit(b"\x80\xf0\x00\x02\x00")):
            with pytest.raises(ServiceUnavailable):
                call()
        connection.close()
    service.restart()
    with inserted(service, manager) as (name, _):
        connection = manager.connect(name)
        assert connection.transmit(b"\x80\xf0\x00\x02\x00") == b"\x90\x00"
        connection.close()


def test_without_pyscard_an_error_says_what_to_install() -> None:
    program = """
import sys
sys.modules["smartcard"] = None
from cardio.errors import PcscMissing
try:
    import cardio.transport.pcsc
except PcscMissing as error:
    print(error.code, error.hint)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    assert done.stdout.startswith("CARD-1201 ")
    assert "cardio-sante[pcsc]" in done.stdout
