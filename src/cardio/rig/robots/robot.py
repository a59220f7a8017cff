"""Robots: what puts a card into a reader and takes it out again while a program runs.

A robot only moves the card. `CardHandler` has it do so, and waits until PC/SC shows that it did.
"""

import math
from time import monotonic
from typing import Protocol

from cardio.errors import RobotFailed
from cardio.transport.base import CardPresence, ReaderStatus, ResourceManager
from cardio_emulator.control import BenchControl
from cardio_emulator.virtual_card import VirtualCard

MOVED_WITHIN = 60.0
"""Seconds a robot, or the person who plays it, has to move the card: a choice of ours."""


class Robot(Protocol):
    """Moves one card in and out of one reader; the card is in the robot's hand when it is out."""

    def insert(self) -> None:
        """Put the card in, or have somebody do it. Raises `RobotFailed`."""
        ...

    def remove(self) -> None:
        """Take the card out, or have somebody do it. Raises `RobotFailed`."""
        ...

    def close(self) -> None:
        """Let the robot go; the card stays where it is. A second call does nothing."""
        ...


class BenchRobot:
    """Moves the emulated card of one reader of a bench."""

    def __init__(self, bench: BenchControl, reader: str) -> None:
        self._bench = bench
        self._reader = reader
        self._card: VirtualCard | None = None

    def insert(self) -> None:
        """See `Robot.insert`; the card that `remove` took out."""
        if self._card is None:
            raise RobotFailed("no card was taken out before").at(self._reader)
        self._bench.insert(self._reader, self._card)
        self._card = None

    def remove(self) -> None:
        """See `Robot.remove`. Raises `NoCard`."""
        self._card = self._bench.remove(self._reader)

    def close(self) -> None:
        """See `Robot.close`."""


class CardHandler:
    """Has `robot` move the card of `reader`, and waits `limit` seconds for PC/SC to show it.

    Never waits longer, whoever moves the card.
    """

    def __init__(
        self, robot: Robot, manager: ResourceManager, reader: str, *, limit: float = MOVED_WITHIN
    ) -> None:
        self._robot = robot
        self._manager = manager
        self._reader = reader
        self._limit = limit

    def insert(self) -> None:
        """Put the card in; returns once it is seen. Raises `RobotFailed`."""
        self._robot.insert()
        self._wait(there=True)

    def remove(self) -> None:
        """Take the card out; returns once it is seen to be gone. Raises `RobotFailed`."""
        self._robot.remove()
        self._wait(there=False)

    def has_card(self) -> bool:
        """Whether a card, mute or not, is in the reader now."""
        return self._is_there(self._manager.readers())

    def _wait(self, *, there: bool) -> None:
        end = monotonic() + self._limit
        known = self._manager.readers()
        while self._is_there(known) is not there:
            left = end - monotonic()
            if left <= 0:
                move = "put in" if there else "taken out"
                raise RobotFailed(f"the card was not {move} in {math.ceil(self._limit)} s").at(
                    self._reader
                )
            known = self._manager.wait(known, left)

    def _is_there(self, readers: tuple[ReaderStatus, ...]) -> bool:
        return any(
            status.presence is not CardPresence.ABSENT
            for status in readers
            if status.name == self._reader
        )
