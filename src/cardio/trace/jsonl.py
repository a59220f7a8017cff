"""The trace file: JSON Lines, version 1. Its reference is docs/reference/trace-format.md."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar, cast

from cardio.errors import TraceError
from cardio.trace.masked import MaskedBytes
from cardio.trace.trace import Entry, Exchange, Trace, TracedConnection, TraceHeader

VERSION = 1

MAX_LINE = 1 << 19
"""Longest line read, in bytes; the longest APDU and answer together take 263 000 digits."""

MAX_SECONDS = 10**9
"""Longest time read: thirty years."""

_VERSION_KEY = "cardio-trace"
_PROTOCOLS = ("T=0", "T=1")

T = TypeVar("T")
Line = Mapping[str, object]


def encode(trace: Trace) -> bytes:
    """The whole file, connections first."""
    entries = (TraceHeader(trace.created), *trace.connections, *trace.exchanges)
    return "".join(encode_entry(entry) + "\n" for entry in entries).encode()


def encode_entry(entry: Entry) -> str:
    """One line, without its end."""
    return json.dumps(_fields(entry), separators=(",", ":"))


def _fields(entry: Entry) -> dict[str, object]:
    match entry:
        case TraceHeader():
            return {_VERSION_KEY: VERSION, "created": entry.created.isoformat()}
        case TracedConnection():
            return {
                "connection": entry.number,
                "reader": entry.reader,
                "atr": entry.atr.hex().upper(),
                "protocol": _PROTOCOLS[entry.protocol],
                "at": round(entry.at, 6),
            }
        case Exchange():
            return {
                "connection": entry.connection,
                **({} if entry.control is None else {"control": f"{entry.control:08X}"}),
                "command": str(entry.command),
                "answer": str(entry.answer),
                "at": round(entry.at, 6),
                "seconds": round(entry.seconds, 6),
            }


def decode(raw: bytes) -> Trace:
    """Read a whole file. Unknown keys are skipped; anything else wrong raises `TraceError`.

    The error names the line (from 1 up) and has the offset in bytes at which it begins. A file
    with a PIN in clear is refused, like any other that breaks the rules of redaction.
    """
    entries: list[Entry] = []
    for number, offset, line in _lines(raw):
        try:
            entries.append(_decode_entry(line, first=number == 1))
        except TraceError as error:
            raise TraceError(f"line {number}: {_bare(error)}", offset=offset) from None
    try:
        return Trace.of(entries)
    except TraceError as error:
        raise TraceError(_bare(error), offset=len(raw)) from None


def _bare(error: TraceError) -> str:
    return error.message.removesuffix(f" at byte {error.offset}")


def _lines(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The lines that are not blank, with their number and offset."""
    offset = 0
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if line.strip():
            yield number, offset, line
        offset += len(line) + 1


def _decode_entry(raw: bytes, *, first: bool) -> Entry:
    line = _object(raw)
    if first != (_VERSION_KEY in line):
        raise TraceError(f"the first line, and no other, has '{_VERSION_KEY}'")
    if first:
        if _get(line, _VERSION_KEY, _natural) != VERSION:
            raise TraceError(f"only version {VERSION} of the format is known")
        return TraceHeader(_get(line, "created", _moment))
    return _exchange(line) if "command" in line else _connection(line)


def _connection(line: Line) -> TracedConnection:
    return TracedConnection(
        number=_get(line, "connection", _natural),
        reader=_get(line, "reader", _text),
        atr=_get(line, "atr", _hexadecimal),
        protocol=_get(line, "protocol", _protocol),
        at=_get(line, "at", _duration),
    )


def _exchange(line: Line) -> Exchange:
    return Exchange(
        connection=_get(line, "connection", _natural),
        command=_get(line, "command", _masked),
        answer=_get(line, "answer", _masked),
        at=_get(line, "at", _duration),
        seconds=_get(line, "seconds", _duration),
        control=_get(line, "control", _code) if "control" in line else None,
    )


def _object(raw: bytes) -> Line:
    if len(raw) > MAX_LINE:
        raise TraceError(f"more than {MAX_LINE} bytes in a line")
    try:
        value: object = json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise TraceError("not JSON") from None
    if not isinstance(value, dict):
        raise TraceError("not a JSON object")
    return cast("Line", value)


def _get(line: Line, key: str, read: Callable[[object], T]) -> T:
    """The value of a key; `read` raises `ValueError` where it has the wrong form."""
    if key not in line:
        raise TraceError(f"'{key}' is missing")
    try:
        return read(line[key])
    except ValueError as error:
        raise TraceError(f"'{key}' is {error}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004
    return value


def _natural(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("not a whole number from 0 up")
    return value


def _duration(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS:
        return float(value)
    raise ValueError(f"not a number of seconds up to {MAX_SECONDS}")


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        raise ValueError("not a date and time of ISO 8601") from None
    if moment.tzinfo is None:
        raise ValueError("without a time zone")
    return moment


def _hexadecimal(value: object) -> bytes:
    try:
        return bytes.fromhex(_text(value))
    except ValueError:
        raise ValueError("not hexadecimal") from None


def _code(value: object) -> int:
    raw = _hexadecimal(value)
    if len(raw) != 4:
        raise ValueError("not 4 bytes")
    return int.from_bytes(raw, "big")


def _protocol(value: object) -> int:
    if value not in _PROTOCOLS:
        raise ValueError("neither T=0 nor T=1")
    return _PROTOCOLS.index(cast("str", value))


def _masked(value: object) -> MaskedBytes:
    try:
        return MaskedBytes.parse(_text(value))
    except TraceError as error:
        raise ValueError(_bare(error)) from None
