"""Bench files that hands or machines have spoilt: a mistake told with its place, or a bench."""

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio_emulator.bench_file import read_bench

TOML = """
[bench]
seed = 7
clock = "virtual"
names = "linux"

[[reader]]
name = "Gemalto PC Twin Reader 00 00"
card = "cps3"
persona = "medecin"
vpcd = "127.0.0.1:35963"
pad = "1234 cancel nothing"
tries_left = 1
blocked = true
ms_per_apdu = 20
bit_rate = 9600

[[reader.fault]]
kind = "status"
status = 0x6A82
ins = 0xA4
file = "3F00/D010"
probability = 0.5
times = 3

[[reader]]
model = "kapelse-kap-link"
serial = "K1"

[[reader.slot]]
image = "card.toml"

[[reader.slot]]
trace = "card.jsonl"
connection = 1
replay = "strict"

[[timeline]]
at = 2.5
do = "insert"
reader = "KAP-LINK 1"
card = "vitale2"

[[timeline]]
after = 3
apdus_of = "PC Twin"
do = "fault"
reader = "KAP-LINK 0"

[[timeline.fault]]
kind = "mute"
at = 0
seconds = 1
"""
YAML = """
bench: {seed: 7, clock: real}
reader:
- name: Left 00 00
  card: cps3
  fault:
  - {kind: removed, at: 7}
- model: kapelse-ti-kap
  slot:
  - card: vitale2
  - {}
  - {}
timeline:
- at: 1
  do: remove
  reader: Left
"""
_ENDINGS = {".toml": TOML, ".yaml": YAML}

VALUES = st.sampled_from(
    [
        *('""', "0", "-1", "1.5", "nan", "-inf", "1e400", "true", "[]", "{}", "[1, 2]", "[[]]"),
        *("0x" + "F" * 4000, "9" * 5000, '"\\u0000"', '"../../x.toml"', '"\\uD7FF"', "1979-05-27"),
        *('"é"', "'''\n'''", '"' + "x" * 5000 + '"', "{a = 1}", "[{}]", "[{}, {}]", "00:00:00"),
    ]
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """What the sound files name."""
    for name in ("card.toml", "card.jsonl"):
        (tmp_path / name).touch()


def outcome(path: Path) -> ConfigurationError | None:
    """Read it; every other exception is a failure of the test."""
    error = None
    try:
        read_bench(path).check_names()
    except ConfigurationError as raised:
        error = raised
    assert error is None or str(path) in str(error)
    return error


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """A file with a few lines changed, lost, doubled or swapped."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["value", "drop", "double", "move", "key", "garbage"])):
            case "value":
                key = lines[at].partition("=")[0]
                lines[at] = f"{key}= {draw(VALUES)}"
            case "drop" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "key":
                word = draw(st.text(string.ascii_lowercase + "_", min_size=1, max_size=8))
                lines.insert(at, f"{word} = {draw(VALUES)}")
            case _:
                lines.insert(at, draw(st.text(max_size=30)))
    return "\n".join(lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=edited(TOML))
@example(text=TOML.replace("seed = 7", "seed = 0x" + "F" * 4000))
@example(text="x = " + "[" * 100_000)
def test_a_spoilt_toml_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bench.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    outcome(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(edited(YAML), edited(YAML.replace(": ", ": !!timestamp "))))
@example(text="reader: !!timestamp x")
@example(text="reader: !!bool x")
@example(text='reader: !!int ""')
@example(text="reader: !!float -.")
@example(text="reader: 2001-99-99")
@example(text="? [a]\n: 1\n")
@example(text="1: 2\n")
def test_a_spoilt_yaml_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bench.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    outcome(path)


@pytest.mark.parametrize("ending", _ENDINGS)
@given(data=st.binary(max_size=200), cut=st.integers(0, 400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_of_any_kind(tmp_path: Path, ending: str, data: bytes, cut: int) -> None:
    path = tmp_path / f"bench{ending}"
    path.write_bytes(_ENDINGS[ending].encode()[:cut] + data)
    outcome(path)


@pytest.mark.parametrize("ending", _ENDINGS)
def test_the_sound_files_are_sound(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"bench{ending}"
    path.write_text(_ENDINGS[ending], encoding="utf-8")
    assert outcome(path) is None


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("seed = 7", "seed = -1", 3),
        ('card = "cps3"', 'card = "cps9"', 9),
        ("status = 0x6A82", "status = 1", 19),
        ('kind = "mute"', 'kind = "loud"', 49),
        ('do = "insert"', 'do = "throw"', 38),
        ("connection = 1", "connection = true", 33),
    ],
)
def test_the_line_of_the_mistake_is_told(
    tmp_path: Path, before: str, after: str, line: int
) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(TOML.replace(before, after), encoding="utf-8")
    lines = TOML.replace(before, after).splitlines()
    error = outcome(path)
    assert error
    told = int(str(error).partition(", line ")[2].partition(":")[0])
    assert after in lines[told - 1] or lines[told - 1].startswith("[[")
    assert abs(told - line) <= 2
