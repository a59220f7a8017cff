"""The live view of a bench: its rows, its keys, in both languages, and nobody's identity."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Footer, Input, Log, OptionList

from cardio import Pin
from cardio.cli.emulate_live import LiveBench
from cardio.cli.emulate_screens import Choice, Values
from cardio.cli.emulate_stop import Stopping
from cardio.errors import ServiceUnavailable
from cardio.locale import translator
from cardio.rig.running.bench import RunningBench
from cardio.rig.running.places import Driver, place_for
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench

BENCH = """
[[reader]]
name = "Left 00 00"
card = "cps3"

[[reader]]
name = "Right 00 00"

[[timeline]]
at = 0
do = "insert"
reader = "Right"
card = "vitale2"
"""
SOON = 30.0
Act = Callable[[LiveBench, Pilot[None]], Awaitable[None]]


def never(error: Exception) -> None:
    raise AssertionError(error)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningBench]:
    file = tmp_path / "bench.toml"
    file.write_text(BENCH, encoding="utf-8")
    place = place_for(file, Driver.NONE, wait=0, lost=never)
    with place.bench, RunningBench(place) as running:
        running.fill()
        yield running


def view(running: RunningBench, act: Act, language: str = "en") -> LiveBench:
    app = LiveBench(running, translator(language))

    async def run() -> None:
        async with app.run_test(size=(140, 30)) as pilot:
            await until(pilot, lambda: len(rows(app)) == 2)
            await act(app, pilot)

    asyncio.run(run())
    return app


def rows(app: LiveBench) -> list[list[str]]:
    table = app.screen_stack[0].query_one(DataTable)
    return [table.get_row_at(at) for at in range(table.row_count)]


def cells(app: LiveBench, reader: str) -> list[str]:
    (row,) = (row for row in rows(app) if row[0].startswith(reader))
    return row[1:]


def said(app: LiveBench) -> str:
    return "\n".join(app.screen_stack[0].query_one(Log).lines)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end, "it never came"
        await pilot.pause(0.02)


async def choose(app: LiveBench, pilot: Pilot[None], word: str) -> None:
    """Answer a question of the view."""
    await until(pilot, lambda: isinstance(app.screen, Choice))
    options = app.screen.query_one(OptionList)
    options.highlighted = next(
        at for at in range(options.option_count) if options.get_option_at_index(at).prompt == word
    )
    await pilot.press("enter")


def test_it_shows_readers_and_cards(running: RunningBench) -> None:
    async def act(app: LiveBench, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: cells(app, "Right")[0] == "vitale2")
        assert cells(app, "Left") == [
            "cps3",
            "3BAC00402A001225006480000310009000",
            "0",
            "",
            "3 / 10",
            "",
        ]
        await until(pilot, lambda: '"event": "step", "do": "insert"' in said(app))

    view(running, act)


def test_cards_are_moved_with_keys(running: RunningBench) -> None:
    async def act(app: LiveBench, pilot: Pilot[None]) -> None:
        await pilot.press("r")
        await until(pilot, lambda: cells(app, "Left")[0] == "empty")
        await pilot.press("i")
        await choose(app, pilot, "cps4")
        await until(pilot, lambda: cells(app, "Left")[0] == "cps4")
        await pilot.press("s")
        await choose(app, pilot, "vitale1")
        await until(pilot, lambda: cells(app, "Left")[0] == "vitale1")
        await pilot.press("r")
        await until(pilot, lambda: cells(app, "Left")[0] == "empty")
        await pilot.press("i")
        await choose(app, pilot, "the one that was in last")
        await until(pilot, lambda: cells(app, "Left")[0] == "vitale1")
        await pilot.press("i", "escape", "t")
        await until(pilot, lambda: '"done": "reset"' in said(app))

    view(running, act)


def test_a_fault_is_given_and_taken_away(running: RunningBench) -> None:
    async def act(app: LiveBench, pilot: Pilot[None]) -> None:
        await pilot.press("f")
        await choose(app, pilot, "tries")
        await until(pilot, lambda: isinstance(app.screen, Values))
        app.screen.query_one(Input).value = "tries=1"
        await pilot.press("enter")
        await until(pilot, lambda: cells(app, "Left")[-2:] == ["1 / 10", "tries"])
        await pilot.press("f")
        await choose(app, pilot, "removed")
        await until(pilot, lambda: isinstance(app.screen, Values))
        assert app.screen.query_one(Input).value == "at=0"
        app.screen.query_one(Input).value = "nonsense"
        await pilot.press("enter")
        await until(pilot, lambda: "'nonsense' is not key=value" in said(app))
        await pilot.press("c")
        await until(pilot, lambda: cells(app, "Left")[-1] == "")

    view(running, act)


def test_readers_and_the_service_come_and_go(running: RunningBench) -> None:
    async def act(app: LiveBench, pilot: Pilot[None]) -> None:
        await pilot.press("u")
        await until(pilot, lambda: cells(app, "Left")[0] == "reader gone")
        await pilot.press("u")
        await until(pilot, lambda: cells(app, "Left")[0] == "cps3")
        await pilot.press("k")
        await until(pilot, lambda: app.sub_title == "no PC/SC service")
        await pilot.press("k")
        await until(pilot, lambda: app.sub_title == "" and cells(app, "Left")[0] == "cps3")

    view(running, act)


def test_it_counts_what_a_program_asks_and_shows_no_identity(running: RunningBench) -> None:
    bench = running.place.bench
    assert isinstance(bench, Bench)

    async def act(app: LiveBench, pilot: Pilot[None]) -> None:
        with Workstation(EmulatedResourceManager(bench)) as workstation:
            cps = workstation.cps()
            cps.verify_pin(Pin(bytearray(b"4321")))
            await until(pilot, lambda: cells(app, "Left")[3] == "63C2")
            assert cells(app, "Left")[4] == "2 / 10"
            assert int(cells(app, "Left")[2]) > 5
            name = cps.holder.family_name
        shown = str(rows(app)) + said(app) + app.export_screenshot()
        assert name
        assert not [word for word in (name, "4321", "1234") if word in shown.replace("\n", "")]

    view(running, act)


def test_it_speaks_french(running: RunningBench) -> None:
    async def act(app: LiveBench, pilot: Pilot[None]) -> None:
        assert [str(c.label) for c in app.query_one(DataTable).ordered_columns][:2] == [
            "Lecteur",
            "Carte",
        ]
        await pilot.press("r")
        await until(pilot, lambda: cells(app, "Left")[0] == "vide")
        assert app.query_one(Footer)
        assert "insérer" in str([b.description for _, b, *_ in app.active_bindings.values()])

    view(running, act, "fr")


def test_quitting_and_being_told_to_end(running: RunningBench) -> None:
    async def act(app: LiveBench, pilot: Pilot[None]) -> None:
        await pilot.press("q")

    assert view(running, act)._exit


def test_a_reader_that_is_lost_ends_it(
    running: RunningBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = Stopping()
    monkeypatch.setattr(LiveBench, "run", lambda app: asyncio.run(_headless(app)))
    stopping.lose(ServiceUnavailable("gone"))
    with pytest.raises(ServiceUnavailable, match="gone"):
        LiveBench(running, translator("en")).show(stopping)


async def _headless(app: LiveBench) -> None:
    await app.run_async(headless=True)
