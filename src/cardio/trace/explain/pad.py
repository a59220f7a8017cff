"""Commands to the reader itself: what it can do, and PINs typed on its PIN pad."""

from cardio.trace.explain.answers import explain_answer
from cardio.trace.explain.phrases import Speaker
from cardio.trace.masked import MaskedBytes
from cardio.trace.redaction import pin_structure_size
from cardio.trace.trace import Exchange

_STOPS = {
    b"\x64\x00": "pad.timeout",
    b"\x64\x01": "pad.cancelled",
    b"\x64\x02": "pad.mismatch",
    b"\x64\x03": "pad.length",
}
"""Answers of the pad itself (PC/SC part 10)."""


def pad_command(data: MaskedBytes) -> MaskedBytes | None:
    """The command into which the pad lays the PIN; None where this is no such thing."""
    size = pin_structure_size(data.blanked())
    return None if size is None else MaskedBytes(data.before[size:], data.hidden, data.after)


def explain_pad_answer(answer: MaskedBytes, say: Speaker) -> str:
    """The card's verdict, or why the pad sent it nothing."""
    stop = _STOPS.get(answer.before)
    return say(stop) if stop else explain_answer(None, answer, say)


def explain_reader_command(exchange: Exchange, say: Speaker) -> str:
    """The phrase for any other one: sizes only."""
    asked = say("control", code=exchange.control, size=say.size(len(exchange.command)))
    return f"{asked} → {say.size(len(exchange.answer))}"
