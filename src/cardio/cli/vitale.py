"""`cardio vitale`: the patient's card. Its output names people, because it was asked to."""

from typing import Any

import click

from cardio.cards.vitale.beneficiary import Beneficiary, Problem
from cardio.cards.vitale.card import VitaleCard
from cardio.cards.vitale.nature import CardNature, Nature
from cardio.cli.card_text import shown
from cardio.cli.commands import group, option
from cardio.cli.output import console, pairs, print_json
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.cli.vitale_files import files_as_json, print_files
from cardio.cli.vitale_layout import layout_as_json, print_layout
from cardio.cli.vitale_rights import rights
from cardio.locale import Translator


@group(help="vitale.help")
def vitale() -> None:
    """Commands on the patient's card."""


vitale.add_command(rights)


@vitale.command(help="vitale.show.help")
@option("--reader", metavar="PART", help="cli.option.reader")
@option("--beneficiary", type=click.IntRange(1), metavar="N", help="vitale.show.beneficiary")
@option("--files", is_flag=True, help="vitale.show.files")
@option("--layout", is_flag=True, help="vitale.show.layout")
@with_settings
def show(
    settings: Settings, reader: str | None, beneficiary: int | None, files: bool, layout: bool
) -> None:
    """Show the beneficiaries of the one Vitale found."""
    if layout:
        _show_layout(settings)
        return
    with workstation_of(settings) as workstation:
        card = workstation.vitale(reader)
        wanted = _wanted(card, beneficiary, settings.text)
        if settings.as_json:
            print_json(_as_json(card, wanted, with_files=files))
        else:
            _print(card, wanted, settings.text)
            if files:
                print_files(card.files, settings.text)


def _show_layout(settings: Settings) -> None:
    if settings.as_json:
        print_json(layout_as_json(settings.text))
    else:
        print_layout(settings.text)


def _wanted(card: VitaleCard, beneficiary: int | None, text: Translator) -> range:
    """The indices of the people to show."""
    count = len(card.beneficiaries)
    if beneficiary is None:
        return range(count)
    if beneficiary > count:
        raise click.BadParameter(
            text("vitale.show.no_such", count=count), param_hint="--beneficiary"
        )
    return range(beneficiary - 1, beneficiary)


def _problems(card: VitaleCard, wanted: range) -> list[Problem]:
    return [p for p in card.problems if p.beneficiary is None or p.beneficiary in wanted]


def _as_json(card: VitaleCard, wanted: range, *, with_files: bool) -> dict[str, Any]:
    data = {
        "reader": card.reader,
        "kind": card.match.kind.value,
        "valid_from": card.valid_from.isoformat() if card.valid_from else None,
        "nature": _nature(card.nature),
        "beneficiaries": [_person(card.beneficiaries[index], index) for index in wanted],
        "problems": [
            {"code": p.code.value, "beneficiary": p.beneficiary, "why": p.why}
            for p in _problems(card, wanted)
        ],
    }
    return data | ({"files": files_as_json(card.files)} if with_files else {})


def _nature(nature: Nature) -> dict[str, Any]:
    reasons = dict.fromkeys(one.reason for one in nature.evidence)
    return {"card": nature.card.value, "reasons": [reason.value for reason in reasons]}


def _person(person: Beneficiary, index: int) -> dict[str, str | int | bool | None]:
    """`beneficiary` counts from 0, as in the problems; `number` is what `--beneficiary` takes."""
    nir = person.nir
    return {
        "beneficiary": index,
        "number": index + 1,
        "family_name": person.family_name,
        "given_name": person.given_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "birth_date_as_written": person.birth_date_as_written,
        "nationality_or_country": person.nationality_or_country,
        "nir": nir.value if nir else None,
        "nir_key_valid": nir.has_valid_key if nir else None,
        "test": nir.is_test if nir else None,
    }


def _print(card: VitaleCard, wanted: range, text: Translator) -> None:
    out = console()
    kind = text(f"card.kind.{card.match.kind.value}")
    head = {text("cli.card"): kind, text("cli.reader"): shown(card.reader)}
    if card.valid_from:
        head[text("cli.valid_from")] = text("cli.plain", value=card.valid_from)
    head[text("vitale.nature.label")] = _told(card.nature, text)
    out.print(pairs(head))
    for index in wanted:
        out.print()
        out.print(text("vitale.person", number=index + 1), style="bold")
        out.print(pairs(_rows(card.beneficiaries[index], text)))
    for problem in _problems(card, wanted):
        out.print(f"! {text(f'vitale.problem.{problem.code.value}')}{_whose(problem, text)}")


def _told(nature: Nature, text: Translator) -> str:
    if nature.card is CardNature.UNKNOWN:
        return text("vitale.nature.unknown")
    reasons = dict.fromkeys(text(f"vitale.reason.{one.reason.value}") for one in nature.evidence)
    return text(f"vitale.nature.{nature.card.value}", reasons=tuple(reasons))


def _whose(problem: Problem, text: Translator) -> str:
    if problem.beneficiary is None:
        return ""
    return f" {text('vitale.whose', number=problem.beneficiary + 1)}"


def _rows(person: Beneficiary, text: Translator) -> dict[str, str | None]:
    date = person.birth_date
    written = text("cli.plain", value=date) if date else shown(person.birth_date_as_written)
    return {
        text("cli.family_name"): shown(person.family_name),
        text("cli.given_name"): shown(person.given_name),
        text("cli.birth_date"): written,
        "NIR": str(person.nir) if person.nir else None,
        text("cli.nationality_or_country"): shown(person.nationality_or_country),
    }
