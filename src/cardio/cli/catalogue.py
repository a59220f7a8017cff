"""`cardio catalogue`: the services known, the rules of each, and own files checked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cardio.catalogue.catalogue import Catalogue, read_file
from cardio.catalogue.model import Convention, Rule, Service
from cardio.cli.commands import group
from cardio.cli.output import console, print_json, table
from cardio.cli.service_options import catalogue_option
from cardio.cli.settings import Settings, with_settings
from cardio.locale import Translator
from cardio.study import wording
from cardio.study.answers import Condition


@group(help="catalogue.help")
def catalogue() -> None:
    """All is in the commands."""


@catalogue.command("list", help="catalogue.list.help")
@catalogue_option
@with_settings
def list_services(settings: Settings, catalogues: tuple[Path, ...]) -> None:
    services = Catalogue.load(*catalogues).services.values()
    text = settings.text
    if settings.as_json:
        print_json([_summary(service, text) for service in services])
        return
    rows = table(*(text(f"catalogue.{name}") for name in ("id", "service", "status", "ways")))
    for service in services:
        ways = ", ".join(convention.id for convention in service.conventions)
        status = text(f"catalogue.status_{service.status}")
        rows.add_row(service.id, service.name[text.language], status, ways)
    console().print(rows)


@catalogue.command(help="catalogue.show.help")
@click.argument("service")
@catalogue_option
@with_settings
def show(settings: Settings, service: str, catalogues: tuple[Path, ...]) -> None:
    (found,) = Catalogue.load(*catalogues).choose([service])
    if settings.as_json:
        ways = [_convention(convention, settings.text) for convention in found.conventions]
        print_json({**_summary(found, settings.text), "conventions": ways})
        return
    _print(found, settings.text)


@catalogue.command(help="catalogue.check.help")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@with_settings
def check(settings: Settings, files: tuple[Path, ...]) -> None:
    checked = {str(file): read_file(file) for file in files}
    if settings.as_json:
        print_json({file: service.id for file, service in checked.items()})
        return
    for file, service in checked.items():
        rules = sum(len(convention.rules) for convention in service.conventions)
        click.echo(settings.text("catalogue.fine", file=file, id=service.id, rules=rules))


def _summary(service: Service, text: Translator) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": service.name[text.language],
        "status": service.status.value,
        "note": service.note.get(text.language),
    }


def _convention(convention: Convention, text: Translator) -> dict[str, Any]:
    return {
        "id": convention.id,
        "name": convention.name[text.language],
        "channels": [channel.value for channel in convention.channels],
        "rules": [_rule(rule, text) for rule in convention.rules],
    }


def _rule(rule: Rule, text: Translator) -> dict[str, Any]:
    return {
        "subject": rule.subject.value,
        "demand": rule.demand.value,
        "values": list(rule.values),
        "note": rule.why.get(text.language),
        "source": rule.source,
        "date": str(rule.date) if rule.date else None,
        "confidence": rule.confidence.value,
    }


def _print(service: Service, text: Translator) -> None:
    out, today = console(), datetime.now(UTC).date()
    out.print(service.name[text.language], style="bold", markup=False)
    if note := service.note.get(text.language):
        out.print(note, markup=False)
    for convention in service.conventions:
        out.print(
            f"\n{convention.name[text.language]} ({convention.id})", style="italic", markup=False
        )
        for rule in convention.rules:
            condition = Condition.of(rule)
            out.print(f"  {wording.wanted(condition, text)}", markup=False)
            old = text("readiness.old", date=rule.date) if condition.is_old(today) else ""
            for line in filter(None, (rule.why.get(text.language), old)):
                out.print(f"    {line}", markup=False)
            out.print(f"    {wording.said_by(condition, text)}", style="dim", markup=False)
