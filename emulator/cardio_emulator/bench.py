"""A bench: several virtual readers, with or without cards, that tell when anything changes."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from cardio.errors import ConfigurationError, ReaderUnavailable
from cardio_emulator.bench_file import read_bench
from cardio_emulator.bench_plan import BenchPlan, seed_for
from cardio_emulator.clock import Clock, RealClock
from cardio_emulator.control import Answered, BenchControl
from cardio_emulator.faults import Fault
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad
from cardio_emulator.reader import ReaderState, VirtualReader
from cardio_emulator.timeline import Timeline
from cardio_emulator.virtual_card import VirtualCard

DEMO_READERS = ("Gemalto PC Twin Reader 00 00", "Gemalto PC Twin Reader 01 00")
"""Two single readers side by side, named as pcsc-lite does (facts: vitale.md §7.2)."""


class Bench(BenchControl):
    """A `BenchControl` in process: readers by name, in the order they were added.

    `changed` is notified of every insertion, removal, session, and of readers that come and go:
    `with bench.changed: bench.changed.wait_for(...)` blocks without polling. `clock` is the time
    its cards take, `seed` decides what faults leave to chance, `timeline` plays the steps of its
    file, `service_starts` counts the lives of its PC/SC service.
    """

    def __init__(
        self, names: Iterable[str] = (), *, clock: Clock | None = None, seed: int = 0
    ) -> None:
        self.changed = threading.Condition()
        self.clock = clock or RealClock()
        self.seed = seed
        self.timeline: Timeline | None = None
        self._listeners: tuple[Answered, ...] = ()
        self.service_runs = True
        self.service_starts = 1
        self._readers: dict[str, VirtualReader] = {}
        self._stale: set[str] = set()
        self._states: dict[str, ReaderState] = {}
        for name in names:
            self.add_reader(name)

    @classmethod
    def demo(cls) -> Self:
        """A doctor's CPS3 in one reader, a family's Vitale 2 in the other; all invented."""
        bench = cls(DEMO_READERS)
        bench.insert(DEMO_READERS[0], make("cps3"))
        bench.insert(DEMO_READERS[1], make("vitale2"))
        return bench

    @classmethod
    def load(cls, path: Path) -> Self:
        """The bench a file describes, as `of`."""
        return cls.of(read_bench(path))

    @classmethod
    def of(cls, plan: BenchPlan) -> Self:
        """The bench of a plan; its timeline starts now. Raises `ConfigurationError`."""
        bench = cls(clock=plan.time.clock(), seed=plan.seed)
        for one in plan.readers:
            card = one.card and one.card.make(
                reader=one.name, seed=seed_for(plan.seed, one.name), clock=bench.clock
            )
            pad = None if one.typed is None else EmulatedPad(one.typed)
            bench.add_reader(one.name, card).pad = pad
        if plan.steps:
            bench.timeline = Timeline(plan.steps, bench, bench.clock, seed=plan.seed, at_once=True)
            bench.timeline.start()
        return bench

    @property
    def readers(self) -> tuple[str, ...]:
        with self.changed:
            return tuple(self._readers)

    @property
    def states(self) -> tuple[ReaderState, ...]:
        """Every reader that is plugged in, at one moment, whether the service runs or not."""
        with self.changed:
            while self._stale:
                self._look_at(self._stale.pop())
            return tuple(self._states.values())

    def reader(self, name: str) -> VirtualReader:
        """Raises `ReaderUnavailable` when no reader has this name, or it is unplugged."""
        with self.changed:
            if not (reader := self._known(name)).plugged:
                raise ReaderUnavailable("the reader is unplugged").at(name)
            return reader

    def add_reader(self, name: str, card: VirtualCard | None = None) -> VirtualReader:
        """One more reader. Raises `ConfigurationError` when the name is taken."""
        with self.changed:
            if name in self._readers:
                raise ConfigurationError(f"two readers are named {name!r}")
            reader = VirtualReader(
                name,
                changed=self.changed,
                clock=self.clock,
                seed=seed_for(self.seed, name),
                bench=self,
                stale=self._stale,
            )
            reader.in_service = self.service_runs
            reader.on_answer = self._answered if self._listeners else None
            self._readers[name] = reader
            self._states[name] = reader.state
            if card is not None:
                reader.insert(card)
            self.changed.notify_all()
            return reader

    def insert(self, reader: str, card: VirtualCard) -> None:
        with self.changed:
            self.reader(reader).insert(card)

    def remove(self, reader: str) -> VirtualCard:
        with self.changed:
            return self.reader(reader).remove()

    def swap(self, reader: str, card: VirtualCard) -> VirtualCard:
        with self.changed:
            return self.reader(reader).swap(card)

    def reset(self, reader: str) -> None:
        self.reader(reader).reset()

    def unplug_reader(self, reader: str) -> None:
        with self.changed:
            self.reader(reader).unplug()

    def plug_reader(self, reader: str) -> None:
        with self.changed:
            if not (known := self._known(reader)).plugged:
                known.plug()

    def kill_service(self) -> None:
        with self.changed:
            self.service_runs = False
            for reader in self._readers.values():
                reader.lose_service()
            self.changed.notify_all()

    def restart_service(self) -> None:
        with self.changed:
            self.kill_service()
            self.service_runs = True
            self.service_starts += 1
            for reader in self._readers.values():
                reader.regain_service()
            self.changed.notify_all()

    def fault(self, reader: str, fault: Fault) -> None:
        self.reader(reader).fault(fault)

    def clear_faults(self, reader: str) -> None:
        self.reader(reader).clear_faults()

    def listen(self, told: Answered) -> None:
        """See `AnswerSource.listen`: in the program's own thread, before it has the answer."""
        with self.changed:
            self._listeners += (told,)
            for reader in self._readers.values():
                reader.on_answer = self._answered

    def close(self) -> None:
        """Stop the timeline and kill the service: every session ends.

        The readers and cards can still be looked at.
        """
        if self.timeline:
            self.timeline.stop()
        self.kill_service()

    def _look_at(self, name: str) -> None:
        """One reader's state anew; the others stay as they are, however many there are."""
        reader = self._readers[name]
        was_plugged = name in self._states
        if reader.plugged and was_plugged:
            self._states[name] = reader.state
        elif reader.plugged or was_plugged:
            here = [one for one in self._readers.values() if one.plugged]
            self._states = {one.name: one.state for one in here}

    def _answered(self, reader: str, status: bytes) -> None:
        for told in self._listeners:
            told(reader, status)

    def _known(self, name: str) -> VirtualReader:
        if name not in self._readers:
            raise ReaderUnavailable("there is no such reader").at(name)
        return self._readers[name]
