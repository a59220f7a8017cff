"""`cardio emulate --tui`: the readers and cards of a bench, live, and the keys that move them.

It shows kinds of cards, counts and status words: no PIN, no name, no NIR.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import partial
from typing import ClassVar, cast

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Header, Log

from cardio.cli.emulate_screens import Choice, Values
from cardio.cli.emulate_stop import Stopping
from cardio.locale import Translator
from cardio.rig.control.language import NotUnderstood
from cardio.rig.running.bench import RunningBench
from cardio.rig.running.live_state import CARD_KINDS, Row, fault_examples, fault_of, rows
from cardio.transport.json_line import Message, decode, encode

_COLUMNS = ("reader", "card", "atr", "apdus", "last", "tries", "faults")
_KEYS = {
    "i": "insert",
    "r": "remove",
    "s": "swap",
    "t": "reset",
    "u": "plug",
    "f": "fault",
    "c": "clear",
    "k": "service",
    "q": "quit",
}
_LOOK_EVERY = 0.25
"""Seconds between two looks at the counters; all else shows at once."""


class LiveBench(App[None]):
    """One row for each reader; what is done to the bench, and what comes of it, below."""

    CSS = "DataTable { height: 2fr; } Log { height: 1fr; border-top: solid $accent; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", show=False, priority=True)]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, running: RunningBench, text: Translator) -> None:
        super().__init__()
        self._at_work = running
        self._stopping: Stopping | None = None
        self._text = text
        self._rows: tuple[Row, ...] = ()
        self._has_service = True
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._look, name="live view", daemon=True)
        self.title = text("emulate.live.title")
        for key, act in _KEYS.items():
            action = "quit" if act == "quit" else f"act('{act}')"
            self.bind(key, action, description=text(f"emulate.live.key.{act}"))

    def show(self, stopping: Stopping) -> None:
        """Until its user quits, or something else ends it. Raises what was lost."""
        self._stopping = stopping
        self.run()
        stopping.finish()

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable[str](cursor_type="row")
        yield Log()
        yield Footer()

    def on_mount(self) -> None:
        """Begin to look; a signal ends it from now on."""
        if stopping := self._stopping:
            loop = asyncio.get_running_loop()

            def wake() -> None:
                with suppress(RuntimeError):  # it has ended already
                    loop.call_soon_threadsafe(self.exit)

            stopping.heed(wake)
        self._table.add_columns(*(self._text(f"emulate.live.{name}") for name in _COLUMNS))
        ready = self._at_work.ready()
        self.tell(ready)
        for name, value in self._at_work.place.environment.items():
            self.query_one(Log).write_line(f"{name}={value}")  # as a shell takes it
        self._watching.start()

    def on_unmount(self) -> None:
        """Look no more."""
        self._over.set()

    def tell(self, message: Message) -> None:
        """One line below the table."""
        self.query_one(Log).write_line(encode(message))

    def action_act(self, act: str) -> None:
        """What a key stands for; cards and faults are asked for first."""
        if act == "service":
            self._do({"do": "kill_service" if self._has_service else "restart_service"})
            return
        if not self._rows:
            return
        row = self._rows[self._table.cursor_row]
        match act:
            case "insert" | "swap":
                self._ask_card(act, row.reader)
            case "fault":
                self._ask_fault(row.reader)
            case "plug":
                self._do({"do": self._plug_act(row), "reader": row.reader})
            case _:
                do = "clear_faults" if act == "clear" else act
                self._do({"do": do, "reader": row.reader})

    def _plug_act(self, row: Row) -> str:
        is_away = row.presence is None and self._has_service
        return "plug_reader" if is_away else "unplug_reader"

    def _ask_card(self, act: str, reader: str) -> None:
        last = self._text("emulate.live.last_card")

        def chosen(word: str | None) -> None:
            if word is not None:
                which = {} if word == last else {"card": word}
                self._do({"do": act, "reader": reader, **which})

        self.push_screen(Choice(self._text("emulate.live.which_card"), [last, *CARD_KINDS]), chosen)

    def _ask_fault(self, reader: str) -> None:
        examples = fault_examples()

        def named(kind: str | None) -> None:
            if kind is not None:
                question = self._text("emulate.live.which_values", kind=kind)
                self.push_screen(Values(question, examples[kind]), partial(given, kind))

        def given(kind: str, keys: str | None) -> None:
            if keys is None:
                return
            try:
                self._do({"do": "fault", "reader": reader, "fault": fault_of(kind, keys)})
            except NotUnderstood as error:
                self.tell({"error": error.message})

        self.push_screen(Choice(self._text("emulate.live.which_fault"), list(examples)), named)

    def _do(self, command: Message) -> None:
        """In a thread of its own: it may take as long as the service needs."""

        def work() -> None:
            answer = self._at_work.commands.execute(encode(command))
            self._later(partial(self.tell, decode(answer)))

        self.run_worker(work, thread=True)

    def _look(self) -> None:
        while not self._over.is_set():
            events = self._at_work.events(_LOOK_EVERY)
            has_service, shown = rows(self._at_work)
            self._later(partial(self._show_all, has_service, shown, events))

    def _show_all(self, has_service: bool, shown: tuple[Row, ...], events: list[Message]) -> None:
        for event in events:
            if event["event"] != "apdus":
                self.tell(event)
        if (has_service, shown) == (self._has_service, self._rows):
            return
        self._has_service, self._rows = has_service, shown
        self.sub_title = "" if has_service else self._text("emulate.live.no_service")
        table, at = self._table, self._table.cursor_row
        table.clear()
        for row in shown:
            table.add_row(*self._cells(row))
        table.move_cursor(row=at)

    def _cells(self, row: Row) -> tuple[str, ...]:
        return (
            row.reader,
            row.kind or self._text(f"emulate.live.presence.{row.presence or 'unknown'}"),
            row.atr,
            "" if row.apdus is None else str(row.apdus),
            row.last,
            " / ".join(map(str, row.tries)),
            " ".join(row.faults),
        )

    def _later(self, work: Callable[[], None]) -> None:
        """In the thread of the view, if it is still there."""
        with suppress(RuntimeError, CancelledError):
            if not self._over.is_set():
                self.call_from_thread(work)

    @property
    def _table(self) -> DataTable[str]:
        return cast("DataTable[str]", self.query_one(DataTable))
