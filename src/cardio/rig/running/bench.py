"""A bench at work: its cards in, its timeline playing, commands taken, all that happens told."""

from collections import deque
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Self

from cardio.cards.identify import identify
from cardio.errors import CardioError
from cardio.rig.benches.served_card import told_of
from cardio.rig.control.board import Board, EventFeed
from cardio.rig.control.commands import BenchCommands
from cardio.rig.control.server import ControlServer
from cardio.rig.running.hands import Hands
from cardio.rig.running.places import Place
from cardio.transport.base import ResourceManager
from cardio.transport.channel import Channel
from cardio.transport.json_line import Endpoint, Message
from cardio.transport.stack import stack
from cardio_emulator.bench_plan import ReaderPlan, seed_for
from cardio_emulator.clock import RealClock
from cardio_emulator.timeline import Played, Timeline


class RunningBench:
    """A bench at work from `start` to `close`; a context manager for both. It stays the caller's.

    The control socket is at `endpoint`, if any; for `anywhere` see `ControlServer`. Files that
    commands name are those of `folder`.
    """

    def __init__(
        self,
        place: Place,
        *,
        folder: Path | None = None,
        endpoint: Endpoint | None = None,
        anywhere: bool = False,
    ) -> None:
        self.place = place
        self.began = monotonic()
        self._played: deque[Message] = deque()
        self._closing = ExitStack()
        self.manager = place.manager()
        self.commands = BenchCommands(place.bench, self.manager.readers, folder=folder)
        self.control = endpoint and ControlServer(
            place.bench,
            place.manager(),
            endpoint,
            folder=folder,
            anywhere=anywhere,
            commands=self.commands,
        )
        self._board = Board(self.manager)
        self._feed = EventFeed(self._board, self.commands.tallies, since=self.began)

    def start(self) -> Self:
        """Begin to watch and to listen. Raises `ConfigurationError` for a port that is taken."""
        self._closing.callback(self.manager.close)
        if self.control:
            self._closing.enter_context(self.control)
        self._board.start()
        self._closing.callback(self._board.close)
        return self

    def fill(self, export: Path | None = None) -> list[Message]:
        """Put the cards of the plan in and start its timeline; gives what is told of each card.

        For `export` see `told_of`. Raises `ConfigurationError`, `ServiceUnavailable`.
        """
        if (plan := self.place.plan) is None:
            return []
        names = dict(zip((one.name for one in plan.readers), self.place.bench.readers, strict=True))
        lines = [self._put(one, names[one.name], plan.seed, export) for one in plan.readers]
        if plan.steps:
            steps = [replace(one, counted=names.get(one.counted, "")) for one in plan.steps]
            timeline = Timeline(
                steps,
                Hands(self.commands, names),
                RealClock(),
                seed=plan.seed,
                at_once=self.place.waits_for_steps,
                told=self._tell,
            )
            self._closing.enter_context(timeline)
        return [line for line in lines if line]

    def ready(self) -> Message:
        """What a program has to know that is to use the bench. Forgets what happened before."""
        self._feed.next(0)
        line: Message = {"event": "ready", "readers": list(self.place.bench.readers)}
        if self.place.environment:
            line["environment"] = dict(self.place.environment)
        if self.place.awaits_cards:
            line["vpcd"] = dict(self.place.awaits_cards)
        if self.control:
            line["control"] = str(self.control.endpoint)
        return line

    def events(self, seconds: float) -> list[Message]:
        """What happened since the last call, waiting for something at most `seconds`.

        Steps of the timeline come before what they brought about.
        """
        events = self._feed.next(seconds)
        while self._played:
            events.insert(0, self._played.pop())
        if self.place.awaits_cards:
            for event in events:
                if event["event"] == "inserted":
                    event["kind"] = kind_in(self.manager, str(event["reader"]))
        return events

    def now(self) -> float:
        """Seconds since the bench began."""
        return self._feed.now()

    def close(self) -> None:
        """End it and leave nothing behind; a second call does nothing."""
        self._closing.close()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self.close)
            self.start()
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _put(self, one: ReaderPlan, reader: str, seed: int, export: Path | None) -> Message | None:
        if one.card is None:
            return None
        card = one.card.make(reader=reader, seed=seed_for(seed, one.name))
        self.commands.put(reader, card)
        return told_of(one.card, card, export, reader)

    def _tell(self, played: Played) -> None:
        step = played.step
        line: Message = {"event": "step", "do": step.act.value}
        if step.reader:
            line["reader"] = step.reader
        if played.error:
            line |= {"error": played.error.message, "code": played.error.code}
        self._played.append({**line, "at": self.now()})


def kind_in(manager: ResourceManager, reader: str) -> str | None:
    """What cardio takes the card for, None where it is gone or does not answer."""
    with suppress(CardioError):
        connection = manager.connect(reader)
        with closing(connection), connection.transaction():
            return identify(Channel(stack(connection))).kind.value
    return None
