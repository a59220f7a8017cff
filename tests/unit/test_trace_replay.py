"""A recorded trace in place of a card."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cardio.errors import CardRemoved, ReplayMismatch, Where
from cardio.iso7816 import Atr, CommandApdu, Fcp
from cardio.trace import Recorder, Trace, jsonl
from cardio.transport.base import Connection, Disposition, TransmissionProtocol
from cardio.transport.channel import Channel
from cardio.transport.replay import ReplayConnection

VECTORS = Path(__file__).parents[2] / "vectors/apdu"


def vector(name: str) -> Trace:
    return jsonl.decode((VECTORS / f"{name}.jsonl").read_bytes())


def recorded(*exchanges: tuple[str, str], with_answers: bool = True) -> Trace:
    recorder = Recorder(with_answers=with_answers)
    card = recorder.connection("Reader", b"\x3b\x00", 1)
    for command, answer in exchanges:
        card.record(bytes.fromhex(command), bytes.fromhex(answer), 0.1)
    return recorder.trace


def test_it_is_a_connection() -> None:
    connection: Connection = ReplayConnection(recorded())
    assert connection.reader == "Reader"
    assert connection.atr == b"\x3b\x00"
    assert connection.protocol is TransmissionProtocol.T1
    with connection.transaction():
        pass


@pytest.mark.parametrize("name", [path.stem for path in VECTORS.glob("*.jsonl")])
def test_a_vector_replays_to_its_end(name: str) -> None:
    trace = vector(name)
    connection = ReplayConnection(trace)
    assert Atr.parse(connection.atr).protocols == (0,)
    for exchange in trace.exchanges:
        assert connection.transmit(exchange.command.blanked()) == exchange.answer.before
    assert connection.remaining == 0


def test_a_client_reads_a_recorded_card() -> None:
    channel = Channel(ReplayConnection(vector("cps3_cryptolib_list")))
    select = CommandApdu(0, 0xA4, 9, 4, bytes.fromhex("3F00D003"))
    assert channel.send(select).status.available == 39
    fcp = Fcp.decode(channel.run(CommandApdu(0, 0xC0, 0, 0, le=39)))
    assert channel.run(
        CommandApdu(0, 0xB0, 0, 0, le=fcp.size)
    ).hex() == "5a0a80250000011234567 89f".replace(" ", "")


def test_any_pin_matches_a_masked_one_of_its_length() -> None:
    trace = recorded(("002000010431323334", "63C2"), ("002000010431323334", "9000"))
    connection = ReplayConnection(trace)
    assert connection.transmit(bytes.fromhex("002000010439393939")) == b"\x63\xc2"
    with pytest.raises(ReplayMismatch):
        connection.transmit(bytes.fromhex("00200001053939393939"))
    assert connection.transmit(bytes.fromhex("002000010430303030")) == b"\x90\x00"


def test_another_command_is_told_without_its_data() -> None:
    connection = ReplayConnection(recorded(("00A40904043F00D003", "9000")))
    with pytest.raises(ReplayMismatch) as caught:
        connection.transmit(bytes.fromhex("002000010431323334"))
    assert caught.value.message == (
        "the trace has 00 A4 09 04 (9 bytes) where 00 20 00 01 (9 bytes) was sent"
    )
    assert caught.value.where == Where("Reader", 0)
    with pytest.raises(ReplayMismatch) as caught:
        connection.transmit(b"31323334")
    assert "unreadable bytes (8 bytes)" in caught.value.message
    assert connection.remaining == 1, "a mismatch uses nothing up"


def test_the_end_of_the_trace() -> None:
    connection = ReplayConnection(recorded(("0084000008", "00112233445566779000")))
    connection.transmit(bytes.fromhex("0084000008"))
    with pytest.raises(ReplayMismatch, match="the trace ends before 00 84 00 00"):
        connection.transmit(bytes.fromhex("0084000008"))


def test_a_trace_without_answers_cannot_be_replayed() -> None:
    trace = recorded(("0084000008", "00112233445566779000"), with_answers=False)
    with pytest.raises(ReplayMismatch, match="no data"):
        ReplayConnection(trace).transmit(bytes.fromhex("0084000008"))


@pytest.mark.parametrize("answer", ["", "90"])
def test_a_card_that_was_gone_is_gone(answer: str) -> None:
    with pytest.raises(CardRemoved) as caught:
        ReplayConnection(recorded(("0084000008", answer))).transmit(bytes.fromhex("0084000008"))
    assert caught.value.where == Where("Reader", 0)


def test_closing() -> None:
    connection = ReplayConnection(recorded(("0084000008", "6D00")))
    connection.close()
    connection.close(Disposition.RESET)
    with pytest.raises(ReplayMismatch, match="closed"):
        connection.transmit(bytes.fromhex("0084000008"))


def test_each_connection_of_a_trace_replays_alone() -> None:
    recorder = Recorder()
    first, second = recorder.connection("A", b"", 0), recorder.connection("B", b"", 0)
    for card, answer in ((first, "6A82"), (second, "6D00"), (first, "6E00")):
        card.record(bytes.fromhex("00A40000"), bytes.fromhex(answer), 0)
    replayed = ReplayConnection(recorder.trace, 1)
    assert (replayed.reader, replayed.remaining) == ("B", 1)
    assert replayed.transmit(bytes.fromhex("00A40000")) == b"\x6d\x00"


@pytest.mark.parametrize("number", [-1, 0])
def test_a_connection_that_is_not_there(number: int) -> None:
    with pytest.raises(ReplayMismatch):
        ReplayConnection(Trace(datetime.now(UTC)), number)
