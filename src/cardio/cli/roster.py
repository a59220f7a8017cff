"""`cardio roster`: a staff list looked at before a study; nobody is named unless asked."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import click
from rich.text import Text

from cardio.cli.commands import command, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, print_json, table
from cardio.cli.settings import Settings, with_settings
from cardio.locale import Translator
from cardio.study.roster import encode, wording
from cardio.study.roster.columns import Column, Why, parse_mapping
from cardio.study.roster.mistakes import Mistake, Severity
from cardio.study.roster.preview import Preview, preview
from cardio.study.roster.reading import Roster, read_roster
from cardio.study.roster.rules import RosterRule

SCHEMA_VERSION = 1
_SHOWN_ROWS = 2


@command(help="roster.help")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="roster.option.map")
@option("--sheet", metavar="NAME", help="roster.option.sheet")
@option("--with-identity", is_flag=True, help="roster.option.with_identity")
@option("--all", "is_full", is_flag=True, help="roster.option.all")
@with_settings
def roster(
    settings: Settings,
    file: Path,
    columns: tuple[str, ...],
    sheet: str | None,
    with_identity: bool,
    is_full: bool,
) -> None:
    """Exits with 1 where a line has an error."""
    mapping = parse_mapping(columns)
    shown = preview(file, mapping, sheet=sheet, with_identity=with_identity)
    people = read_roster(file, mapping, sheet=sheet)
    counts: Counter[Severity] = Counter()
    if settings.as_json:
        _print_json(shown, people, counts, settings.text)
    else:
        _print_preview(shown, settings.text)
        _print_mistakes(people, counts, settings.text, is_full=is_full)
    raise SystemExit(ExitCode.CHECK_FAILED if counts[Severity.ERROR] else ExitCode.FINE)


def _print_json(
    shown: Preview, people: Roster, counts: Counter[Severity], text: Translator
) -> None:
    today, lines = datetime.now(UTC).date(), Counter[str]()
    mistakes = [encode.mistake(one, text, today) for one in _counted(people, counts, lines)]
    print_json(
        {
            "schema_version": SCHEMA_VERSION,
            "preview": encode.preview(shown, text, today),
            "people": lines["people"],
            "blank": people.skipped.blank,
            "repeated_header": people.skipped.repeated_header,
            "counts": {one.value: counts[one] for one in Severity},
            "mistakes": mistakes,
        }
    )


def _counted(people: Roster, counts: Counter[Severity], lines: Counter[str]) -> Iterator[Mistake]:
    """Every mistake of the people's lines, in their order."""
    for person in people:
        lines["people"] += 1
        counts.update(mistake.severity for mistake in person.mistakes)
        yield from person.mistakes


def _print_preview(shown: Preview, text: Translator) -> None:
    form = shown.form
    how = (form.kind.upper(), form.encoding, form.sheet, form.delimiter and repr(form.delimiter))
    click.echo(", ".join(filter(None, how)))
    headings = ("number", "column_name", "means", "first_lines")
    rows = table(*(text(f"roster.{heading}") for heading in headings))
    for place, column in enumerate(shown.columns):
        cells = " · ".join(row[place] for row in shown.rows[:_SHOWN_ROWS])
        rows.add_row(str(column.number), Text(column.header), _means(column, text), Text(cells))
    console().print(rows)


def _means(column: Column, text: Translator) -> str:
    why = text(f"roster.why.{column.why}")
    if column.field is None:
        return why
    if column.why is Why.NAME:
        return wording.field(column.field, text)
    return text("roster.means_field", field=wording.field(column.field, text), why=why)


def _print_rules(rules: Iterable[RosterRule], text: Translator) -> None:
    """Who asks for what is missing, and when they said so."""
    today = datetime.now(UTC).date()
    for rule in rules:
        click.echo()
        click.echo(wording.rule(rule, text))
        if rule.date and rule.date.is_old(today):
            click.echo(f"  {text('readiness.old', date=rule.date)}")


def _print_mistakes(
    people: Roster, counts: Counter[Severity], text: Translator, *, is_full: bool
) -> None:
    """As the file is read, so that a long list shows at once. Notes are counted, or all told."""
    lines: Counter[str] = Counter()
    rules: dict[RosterRule, None] = {}
    click.echo()
    for mistake in chain(people.mistakes, _counted(people, counts, lines)):
        if mistake.rule:
            rules[mistake.rule] = None
        if is_full or mistake.severity is not Severity.NOTE:
            advice = wording.advice(mistake, text)
            mark = text(f"roster.severity.{mistake.severity}")
            click.echo(f"{wording.told(mistake, text)} [{mark}]{advice and ' → '}{advice}")
    _print_rules(rules, text)
    click.echo()
    click.echo(
        text(
            "roster.total",
            people=lines["people"],
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
            notes=counts[Severity.NOTE],
        )
    )
