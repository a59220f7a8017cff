"""Which recorded command is meant: the next one, or the same one anywhere in the recording."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cardio.iso7816.apdu import Case
from cardio.iso7816.status import StatusWord
from cardio.trace.trace import MaskedBytes
from cardio_emulator.recorded.context import Context, Key, Rights, decoded, family
from cardio_emulator.recorded.pins import PIN_COMMANDS
from cardio_emulator.recorded.steps import GET_RESPONSE, Step

REFUSED = StatusWord(0x6982)
_REFUSALS = frozenset({0x6982, 0x6985, 0x9802})
_PIN_INSTRUCTIONS = frozenset(bytes((one,)) for one in PIN_COMMANDS)
_HEADER_SIZE = 4
_KEY_COMMANDS = frozenset({0x2A, 0x88})
_HASH = 0x90
_SELECT, _GET_DATA = 0xA4, (0xCA, 0xCB)
_CPS2TER = 0xA0

_NO_CLASS, _NO_INSTRUCTION, _NO_FILE, _NO_REFERENCE, _UNKNOWN = (
    StatusWord(value) for value in (0x6E00, 0x6D00, 0x6A82, 0x6A88, 0x6F00)
)
_NO_CPS2TER_FILE = StatusWord(0x9404)


@dataclass(frozen=True, slots=True)
class Found:
    """The part of a step that was asked for: 0 is its command, then each GET RESPONSE."""

    step: Step
    part: int = 0


class Script(Protocol):
    """How commands are found in a recording."""

    @property
    def remaining(self) -> int:
        """Recorded commands nobody has asked for."""
        ...

    def find(self, raw: bytes, context: Context, under_way: Found | None) -> Found | None:
        """The recorded command meant by `raw`, right after `under_way`."""
        ...

    def refusal(self, raw: bytes, context: Context) -> StatusWord:
        """The answer where `find` finds nothing."""
        ...


class StrictScript:
    """The recorded commands in their order; another one moves nothing on."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._parts = [Found(step, part) for step in steps for part in range(len(step.parts))]
        self._next = 0

    @property
    def remaining(self) -> int:
        return len(self._parts) - self._next

    def find(self, raw: bytes, context: Context, under_way: Found | None) -> Found | None:  # noqa: ARG002
        if not self.remaining:
            return None
        found = self._parts[self._next]
        if not _is_meant(found.step.parts[found.part][0], raw):
            return None
        self._next += 1
        return found

    def refusal(self, raw: bytes, context: Context) -> StatusWord:  # noqa: ARG002
        return _UNKNOWN


@dataclass(frozen=True, slots=True)
class _Entry:
    step: Step
    rights: Rights


class ByCommandScript:
    """Any recorded command at any time, in the context it was recorded in.

    Asked again, it gives the next recorded answer, in the end the last one for ever.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._entries: dict[Key, list[_Entry]] = {}
        self._asked: Counter[Key] = Counter()
        self._used: set[int] = set()
        self._count = sum(step.raw[1:2] not in _PIN_INSTRUCTIONS for step in steps)
        self._families = {family(found) for step in steps if (found := decoded(step.raw))}
        self._instructions = {step.raw[1:2] for step in steps}
        context = Context()
        for step in steps:
            if step.fresh:
                context.reset()
            is_opaque = len(step.command.before) < min(_HEADER_SIZE, len(step.command))
            key = _opaque(step.raw) if is_opaque else _index(context, step.raw)
            entries = self._entries.setdefault(key, [])
            entries.append(_Entry(step, context.rights))
            context.follow(step)

    @property
    def remaining(self) -> int:
        """PIN commands apart, whose answers are not replayed."""
        return self._count - len(self._used)

    def find(self, raw: bytes, context: Context, under_way: Found | None) -> Found | None:
        fetched = _fetch(raw, under_way)
        if fetched:
            return fetched
        keys = [(_index(context, spelling), spelling) for spelling in _spellings(raw)]
        for key, spelling in (*keys, (_opaque(raw), raw)):
            fitting = self._fitting(key, spelling, context.rights)
            if fitting:
                return self._take(key, fitting)
        return None

    def _fitting(self, key: Key, raw: bytes, rights: Rights) -> list[_Entry]:
        """What was recorded for this command, where the card was as open as it is now."""
        entries = [entry for entry in self._entries.get(key, ()) if entry.step.command.matches(raw)]
        same = [entry for entry in entries if entry.rights == rights]
        return same or [entry for entry in entries if _holds(entry, rights)]

    def _take(self, key: Key, fitting: Sequence[_Entry]) -> Found:
        place = (*key, fitting[0].step.command, fitting[0].rights)
        step = fitting[min(self._asked[place], len(fitting) - 1)].step
        self._asked[place] += 1
        self._used.add(id(step))
        return Found(step)

    def refusal(self, raw: bytes, context: Context) -> StatusWord:
        """As cards refuse what they do not have; 6F00 where that would say too much."""
        command = decoded(raw)
        if command is None:
            return _UNKNOWN
        if family(command) not in self._families:
            return _NO_CLASS
        if raw[1:2] not in self._instructions:
            return _NO_INSTRUCTION
        if self._entries.get(_index(context, raw)) and command.ins in _KEY_COMMANDS:
            return REFUSED
        if command.ins == _SELECT:
            return _NO_CPS2TER_FILE if command.cla == _CPS2TER else _NO_FILE
        return _NO_REFERENCE if command.ins in (*_GET_DATA, *PIN_COMMANDS) else _UNKNOWN


def _holds(entry: _Entry, rights: Rights) -> bool:
    """Whether an answer holds though the card is more open now, or less, than when it gave it.

    A refusal does not once more is open; the use of a key does not while less is.
    """
    if rights.cover(entry.rights):
        return entry.step.status not in _REFUSALS
    raw = entry.step.raw
    return raw[1] not in _KEY_COMMANDS or raw[2] == _HASH


def _fetch(raw: bytes, under_way: Found | None) -> Found | None:
    """The next GET RESPONSE of the command under way, if it asks for the same."""
    if under_way is None or raw[1:2] != bytes((GET_RESPONSE,)):
        return None
    following = Found(under_way.step, under_way.part + 1)
    parts = under_way.step.parts
    if following.part < len(parts) and parts[following.part][0].matches(raw):
        return following
    return None


def _index(context: Context, raw: bytes) -> Key:
    return (*context.key(raw), raw[:4], len(raw))


def _opaque(raw: bytes) -> Key:
    """The key of bytes that a trace masks as a whole: nothing but their length is known."""
    return (len(raw),)


def _is_meant(recorded: MaskedBytes, raw: bytes) -> bool:
    """Whether `raw` is this command; of a PIN command with a PIN only the header counts."""
    if any(recorded.matches(spelling) for spelling in _spellings(raw)):
        return True
    has_pin = raw[1:2] in _PIN_INSTRUCTIONS and min(len(raw), len(recorded)) > _HEADER_SIZE
    return has_pin and recorded.before[:_HEADER_SIZE] == raw[:_HEADER_SIZE]


def _spellings(raw: bytes) -> Iterator[bytes]:
    """The command, then without the Le that T=0 does not send, or with it."""
    yield raw
    command = decoded(raw)
    if command and not command.extended and command.case is Case.DATA_AND_ANSWER:
        yield raw[:-1]
    elif command and not command.extended and command.case is Case.DATA_ONLY:
        yield raw + b"\x00"
