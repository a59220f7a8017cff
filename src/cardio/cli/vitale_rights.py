"""`cardio vitale rights`: rights as records or XML, read into one model and judged on one day."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, BinaryIO

import click

from cardio.cards.vitale.rights import codes
from cardio.cards.vitale.rights.as_json import as_json
from cardio.cards.vitale.rights.checks import problems_of
from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.grammar import decode_records
from cardio.cards.vitale.rights.model import Person, Rights, RightsAt
from cardio.cards.vitale.rights.reading_api import decode_xml
from cardio.cards.vitale.rights.xml_tree import MAX_SIZE
from cardio.cli.card_text import shown
from cardio.cli.commands import command, option
from cardio.cli.failure import reading
from cardio.cli.output import console, pairs, print_json
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.locale import Translator

_XML = (b"<", b"\xef\xbb\xbf<")
"""How a document begins, with or without a byte order mark; no group of records does."""


@command(help="vitale.rights.help")
@click.argument("file", type=click.File("rb"), required=False)
@option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="vitale.rights.on")
@option("--reader", metavar="PART", help="cli.option.reader")
@with_settings
def rights(
    settings: Settings, file: BinaryIO | None, on: datetime | None, reader: str | None
) -> None:
    """Those of a file, of standard input (`-`), or of the card."""
    day = on.date() if on else date.today()  # noqa: DTZ011 - the day where the user is
    found = _of_file(file) if file else _of_card(settings, reader)
    if settings.as_json:
        print_json(_as_json(found, day, is_stand_in=file is None))
        return
    if file is None:
        key = "stand_in" if found else "none"
        console().print(settings.text(f"vitale.rights.{key}"))
    if found:
        _print(found, day, settings.text)


def _of_file(file: BinaryIO) -> Rights:
    raw = file.read(MAX_SIZE + 1)
    with reading(getattr(file, "name", "<stdin>")):
        return decode_xml(raw) if raw.lstrip().startswith(_XML) else decode_records(raw)


def _of_card(settings: Settings, reader: str | None) -> Rights | None:
    with workstation_of(settings) as workstation:
        return workstation.vitale(reader).rights.rights


def _as_json(found: Rights | None, day: date, *, is_stand_in: bool) -> dict[str, Any]:
    if found is None:
        return {"rights": None, "why": "not-public"}
    at = [_at(one) for one in found.rights_at(day)]
    confidence = "stand-in" if is_stand_in else None
    return {"rights": as_json(found), "at": at, "confidence": confidence}


def _at(one: RightsAt) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "entitled": one.entitled,
        "mutual": one.mutual,
        "complementary": one.complementary,
        "contradictory": one.is_contradictory,
        "service_code": one.service_code,
    }


def _print(found: Rights, day: date, text: Translator) -> None:
    out = console()
    for number, person in enumerate(found.persons, 1):
        out.print()
        out.print(text("vitale.person", number=number), style="bold")
        out.print(pairs(dict(_rows(found, person, day, text))))
        for period in person.entitlements:
            days = _period(period.start, period.end, text)
            out.print(f"  {text('vitale.rights.period', days=days)}")
    for problem in problems_of(found):
        number = None if problem.person is None else problem.person + 1
        whose = f" {text('vitale.whose', number=number)}" if number else ""
        out.print(f"! {text(f'vitale.rights_problem.{problem.code.value}')}{whose}")


def _rows(
    found: Rights, person: Person, day: date, text: Translator
) -> Iterator[tuple[str, str | None]]:
    one, at = person.beneficiary, person.rights_at(day)
    yield text("cli.family_name"), shown(one.used_name or one.birth_name)
    yield text("cli.given_name"), shown(one.given_name)
    yield text("vitale.rights.quality"), _label(codes.QUALITIES, one.quality)
    body = found.insured or person.api
    yield text("vitale.rights.regime"), _label(codes.REGIMES, body.regime if body else None)
    for name in ("entitled", "mutual", "complementary"):
        yield text(f"vitale.rights.{name}", day=day), _answer(getattr(at, name), text)
    if at.is_contradictory:
        yield "!", text("vitale.rights.contradiction")


def _label(table: codes.CodeTable, code: str | None) -> str | None:
    if not code:
        return None
    label = table.label(code)
    return shown(code) if label is None else f"{shown(code)} {label}"


def _answer(answer: bool | None, text: Translator) -> str:
    words = {True: "yes", False: "no", None: "unknown"}
    return text(f"vitale.answer.{words[answer]}")


def _period(start: CardDate | None, end: CardDate | None, text: Translator) -> str:
    begun, ended = _day(start, text), _day(end, text)
    if end is not None and not end.is_told:
        return text("vitale.rights.open", start=begun)
    return text("vitale.rights.closed", start=begun, end=ended)


def _day(written: CardDate | None, text: Translator) -> str:
    if written is None or not written.is_told:
        return "…"
    return text("cli.plain", value=written.day) if written.day else shown(written.written)
