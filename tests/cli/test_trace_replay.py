"""Every reading flow of the command line: recorded, then the same from the recording."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.support.desk import Desk

from cardio.cli.exit_codes import ExitCode
from cardio.pin.memory import WRONG_CODES
from cardio.trace import Trace, jsonl
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import KINDS, make
from cardio_emulator.recorded import RecordedCard, Replay
from cardio_emulator.recorded.bench import bench_of

CODES = {"CODE": "1234", "BAD": "9999", "NEW": "4321", "FREE": "12345678"}
PIN = ("--pin-env", "CODE")
DEMO_FLOWS = [
    ("cards",),
    ("cps", "show"),
    ("cps", "show", "--situations", *PIN),
    ("pin", "status"),
    ("pin", "verify", *PIN),
    ("pin", "verify", "--pin-env", "BAD"),
    ("pin", "change", *PIN, "--new-pin-env", "NEW"),
    ("pin", "unblock", "--puk-env", "FREE", "--new-pin-env", "NEW"),
    ("vitale", "show"),
    ("vitale", "show", "--files"),
    ("vitale", "rights"),
    ("probe", "--with-identity"),
    ("readiness",),
]
OTHER_KINDS = [kind for kind in KINDS if kind not in ("cps3", "vitale2")]
PLAYED = pytest.mark.parametrize("replay", Replay)


class Room:
    """A desk whose readers can be put in the place of others."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.file = desk, folder / "field.jsonl"

    def record(self, *words: str) -> Result:
        return self.desk.run("trace", "record", str(self.file), *words, "--json", env=CODES)

    @property
    def trace(self) -> Trace:
        return jsonl.decode(self.file.read_bytes())

    def replay(self, replay: Replay, *words: str) -> Result:
        """The same command on the recorded cards, as another process would run it."""
        self.desk.bench = bench_of(self.trace, replay)
        WRONG_CODES._wrong.clear()  # pyright: ignore[reportPrivateUsage]
        return self.desk.run(*words, "--json", env=CODES)

    @property
    def cards(self) -> list[RecordedCard]:
        found = (self.desk.bench.reader(name).card for name in self.desk.bench.readers)
        return [card for card in found if isinstance(card, RecordedCard)]


@pytest.fixture
def room(desk: Desk, tmp_path: Path) -> Room:
    return Room(desk, tmp_path)


def told(done: Result) -> Any:  # noqa: ANN401
    """What a command printed of the cards; a probe's report says more, of the machine."""
    document = json.loads(done.stdout)
    if "schema_version" in document:
        return [document[key] for key in ("readers", "cards", "identity") if key in document]
    return document


@PLAYED
@pytest.mark.parametrize("words", DEMO_FLOWS, ids=" ".join)
def test_a_recorded_flow_gives_the_same(room: Room, words: tuple[str, ...], replay: Replay) -> None:
    room.desk.bench = Bench.demo()
    recorded = room.record(*words)
    assert recorded.stdout, recorded.output
    replayed = room.replay(replay, *words)
    assert (told(replayed), replayed.exit_code) == (told(recorded), recorded.exit_code)
    assert [(card.mismatches, card.remaining) for card in room.cards] == [((), 0)] * 2


@PLAYED
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_every_kind_of_card(room: Room, kind: str, replay: Replay) -> None:
    room.desk.put("Reader 00 00", make(kind))
    words = ("vitale", "show") if kind == "vitale1" else ("cps", "show", "--situations", *PIN)
    recorded = room.record(*words)
    replayed = room.replay(replay, *words)
    assert (told(replayed), replayed.exit_code) == (told(recorded), recorded.exit_code)
    assert [card.mismatches for card in room.cards] == [()]


def test_another_flow_that_needs_no_more_than_the_recorded_one(room: Room) -> None:
    room.desk.bench = Bench.demo()
    flows = (("cps", "show"), ("pin", "status"), ("cards",))
    expected = [room.desk.json(*words) for words in flows]
    assert room.record("cps", "show", "--situations", *PIN).exit_code == ExitCode.FINE
    for words, document in zip(reversed(flows), reversed(expected), strict=True):
        assert told(room.replay(Replay.BY_COMMAND, *words)) == document
        assert [card.mismatches for card in room.cards] == [(), ()]


def test_a_flow_that_needs_more_is_told(room: Room) -> None:
    room.desk.bench = Bench.demo()
    assert room.record("cards").exit_code == ExitCode.FINE
    room.replay(Replay.BY_COMMAND, "cps", "show")
    cps, vitale = room.cards
    assert str(cps.mismatches[0]) == "command 2 is not in the recording: 00 A4 09 04"
    assert vitale.mismatches == ()


def test_a_wrong_pin_at_the_replay_costs_a_try_of_the_replay(room: Room) -> None:
    room.desk.bench = Bench.demo()
    assert room.record("pin", "verify", *PIN).exit_code == ExitCode.FINE
    for left in (2, 1):
        code = {"BAD": f"900{left}"}
        if left == 2:
            room.desk.bench = bench_of(room.trace)
        done = room.desk.run("pin", "verify", "--pin-env", "BAD", "--json", env=code)
        assert done.exit_code == ExitCode.PIN
        assert json.loads(done.stdout)["tries_left"] == left
