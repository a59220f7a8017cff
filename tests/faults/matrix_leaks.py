"""Looks for the codes of a run in everything that a program could print or keep afterwards."""

import base64
import logging
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from tests.faults.matrix_cards import CODES

from cardio.pin.kept import KeptPin
from cardio.trace import Recorder, jsonl
from cardio.trace.explain import explain


class LogRecords(logging.Handler):
    """Everything that is logged within the `with` block."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []
        self._level = logging.WARNING

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        root = logging.getLogger()
        root.setLevel(self._level)
        root.removeHandler(self)


def texts_of(
    told: object, recorder: Recorder, records: Iterable[logging.LogRecord]
) -> Iterator[str]:
    """Everything readable; times are left out, their digits are anybody's."""
    yield repr(told)
    yield str(told)
    if isinstance(told, BaseException):
        yield "".join(traceback.format_exception(told))
        yield from (repr(error.__dict__) for error in _chain(told))
    yield from (f"{record.getMessage()} {record.args!r}" for record in records)
    for exchange in recorder.trace.exchanges:
        timeless = replace(exchange, at=0.0, seconds=0.0)
        yield from (repr(timeless), jsonl.encode_entry(timeless))
        yield from (explain(timeless), explain(timeless, "fr"))


def check_leaks(texts: Iterable[str], kept: Sequence[object]) -> None:
    """No code is in the texts, nor in what is still held."""
    text = "\n".join(texts).lower()
    found = [form for form in _FORMS if form in text]
    assert not found, f"a code, as {found}, is in:\n{text}"
    for held in _reachable(kept):
        is_kept = held.rstrip(b"\xff") in _PACKED or any(code in held for code in CODES)
        assert not is_kept, f"a code is kept: {held!r}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def _forms(code: bytes) -> Iterator[str]:
    """The code in every encoding that cards, traces and programs use, in small letters."""
    digits = code.decode()
    yield digits
    yield "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))
    yield from (code.hex(), code.hex(" "), code.hex(":"))
    yield " ".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    yield ", ".join(map(str, code))
    yield ", ".join(map(hex, code))
    yield ", ".join(digits)
    yield base64.b64encode(code).decode().rstrip("=").lower()


_FORMS = tuple(form for code in CODES for form in _forms(code))
_PACKED = tuple(bytes.fromhex(code.decode()) for code in CODES)


def _reachable(roots: Iterable[object]) -> Iterator[bytes]:
    """All bytes and text that core objects hold, however deep, but for a PIN that is to be kept.

    The emulated card's own are not followed.
    """
    waiting, seen = list(roots), set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, KeptPin):
            continue
        seen.add(id(one))
        if isinstance(one, bytes | bytearray):
            yield bytes(one)
        elif isinstance(one, str):
            yield one.encode("utf-8", "replace")
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
        elif type(one).__module__.startswith(("cardio.", "builtins", "tests.faults.test_")):
            waiting += _attributes(one)


def _attributes(one: object) -> list[object]:
    slots = [slot for kind in type(one).__mro__ for slot in getattr(kind, "__slots__", ())]
    return [*getattr(one, "__dict__", {}).values(), *(getattr(one, slot, None) for slot in slots)]
