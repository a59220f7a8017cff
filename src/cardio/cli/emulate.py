"""`cardio emulate`: put emulated cards in vpcd readers and stay until told to stop."""

import json
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import click

from cardio.cli.commands import command, option
from cardio.errors import ConfigurationError, ServiceUnavailable
from cardio_emulator.bench_file import CardPlan, read_bench
from cardio_emulator.card_os import Card
from cardio_emulator.kinds import KINDS, default_persona, make
from cardio_emulator.personalise import export as export_certificates
from cardio_emulator.vpcd import SEEN_WITHIN, Address, Insertion

_STOPPING = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class _Place:
    """One card to put in one reader; `reader` is its name in a bench file."""

    plan: CardPlan
    address: Address
    reader: str | None = None


@command(help="emulate.help")
@option("--card", type=click.Choice(KINDS), help="emulate.option.card")
@option("--persona", metavar="FILE|NAME", help="emulate.option.persona")
@option("--vpcd", metavar="HOST:PORT", help="emulate.option.vpcd")
@option(
    "--bench",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="emulate.option.bench",
)
@option(
    "--wait",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="emulate.option.wait",
)
@option("--export", type=click.Path(file_okay=False, path_type=Path), help="emulate.option.export")
def emulate(
    card: str | None,
    persona: str | None,
    vpcd: str | None,
    bench: Path | None,
    wait: float,
    export: Path | None,
) -> None:
    """Exits with 0 on SIGTERM and SIGINT, 3 when no reader listens, 2 for a bad option."""
    if bench and (card or persona or vpcd):
        raise click.UsageError("--bench goes without --card, --persona and --vpcd")
    if bench:
        places = _places(bench)
    elif card and vpcd:
        plan = CardPlan(card, persona or default_persona(card))
        places = (_Place(plan, Address.parse(vpcd)),)
    else:
        raise click.UsageError("--card and --vpcd are needed, or --bench")
    with _until_stopped():
        _stay(places, wait, export)


def _places(bench: Path) -> tuple[_Place, ...]:
    """The cards of a bench file, each with the reader it goes in."""
    places: list[_Place] = []
    for reader in read_bench(bench):
        if reader.card and not reader.vpcd:
            raise ConfigurationError(f'{bench}: reader {reader.name!r} needs vpcd = "HOST:PORT"')
        if reader.card and reader.vpcd:
            places.append(_Place(reader.card, reader.vpcd, reader.name))
    return tuple(places)


def _stay(places: tuple[_Place, ...], wait: float, export: Path | None) -> None:
    """Insert every card, tell of each, and serve until all have left."""
    servers = [_Server(place, wait) for place in places]
    lines = [_line(server, export) for server in servers]
    try:
        for server in servers:
            server.insertion.insert(wait)
            server.start()
        for server, line in zip(servers, lines, strict=True):
            server.insertion.seen.wait(SEEN_WITHIN)
            click.echo(json.dumps(line, ensure_ascii=False))
        for server in servers:
            server.result()
    finally:
        for server in servers:
            server.insertion.eject()


def _line(server: "_Server", export: Path | None) -> dict[str, Any]:
    place, shown = server.place, server.insertion.card
    line: dict[str, Any] = {
        "card": place.plan.kind,
        "atr": shown.atr.hex().upper(),
        "serial": shown.serial,
        "persona": str(place.plan.persona),
    }
    if place.reader is not None:
        line["reader"] = place.reader
    if export:
        line["certificates"] = _export(server.card, export, place.reader)
    return line


def _export(card: Card, folder: Path, reader: str | None) -> dict[str, str]:
    """Write the certificates; in a bench, each reader has a folder of its own."""
    target = folder / reader if reader else folder
    return {name: str(path) for name, path in export_certificates(card.image, target).items()}


class _Server(threading.Thread):
    """A card being served; a daemon, so that a mute card keeps nobody from leaving."""

    def __init__(self, place: _Place, wait: float) -> None:
        super().__init__(name=f"card at {place.address}", daemon=True)
        self.place = place
        self.card = make(place.plan.kind, place.plan.persona)
        self.insertion = Insertion(place.plan.with_faults(self.card), place.address)
        self._wait = wait
        self._lost: ServiceUnavailable | None = None

    def run(self) -> None:
        try:
            self.insertion.serve(self._wait)
        except ServiceUnavailable as error:
            self._lost = error

    def result(self) -> None:
        """Wait for the card to leave. Raises `ServiceUnavailable` if its reader did."""
        self.join()
        if self._lost:
            raise self._lost


class _Stopped(BaseException):
    """A signal asked to stop; nothing but `_until_stopped` should catch it."""


@contextmanager
def _until_stopped() -> Generator[None, None, None]:
    """Run the `with` block until it ends, or a signal ends it in order."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    except _Stopped:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
