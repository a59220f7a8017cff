"""`cardio readiness`: which services can be used with these cards, on this workstation."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cardio.catalogue.catalogue import Catalogue
from cardio.catalogue.model import Service
from cardio.cli.commands import command, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, print_json
from cardio.cli.render_probe import ProgressBar
from cardio.cli.service_options import catalogue_option, environment_option
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.locale import Translator
from cardio.probe import probe as diagnose
from cardio.probe import to_json
from cardio.study import encode, wording
from cardio.study.answers import Answer, ConventionAnswer, Readiness, ServiceAnswer, State
from cardio.study.evidence import Environment, Evidence
from cardio.study.readiness import judge
from cardio.study.seen import evidence_of

Answers = dict[str | None, tuple[ServiceAnswer, ...]]

SCHEMA_VERSION = 1
_STYLES = {
    Readiness.READY: ("✓", "bold green"),
    Readiness.NOT_READY: ("✗", "bold red"),
    Readiness.CANNOT_TELL: ("?", "bold magenta"),
}
_MARKS = {
    State.NOT_MET: ("✗", "red"),
    State.UNKNOWN: ("?", "magenta"),
    State.ELSEWHERE: ("→", "yellow"),
    State.MET: ("✓", "green"),
    State.TOLD: ("·", "dim"),
}
_WORST_FIRST = tuple(_MARKS)
_SHOWN = (State.NOT_MET, State.UNKNOWN, State.ELSEWHERE)


@command(help="readiness.help")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@catalogue_option
@environment_option
@option("--sector", metavar="CODE", help="readiness.option.sector")
@option("--all", "is_full", is_flag=True, help="readiness.option.all")
@with_settings
def readiness(
    settings: Settings,
    services: tuple[str, ...],
    catalogues: tuple[Path, ...],
    environment: str,
    sector: str | None,
    is_full: bool,
) -> None:
    """Exits with 1 unless every service asked for is ready with one of the cards."""
    chosen = Catalogue.load(*catalogues).choose(services)
    answers = {
        reader: tuple(judge(service, evidence) for service in chosen)
        for reader, evidence in _evidence(settings, Environment(environment), sector).items()
    }
    today = datetime.now(UTC).date()
    if settings.as_json:
        print_json(_as_json(answers, environment, settings.text, today))
    else:
        _print(answers, settings.text, today, is_full=is_full)
    raise SystemExit(ExitCode.FINE if _all_ready(chosen, answers) else ExitCode.CHECK_FAILED)


def _evidence(
    settings: Settings, environment: Environment, sector: str | None
) -> dict[str | None, Evidence]:
    """What a probe shows now; the profession is read with it, and nobody's name is kept."""
    with ProgressBar(Console(stderr=True), settings.text) as progress:
        report = diagnose(
            settings.workstation,
            opener=lambda _: workstation_of(settings),
            with_identity=True,
            progress=progress,
        )
    found = evidence_of(to_json(report, settings.text), environment)
    return {
        reader: replace(one, person=replace(one.person, sector=sector))
        for reader, one in found.items()
    }


def _all_ready(services: tuple[Service, ...], answers: Answers) -> bool:
    return all(
        any(of_card[index].readiness is Readiness.READY for of_card in answers.values())
        for index in range(len(services))
    )


def _as_json(
    answers: Answers, environment: str, text: Translator, today: date
) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "environment": environment,
        "cards": [
            {"reader": reader, "services": [encode.service(one, text, today) for one in found]}
            for reader, found in answers.items()
        ],
    }


def _print(answers: Answers, text: Translator, today: date, *, is_full: bool) -> None:
    out = console()
    for reader, found in answers.items():
        head = text("readiness.card_in", reader=reader) if reader else text("readiness.no_card")
        out.print(Text(head, style="bold"))
        for answer in found:
            out.print(_service(answer, text, today, is_full=is_full))


def _service(
    answer: ServiceAnswer, text: Translator, today: date, *, is_full: bool
) -> RenderableType:
    mark, style = _STYLES[answer.readiness]
    told = text(f"readiness.readiness.{answer.readiness}")
    head = Text.assemble((f"{mark} {told}", style), f"  {answer.service.name[text.language]}")
    head.append(f"  ({answer.service.id})", style="dim")
    ways = answer.conventions if is_full else (answer.best,)
    return Padding(
        Group(head, *(_way(way, text, today, is_full=is_full) for way in ways)), (1, 0, 0, 0)
    )


def _way(
    answer: ConventionAnswer, text: Translator, today: date, *, is_full: bool
) -> RenderableType:
    name = text("readiness.way", name=answer.convention.name[text.language])
    shown = [one for state in _WORST_FIRST for one in answer.having(state)]
    lines = [_line(one, text, today) for one in shown if is_full or _matters(one, today)]
    return Padding(Group(Text(name, style="italic"), *lines), (0, 0, 0, 2))


def _matters(answer: Answer, today: date) -> bool:
    """What somebody has to see: what is lacking or not sure, and rules that may have changed."""
    return answer.state in _SHOWN or answer.condition.is_old(today)


def _line(answer: Answer, text: Translator, today: date) -> RenderableType:
    mark, style = _MARKS[answer.state]
    condition, language = answer.condition, text.language
    line = Text.assemble((mark, style), f" {wording.wanted(condition, text)} — ")
    line.append(wording.found(answer, text))
    more = [wording.advice(answer, text), condition.why.get(language, "")]
    if condition.is_old(today):
        more.append(text("readiness.old", date=condition.date))
    lines = [Text(one) for one in more if one]
    lines.append(Text(wording.said_by(condition, text), style="dim"))
    return Group(line, *(Padding(one, (0, 0, 0, 4)) for one in lines))
