"""The exchanges of a trace as one card saw them: commands, each with what fetched its answer."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from cardio.trace.trace import Exchange, MaskedBytes, Trace

GET_RESPONSE = 0xC0
GET_DATA = frozenset({0xCA, 0xCB})

_DONE = frozenset({0x90, 0x61, 0x62, 0x9F})
"""First status bytes of a command that was carried out; 9F is that of class A0."""

Part = tuple[MaskedBytes, bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """A command, its answer, and the GET RESPONSEs that followed with theirs.

    An answer of fewer than two bytes is that of a card that left. `fresh` where the card was
    powered on before, as far as the trace tells. The bytes a trace masks are 00 in an answer.
    """

    command: MaskedBytes
    answer: bytes
    fetches: tuple[Part, ...] = ()
    fresh: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every command that was sent, with its answer."""
        return ((self.command, self.answer), *self.fetches)

    @property
    def raw(self) -> bytes:
        """The command, 00 for each masked byte."""
        return self.command.blanked()

    @property
    def status(self) -> int:
        """The status word of the answer before it was fetched; 0 where none came."""
        return int.from_bytes(self.answer[-2:], "big") if len(self.answer) > 1 else 0

    @property
    def data(self) -> bytes:
        """The whole answer, without its status words."""
        return b"".join(answer[:-2] for _, answer in self.parts)

    @property
    def is_done(self) -> bool:
        return self.status >> 8 in _DONE

    @property
    def is_torn(self) -> bool:
        return any(len(answer) < 2 for _, answer in self.parts)


def steps(trace: Trace, connections: Collection[int]) -> tuple[Step, ...]:
    """What the card of these connections was asked, in order.

    What was said to the reader is left out, but for the commands its PIN pad passed on.
    """
    told = [found for found in trace.exchanges if found.connection in connections]
    return tuple(_grouped(told))


def _grouped(exchanges: Sequence[Exchange]) -> Iterator[Step]:
    under_way, fresh = None, True
    for exchange in exchanges:
        command = exchange.card_command
        if command is None:
            continue
        answer = exchange.answer.blanked()
        if under_way and not fresh and command.before[1:2] == bytes((GET_RESPONSE,)):
            under_way = replace(under_way, fetches=(*under_way.fetches, (command, answer)))
        else:
            if under_way:
                yield under_way
            under_way = Step(command, answer, fresh=fresh)
        fresh = under_way.is_torn
    if under_way:
        yield under_way
