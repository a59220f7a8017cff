"""One line of English or French for any exchange with a card; no data a trace masks is in it."""

from cardio.errors import ApduError
from cardio.iso7816.apdu import CommandApdu
from cardio.trace.explain.answers import explain_answer
from cardio.trace.explain.commands import class_notes, explain_command, explain_masked
from cardio.trace.explain.pad import explain_pad_answer, explain_reader_command, pad_command
from cardio.trace.explain.phrases import Language, Speaker
from cardio.trace.masked import MaskedBytes
from cardio.trace.trace import Exchange

__all__ = ["Language", "explain"]


def explain(exchange: Exchange, language: Language = "en") -> str:
    """For example `SELECT by path 3F00/2F01 (EF.ATR), FCP wanted → 39 bytes to fetch`.

    Names come from a small table of known files and applications. Of answers only sizes, file
    identifiers and tries left are told.
    """
    say = Speaker(language)
    if exchange.control is not None:
        return _explain_control(exchange, say)
    command = _parse(exchange.command)
    asked = _asked(exchange.command, command, say)
    return f"{asked} → {explain_answer(command, exchange.answer, say)}"


def _explain_control(exchange: Exchange, say: Speaker) -> str:
    laid_in = pad_command(exchange.command)
    if laid_in is None:
        return explain_reader_command(exchange, say)
    asked = _asked(laid_in, _parse(laid_in), say)
    return f"{say('pad', command=asked)} → {explain_pad_answer(exchange.answer, say)}"


def _parse(command: MaskedBytes) -> CommandApdu | None:
    if command.hidden and not command.before:
        return None
    try:
        return CommandApdu.decode(command.blanked())
    except ApduError:
        return None


def _asked(masked: MaskedBytes, command: CommandApdu | None, say: Speaker) -> str:
    if command is None:
        return say("unreadable", size=say.size(len(masked)))
    text = (explain_masked if masked.hidden else explain_command)(command, say)
    notes = class_notes(command, say)
    return f"{text} [{', '.join(notes)}]" if notes else text
