"""Where the cards of a test are: on a bench of emulated readers, or in real ones."""

from contextlib import closing, suppress
from typing import Protocol, runtime_checkable

import pytest

from cardio.errors import CardioError, ConfigurationError, NoCard
from cardio.pin.memory import WRONG_CODES
from cardio.pin.pin import Pin
from cardio.pytest_plugin.options import PIN_VARIABLE, Options
from cardio.pytest_plugin.real_readers import NamedReaders
from cardio.pytest_plugin.wanted import Family, Wanted
from cardio.rig.benches.service import ServiceBench
from cardio.rig.robots.manual import ManualRobot, Say
from cardio.rig.robots.removinator import RemovinatorRobot
from cardio.rig.robots.robot import BenchRobot, CardHandler, Robot
from cardio.transport.base import Disposition, ResourceManager
from cardio.transport.readers import choose_reader
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.managers import open_manager
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.control import BenchControl
from cardio_emulator.kinds import make


class Target(Protocol):
    """The readers and cards of one test, emulated or real."""

    def manager(self) -> ResourceManager:
        """The readers, for the caller to close."""
        ...

    def place(self, wanted: Wanted) -> str:
        """Full name of the reader that has this card, which is put in where that can be."""
        ...

    def robot(self, reader: str) -> Robot:
        """What moves the card of this reader; the target closes it."""
        ...

    def pin(self) -> Pin:
        """The PIN of the CPS."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class _ReaderSource(Protocol):
    """A bench that gives its readers itself, as a `RemoteBench` does."""

    def manager(self) -> ResourceManager: ...


class EmulatedTarget:
    """Cards made for the test: a CPS in the first reader of the bench, a Vitale in the second."""

    def __init__(self, bench: BenchControl) -> None:
        self._bench = bench
        self._cards: dict[Family, Card] = {}

    def manager(self) -> ResourceManager:
        """See `Target.manager`: never other readers than those of the bench.

        Raises `ConfigurationError` for a bench of which nobody knows how it is reached.
        """
        if isinstance(self._bench, Bench):
            return EmulatedResourceManager(self._bench)
        if isinstance(self._bench, ServiceBench):
            return open_manager("pcsc")  # which is that of the bench, in this process
        if isinstance(self._bench, _ReaderSource):
            return self._bench.manager()
        raise ConfigurationError("cardio_bench: this bench has no manager() of its readers")

    def place(self, wanted: Wanted) -> str:
        """See `Target.place`."""
        self.card(wanted)
        return self._reader(wanted.family)

    def card(self, wanted: Wanted) -> Card:
        """The card itself, put in at the first call for its family."""
        if wanted.family not in self._cards:
            card = make(wanted.kind or wanted.family.emulated_kind, wanted.persona)
            self._bench.insert(self._reader(wanted.family), card)
            self._cards[wanted.family] = card
        return self._cards[wanted.family]

    def robot(self, reader: str) -> Robot:
        """See `Target.robot`."""
        return BenchRobot(self._bench, reader)

    def pin(self) -> Pin:
        """See `Target.pin`. Raises `ConfigurationError` before there is a card that has one."""
        card = self._cards.get(Family.CPS)
        if card is None or not card.image.pins:
            raise ConfigurationError("cardio_pin: the test has no card with a PIN")
        return Pin.of(card.image.pins[0].value)

    def close(self) -> None:
        """See `Target.close`: a wrong PIN is not remembered for the cards of the next test."""
        WRONG_CODES.forget_all()

    def _reader(self, family: Family) -> str:
        readers = self._bench.readers
        at = tuple(Family).index(family)
        if at >= len(readers):
            raise ConfigurationError(f"the bench has no reader for a {family.value} card")
        return readers[at]


class RealTarget:
    """The cards the user named, in real readers; `pins` if this test may send a PIN.

    Raises as `choose_reader` where there is no such reader.
    """

    def __init__(self, options: Options, *, pins: bool, say: Say | None) -> None:
        self._options = options
        self._pins = pins
        self._say = say
        self._robots: dict[str, Robot] = {}
        self._proven: set[str] = set()
        with closing(open_manager("pcsc")) as manager:
            readers = manager.readers()
        self._serials = {
            choose_reader(card.reader, readers).name: card.serial for card in options.cards
        }
        if len(self._serials) < len(options.cards):
            raise ConfigurationError("two --cardio-reader name the same reader")

    def manager(self) -> NamedReaders:
        """See `Target.manager`."""
        return NamedReaders(open_manager("pcsc"), self._serials, pins=self._pins)

    def place(self, wanted: Wanted) -> str:
        """See `Target.place`. Skips the test where no card named is such a card."""
        kinds = {reader: self._kind(reader) for reader in self._serials}
        for reader, kind in kinds.items():
            if wanted.fits(kind):
                return reader
        pytest.skip(f"wants a {wanted}; of real cards there is: {', '.join(kinds.values())}")

    def check(self) -> None:
        """Put every card in that a robot can put in. Raises `NoCard`, `CardChanged`."""
        for reader in self._serials:
            self._kind(reader)

    def robot(self, reader: str) -> Robot:
        """See `Target.robot`."""
        if reader not in self._robots:
            self._robots[reader] = self._new_robot(reader)
        return self._robots[reader]

    def pin(self) -> Pin:
        """See `Target.pin`. Raises `ConfigurationError` where it is not to be used."""
        if not self._pins:
            raise ConfigurationError("cardio_pin: mark the test needs_pin")
        return Pin.from_environment(PIN_VARIABLE)

    def close(self) -> None:
        """See `Target.close`; a card that may have got its PIN is reset, and forgets it."""
        for robot in self._robots.values():
            robot.close()
        if self._pins:
            self._reset_cards()

    def _kind(self, reader: str) -> str:
        with closing(self.manager()) as manager:
            handler = CardHandler(self.robot(reader), manager, reader)
            if not handler.has_card():
                if self._options.robot == "none":
                    raise NoCard("no card, and no --cardio-robot to put one in").at(reader)
                handler.insert()
            match = manager.match(reader)
            self._proven.add(reader)
            return match.kind.value

    def _new_robot(self, reader: str) -> Robot:
        match self._options.robot:
            case "manual":
                return ManualRobot(reader, self._say)
            case "removinator":
                slot = self._options.robot_slot
                return RemovinatorRobot(self._options.robot_port, slot=slot)
            case _:
                return _NoRobot()

    def _reset_cards(self) -> None:
        with closing(self.manager()) as manager:
            for reader in self._proven:
                with suppress(CardioError):
                    manager.connect(reader).close(Disposition.RESET)


class _NoRobot:
    """Skips a test that would have a real card moved."""

    def insert(self) -> None:
        pytest.skip("the card has to be moved: --cardio-robot says by whom")

    def remove(self) -> None:
        self.insert()

    def close(self) -> None: ...
