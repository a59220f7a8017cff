"""The Removinator through its own library, on a pseudo-terminal that speaks as it expects."""

import os
import threading
import tty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cardio.errors import ConfigurationError, RobotFailed
from cardio.rig.robots.removinator import RemovinatorRobot
from cardio.rig.robots.robot import CardHandler, Robot
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make

pytest.importorskip("removinator")

READER = "Reader 00 00"
SLOT = 3
BAUD_PAUSE = 0.05
"""Seconds an answer takes at 9600 baud, about; faster ones the library throws away."""


class Controller(threading.Thread):
    """A stand-in for the board: `#SC3` CR is answered `OK`, as the library's code has it.

    It moves the card of a bench. `silent` commands at the start get no answer.
    """

    def __init__(self, bench: Bench, *, silent: int = 0, answer: bytes | None = None) -> None:
        super().__init__(daemon=True)
        self.bench = bench
        self.silent = silent
        self.answer = answer
        self.cards = {SLOT: make("vitale1")}
        self.commands: list[str] = []
        self._port, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        line = b""
        while not self._ended.is_set():
            line += os.read(self._port, 64)
            *commands, line = line.split(b"\r")
            for command in filter(None, commands):
                self.commands.append(command.decode())
                self._reply(command)

    def _reply(self, command: bytes) -> None:
        answer = self.answer or self._carry_out(command)
        if self.silent:
            self.silent -= 1
            return
        self._ended.wait(BAUD_PAUSE)
        os.write(self._port, answer)

    def _carry_out(self, command: bytes) -> bytes:
        if command == b"#REM":
            if self.bench.reader(READER).card:
                self.bench.remove(READER)
            return b"[DBG] removed\r\nOK\r\n"
        slot = int(command.removeprefix(b"#SC"))
        if slot not in self.cards:
            return b"ERR_NOCARD\r\n"
        if not self.bench.reader(READER).card:
            self.bench.insert(READER, self.cards[slot])
        return b"OK\r\n"

    def close(self) -> None:
        self._ended.set()
        os.write(self._slave, b"\r")  # wakes the thread
        self.join()
        os.close(self._slave)
        os.close(self._port)


@pytest.fixture
def bench() -> Bench:
    return Bench([READER])


@pytest.fixture
def controller(bench: Bench) -> Iterator[Controller]:
    controller = Controller(bench)
    yield controller
    controller.close()


def is_open(path: str, descriptor: Path) -> bool:
    """Whether this process has the port open there; the stand-in has, once."""
    with suppress(OSError):
        return str(descriptor.readlink()) == path
    return False


def handler(robot: Robot, bench: Bench) -> CardHandler:
    return CardHandler(robot, EmulatedResourceManager(bench), READER)


def answers_within(robot: RemovinatorRobot, seconds: float) -> None:
    """Instead of the second that the library waits for each answer, as much as it takes or not."""
    assert robot._controller
    robot._controller.connection.timeout = seconds


def test_it_puts_a_card_in_and_takes_it_out(bench: Bench, controller: Controller) -> None:
    robot = RemovinatorRobot(controller.path, slot=SLOT)
    reader = handler(robot, bench)
    controller.silent = 1  # the first answer is lost: the command is sent again
    reader.insert()
    assert bench.reader(READER).card is controller.cards[SLOT]
    reader.remove()
    assert not reader.has_card()
    assert controller.commands == ["#SC3", "#SC3", "#REM"]
    robot.close()
    robot.close()
    still = [file for file in Path("/proc/self/fd").iterdir() if is_open(controller.path, file)]
    assert len(still) == 1  # the stand-in's own
    with pytest.raises(RobotFailed, match="was closed"):
        robot.insert()


def test_what_it_complains_of_is_told(controller: Controller) -> None:
    robot = RemovinatorRobot(controller.path, slot=8)
    answers_within(robot, 0.3)
    with pytest.raises(RobotFailed, match="no card in slot 8"):
        robot.insert()
    controller.answer = b"ERR_BUSY\r\n"
    with pytest.raises(RobotFailed, match="ERR_BUSY"):
        robot.remove()
    controller.answer = b"\xff\xfe\xff\r\n"
    with pytest.raises(RobotFailed, match="cannot be reached"):
        robot.remove()
    robot.close()


def test_one_that_says_nothing_has_failed(controller: Controller) -> None:
    controller.silent = 99
    robot = RemovinatorRobot(controller.path, slot=SLOT)
    answers_within(robot, 0.05)
    with pytest.raises(RobotFailed, match="does not answer"):
        robot.insert()
    robot.close()


def test_no_controller_and_no_such_slot() -> None:
    with pytest.raises(RobotFailed, match="/dev/no-such-tty"):
        RemovinatorRobot("/dev/no-such-tty")
    with pytest.raises(RobotFailed):
        RemovinatorRobot()  # none on this machine's USB
    with pytest.raises(ConfigurationError, match="slots 1 to 8, not 9"):
        RemovinatorRobot(slot=9)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "removinator.removinator", None)
    with pytest.raises(ConfigurationError, match="cardio-sante\\[rig\\]"):
        RemovinatorRobot("/dev/null")
