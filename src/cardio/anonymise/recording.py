"""A recorded trace without identities: the same commands, lengths and status words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cardio.anonymise.contents import Anonymiser
from cardio.anonymise.conversation import Piece, Told, conversation
from cardio.anonymise.readings import SELECT, Reading, Readings
from cardio.anonymise.signatures import redeciphered, remade
from cardio.anonymise.sweep import Sweep
from cardio.iso7816.apdu import CommandApdu
from cardio.trace.masked import MaskedBytes
from cardio.trace.trace import Exchange, Trace

_GET_DATA, _CHALLENGE, _PERFORM, _INTERNAL_AUTHENTICATE = 0xCB, 0x84, 0x2A, 0x88
_MANAGE, _CHANNEL = 0x22, 0x70
_TELLS_NOBODY = frozenset((SELECT, _CHALLENGE, _MANAGE, _CHANNEL))
"""Control parameters and random bytes."""
_SECURITY_OBJECTS = (0x3F, 0xFF)
"""GET DATA of counters and sizes (facts: iasecc_opensc.md §1.7)."""
_SIGN, _DECIPHER = (0x9E, 0x9A), (0x80, 0x86)
_HEADER_LIST = b"\x4d"
_PROPRIETARY = 0x80
_CPS2TER = 0xA0
_READER_SERIAL = re.compile(
    r"(?<=\()[0-9A-Za-z]{4,}(?=\))|(?<=\[)[0-9A-Za-z-]*\d[0-9A-Za-z-]*(?= )|\d{6,}"
)
"""In the name of a reader: what is in round brackets, a first word with a digit in square ones
(Kapelse: `[SERIAL KAP-LINK 0]`), and long numbers (facts: vitale.md §7.2)."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done, without a word of whom it concerned; `random` counts exchanges from 0 up.

    `files` were read in the trace, `masked` bytes of them are 00 now as nobody understands them.
    """

    identities: int
    files: int
    masked: int
    certificates: int
    signatures: int
    random: tuple[int, ...]


def anonymise(trace: Trace, anonymiser: Anonymiser) -> tuple[Trace, Summary]:
    """The trace rewritten. Raises `ConfigurationError` where an identity would be left."""
    readings, others = _parts(trace)
    contents = [reading.content for reading in readings]
    for told in others:
        if told.command.ins == SELECT:
            anonymiser.note_public(told.data)
    anonymiser.look_at(contents)
    made = [anonymiser.rewrite(content) for content in contents]
    cut = _Cut(trace)
    for reading, content in zip(readings, made, strict=True):
        _put_reading(cut, reading, content)
    for told in others:
        _put_other(cut, told, anonymiser)
    rewritten = replace(
        trace,
        connections=tuple(
            replace(one, reader=_reader(one.reader, anonymiser)) for one in trace.connections
        ),
        exchanges=cut.exchanges(trace),
    )
    sweep = anonymiser.sweep()
    rewritten = _with_plain_readers(rewritten, sweep)
    sweep.require_clean(_places(rewritten, made))
    return rewritten, _summary(anonymiser, len(readings))


def _parts(trace: Trace) -> tuple[list[Reading], list[Told]]:
    """The files that were read on all connections, and the commands that read none."""
    found: list[Reading] = []
    others: list[Told] = []
    by_connection: dict[int, list[tuple[int, Exchange]]] = {}
    for index, exchange in enumerate(trace.exchanges):
        by_connection.setdefault(exchange.connection, []).append((index, exchange))
    for exchanges in by_connection.values():
        readings = Readings()
        others += readings.follow(conversation(exchanges))
        found += readings.found
    return found, others


class _Cut:
    """The bytes of all commands and answers, to be overwritten piece by piece."""

    def __init__(self, trace: Trace) -> None:
        self._commands = [bytearray(one.command.blanked()) for one in trace.exchanges]
        self._answers = [bytearray(one.answer.blanked()) for one in trace.exchanges]

    def send(self, told: Told, made: bytes) -> None:
        """Other data for a command."""
        _overwrite(self._commands, told.sent, made)

    def give(self, told: Told, made: bytes) -> None:
        """Other data for its answer."""
        _overwrite(self._answers, told.got, made)

    def exchanges(self, trace: Trace) -> tuple[Exchange, ...]:
        """Those of the trace with these bytes; what was hidden still is."""
        pairs = zip(trace.exchanges, self._commands, self._answers, strict=True)
        return tuple(
            replace(one, command=_masked(one.command, sent), answer=_masked(one.answer, got))
            for one, sent, got in pairs
        )


def _overwrite(where: list[bytearray], pieces: list[Piece], made: bytes) -> None:
    """Cut as it was cut before."""
    at = 0
    for piece in pieces:
        where[piece.exchange][piece.at : piece.at + piece.size] = made[at : at + piece.size]
        at += piece.size


def _masked(before: MaskedBytes, made: bytearray) -> MaskedBytes:
    start, end = len(before.before), len(before.before) + before.hidden
    return MaskedBytes(bytes(made[:start]), before.hidden, bytes(made[end:]))


def _put_reading(cut: _Cut, reading: Reading, content: bytes) -> None:
    """Back into the answers; what was read behind a gap is understood by nobody."""
    for offset, told, at in reading.blocks:
        size = len(told.answer) - at
        cut.give(told, told.answer[:at] + content[offset : offset + size].ljust(size, b"\x00"))


def _put_other(cut: _Cut, told: Told, anonymiser: Anonymiser) -> None:
    """Every answer that is not known to tell of nobody is replaced."""
    command, place = told.command, (told.command.p1, told.command.p2)
    if not told.answer or _tells_nobody(command, told.data):
        return
    if command.ins == _PERFORM and place == _DECIPHER:
        _put_deciphered(cut, told, anonymiser)
    elif command.ins == _INTERNAL_AUTHENTICATE or (command.ins == _PERFORM and place == _SIGN):
        _put_signature(cut, told, anonymiser)
    else:
        anonymiser.report.masked += len(told.answer)
        cut.give(told, bytes(len(told.answer)))


def _tells_nobody(command: CommandApdu, data: bytes) -> bool:
    if command.cla & _PROPRIETARY and command.cla != _CPS2TER:
        return False
    if command.ins == _GET_DATA:
        return (command.p1, command.p2) == _SECURITY_OBJECTS and data.startswith(_HEADER_LIST)
    return command.ins in _TELLS_NOBODY


def _put_signature(cut: _Cut, told: Told, anonymiser: Anonymiser) -> None:
    made = remade(told.answer, anonymiser.keys.replaced)
    random = anonymiser.inventions.octets(told.answer)
    _count(told, anonymiser, is_remade=made is not None)
    cut.give(told, random if made is None else made)


def _put_deciphered(cut: _Cut, told: Told, anonymiser: Anonymiser) -> None:
    inventions = anonymiser.inventions
    made = redeciphered(told.data, told.answer, anonymiser.keys.replaced, inventions)
    _count(told, anonymiser, is_remade=made is not None)
    if made is None:
        padding_byte = len(told.data) % 2
        made = (
            told.data[:padding_byte] + inventions.octets(told.data[padding_byte:]),
            inventions.octets(told.answer),
        )
    cut.send(told, made[0])
    cut.give(told, made[1])


def _count(told: Told, anonymiser: Anonymiser, *, is_remade: bool) -> None:
    report = anonymiser.report
    if is_remade:
        report.remade += 1
    else:
        report.random.append(told.exchange)


def _reader(name: str, anonymiser: Anonymiser) -> str:
    """Its own serial number would tell which practice it stands in."""
    return _READER_SERIAL.sub(lambda found: anonymiser.inventions.serial(found[0]), name)


def _with_plain_readers(trace: Trace, sweep: Sweep) -> Trace:
    """A maker or model may be called as somebody in the recording is: its readers get a number."""
    names = dict.fromkeys(one.reader for one in trace.connections)
    plain = {
        name: f"Reader {number:02d} 00" if sweep.finds(name.encode()) else name
        for number, name in enumerate(names)
    }
    connections = (replace(one, reader=plain[one.reader]) for one in trace.connections)
    return replace(trace, connections=tuple(connections))


def _places(trace: Trace, files: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """All the bytes that will be written, also as they come together in files and answers."""
    for number, content in enumerate(files, start=1):
        yield f"file {number}", content
    for connection in trace.connections:
        yield f"the name of reader {connection.number}", connection.reader.encode()
        told = conversation(enumerate(trace.exchanges_of(connection.number)))
        for one in told:
            yield f"an answer on connection {connection.number}", one.data + b" " + one.answer
    for number, exchange in enumerate(trace.exchanges):
        yield f"exchange {number}", exchange.command.blanked() + exchange.answer.blanked()


def _summary(anonymiser: Anonymiser, files: int) -> Summary:
    report, inventions = anonymiser.report, anonymiser.inventions
    return Summary(
        identities=len({*inventions.originals, *inventions.names}),
        files=files,
        masked=report.masked,
        certificates=report.certificates,
        signatures=report.remade,
        random=tuple(report.random),
    )
