"""Each layer against a card of a few lines, or the exact bytes it must put on the wire."""

import threading
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from cardio.errors import CardRemoved, CommunicationFailed
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.historical import Capability
from cardio.transport.base import Connection, Disposition, TransmissionProtocol
from cardio.transport.layers import (
    CommandChaining,
    ExactLe,
    GetResponse,
    Locking,
    ShortLength,
    Tracing,
    WithoutLe,
)
from cardio.transport.stack import announced_in, stack

OK = b"\x90\x00"


class Wire:
    """A connection to a card given as a function; keeps what was sent."""

    reader = "Reader 00 00"
    atr = b"\x3b\x00"

    def __init__(
        self,
        card: Callable[[bytes], bytes] = lambda _: OK,
        protocol: TransmissionProtocol = TransmissionProtocol.T0,
    ) -> None:
        self.card = card
        self.protocol = protocol
        self.sent: list[str] = []
        self.closed: list[Disposition] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command.hex())
        return self.card(command)

    def transaction(self) -> nullcontext[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        self.closed.append(disposition)


def scripted(*answers: str) -> Callable[[bytes], bytes]:
    left = [bytes.fromhex(answer) for answer in answers]
    return lambda _: left.pop(0)


@pytest.mark.parametrize(
    ("command", "on_the_wire"),
    [
        ("00a4040002aabb00", "00a4040002aabb"),  # case 4
        ("00a4040002aabb", "00a4040002aabb"),  # case 3
        ("00b0000000", "00b0000000"),  # case 2
        ("00b00000", "00b00000"),  # case 1
        ("00b000000003e8", "00b000000003e8"),  # case 2 extended
        ("0020000001aa", "0020000001aa"),
    ],
)
def test_t0_sends_case_4_without_le(command: str, on_the_wire: str) -> None:
    wire = Wire()
    assert WithoutLe(wire).transmit(bytes.fromhex(command)) == OK
    assert wire.sent == [on_the_wire]


@pytest.mark.parametrize(
    ("command", "answer", "again"),
    [
        ("00b0000000", "6c0c", "00b000000c"),
        ("00b0000010", "6c00", "00b0000000"),
        ("00a4040002aabb00", "6c05", "00a4040002aabb05"),
        ("00840000", "6c08", "0084000008"),
    ],
)
def test_a_wrong_le_is_corrected_once(command: str, answer: str, again: str) -> None:
    wire = Wire(scripted(answer, "9000"))
    assert ExactLe(wire).transmit(bytes.fromhex(command)) == OK
    assert wire.sent == [command, again]


def test_a_wrong_le_is_not_corrected_twice() -> None:
    wire = Wire(scripted("6c0c", "6c0d"))
    assert ExactLe(wire).transmit(bytes.fromhex("00b0000000")) == b"\x6c\x0d"
    assert len(wire.sent) == 2


def test_data_before_6c_are_an_answer() -> None:
    wire = Wire(scripted("aabb6c02"))
    assert ExactLe(wire).transmit(bytes.fromhex("00b0000000")) == bytes.fromhex("aabb6c02")


def test_what_is_announced_is_fetched_until_the_end() -> None:
    wire = Wire(scripted("6100", "aa" * 256 + "6103", "bbbbbb9000"))
    answer = GetResponse(wire).transmit(bytes.fromhex("00a4040002aabb"))
    assert answer == b"\xaa" * 256 + b"\xbb" * 3 + OK
    assert wire.sent[1:] == ["00c0000000", "00c0000003"]


def test_data_that_come_with_61_are_kept() -> None:
    wire = Wire(scripted("aaaa6102", "bbbb9000"))
    assert GetResponse(wire).transmit(bytes.fromhex("00cb3fff00")) == b"\xaa\xaa\xbb\xbb" + OK


def test_the_last_status_word_is_the_answers() -> None:
    wire = Wire(scripted("6102", "bbbb6282"))
    assert GetResponse(wire).transmit(bytes.fromhex("00b0000000"))[-2:] == b"\x62\x82"


@pytest.mark.parametrize(
    ("cla", "response_cla"),
    [("00", "00"), ("01", "01"), ("0c", "00"), ("13", "03"), ("45", "45"), ("a0", "a0")],
)
def test_get_response_stays_on_the_logical_channel(cla: str, response_cla: str) -> None:
    wire = Wire(scripted("6102", "bbbb9000"))
    GetResponse(wire).transmit(bytes.fromhex(cla + "b0000000"))
    assert wire.sent[1] == response_cla + "c0000002"


def test_a_card_that_announces_for_ever_is_left() -> None:
    with pytest.raises(CommunicationFailed):
        GetResponse(Wire(lambda _: b"\x61\x10")).transmit(b"\x00\xb0\x00\x00\x00")
    endless = Wire(lambda _: b"\xaa" * 256 + b"\x61\x00")
    with pytest.raises(CommunicationFailed):
        GetResponse(endless).transmit(b"\x00\xb0\x00\x00\x00")
    assert len(endless.sent) <= 65536 // 256 + 1


def test_an_extended_le_becomes_a_short_one() -> None:
    wire = Wire()
    ShortLength(wire).transmit(CommandApdu(0, 0xB0, 0, 0, le=65536).encode())
    ShortLength(wire).transmit(CommandApdu(0, 0xCB, 0, 0, b"ab", le=20, extended=True).encode())
    ShortLength(wire).transmit(CommandApdu(0, 0xD6, 0, 0, b"ab", extended=True).encode())
    assert wire.sent == ["00b0000000", "00cb000002616214", "00d60000026162"]


def test_long_data_go_in_chained_commands() -> None:
    wire = Wire(scripted("9000", "9000", "aabb9000"))
    data = bytes(range(256)) * 2 + b"end"
    command = CommandApdu(0, 0x2A, 0x9E, 0x9A, data, le=65536).encode()
    assert CommandChaining(wire).transmit(command) == b"\xaa\xbb" + OK
    sent = [CommandApdu.decode(bytes.fromhex(one)) for one in wire.sent]
    assert b"".join(one.data for one in sent) == data
    assert [(one.cla, len(one.data), one.le) for one in sent] == [
        (0x10, 255, None),
        (0x10, 255, None),
        (0x00, 5, 256),
    ]


def test_a_chain_ends_at_the_first_refusal() -> None:
    wire = Wire(scripted("6884"))
    command = CommandApdu(0, 0xDB, 0x3F, 0xFF, bytes(600)).encode()
    assert CommandChaining(wire).transmit(command) == b"\x68\x84"
    assert len(wire.sent) == 1


def test_short_and_proprietary_commands_are_not_chained() -> None:
    wire = Wire()
    short = CommandApdu(0, 0x2A, 0, 0, bytes(255), le=256).encode()
    proprietary = CommandApdu(0x80, 0xE2, 0, 0, bytes(300)).encode()
    for command in (short, proprietary):
        CommandChaining(wire).transmit(command)
    assert wire.sent == [short.hex(), proprietary.hex()]


class Recorded:
    def __init__(self) -> None:
        self.exchanges: list[tuple[bytes, bytes]] = []

    def record(self, command: bytes, response: bytes, seconds: float) -> None:
        assert seconds >= 0
        self.exchanges.append((command, response))

    def record_control(self, code: int, data: bytes, response: bytes, seconds: float) -> None:
        self.exchanges.append((data, response))


def test_tracing_tells_of_each_exchange_and_of_a_failed_one() -> None:
    def card(command: bytes) -> bytes:
        if command[1] == 0xB0:
            raise CardRemoved("gone")
        return OK

    recorded = Recorded()
    traced = Tracing(Wire(card), recorded)
    traced.transmit(b"\x00\xa4\x00\x00")
    with pytest.raises(CardRemoved):
        traced.transmit(b"\x00\xb0\x00\x00\x00")
    assert recorded.exchanges == [(b"\x00\xa4\x00\x00", OK), (b"\x00\xb0\x00\x00\x00", b"")]


def test_a_transaction_keeps_other_threads_out() -> None:
    wire = Wire()
    shared = Locking(wire)
    began, other = threading.Event(), threading.Thread(target=lambda: _send_after(began, shared))
    other.start()
    with shared.transaction():
        began.set()
        other.join(timeout=0.05)
        shared.transmit(b"\x00\xa4\x00\x01")
        shared.transmit(b"\x00\xa4\x00\x02")
    other.join()
    assert wire.sent == ["00a40001", "00a40002", "00b00000"]


def _send_after(began: threading.Event, connection: Connection) -> None:
    began.wait()
    connection.transmit(b"\x00\xb0\x00\x00")


def test_every_layer_passes_the_rest_on() -> None:
    wire = Wire(protocol=TransmissionProtocol.T1)
    whole = stack(wire)
    assert (whole.reader, whole.atr, whole.protocol) == (wire.reader, wire.atr, wire.protocol)
    whole.close(Disposition.UNPOWER)
    assert wire.closed == [Disposition.UNPOWER]


def test_extended_length_goes_only_to_a_t1_card_that_announces_it() -> None:
    command = CommandApdu(0, 0xB0, 0, 0, le=1000).encode()
    announced = Capability.EXTENDED_LENGTH | Capability.COMMAND_CHAINING
    sent: list[list[str]] = []
    for protocol in TransmissionProtocol:
        for capabilities in (Capability(0), announced):
            wire = Wire(protocol=protocol)
            stack(wire, capabilities=capabilities).transmit(command)
            sent.append(wire.sent)
    assert sent == [["00b0000000"]] * 3 + [[command.hex()]]


@pytest.mark.parametrize(
    ("atr", "capabilities"),
    [
        ("3B8F80010031B86404B0ECC1739401808290000E", Capability.COMMAND_CHAINING),
        ("3BDA18FF81B1FE751F030031C573C001400090000C", Capability.EXTENDED_LENGTH),
        ("3B751300004409EA9000", Capability(0)),
        ("3B9B188001001225006480040100009044", Capability(0)),
        ("FF00", Capability(0)),
    ],
)
def test_capabilities_are_those_that_the_answer_to_reset_announces(
    atr: str, capabilities: Capability
) -> None:
    assert announced_in(bytes.fromhex(atr)) == capabilities


def test_without_more_the_answer_to_reset_decides_on_extended_length() -> None:
    wire = Wire(protocol=TransmissionProtocol.T1)
    wire.atr = bytes.fromhex("3BDA18FF81B1FE751F030031C573C001400090000C")
    stack(wire).transmit(CommandApdu(0, 0xD6, 0, 0, bytes(300)).encode())
    assert len(wire.sent) == 1
