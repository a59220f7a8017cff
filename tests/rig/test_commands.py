"""The commands of a bench: what they do, what is said of those that are none."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cardio.rig.control.cards import fault_table, named_fault
from cardio.rig.control.commands import BenchCommands
from cardio.rig.control.language import CARD_KEYS, VERBS
from cardio.rig.control.server import SOCKET_VERBS
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.faults import ALL_FAULTS, Rule, WrongStatus
from cardio_emulator.image_cards import card_from
from cardio_emulator.image_write import encode
from cardio_emulator.kinds import KINDS, make

DOCS = Path(__file__).parents[2] / "docs/reference"
A, B = "Gemalto PC Twin Reader 00 00", "Gemalto PC Twin Reader 01 00"


class Desk:
    """A bench of two readers and its commands."""

    def __init__(self, folder: Path | None = None) -> None:
        self.bench = Bench([A, B])
        self.manager = EmulatedResourceManager(self.bench)
        self.commands = BenchCommands(self.bench, self.manager.readers, folder=folder)

    def say(self, line: str) -> dict[str, Any]:
        return json.loads(self.commands.execute(line))

    def do(self, do: str, **keys: object) -> dict[str, Any]:
        return self.say(json.dumps({"do": do, **keys}))

    def reader(self, name: str) -> dict[str, Any]:
        (found,) = (one for one in self.do("state")["readers"] if one["reader"] == name)
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    with desk.bench:
        yield desk


def json_blocks() -> Iterator[str]:
    page = (DOCS / "bench-commands.md").read_text("utf-8")
    for block in re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()


def test_the_lines_of_the_page_are_answered_as_it_says(desk: Desk) -> None:
    lines = list(json_blocks())
    assert len(lines) == 16
    for line, answer in zip(lines[::2], lines[1::2], strict=True):
        assert desk.commands.execute(line) == answer


def test_every_command_is_in_the_page_and_the_schema() -> None:
    page = (DOCS / "bench-commands.md").read_text("utf-8")
    schema = json.loads((DOCS / "bench-commands.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    told = {
        form["properties"]["do"]["const"]: form
        for where in ("everywhere", "socket")
        for form in schema["$defs"][where]["oneOf"]
    }
    assert told.keys() == SOCKET_VERBS.keys()
    for do, verb in SOCKET_VERBS.items():
        assert f"`{do}`" in page
        keys = {"do", "id", *verb.needs, *verb.takes}
        assert told[do]["properties"].keys() == keys
        assert set(told[do]["required"]) == {"do", *verb.needs}
    everywhere = {f["properties"]["do"]["const"] for f in schema["$defs"]["everywhere"]["oneOf"]}
    assert everywhere == VERBS.keys()
    insert = told["insert"]["properties"]
    assert insert["card"]["enum"] == list(KINDS)
    assert told["fault"]["properties"]["fault"]["properties"]["kind"]["enum"] == list(ALL_FAULTS)


def test_the_answers_fit_the_schema(desk: Desk) -> None:
    schema = json.loads((DOCS / "bench-commands.schema.json").read_text("utf-8"))
    command = Draft202012Validator({**schema, "anyOf": [{"$ref": "#/$defs/everywhere"}]})
    answer = Draft202012Validator({**schema, "anyOf": [{"$ref": "#/$defs/answer"}]})
    for line in json_blocks():
        message = json.loads(line)
        kind = command if message.get("do") in VERBS and "cps9" not in line else answer
        if message != {"do": "eject"} and "cps9" not in line:
            kind.validate(message)
    answer.validate(desk.do("state"))


def test_cards_go_in_and_out_and_come_back_by_their_number(desk: Desk) -> None:
    first = desk.do("insert", reader=A, card="cps3")["number"]
    second = desk.do("swap", reader=A, card="vitale2")
    assert second["removed"]["number"] == first != second["number"]
    assert desk.do("insert", reader=B, number=first)["number"] == first
    assert desk.reader(B)["number"] == first
    assert desk.do("swap", reader=A, number=first)["error"] == f"card {first} is in a reader"
    assert desk.do("remove", reader=B)["number"] == first
    assert desk.do("insert", reader=B)["number"] == first
    assert desk.do("insert", reader=B, number=99)["allowed"] == ["1", "2"]


def test_a_card_put_in_by_another_hand_gets_a_number_when_it_leaves(desk: Desk) -> None:
    desk.bench.insert(A, make("cps3"))
    assert desk.reader(A)["apdus"] is None
    number = desk.do("remove", reader=A)["number"]
    assert desk.do("insert", reader=A)["number"] == number


def test_a_torn_card_can_be_put_back(desk: Desk) -> None:
    number = desk.do("insert", reader=A, card="cps3")["number"]
    desk.do("fault", reader=A, fault={"kind": "removed", "at": 0})
    connection = desk.manager.connect(A)
    with pytest.raises(Exception, match="removed"):
        connection.transmit(bytes.fromhex("00A40000023F00"))
    desk.do("clear_faults", reader=A)
    assert desk.do("insert", reader=A, number=number)["number"] == number


def test_a_full_name_may_be_as_short_as_it_likes() -> None:
    with Bench(["A", "AB"]) as bench:
        commands = BenchCommands(bench, EmulatedResourceManager(bench).readers)
        answer = json.loads(commands.execute('{"do": "insert", "reader": "A", "card": "cps3"}'))
        assert answer["reader"] == "A"


def test_what_cards_answer_is_counted_and_never_told(desk: Desk) -> None:
    desk.do("insert", reader=A, card="cps3")
    with Workstation(desk.manager) as workstation:
        assert workstation.cps().holder.ps_idnat
        shown = desk.reader(A)
        assert shown["in_use"] is True
        assert shown["apdus"] > 5
        assert shown["last"] == "9000"


def test_readers_and_the_service_go_and_come_back(desk: Desk) -> None:
    desk.do("insert", reader=A, card="cps3")
    assert desk.do("unplug_reader", reader=A) == {"done": "unplug_reader", "reader": A}
    assert desk.reader(A)["presence"] is None
    assert desk.do("remove", reader=A)["code"] == "CARD-1204"
    desk.do("plug_reader", reader=A)
    assert desk.reader(A)["presence"] == "present"
    desk.do("kill_service")
    assert desk.do("state")["service"] is False
    desk.do("restart_service")
    assert desk.do("state")["service"] is True
    assert desk.do("reset", reader=A) == {"done": "reset", "reader": A}
    assert desk.do("reset", reader=B)["code"] == "CARD-1205"


def test_state_faults_reach_a_card_that_commands_put_in(desk: Desk) -> None:
    desk.do("insert", reader=A, card="cps3")
    assert "done" in desk.do("fault", reader=A, fault={"kind": "tries", "tries": 1})
    with Workstation(desk.manager) as workstation:
        assert workstation.cps().tries_left() == 1


@pytest.mark.parametrize("word", ALL_FAULTS)
def test_every_fault_can_be_said(word: str) -> None:
    fault = ALL_FAULTS[word].samples(3)
    told = json.loads(json.dumps(fault_table(fault)))
    assert named_fault({"do": "fault", "fault": told}) == (word, fault)


def test_the_whole_rule_of_a_fault_can_be_said() -> None:
    fault = WrongStatus(Rule(ins=0xA4, file=b"\x3f\x00", every=2, times=3, probability=0.5), 0x6A82)
    told = json.loads(json.dumps(fault_table(fault)))
    assert named_fault({"do": "fault", "fault": told}) == ("status", fault)


def test_files_are_those_of_the_folder(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(encode(make("cps3").image), "utf-8")
    assert "done" in desk.do("insert", reader=A, image="card.toml")
    assert card_from(tmp_path / "card.toml").atr.hex().upper() == desk.reader(A)["atr"]
    for key in ("image", "trace"):
        for name in ("../card.toml", "/etc/passwd"):
            told = desk.do("insert", reader=B, **{key: name})["error"]
            assert "own folder" in told
            assert name not in told
    assert "own folder" in desk.do("insert", reader=B, card="cps3", persona="../p.toml")["error"]
    assert "reads no files" in Desk().do("insert", reader=B, image="card.toml")["error"]
    assert "no-such.toml" in desk.do("insert", reader=B, image="no-such.toml")["error"]


@pytest.mark.parametrize(
    ("line", "problem", "allowed"),
    [
        ("", "no JSON", None),
        ("not JSON 1234", "no JSON", None),
        ("[1]", "braces", None),
        ('{"do": NaN}', "no JSON", None),
        ("[" * 100_000, "no JSON", None),
        ("{" + " " * 300_000 + "}", "at most", None),
        ("{}", "'do' is missing", "insert"),
        ('{"do": 3}', "names no command", "insert"),
        ('{"do": "transmit", "apdu": "00"}', "names no command", "insert"),
        ('{"do": "insert"}', "'reader' is missing", "card"),
        ('{"do": "insert", "reader": "Reader", "card": "cps3"}', "of several readers", A),
        ('{"do": "insert", "reader": "R", "card": "cps3"}', "too short", A),
        ('{"do": "insert", "reader": "nowhere", "card": "cps3"}', "in no reader's name", A),
        ('{"do": "insert", "reader": 5, "card": "cps3"}', "must be a text", None),
        ('{"do": "insert", "reader": "01 00"}', "no card left", "card"),
        ('{"do": "insert", "reader": "01 00", "card": "cps3", "image": "x"}', "one key", "card"),
        ('{"do": "insert", "reader": "01 00", "image": "x", "persona": "y"}', "one key", "card"),
        ('{"do": "insert", "reader": "01 00", "card": ["cps3"]}', "must be a text", None),
        ('{"do": "insert", "reader": "01 00", "card": "cps3", "persona": "x"}', "persona", None),
        ('{"do": "fault", "reader": "01 00", "fault": "mute"}', "must be an object", None),
        ('{"do": "fault", "reader": "01 00", "fault": {"kind": "x"}}', "no kind", "mute"),
        ('{"do": "fault", "reader": "01 00", "fault": {"kind": "removed"}}', "'at'", None),
        ('{"do": "fault", "reader": "01 00", "fault": {}}', "'kind' is missing", None),
        ('{"do": "state", "' + "x" * 999 + '": 1}', "x" * 40 + "' is unknown", "id"),
    ],
)
def test_a_bad_line_is_told_with_what_is_allowed(
    desk: Desk, line: str, problem: str, allowed: str | None
) -> None:
    answer = desk.say(line)
    assert problem in answer["error"]
    assert "1234" not in answer["error"]
    assert allowed is None or allowed in answer["allowed"]
    assert "done" in desk.do("state")


def test_the_id_comes_back_with_answers_and_errors(desk: Desk) -> None:
    assert desk.do("state", id="x")["id"] == "x"
    assert desk.do("eject", id=7)["id"] == 7
    assert "id" not in desk.do("eject", id=[7])


def test_quit_is_for_whoever_runs_the_bench(desk: Desk) -> None:
    assert not desk.commands.ended
    assert desk.do("quit") == {"done": "quit"}
    assert desk.commands.ended


_VALUES = st.one_of(
    st.sampled_from([A, "cps3", "vitale2", "mute", "..", "", 0, 1, -1, None, True]),
    st.text(max_size=5),
    st.floats(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["kind", "at", "seconds", "ins"]), st.just("mute"), max_size=2),
)
_COMMANDS = st.dictionaries(
    st.sampled_from(["do", "reader", "fault", "id", *CARD_KEYS]), _VALUES, max_size=5
)
_NEAR = st.builds(
    lambda do, keys: {**keys, "do": do}, st.sampled_from(sorted(set(VERBS) - {"quit"})), _COMMANDS
)
_LINES: st.SearchStrategy[str] = st.one_of(
    st.text(max_size=40), _COMMANDS.map(json.dumps), _NEAR.map(json.dumps)
)


@given(st.lists(_LINES, max_size=5))
def test_no_line_ends_the_commands(lines: list[str]) -> None:
    desk = Desk()
    answer: Callable[[str], dict[str, Any]] = desk.say
    for line in lines:
        assert answer(line).keys() & {"done", "error"}
    assert answer('{"do": "state"}')["done"] == "state"
