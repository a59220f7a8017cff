"""A card that answers as a recorded one did."""

import hashlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Self

from cardio.errors import ConfigurationError, TraceError
from cardio.trace.jsonl import decode
from cardio.trace.trace import Exchange, Trace, TracedConnection
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.faults import TornOut
from cardio_emulator.recorded.context import Context, Rights
from cardio_emulator.recorded.pins import SimulatedPins
from cardio_emulator.recorded.scripts import ByCommandScript, Found, Script, StrictScript
from cardio_emulator.recorded.steps import GET_RESPONSE, steps

_SERIAL_DIGITS = 16
_STATUS_SIZE = 2
_NO_CODES: Mapping[int, bytes] = {}


class Replay(Enum):
    """How the commands sent are matched with those recorded."""

    STRICT = "strict"
    BY_COMMAND = "by-command"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A command the recording has no answer to: which one since the card was made, from 0.

    `command` is its header; its data are not kept.
    """

    index: int
    command: bytes

    def __str__(self) -> str:
        return f"command {self.index} is not in the recording: {self.command.hex(' ').upper()}"


class RecordedCard:
    """A `VirtualCard` made of what a trace holds of one card.

    `STRICT` wants the recorded commands in their order and answers 6F00 to any other;
    `BY_COMMAND` answers each at any time, as long as the same file was selected and the same was
    prepared before it. `mismatches` are the commands that found no answer. An answer that never
    came, or not whole, takes the card out again (`TornOut`).

    PINs are simulated: `codes` are their values by reference, else those of the test cards
    (`1234`, PUK `12345678`); the tries they begin with are the recorded ones.
    """

    def __init__(
        self,
        trace: Trace,
        connection: int | None = None,
        replay: Replay = Replay.BY_COMMAND,
        *,
        reader: str | None = None,
        codes: Mapping[int, bytes] = _NO_CODES,
    ) -> None:
        """Take one `connection`, or all those to the card first in `reader`, or in the first one.

        Raises `ConfigurationError` where there is none, or where answers were not recorded.
        """
        taken = _of_reader(trace, reader) if connection is None else _one(trace, connection)
        recorded = steps(trace, _numbers(trace, taken))
        self._atr = taken[0].atr
        self._serial = _serial(trace, taken)
        self._pins = SimulatedPins(recorded, codes)
        self._is_strict = replay is Replay.STRICT
        self._script: Script = (StrictScript if self._is_strict else ByCommandScript)(recorded)
        self._context = Context()
        self._under_way: Found | None = None
        self._answers: list[bytes] = []
        self._mismatches: list[Mismatch] = []
        self._count = 0

    @classmethod
    def load(
        cls,
        path: Path,
        connection: int | None = None,
        replay: Replay = Replay.BY_COMMAND,
        *,
        reader: str | None = None,
        codes: Mapping[int, bytes] = _NO_CODES,
    ) -> Self:
        """The card of a trace file. Raises `ConfigurationError`, also for a damaged file."""
        with opened_trace(path) as trace:
            return cls(trace, connection, replay, reader=reader, codes=codes)

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def serial(self) -> str:
        """Made of the whole recording: the same for the same one."""
        return self._serial

    @property
    def pins(self) -> Mapping[int, PinState]:
        """The simulated PINs by reference, with their counters as they are now."""
        return self._pins.states

    @property
    def verified(self) -> frozenset[int]:
        """References of the PINs verified since the last reset."""
        return frozenset(self._pins.verified)

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Every command so far that the recording has no answer to."""
        return tuple(self._mismatches)

    @property
    def remaining(self) -> int:
        """Recorded commands that were not asked for yet; PIN commands count only if `STRICT`."""
        return self._script.remaining

    def reset(self) -> None:
        """See `VirtualCard.reset`; the recording goes on where it was."""
        self._context.reset()
        self._pins.reset()
        self._under_way = None

    def transmit(self, command: bytes) -> bytes:
        """See `VirtualCard.transmit`. Raises `TornOut` where the recorded card left."""
        index, self._count = self._count, self._count + 1
        self._context.rights = Rights(self._context.rights.named, self.verified)
        simulated = None if self._is_strict else self._pins.answer(command)
        if simulated is not None:
            self._forget_command()
            return simulated
        found = self._script.find(command, self._context, self._under_way)
        if found is None:
            return self._missed(index, command)
        return self._given(found, command)

    def _given(self, found: Found, command: bytes) -> bytes:
        self._under_way = found
        if found.part == 0:
            simulated = self._pins.answer(command)
            self._context.follow(found.step)
            self._answers = self._pins.answers(found.step) if simulated is None else [simulated]
        answer = self._answers[found.part]
        if len(answer) < _STATUS_SIZE:
            raise TornOut
        return answer

    def _missed(self, index: int, command: bytes) -> bytes:
        refusal = self._script.refusal(command, self._context)
        self._mismatches.append(Mismatch(index, command[:4]))
        self._forget_command()
        return bytes(refusal)

    def _forget_command(self) -> None:
        self._context.break_chain()
        self._under_way = None


@contextmanager
def opened_trace(path: Path) -> Generator[Trace, None, None]:
    """The trace in a file; the errors of the block, and of reading, name it.

    Raises `ConfigurationError`.
    """
    try:
        yield _read(path)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error.message}") from error


def _read(path: Path) -> Trace:
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}") from error
    except TraceError as error:
        raise ConfigurationError(f"is no trace: {error.message}") from error


def _one(trace: Trace, connection: int) -> tuple[TracedConnection, ...]:
    if not 0 <= connection < len(trace.connections):
        count = len(trace.connections)
        raise ConfigurationError(f"there is no connection {connection}: the trace has {count}")
    return (trace.connections[connection],)


def _of_reader(trace: Trace, reader: str | None) -> tuple[TracedConnection, ...]:
    """The connections to the first card in this reader, as far as its ATR tells it from others."""
    there = [found for found in trace.connections if reader in (None, found.reader)]
    if not there:
        raise ConfigurationError(f"the trace holds no card in reader {reader!r}")
    first = (there[0].reader, there[0].atr)
    return tuple(found for found in there if (found.reader, found.atr) == first)


def _numbers(trace: Trace, taken: tuple[TracedConnection, ...]) -> frozenset[int]:
    """Raises `ConfigurationError` where answers were left out of the recording."""
    numbers = frozenset(found.number for found in taken)
    if any(_lacks_answers(trace.exchanges_of(number)) for number in numbers):
        raise ConfigurationError("the trace was recorded without answers")
    return numbers


def _lacks_answers(exchanges: tuple[Exchange, ...]) -> bool:
    """Whether an answer is hidden that is not one to a secret, GET RESPONSE included."""
    is_secret = False
    for exchange in exchanges:
        fetches = exchange.command.before[1:2] == bytes((GET_RESPONSE,))
        is_secret = bool(exchange.command.hidden) or (is_secret and fetches)
        if exchange.answer.hidden and not is_secret:
            return True
    return False


def _serial(trace: Trace, taken: tuple[TracedConnection, ...]) -> str:
    told = hashlib.sha256()
    for found in taken:
        for exchange in trace.exchanges_of(found.number):
            told.update(f"{exchange.command} {exchange.answer}\n".encode())
    return told.hexdigest()[:_SERIAL_DIGITS].upper()
