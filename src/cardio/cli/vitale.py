"""`cardio vitale`: the patient's card. Its output names people, because it was asked to."""

from typing import Any

from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cards.vitale.card import VitaleCard
from cardio.cli.commands import group, option
from cardio.cli.output import console, pairs, print_json
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.locale import Translator


@group(help="cli.vitale.help")
def vitale() -> None:
    """Commands on the patient's card."""


@vitale.command(help="cli.vitale.show.help")
@option("--reader", metavar="PART", help="cli.option.reader")
@with_settings
def show(settings: Settings, reader: str | None) -> None:
    """Show the beneficiaries of the one Vitale found."""
    with workstation_of(settings) as workstation:
        card = workstation.vitale(reader)
        if settings.as_json:
            print_json(_as_json(card))
        else:
            _print(card, settings.text)


def _as_json(card: VitaleCard) -> dict[str, Any]:
    return {
        "reader": card.reader,
        "kind": card.match.kind.value,
        "valid_from": card.valid_from.isoformat() if card.valid_from else None,
        "beneficiaries": [_person(person) for person in card.beneficiaries],
        "problems": [
            {"code": p.code.value, "beneficiary": p.beneficiary, "why": p.why}
            for p in card.problems
        ],
    }


def _person(person: Beneficiary) -> dict[str, str | bool | None]:
    nir = person.nir
    return {
        "family_name": person.family_name,
        "given_name": person.given_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "birth_date_as_written": person.birth_date_as_written,
        "nationality_or_country": person.nationality_or_country,
        "nir": nir.value if nir else None,
        "nir_key_valid": nir.has_valid_key if nir else None,
        "test": nir.is_test if nir else None,
    }


def _print(card: VitaleCard, text: Translator) -> None:
    out = console()
    kind = text(f"card.kind.{card.match.kind.value}")
    head = {text("cli.card"): kind, text("cli.reader"): card.reader}
    if card.valid_from:
        head[text("cli.valid_from")] = text("cli.plain", value=card.valid_from)
    out.print(pairs(head))
    for person in card.beneficiaries:
        out.print()
        out.print(pairs(_rows(person, text)))
    for problem in card.problems:
        out.print(f"! {text(f'cli.problem.{problem.code.value}')}{_whose(problem.beneficiary)}")


def _whose(beneficiary: int | None) -> str:
    return "" if beneficiary is None else f" ({beneficiary + 1})"


def _rows(person: Beneficiary, text: Translator) -> dict[str, str | None]:
    date = person.birth_date
    return {
        text("cli.family_name"): person.family_name,
        text("cli.given_name"): person.given_name,
        text("cli.birth_date"): (
            text("cli.plain", value=date) if date else person.birth_date_as_written
        ),
        "NIR": str(person.nir) if person.nir else None,
        text("cli.nationality_or_country"): person.nationality_or_country,
    }
