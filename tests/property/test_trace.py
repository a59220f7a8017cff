"""Traces: what is recorded is read back and replayed the same; hostile files only raise ours."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.property.strategies import COMMANDS, refused_within

from cardio.errors import TraceError
from cardio.trace import Exchange, MaskedBytes, Recorder, Trace, TracedConnection, jsonl
from cardio.trace.explain import explain
from cardio.trace.redaction import Redactor, redact_command
from cardio.transport.replay import ReplayConnection

RAW_COMMANDS = st.one_of(COMMANDS.map(lambda command: command.encode()), st.binary(max_size=40))
ANSWERS = st.binary(max_size=40)
EXCHANGES = st.lists(st.tuples(RAW_COMMANDS, ANSWERS), max_size=6)
SECONDS = st.integers(0, 10**12).map(lambda microseconds: microseconds / 10**6)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    readers = draw(st.lists(st.text(max_size=20), min_size=1, max_size=3))
    connections = [
        TracedConnection(number, reader, draw(ANSWERS), draw(st.integers(0, 1)), draw(SECONDS))
        for number, reader in enumerate(readers)
    ]
    redactor = Redactor(with_answers=draw(st.booleans()))
    exchanges = [
        Exchange(
            draw(st.integers(0, len(readers) - 1)),
            *redactor.redact(command, answer),
            at=draw(SECONDS),
            seconds=draw(SECONDS),
        )
        for command, answer in draw(EXCHANGES)
    ]
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
        microseconds=draw(st.integers(0, 10**15))
    )
    return Trace(created, tuple(connections), tuple(exchanges))


@given(traces())
def test_traces_come_back(trace: Trace) -> None:
    assert jsonl.decode(jsonl.encode(trace)) == trace


@given(EXCHANGES)
def test_what_was_recorded_is_replayed(exchanges: list[tuple[bytes, bytes]]) -> None:
    recorder = Recorder()
    card = recorder.connection("", b"", 0)
    for command, answer in exchanges:
        card.record(command, answer, 0)
    replayed = ReplayConnection(recorder.trace)
    for (command, answer), kept in zip(exchanges, recorder.trace.exchanges, strict=True):
        if len(answer) < 2 or kept.answer.hidden:
            break
        assert replayed.transmit(command) == answer


@given(RAW_COMMANDS)
def test_redaction_keeps_the_length_and_can_be_kept(command: bytes) -> None:
    masked = redact_command(command)
    assert len(masked) == len(command)
    assert masked.matches(command)
    assert masked.hides(redact_command(masked.blanked()))
    assert MaskedBytes.parse(str(masked)) == masked


@given(RAW_COMMANDS, ANSWERS, st.sampled_from(["en", "fr"]))
def test_everything_can_be_explained(command: bytes, answer: bytes, language: str) -> None:
    shown = Exchange(0, *Redactor().redact(command, answer))
    line = explain(shown, language)  # type: ignore[arg-type]
    assert "\n" not in line
    assert " → " in line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
VALUES = JSON | st.sampled_from([0, 1, "3B00", "T=0", "9000", "0020000104********", 0.5])
LINES = st.dictionaries(
    st.sampled_from(
        ["connection", "command", "answer", "at", "seconds", "reader", "atr", "protocol", "created"]
    ),
    VALUES,
).map(json.dumps)
FIRST = '{"cardio-trace":1,"created":"2026-11-22T00:00:00+00:00"}'


@given(st.lists(LINES, max_size=5))
def test_hostile_lines(lines: list[str]) -> None:
    raw = "\n".join([FIRST, *lines]).encode()
    with refused_within(raw, TraceError):
        jsonl.decode(raw)


@given(st.binary(max_size=200))
def test_hostile_bytes(noise: bytes) -> None:
    for raw in (noise, FIRST.encode() + b"\n" + noise):
        with refused_within(raw, TraceError):
            jsonl.decode(raw)


@given(traces(), st.data())
def test_a_damaged_file(trace: Trace, data: st.DataObject) -> None:
    damaged = bytearray(jsonl.encode(trace))
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=3)):
        damaged[at] = data.draw(st.integers(0, 255))
    raw = bytes(damaged)
    with refused_within(raw, TraceError):
        jsonl.decode(raw)
