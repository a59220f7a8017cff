"""A bench: several virtual readers, with or without cards, that tell when anything changes."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from cardio.errors import ConfigurationError, ReaderUnavailable
from cardio_emulator.bench_file import read_bench
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad
from cardio_emulator.reader import ReaderState, VirtualReader
from cardio_emulator.virtual_card import VirtualCard

DEMO_READERS = ("Gemalto PC Twin Reader 00 00", "Gemalto PC Twin Reader 01 00")
"""Two single readers side by side, named as pcsc-lite does (facts: vitale.md §7.2)."""


class Bench:
    """Readers by name, in the order they were plugged in.

    `changed` is notified of every insertion, removal, session, and of readers that come and go:
    `with bench.changed: bench.changed.wait_for(...)` blocks without polling.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.changed = threading.Condition()
        self._readers: dict[str, VirtualReader] = {}
        for name in names:
            self.plug(name)

    @classmethod
    def demo(cls) -> Self:
        """A doctor's CPS3 in one reader, a family's Vitale 2 in the other; all invented."""
        bench = cls(DEMO_READERS)
        bench.reader(DEMO_READERS[0]).insert(make("cps3"))
        bench.reader(DEMO_READERS[1]).insert(make("vitale2"))
        return bench

    @classmethod
    def load(cls, path: Path) -> Self:
        """The bench a file describes. Raises `ConfigurationError`."""
        bench = cls()
        for plan in read_bench(path):
            reader = bench.plug(plan.name, plan.card.make() if plan.card else None)
            reader.pad = None if plan.typed is None else EmulatedPad(plan.typed)
        return bench

    @property
    def states(self) -> tuple[ReaderState, ...]:
        """Every reader at one moment."""
        with self.changed:
            return tuple(reader.state for reader in self._readers.values())

    def reader(self, name: str) -> VirtualReader:
        """Raises `ReaderUnavailable` when no reader has this name."""
        with self.changed:
            if name not in self._readers:
                raise ReaderUnavailable("there is no such reader").at(name)
            return self._readers[name]

    def plug(self, name: str, card: VirtualCard | None = None) -> VirtualReader:
        """Add a reader. Raises `ConfigurationError` when the name is taken."""
        with self.changed:
            if name in self._readers:
                raise ConfigurationError(f"two readers are named {name!r}")
            reader = VirtualReader(name, changed=self.changed)
            if card is not None:
                reader.insert(card)
            self._readers[name] = reader
            self.changed.notify_all()
            return reader

    def unplug(self, name: str) -> VirtualReader:
        """Take a reader away, its card still in. Raises `ReaderUnavailable`."""
        with self.changed:
            reader = self.reader(name)
            del self._readers[name]
            reader.unplug()
            return reader
