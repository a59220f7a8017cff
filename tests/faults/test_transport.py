"""What a failing card, reader or service does to a connection, through a real pcscd.

The faults and what pcscd makes of them: facts: pcsc_vpcd.md §0.5 to §0.8 and §2.
"""

import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic

import pytest
from tests.conftest import StartPcscd
from tests.support.soft_card import Answer, Mute, SoftCard, Torn, echo

from cardio.errors import (
    CardioError,
    CardRemoved,
    CommunicationFailed,
    ServiceUnavailable,
    SharingViolation,
    TransmitTimeout,
    TransportError,
)
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport import pcsclite
from cardio.transport.base import CardPresence, Connection
from cardio.transport.pcsc import PcscResourceManager

pytestmark = pytest.mark.pcscd

COMMAND = b"\x80\xf0\x00\x02\x00"
LIMIT = 0.4


@pytest.fixture
def service(start_pcscd: StartPcscd) -> PrivatePcscd:
    return start_pcscd(["Faulty", "Sound"])


@pytest.fixture(params=["libpcsclite", "pyscard only"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the calls made straight to libpcsclite, and as on other systems."""
    if request.param == "pyscard only":
        monkeypatch.setattr(pcsclite, "library", lambda: None)
    return request.param


def insert(
    service: PrivatePcscd, at: int = 0, answer: Callable[[bytes], Answer] = echo
) -> tuple[SoftCard, Connection]:
    """A card, and a connection to it."""
    manager, name = PcscResourceManager(limit=LIMIT), service.reader_names[at]
    card = SoftCard(service.ports[name], answer)
    readers = manager.readers()
    while not any(one.name == name and one.atr for one in readers):
        readers = manager.wait(readers, 5)
    return card, manager.connect(name)


def wait_until_empty(reader: str) -> None:
    manager = PcscResourceManager()
    readers = manager.readers()
    while any(one.name == reader and one.presence is not CardPresence.ABSENT for one in readers):
        readers = manager.wait(readers, 5)


@pytest.mark.parametrize(
    "torn",
    [
        Torn(),
        Torn(b"\x00\x0a\x01\x02\x03\x04"),
        Torn(b"\x00\x01\x90"),
        Torn(b"\x00\x0a\x01\x02\x03"),
    ],
    ids=["no answer", "4 of 10 bytes", "1 byte", "3 of 10 bytes"],
)
def test_a_torn_answer_is_a_card_taken_out(service: PrivatePcscd, torn: Torn) -> None:
    card, connection = insert(service, answer=lambda _: torn)
    with pytest.raises(CardRemoved) as error:
        connection.transmit(COMMAND)
    assert error.value.where.reader == service.reader_names[0]
    connection.close()
    card.remove()


def test_a_card_taken_out_between_two_commands(service: PrivatePcscd) -> None:
    card, connection = insert(service)
    assert connection.transmit(COMMAND) == b"\x90\x00"
    card.remove()
    wait_until_empty(connection.reader)
    with pytest.raises(CardRemoved):
        connection.transmit(COMMAND)
    connection.close()


def test_an_old_connection_never_speaks_to_a_new_card(service: PrivatePcscd) -> None:
    card, connection = insert(service, answer=lambda _: Torn())
    with pytest.raises(CardRemoved):
        connection.transmit(COMMAND)
    heard: list[bytes] = []

    def listen(command: bytes) -> bytes:
        heard.append(command)
        return b"\x90\x00"

    with SoftCard(service.ports[connection.reader], listen):
        for _ in range(5):
            with pytest.raises(CardRemoved):
                connection.transmit(COMMAND)
            threading.Event().wait(0.02)
        connection.close()
    assert heard == []
    card.remove()


def test_a_mute_card_holds_up_nobody_for_long(service: PrivatePcscd) -> None:
    mute, connection = insert(service, answer=lambda _: Mute())
    sound, other = insert(service, at=1)
    began = monotonic()
    with pytest.raises(TransmitTimeout):
        connection.transmit(COMMAND)
    assert LIMIT <= monotonic() - began < LIMIT + 20
    assert other.transmit(COMMAND) == b"\x90\x00"
    with pytest.raises(SharingViolation):
        PcscResourceManager(limit=LIMIT).connect(connection.reader)
    began = monotonic()
    connection.close()
    other.close()
    assert monotonic() - began < 20
    sound.remove()
    mute.remove()
    wait_until_empty(connection.reader)
    healed, connection = insert(service)
    assert connection.transmit(COMMAND) == b"\x90\x00"
    connection.close()
    healed.remove()


def test_the_other_reader_works_while_one_is_mute(service: PrivatePcscd) -> None:
    mute, connection = insert(service, answer=lambda _: Mute())
    sound, other = insert(service, at=1)
    failures: list[CardioError] = []

    def ask() -> None:
        try:
            connection.transmit(COMMAND)
        except TransportError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    answered = 0
    while thread.is_alive():
        assert other.transmit(COMMAND) == b"\x90\x00"
        answered += 1
    assert answered > 10
    assert [type(failure) for failure in failures] == [TransmitTimeout]
    mute.remove()
    connection.close()
    other.close()
    sound.remove()


def test_a_slow_card_is_not_a_mute_one(service: PrivatePcscd) -> None:
    pause = threading.Event()

    def slow(command: bytes) -> bytes:
        pause.wait(LIMIT / 2)
        return echo(command)

    card, connection = insert(service, answer=slow)
    assert [connection.transmit(COMMAND) for _ in range(4)] == [b"\x90\x00"] * 4
    connection.close()
    card.remove()


def test_a_service_that_dies_in_the_middle_of_a_command(service: PrivatePcscd) -> None:
    def last_words(_: bytes) -> Mute:
        service.kill()
        return Mute()

    card, connection = insert(service, answer=last_words)
    with pytest.raises(ServiceUnavailable):
        connection.transmit(COMMAND)
    service.restart()
    with pytest.raises(ServiceUnavailable):
        connection.transmit(COMMAND)
    connection.close()
    card.remove()


def test_half_a_header_is_a_failed_exchange_at_least(service: PrivatePcscd) -> None:
    """pcscd itself may crash of it (facts: pcsc_vpcd.md §0.6)."""
    card, connection = insert(service, answer=lambda _: Torn(b"\x00"))
    with pytest.raises((CommunicationFailed, CardRemoved, ServiceUnavailable)):
        connection.transmit(COMMAND)
    connection.close()
    card.remove()


def test_a_hung_call_does_not_keep_the_process(service: PrivatePcscd, way: str) -> None:
    card, connection = insert(service, answer=lambda _: Mute())
    connection.close()
    program = f"""
import threading
from cardio.transport import pcsclite
if {way == "pyscard only"}:
    pcsclite.library = lambda: None
from cardio.errors import TransmitTimeout
from cardio.transport.pcsc import PcscResourceManager
connection = PcscResourceManager(limit=0.2).connect({connection.reader!r})
try:
    connection.transmit({COMMAND!r})
except TransmitTimeout as error:
    print(error.code)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    assert done.stdout == "CARD-1213\n"
    card.remove()
