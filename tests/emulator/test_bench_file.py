"""Bench files: what they make, and what they say when they are wrong."""

from importlib import resources
from pathlib import Path

import pytest

from cardio.errors import ConfigurationError
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import CardPlan, ReaderPlan, read_bench
from cardio_emulator.faults import (
    CutAnswer,
    FaultyCard,
    GarbageAtr,
    Mute,
    Removed,
    SlowAnswer,
    WrongStatus,
)
from cardio_emulator.settings import Settings
from cardio_emulator.vpcd import Address

FAULTS = """
[[reader]]
name = "R"
card = "vitale2"

[[reader.fault]]
kind = "removed"
at = 1
executed = true

[[reader.fault]]
kind = "mute"
at = 2
seconds = 1

[[reader.fault]]
kind = "slow"
seconds = 0.25

[[reader.fault]]
kind = "cut"
at = 4
size = 3

[[reader.fault]]
kind = "status"
at = 5
status = 0x6F00

[[reader.fault]]
kind = "atr"
atr = "FF 00"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "bench.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_readers_full_and_empty(tmp_path: Path) -> None:
    text = '[[reader]]\nname = "Santé"\ncard = "vitale2"\nvpcd = "127.0.0.1:35963"\n'
    plans = read_bench(written(tmp_path, text + '[[reader]]\nname = "B"\n'))
    assert plans == (
        ReaderPlan("Santé", CardPlan("vitale2", "famille"), Address("127.0.0.1", 35963)),
        ReaderPlan("B"),
    )
    states = Bench.load(tmp_path / "bench.toml").states
    assert [(state.name, state.has_card) for state in states] == [("Santé", True), ("B", False)]


def test_every_kind_of_fault(tmp_path: Path) -> None:
    (plan,) = read_bench(written(tmp_path, FAULTS))
    assert plan.card
    assert plan.card.faults == (
        Removed(at=1, executed=True),
        Mute(at=2, seconds=1.0),
        SlowAnswer(seconds=0.25),
        CutAnswer(at=4, size=3),
        WrongStatus(at=5, status=0x6F00),
        GarbageAtr(b"\xff\x00"),
    )
    assert isinstance(plan.card.make(), FaultyCard)


def test_a_persona_file_lies_beside_the_bench(tmp_path: Path) -> None:
    famille = resources.files("cardio_emulator") / "personas" / "famille.toml"
    own = famille.read_text(encoding="utf-8").replace("9900000349", "9900000001")
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    text = '[[reader]]\nname = "R"\ncard = "vitale2"\npersona = "own.toml"\n'
    (plan,) = read_bench(written(tmp_path, text))
    assert plan.card
    assert plan.card.make().serial == "9900000001"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[reader]] table"),
        ("[[reader]\n", "line 1"),
        ('[[reader]]\ncard = "vitale2"\n', "reader 1: 'name' is missing"),
        ("[[reader]]\nname = 3\n", "reader 1: 'name' must be a text"),
        (
            '[[reader]]\nname = "R"\nkard = "x"\n',
            "allowed: card, fault, name, pad, persona, vpcd",
        ),
        ('[[reader]]\nname = "R"\ncard = "cps9"\n', "'cps9'; allowed: cps3, cps3-contactless, "),
        ('[[reader]]\nname = "R"\npersona = "famille"\n', "'card' is missing"),
        ('[[reader]]\nname = "R"\nvpcd = "here"\n', "'vpcd' is wrong: 'here' is not HOST:PORT"),
        ('[[reader]]\nname = "R"\n[[reader]]\nname = "R"\n', "two readers are named 'R'"),
        ("reader = 3\n", "must be written as [[reader]] tables"),
        ('x = 1\n[[reader]]\nname = "R"\n', "'x' is unknown"),
        ('[[reader]]\nname = "\xff"\ncard = "vitale2"\nfault = [1]\n', "[[fault]] tables"),
    ],
)
def test_wrong_files_are_told_by_line_or_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_bench(written(tmp_path, text))
    assert said in str(caught.value)
    assert "bench.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("at = 1", "fault 1: 'kind' is missing"),
        ('kind = "lost"\nat = 1', "allowed: removed, mute, slow, cut, status, atr"),
        ('kind = "removed"', "'at' is missing"),
        ('kind = "removed"\nat = 1.5', "'at' must be a whole number"),
        ('kind = "removed"\nat = 1\nsize = 3', "'size' is unknown; allowed: at, executed, kind"),
        ('kind = "mute"\nat = 1\nseconds = 3600', "seconds: 0 to 60, not 3600"),
        ('kind = "mute"\nat = 1\nseconds = "1"', "'seconds' must be a number"),
        ('kind = "cut"\nat = 1\nsize = 1', "size: at least 2 bytes"),
        ('kind = "status"\nat = 1\nstatus = 1', "status: 0x6000 to 0x9FFF"),
        ('kind = "atr"\natr = "zz"', "'atr' must be hexadecimal digits"),
        ('kind = "atr"\natr = ""', "atr: at least 2 bytes"),
    ],
)
def test_wrong_faults_are_told(tmp_path: Path, fault: str, said: str) -> None:
    text = f'[[reader]]\nname = "R"\ncard = "vitale2"\n[[reader.fault]]\n{fault}\n'
    with pytest.raises(ConfigurationError) as caught:
        read_bench(written(tmp_path, text))
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: No such file"):
        read_bench(tmp_path / "none.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"bench\.toml"):
        read_bench(tmp_path / "bench.toml")


def test_a_single_table_is_as_good_as_a_list_of_one() -> None:
    (table,) = Settings({"x": {"y": 1}}, "file").tables("x")
    assert table.number("y") == 1
