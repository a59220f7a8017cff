"""The trace file: what is written, what is read, what is refused and where."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from cardio.errors import TraceError
from cardio.trace import Exchange, MaskedBytes, Trace, TracedConnection, jsonl

VECTORS = sorted((Path(__file__).parents[2] / "vectors/apdu").glob("*.jsonl"))

HEADER = '{"cardio-trace":1,"created":"2026-11-22T09:30:00+00:00"}'
CONNECTION = '{"connection":0,"reader":"R","atr":"3B00","protocol":"T=0","at":0.5}'
EXCHANGE = (
    '{"connection":0,"command":"0020000104********","answer":"63C2","at":0.75,"seconds":0.25}'
)
TRACE = Trace(
    datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    (TracedConnection(0, "R", b"\x3b\x00", 0, 0.5),),
    (Exchange(0, MaskedBytes.parse("0020000104********"), MaskedBytes(b"\x63\xc2"), 0.75, 0.25),),
)


def lines(*given: str) -> bytes:
    return "".join(line + "\n" for line in given).encode()


def test_a_trace_is_written_like_this() -> None:
    assert jsonl.encode(TRACE) == lines(HEADER, CONNECTION, EXCHANGE)


@pytest.mark.parametrize(
    "raw",
    [
        lines(HEADER, CONNECTION, EXCHANGE),
        lines(HEADER, CONNECTION, EXCHANGE)[:-1],
        lines(HEADER, "", CONNECTION, "  ", EXCHANGE).replace(b"\n", b"\r\n"),
        lines(HEADER[:-1] + ',"by":"x"}', CONNECTION[:-1] + ',"x":{}}', EXCHANGE[:-1] + ',"x":1}'),
        lines(HEADER, CONNECTION.replace("3B00", "3b00"), EXCHANGE),
    ],
    ids=["as written", "last line not ended", "blank lines", "unknown keys", "small letters"],
)
def test_a_trace_is_read(raw: bytes) -> None:
    assert jsonl.decode(raw) == TRACE


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vectors_are_in_the_format(path: Path) -> None:
    raw = path.read_bytes()
    trace = jsonl.decode(raw)
    assert trace.exchanges
    assert jsonl.encode(trace) == raw


def test_there_are_vectors() -> None:
    assert len(VECTORS) >= 4


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"connection":' + "1" * 5000 + "}", "not JSON"),
        (" " * jsonl.MAX_LINE + "x", "more than"),
        (HEADER, "no other"),
        ("{}", "'connection' is missing"),
        ('{"connection":true}', "'connection' is not a whole number"),
        ('{"connection":-1}', "'connection' is not a whole number"),
        ('{"connection":1,"reader":3}', "'reader' is not a text"),
        (CONNECTION.replace("3B00", "3B0"), "'atr' is not hexadecimal"),
        (CONNECTION.replace("T=0", "T=2"), "'protocol' is neither"),
        (CONNECTION.replace('"T=0"', "[]"), "'protocol' is neither"),
        (EXCHANGE.replace("63C2", "63C"), "'answer' is not hexadecimal"),
        (EXCHANGE.replace("0.75", "-1"), "'at' is not a number of seconds"),
        (EXCHANGE.replace("0.75", "NaN"), "'at' is not a number of seconds"),
        (EXCHANGE.replace("0.75", "1e400"), "'at' is not a number of seconds"),
        (EXCHANGE.replace("0.75", "1" + "0" * 400), "'at' is not a number of seconds"),
        (EXCHANGE.replace(',"seconds":0.25', ""), "'seconds' is missing"),
        (EXCHANGE.replace("********", "31323334"), "must be masked is in clear"),
    ],
    ids=lambda value: value[:40],
)
def test_a_bad_line_is_named(bad: str, message: str) -> None:
    with pytest.raises(TraceError) as caught:
        jsonl.decode(lines(HEADER, CONNECTION, bad, EXCHANGE))
    assert "line 3: " in caught.value.message
    assert message in caught.value.message
    assert caught.value.offset == len(lines(HEADER, CONNECTION))
    assert "31323334" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "one header"),
        (lines(EXCHANGE), "line 1: the first line"),
        (lines('{"cardio-trace":2,"created":"x"}'), "only version 1"),
        (lines('{"cardio-trace":true,"created":"x"}'), "'cardio-trace' is not a whole number"),
        (lines('{"cardio-trace":1}'), "'created' is missing"),
        (lines('{"cardio-trace":1,"created":"yesterday"}'), "'created' is not a date"),
        (lines('{"cardio-trace":1,"created":"2026-11-22T09:30:00"}'), "without a time zone"),
        (lines(HEADER, EXCHANGE), "exchange on no connection"),
        (lines(HEADER, CONNECTION, CONNECTION), "numbered from 0 up"),
        (b"\xff\xfe\n", "not JSON"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_file_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(TraceError) as caught:
        jsonl.decode(raw)
    assert message in caught.value.message


def test_each_entry_is_one_line_whatever_the_reader_is_called() -> None:
    connection = TracedConnection(0, 'Lecteur "santé"\n\u2028\udce9', b"", 1)
    written = jsonl.encode_entry(connection)
    assert written.isascii()
    assert "\n" not in written
    assert json.loads(written)["reader"] == connection.reader


def test_the_zone_of_the_creation_time_is_kept() -> None:
    paris = datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    assert jsonl.decode(jsonl.encode(Trace(paris))).created.utcoffset() == timedelta(hours=1)


def test_two_connections_at_once() -> None:
    second = CONNECTION.replace('"connection":0', '"connection":1')
    other = EXCHANGE.replace('"connection":0', '"connection":1').replace("63C2", "9000")
    trace = jsonl.decode(lines(HEADER, CONNECTION, second, EXCHANGE, other, EXCHANGE))
    assert [str(exchange.answer) for exchange in trace.exchanges_of(0)] == ["63C2", "63C2"]
    assert [str(exchange.answer) for exchange in trace.exchanges_of(1)] == ["9000"]
