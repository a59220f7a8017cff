"""`cardio emulate`: emulated cards for any program, until told to stop."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from cardio.cli.commands import command, option
from cardio.cli.emulate_bench import Wanted, run_bench
from cardio.cli.emulate_lines import Lines
from cardio.cli.emulate_stop import Stopping, until_stopped
from cardio.cli.localized import current_text
from cardio.rig.benches.served_card import ServedCard, told_of
from cardio.rig.running.places import Driver
from cardio.transport.json_line import Message
from cardio_emulator.bench_plan import CardPlan, CardSource, OfImage, OfKind, OfTrace
from cardio_emulator.kinds import KINDS, default_persona
from cardio_emulator.vpcd import Address

_FILE: Any = click.Path(exists=True, dir_okay=False, path_type=Path)
_OF_A_CARD = ("card", "persona", "image", "trace", "vpcd")
_OF_A_BENCH = ("control", "anywhere", "tui", "driver")


@command(help="emulate.help")
@option("--card", type=click.Choice(KINDS), help="emulate.option.card")
@option("--persona", metavar="FILE|NAME", help="emulate.option.persona")
@option("--image", type=_FILE, help="emulate.option.image")
@option("--trace", type=_FILE, help="emulate.option.trace")
@option("--vpcd", metavar="HOST:PORT", help="emulate.option.vpcd")
@option("--bench", type=_FILE, help="emulate.option.bench")
@option("--driver", type=click.Choice([one.value for one in Driver]), help="emulate.option.driver")
@option("--serve", metavar="HOST:PORT", multiple=True, help="emulate.option.serve")
@option("--control", metavar="HOST:PORT|unix:PATH", help="emulate.option.control")
@option("--anywhere", is_flag=True, help="emulate.option.anywhere")
@option("--tui", is_flag=True, help="emulate.option.tui")
@option(
    "--wait",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="emulate.option.wait",
)
@option("--export", type=click.Path(file_okay=False, path_type=Path), help="emulate.option.export")
def emulate(**given: Any) -> None:  # noqa: ANN401
    """Exits with 0 when told to stop, 2 for a bad option or file, 3 where it can't run."""
    if given["bench"]:
        _check_alone("bench", given, (*_OF_A_CARD, "serve"))
    elif given["serve"]:
        _check_alone("serve", given, (*_OF_A_CARD, "driver", "export"))
    else:
        _check_alone("vpcd", given, _OF_A_BENCH)
        return _one_card(given)
    wanted = Wanted(**{key: given[key] for key in Wanted.__dataclass_fields__})
    with until_stopped() as stopping:
        return run_bench(wanted, stopping)


def _one_card(given: Mapping[str, Any]) -> None:
    source = _source(given)
    if source is None or given["vpcd"] is None:
        raise click.UsageError(current_text()("cli.usage.what_to_emulate"))
    plan, address = CardPlan(source), Address.parse(given["vpcd"])
    with until_stopped() as stopping:
        card = plan.make()
        line = told_of(plan, card, given["export"])
        _stay(ServedCard(card, address, given["wait"]), line, stopping)


def _stay(served: ServedCard, line: Message, stopping: Stopping) -> None:
    """Insert the card, tell of it, and serve until it has left. Raises `ServiceUnavailable`."""

    def see_it_leave() -> None:
        served.join()
        if served.lost:
            stopping.lose(served.lost)
        stopping.ask("the card has left")

    try:
        served.insert()
        Lines().say(line)
        threading.Thread(target=see_it_leave, daemon=True).start()
        stopping.wait()
        stopping.finish()
    finally:
        served.eject()


def _source(given: Mapping[str, Any]) -> CardSource | None:
    which = [key for key in ("card", "image", "trace") if given[key]]
    if len(which) > 1 or (given["persona"] and which != ["card"]):
        raise click.UsageError(current_text()("cli.usage.one_card"))
    if given["card"]:
        return OfKind(given["card"], given["persona"] or default_persona(given["card"]))
    if given["image"]:
        return OfImage(given["image"])
    return OfTrace(given["trace"]) if given["trace"] else None


def _check_alone(mode: str, given: Mapping[str, Any], others: Sequence[str]) -> None:
    """Raises `UsageError` for an option that says nothing here."""
    if wrong := [f"--{other}" for other in others if given[other]]:
        text = current_text()("cli.usage.goes_without", option=f"--{mode}", others=wrong)
        raise click.UsageError(text)
