"""A whole bench, or readers for other people's cards: JSON lines, or a live view."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardio.cli.emulate_lines import Conversation, Lines
from cardio.cli.emulate_stop import Stopping
from cardio.cli.localized import current_text
from cardio.errors import CardioError, ConfigurationError, RigUnavailable
from cardio.rig.running.bench import RunningBench
from cardio.rig.running.places import Driver, Place, awaiting_cards, place_for
from cardio.transport.json_line import Endpoint

if TYPE_CHECKING:
    from cardio.cli.emulate_live import LiveBench

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of `cardio emulate --bench` and `--serve`."""

    bench: Path | None
    serve: tuple[str, ...]
    driver: str | None
    control: str | None
    anywhere: bool
    tui: bool
    wait: float
    export: Path | None


def run_bench(wanted: Wanted, stopping: Stopping) -> None:
    """Until it is told to end. Raises `ConfigurationError`, `RigUnavailable`, …"""
    if wanted.tui:
        _live_view()  # before anything is started
    with _place(wanted, stopping.lose) as place:
        running = RunningBench(
            place,
            folder=wanted.bench.parent if wanted.bench else None,
            endpoint=Endpoint.parse(wanted.control) if wanted.control else None,
            anywhere=wanted.anywhere,
        )
        with running:
            cards = running.fill(wanted.export)
            if wanted.tui:
                return _live_view()(running, current_text()).show(stopping)
            return Conversation(Lines(), running).hold((*cards, running.ready()), stopping)


@contextmanager
def _place(wanted: Wanted, lost: Callable[[CardioError], None]) -> Generator[Place, None, None]:
    if wanted.bench is None:
        with awaiting_cards([_address(each) for each in wanted.serve]) as place:
            yield place
        return
    driver = Driver(wanted.driver or Driver.VPCD.value)
    place = place_for(wanted.bench, driver, wait=wanted.wait, lost=lost)
    with place.bench:
        if place.differs_in_time:
            click.echo(current_text()("emulate.real_time", file=wanted.bench), err=True)
        yield place


def _address(text: str) -> Endpoint:
    """Where cards are awaited; a port alone is one of the loopback."""
    try:
        return Endpoint.parse(f"{_LOOPBACK}:{text}" if text.isdecimal() else text)
    except ConfigurationError:
        message = f"--serve: {text!r} is neither HOST:PORT nor a port (0 to 65535)"
        raise ConfigurationError(message) from None


def _live_view() -> "type[LiveBench]":
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise click.UsageError(current_text()("cli.usage.terminal"))
    try:
        from cardio.cli.emulate_live import LiveBench
    except ModuleNotFoundError as error:
        message = "the live view needs textual: pip install 'cardio-sante[rig]'"
        raise RigUnavailable(message) from error
    return LiveBench
