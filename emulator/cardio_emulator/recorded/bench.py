"""All the cards of a recording at once, in readers named as they were."""

from pathlib import Path

from cardio.trace.trace import Trace
from cardio_emulator.bench import Bench
from cardio_emulator.recorded.card import RecordedCard, Replay, opened_trace

TRACE_SUFFIX = ".jsonl"
"""Of a file that is a trace rather than a description of a bench."""


def bench_of(trace: Trace, replay: Replay = Replay.BY_COMMAND) -> Bench:
    """A bench with each reader of the trace and the card that was in it first.

    In the order of their names: that of the connections is one of chance, as readers are asked
    all at once. Raises `ConfigurationError` where answers were not recorded.
    """
    bench = Bench()
    for reader in sorted({found.reader for found in trace.connections}):
        bench.add_reader(reader, RecordedCard(trace, reader=reader, replay=replay))
    return bench


def load_recorded(path: Path, replay: Replay = Replay.BY_COMMAND) -> Bench:
    """The bench of a trace file. Raises `ConfigurationError`, also for a damaged file."""
    with opened_trace(path) as trace:
        return bench_of(trace, replay)
