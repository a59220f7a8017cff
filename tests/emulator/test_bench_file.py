"""Bench files: what they make, and what they say when they are wrong."""

from importlib import resources
from pathlib import Path

import pytest

from cardio.errors import ConfigurationError
from cardio.trace import jsonl
from cardio.trace.recorder import Recorder
from cardio.workstation.workstation import Workstation
from cardio_emulator import image_write, persona
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import read_bench
from cardio_emulator.bench_plan import Act, CardPlan, OfKind, ReaderPlan, Step, Time
from cardio_emulator.card_os import Card
from cardio_emulator.cards import cps3
from cardio_emulator.clock import VirtualClock
from cardio_emulator.faults import (
    BlockedPin,
    CutAnswer,
    FaultyCard,
    GarbageAtr,
    Mute,
    Removed,
    SlowAnswer,
    TriesLeft,
    WrongStatus,
)
from cardio_emulator.settings import Settings
from cardio_emulator.virtual_card import VirtualCard
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
    plans = read_bench(written(tmp_path, text + '[[reader]]\nname = "B"\n')).readers
    assert plans == (
        ReaderPlan("Santé", CardPlan(OfKind("vitale2", "famille")), Address("127.0.0.1", 35963)),
        ReaderPlan("B"),
    )
    states = Bench.load(tmp_path / "bench.toml").states
    assert [(state.name, state.has_card) for state in states] == [("Santé", True), ("B", False)]


def test_every_kind_of_fault(tmp_path: Path) -> None:
    (plan,) = read_bench(written(tmp_path, FAULTS)).readers
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
    (plan,) = read_bench(written(tmp_path, text)).readers
    assert plan.card
    assert plan.card.make().serial == "9900000001"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[reader]] table"),
        ("[[reader]\n", "line 1"),
        ('[[reader]]\ncard = "vitale2"\n', "line 1: reader 1: 'name' is missing"),
        ("[[reader]]\nname = 3\n", "line 2: reader 1: 'name' must be a text"),
        (
            '[[reader]]\nname = "R"\nkard = "x"\n',
            "allowed: bit_rate, blocked, card, connection, fault, image, model, ms_per_apdu, name,",
        ),
        ('[[reader]]\nname = "R"\ncard = "cps9"\n', "'cps9'; allowed: cps3, cps3-contactless, "),
        ('[[reader]]\nname = "R"\npersona = "famille"\n', "'card' is missing"),
        ('[[reader]]\nname = "R"\nvpcd = "here"\n', "'vpcd' is wrong: 'here' is not HOST:PORT"),
        (
            '[[reader]]\nname = "R"\n[[reader]]\nname = "R"\n',
            "line 3: reader 2: two readers are named 'R'",
        ),
        (
            '[[readers]]\nname = "R"\n',
            "line 1: 'readers' is unknown; allowed: bench, reader, timeline",
        ),
        (
            '[[reader]]\nname = "R"\ncard = "cps3"\npersona = "medicin"\n',
            "line 4: reader 1: 'persona' is wrong: no persona 'medicin'; allowed: agent, ",
        ),
        (
            '[[reader]]\nname = "R"\nimage = "none.toml"\n',
            "line 3: reader 1: 'image' names no file: ",
        ),
        (
            '[[reader]]\nname = "R"\ntrace = "%s"\n' % ("x" * 300),
            "line 3: reader 1: 'trace' names no file: ",
        ),
        ("reader = 3\n", "must be written as [[reader]] tables"),
        ('# x\nx = 1\n[[reader]]\nname = "R"\n', "line 2: 'x' is unknown"),
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
        ("at = 1", "line 4: reader 1: fault 1: 'kind' is missing"),
        ('kind = "lost"\nat = 1', "allowed: removed, mute, slow, cut, status, atr"),
        ('kind = "removed"', "'at' is missing"),
        ('kind = "removed"\nat = 1.5', "line 6: reader 1: fault 1: 'at' must be a whole number"),
        ('kind = "removed"\nat = 1\nsize = 3', "'size' is unknown; allowed: at, every, executed, "),
        (
            'kind = "mute"\nat = 1\nseconds = 3600',
            "line 7: reader 1: fault 1: 'seconds' is wrong: 0 to 60, not 3600",
        ),
        ('kind = "mute"\nat = 1\nseconds = "1"', "'seconds' must be a number"),
        ('kind = "cut"\nat = 1\nsize = 1', "'size' is wrong: at least 2 bytes"),
        ('kind = "status"\nat = 1\nstatus = 1', "'status' is wrong: 0x6000 to 0x9FFF"),
        ('kind = "atr"\natr = "zz"', "'atr' must be hexadecimal digits"),
        ('kind = "atr"\natr = ""', "'atr' is wrong: at least 2 bytes"),
    ],
)
def test_wrong_faults_are_told(tmp_path: Path, fault: str, said: str) -> None:
    text = f'[[reader]]\nname = "R"\ncard = "vitale2"\n[[reader.fault]]\n{fault}\n'
    with pytest.raises(ConfigurationError) as caught:
        read_bench(written(tmp_path, text))
    assert said in str(caught.value)


def test_the_state_and_the_speed_of_a_card(tmp_path: Path) -> None:
    text = (
        '[[reader]]\nname = "R"\ncard = "cps3"\ntries_left = 1\nms_per_apdu = 20\nbit_rate = 9600\n'
        '[[reader]]\nname = "S"\ncard = "cps3"\nblocked = true\n'
        '[[reader]]\nname = "T"\ncard = "cps3"\nblocked = false\n'
    )
    bench = read_bench(written(tmp_path, text))
    assert [plan.card and plan.card.faults for plan in bench.readers] == [
        (TriesLeft(1), SlowAnswer(0.02, bit_rate=9600)),
        (BlockedPin(),),
        (),
    ]
    tries = [bench.reader(name).card for bench in (Bench.of(bench),) for name in "RST"]
    assert [tries_left(card) for card in tries] == [1, 0, 3]


def tries_left(card: VirtualCard | None) -> int:
    inner = card.card if isinstance(card, FaultyCard) else card
    assert isinstance(inner, Card)
    return inner.pins[1].tries_left


def test_seed_clock_and_steps(tmp_path: Path) -> None:
    text = """
[bench]
seed = 7
clock = "virtual"
[[reader]]
name = "Left 00 00"
[[reader]]
name = "Right 00 00"
[[timeline]]
at = 1
do = "insert"
reader = "Left"
card = "vitale2"
blocked = false
[[timeline]]
after = 3
do = "fault"
reader = "Right 00 00"
[[timeline.fault]]
kind = "removed"
at = 0
[[timeline]]
after = 2
apdus_of = "Left"
do = "kill_service"
[[timeline]]
at = 2.5
do = "insert"
reader = "Left"
"""
    bench = read_bench(written(tmp_path, text))
    assert (bench.seed, bench.time) == (7, Time.VIRTUAL)
    assert bench.steps == (
        Step(Act.INSERT, "Left 00 00", at=1.0, card=CardPlan(OfKind("vitale2", "famille"))),
        Step(Act.FAULT, "Right 00 00", after=3, counted="Right 00 00", faults=(Removed(at=0),)),
        Step(Act.KILL_SERVICE, after=2, counted="Left 00 00"),
        Step(Act.INSERT, "Left 00 00", at=2.5),
    )
    assert isinstance(Bench.of(bench).clock, VirtualClock)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('do = "reset"\nreader = "R"', "line 3: timeline 1: 'at' or 'after' is needed"),
        ('at = 1\nafter = 1\ndo = "reset"\nreader = "R"', "'at' or 'after' is needed, one of"),
        ("at = 1", "line 3: timeline 1: 'do' is missing"),
        ('at = 1\ndo = "jump"', "'jump'; allowed: insert, remove, swap, reset, unplug_reader"),
        ('at = -1\ndo = "reset"\nreader = "Red"', "'at' must be from 0 to 86400"),
        ('at = nan\ndo = "reset"\nreader = "Red"', "'at' must be a finite number"),
        ('after = 0\ndo = "reset"\nreader = "Red"', "'after' must be from 1 to 1000000000"),
        ('at = 1\ndo = "reset"', "'reader' is missing"),
        ('at = 1\ndo = "reset"\nreader = "S"', "'reader' is the name of no reader: Red, Rot"),
        ('at = 1\ndo = "reset"\nreader = "R"', "is a part of several readers' names: Red, Rot"),
        ('at = 1\ndo = "kill_service"\nreader = "Red"', "'reader' is unknown"),
        ('after = 1\ndo = "kill_service"', "'apdus_of' is missing"),
        ('at = 1\napdus_of = "Red"\ndo = "kill_service"', "'apdus_of' is unknown"),
        ('at = 1\ndo = "swap"\nreader = "Red"', "'card' is missing: one of card, image, trace"),
        ('at = 1\ndo = "remove"\nreader = "Red"\ncard = "cps3"', "'card' is unknown"),
        ('at = 1\ndo = "insert"\nreader = "Red"\nblocked = true', "'card' is missing, though"),
        ('at = 1\ndo = "fault"\nreader = "Red"', "'fault' is missing: [[timeline.fault]] tables"),
    ],
)
def test_wrong_steps_are_told(tmp_path: Path, step: str, said: str) -> None:
    text = f'[[reader]]\nname = "Red"\n[[timeline]]\n{step}\n[[reader]]\nname = "Rot"\n'
    with pytest.raises(ConfigurationError) as caught:
        read_bench(written(tmp_path, text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('card = "cps3"\nimage = "x"', "'image' does not go with 'card': one says which card"),
        ('image = "x"\npersona = "y"', "'persona' goes with 'card' only"),
        ('card = "cps3"\nreplay = "strict"', "'replay' goes with 'trace' only"),
        ('trace = "x"\nreplay = "loose"', "'loose'; allowed: strict, by-command"),
        ('trace = "x"\nconnection = -1', "'connection' must be from 0 to"),
        ("tries_left = 1", "'card' is missing, though 'tries_left' is given"),
        ('card = "cps3"\ntries_left = 16', "'tries_left' must be from 0 to 15"),
        ('card = "cps3"\nms_per_apdu = -1', "'ms_per_apdu' must be from 0 to 60000"),
        ('card = "cps3"\nbit_rate = 100', "'bit_rate' must be from 300 to 10000000"),
        ('card = "cps3"\nblocked = 1', "'blocked' must be true or false"),
        ('image = ""', "'image' must be the name of a file"),
        ('card = "cps3"\npersona = "a\\u0000.toml"', "'persona' must be the name of a file"),
    ],
)
def test_wrong_cards_are_told(tmp_path: Path, keys: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_bench(written(tmp_path, f'[[reader]]\nname = "R"\n{keys}\n'))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('card = "vitale2"\ntries_left = 1', "line 2: reader 1: this card has no PIN"),
        ('card = "cps3"\ntries_left = 5', "line 2: reader 1: tries: 0 to 3, not 5"),
        (
            'card = "vitale2"\npersona = "medecin"',
            "line 2: reader 1: persona 'medecin' does not go with 'vitale2'",
        ),
    ],
)
def test_what_shows_when_the_card_is_made(tmp_path: Path, keys: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Bench.load(written(tmp_path, f'#\n[[reader]]\nname = "R"\n{keys}\n'))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Lecteur santé", "line 1: reader 1: 'name' has letters beyond ASCII"),
        ('a\\"b', "has a quote or a control character"),
        ("x" * 122, "is longer than 121 letters"),
    ],
)
def test_names_that_pcscd_cannot_show(tmp_path: Path, name: str, said: str) -> None:
    bench = read_bench(written(tmp_path, f'[[reader]]\nname = "{name}"\n'))
    with pytest.raises(ConfigurationError) as caught:
        bench.check_names()
    assert said in str(caught.value)
    read_bench(written(tmp_path, '[[reader]]\nname = "Plain 00 00"\n')).check_names()


def test_a_card_of_an_image_file_and_of_a_trace(tmp_path: Path) -> None:
    image = image_write.encode(cps3.image(persona.load("medecin")))
    (tmp_path / "card.toml").write_text(image, encoding="utf-8")
    recorder = Recorder()
    with Workstation.open("demo", recorder=recorder) as workstation:
        number = workstation.cps().card.card_number
    (tmp_path / "trace.jsonl").write_bytes(jsonl.encode(recorder.trace))
    for key, file in (("image", "card.toml"), ("trace", "trace.jsonl")):
        path = written(tmp_path, f'[[reader]]\nname = "R"\n{key} = "{file}"\n')
        with Workstation.open(str(path)) as workstation:
            assert workstation.cps().card.card_number == number


def test_a_trace_gives_each_reader_its_own_card(tmp_path: Path) -> None:
    recorder = Recorder()
    with Workstation.open("demo", recorder=recorder) as workstation:
        workstation.scan()
    trace = recorder.trace
    (tmp_path / "trace.jsonl").write_bytes(jsonl.encode(trace))
    first, second = dict.fromkeys(found.reader for found in trace.connections)
    atrs = {found.reader: found.atr for found in trace.connections}
    wanted = {second: atrs[second], first: atrs[first], "Other": atrs[first]}
    text = "".join(f'[[reader]]\nname = "{name}"\ntrace = "trace.jsonl"\n' for name in wanted)
    bench = Bench.load(written(tmp_path, text))
    assert {state.name: state.atr for state in bench.states} == wanted


def test_a_bench_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "bench.yaml"
    path.write_text("reader:\n- name: A\n- name: B\n  card: vitale2\n", encoding="utf-8")
    assert read_bench(path).readers == (
        ReaderPlan("A"),
        ReaderPlan("B", CardPlan(OfKind("vitale2", "famille"))),
    )
    path.write_text("reader:\n- name: A\n- name: B\n  card: 2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"line 4: reader 2: 'card' must be a text"):
        read_bench(path)
    path.write_text("reader:\n- name: A\n  card: cps3\n  name: B\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"bench\.yaml, line 4: 'name' stands twice"):
        read_bench(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: No such file"):
        read_bench(tmp_path / "none.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"bench\.toml"):
        read_bench(tmp_path / "bench.toml")


def test_a_single_table_is_as_good_as_a_list_of_one() -> None:
    (table,) = Settings({"x": {"y": 1}}, "file", {}).tables("x")
    assert table.number("y") == 1
