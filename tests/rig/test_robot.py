"""Robots move a card; whoever has it moved waits for the event, and not for ever."""

import subprocess
import sys
import threading

import pytest
from tests.rig.plugin_support import page

from cardio.errors import NoCard, RobotFailed
from cardio.locale import translator
from cardio.rig.robots import manual
from cardio.rig.robots.manual import ManualRobot
from cardio.rig.robots.robot import BenchRobot, CardHandler
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make

READER = "Reader 00 00"
LONG = 30.0


@pytest.fixture
def bench() -> Bench:
    bench = Bench([READER, "Other 00 00"])
    bench.insert(READER, make("vitale1"))
    return bench


def test_a_bench_robot_moves_the_card_out_and_in(bench: Bench) -> None:
    card = bench.reader(READER).card
    robot = BenchRobot(bench, READER)
    handler = CardHandler(robot, EmulatedResourceManager(bench), READER)
    assert handler.has_card()
    handler.remove()
    assert not handler.has_card()
    with pytest.raises(NoCard):
        handler.remove()
    handler.insert()
    assert bench.reader(READER).card is card
    with pytest.raises(RobotFailed, match="no card was taken out"):
        handler.insert()
    robot.close()


def test_the_guide_runs() -> None:
    program = page("robots.md")
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], timeout=60, check=False)
    assert done.returncode == 0


def test_a_person_is_asked_and_the_card_is_the_answer(bench: Bench) -> None:
    said: list[str] = []

    def person(sentence: str) -> None:
        """Moves the wrong card first, then the right one, from another thread."""
        said.append(sentence)
        threading.Thread(target=act).start()

    def act() -> None:
        if len(said) == 1:
            bench.insert("Other 00 00", make("vitale1"))
            hand.append(bench.remove(READER))
        else:
            bench.insert(READER, hand.pop())

    hand = []
    robot = ManualRobot(READER, person, translator("en"))
    handler = CardHandler(robot, EmulatedResourceManager(bench), READER, limit=LONG)
    handler.remove()
    assert not handler.has_card()
    handler.insert()
    assert handler.has_card()
    assert said == [
        f">>> Take the card out of {READER!r}, please.",
        f">>> Put the card into {READER!r}, please.",
    ]


def test_the_person_is_asked_in_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    ManualRobot(READER, said.append).insert()
    ManualRobot(READER, said.append, translator("fr")).remove()
    assert said == [
        f">>> Insérez la carte dans « {READER} », s'il vous plaît.",
        f">>> Retirez la carte de « {READER} », s'il vous plaît.",
    ]


def test_a_person_who_does_nothing_is_not_waited_for_for_ever(bench: Bench) -> None:
    robot = ManualRobot(READER, lambda _: None)
    handler = CardHandler(robot, EmulatedResourceManager(bench), READER, limit=0.02)
    with pytest.raises(RobotFailed, match="was not taken out in 1 s") as failed:
        handler.remove()
    assert failed.value.where.reader == READER
    handler.insert()  # it is in already


def test_nobody_is_asked_without_a_terminal(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    say = manual.on_terminal()
    assert say is None
    handler = CardHandler(ManualRobot(READER, say), EmulatedResourceManager(bench), READER)
    with pytest.raises(RobotFailed, match="no terminal"):
        handler.remove()
    assert capsys.readouterr() == ("", "")
