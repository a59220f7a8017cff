"""What was said to cards: recorded, redacted by construction, kept as JSONL, explained."""

from cardio.trace.masked import MaskedBytes
from cardio.trace.recorder import ConnectionRecorder, Recorder, recording
from cardio.trace.trace import Exchange, Trace, TracedConnection

__all__ = [
    "ConnectionRecorder",
    "Exchange",
    "MaskedBytes",
    "Recorder",
    "Trace",
    "TracedConnection",
    "recording",
]
