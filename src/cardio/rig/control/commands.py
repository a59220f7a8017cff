"""Commands that drive a bench: one JSON object a line, one answer each. No I/O of its own.

    {"do": "insert", "reader": "Gemalto PC Twin Reader 00 00", "card": "cps3"}
    {"done": "insert", "reader": "Gemalto PC Twin Reader 00 00", "number": 1}

The whole language is in docs/reference/bench-commands.md.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from cardio.errors import (
    CardioError,
    ConfigurationError,
    NoReader,
    SelectionError,
    ServiceUnavailable,
)
from cardio.rig.control.cards import named_card, named_fault
from cardio.rig.control.language import CARD_KEYS, VERBS, NotUnderstood, answered, text_of
from cardio.rig.control.tally import TalliedCard, Tallies
from cardio.transport.base import CardPresence, ReaderStatus
from cardio.transport.json_line import Message, encode
from cardio.transport.readers import MIN_FRAGMENT, choose_reader
from cardio.transport.remote import status_message
from cardio_emulator.bench_plan import CardPlan
from cardio_emulator.control import BenchControl
from cardio_emulator.virtual_card import VirtualCard

MAX_KNOWN = 2000
"""Cards that can be put back by their number; the oldest are forgotten first."""

_WHY_NOT: Mapping[type[CardioError], str] = {
    ConfigurationError: f"is too short for a part of a name: {MIN_FRAGMENT} letters at least",
    NoReader: "is in no reader's name",
    SelectionError: "is in the names of several readers",
}


class BenchCommands:
    """Carries commands out on a bench, one after the other whoever sends them.

    `look` tells what the readers show now. Files that a command names are looked for in
    `folder` and nowhere else; without it none is read. `ended` is true after `quit`.
    """

    def __init__(
        self,
        bench: BenchControl,
        look: Callable[[], Sequence[ReaderStatus]],
        *,
        folder: Path | None = None,
    ) -> None:
        self.bench = bench
        self.tallies = Tallies()
        self.ended = False
        self._look = look
        self._folder = folder
        self._guard = threading.Lock()
        self._last_number = 0
        self._cards: dict[int, TalliedCard] = {}
        self._in: dict[str, TalliedCard] = {}
        self._gone: dict[str, int] = {}
        self._faults: dict[str, list[str]] = {}
        self._verbs: Mapping[str, Callable[[Message], Message]] = {
            "insert": self._insert,
            "remove": self._remove,
            "swap": self._swap,
            "reset": lambda command: self._at_reader(command, bench.reset),
            "unplug_reader": lambda command: self._at_reader(command, bench.unplug_reader),
            "plug_reader": lambda command: self._at_reader(command, bench.plug_reader),
            "kill_service": lambda _: _done(bench.kill_service),
            "restart_service": lambda _: _done(bench.restart_service),
            "fault": self._fault,
            "clear_faults": self._clear_faults,
            "state": lambda _: self._state(),
            "quit": lambda _: self._quit(),
        }

    def execute(self, line: str | bytes) -> str:
        """The answer to one line, as one line. Never raises for what a line holds."""
        return encode(answered(line, VERBS, self.carry_out))

    def carry_out(self, command: Message) -> Message:
        """Do what a checked command says. Raises `NotUnderstood`, `CardioError`."""
        do = cast(str, command["do"])
        with self._guard:
            return {"done": do, **self._verbs[do](command)}

    def put(self, reader: str, card: VirtualCard, *, swap: bool = False) -> Message:
        """Put a card of the caller's own in, as `insert` and `swap` do."""
        with self._guard:
            return self._put(self.reader(reader), self._numbered(card), swap=swap)

    def take(self, card: VirtualCard) -> None:
        """Forget this card, taking it out of the reader if it is still in one."""
        with self._guard:
            for reader, known in list(self._in.items()):
                if known.card is card:
                    self._take_out(reader, known)
            self._cards = {n: known for n, known in self._cards.items() if known.card is not card}

    def reader(self, fragment: str) -> str:
        """The reader of this name, or the one that holds it. Raises `NotUnderstood`."""
        names = self.bench.readers
        if fragment in names:
            return fragment
        try:
            return choose_reader(fragment, [ReaderStatus(name) for name in names]).name
        except tuple(_WHY_NOT) as error:
            raise NotUnderstood(f"'reader' {_WHY_NOT[type(error)]}", names) from None

    def _insert(self, command: Message) -> Message:
        reader = self._reader_of(command)
        return self._put(reader, self._card(reader, command), swap=False)

    def _swap(self, command: Message) -> Message:
        reader = self._reader_of(command)
        return self._put(reader, self._card(reader, command), swap=True)

    def _put(self, reader: str, card: TalliedCard, *, swap: bool) -> Message:
        answer: Message = {"reader": reader, "number": card.number}
        if swap:
            answer["removed"] = self._left(reader, self.bench.swap(reader, card))
        else:
            self.bench.insert(reader, card)
        self._in[reader] = card
        self._cards[card.number] = card
        self.tallies.begin(reader, card)
        while len(self._cards) > MAX_KNOWN:
            del self._cards[next(iter(self._cards))]
        return answer

    def _remove(self, command: Message) -> Message:
        reader = self._reader_of(command)
        return {"reader": reader, **self._left(reader, self.bench.remove(reader))}

    def _left(self, reader: str, gone: VirtualCard) -> Message:
        """What is told of a card that was taken out."""
        card, tally = self._numbered(gone), self.tallies.end(reader)
        self._in.pop(reader, None)
        self._cards[card.number] = card
        self._gone[reader] = card.number
        shown: Message = {"number": card.number, "atr": _hex(card.atr), "serial": card.serial}
        return {**shown, **(tally.message() if tally else {})}

    def _take_out(self, reader: str, card: TalliedCard) -> None:
        with suppress(CardioError):
            if (gone := self.bench.remove(reader)) is card:
                self._left(reader, gone)
            else:
                self.bench.insert(reader, gone)

    def _card(self, reader: str, command: Message) -> TalliedCard:
        """The card that is named, by default the one that left this reader last."""
        if source := named_card(command, self._folder):
            return self._numbered(CardPlan(source).make(reader=reader))
        number = command.get("number", self._gone.get(reader))
        card = self._cards.get(number) if isinstance(number, int) else None
        if card is None:
            if "number" in command:
                raise NotUnderstood("'number' is not that of a card", map(str, self._cards))
            raise NotUnderstood("no card left this reader: say which one", CARD_KEYS)
        if any(known is card and self._holds(where) for where, known in self._in.items()):
            raise ConfigurationError(f"card {number} is in a reader")
        return card

    def _numbered(self, card: VirtualCard) -> TalliedCard:
        if isinstance(card, TalliedCard):
            return card
        self._last_number += 1
        return TalliedCard(card, self._last_number)

    def _fault(self, command: Message) -> Message:
        reader, (kind, fault) = self._reader_of(command), named_fault(command)
        self.bench.fault(reader, fault)
        self._faults.setdefault(reader, []).append(kind)
        return {"reader": reader}

    def _clear_faults(self, command: Message) -> Message:
        reader = self._reader_of(command)
        self.bench.clear_faults(reader)
        self._faults.pop(reader, None)
        return {"reader": reader}

    def _at_reader(self, command: Message, work: Callable[[str], None]) -> Message:
        reader = self._reader_of(command)
        work(reader)
        return {"reader": reader}

    def _state(self) -> Message:
        try:
            shown = {status.name: status_message(status) for status in self._look()}
        except ServiceUnavailable:
            shown = None
        readers = [self._shown(name, (shown or {}).get(name)) for name in self.bench.readers]
        return {"service": shown is not None, "readers": readers}

    def _shown(self, name: str, status: Message | None) -> Message:
        """One reader; what nobody can know is null."""
        card, tally = self._in.get(name), self.tallies.all().get(name)
        holds = status is not None and status["presence"] != CardPresence.ABSENT.value
        return {
            **(status or {"reader": name, "presence": None}),
            "number": card.number if card and holds else None,
            **(tally.message() if tally else {"apdus": None, "last": None}),
            "faults": list(self._faults.get(name, ())),
        }

    def _holds(self, reader: str) -> bool:
        return any(
            status.name == reader and status.presence is not CardPresence.ABSENT
            for status in self._look()
        )

    def _reader_of(self, command: Message) -> str:
        return self.reader(text_of(command, "reader"))

    def _quit(self) -> Message:
        self.ended = True
        return {}


def _hex(raw: bytes) -> str:
    return raw.hex().upper()


def _done(work: Callable[[], None]) -> Message:
    work()
    return {}
