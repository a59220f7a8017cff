"""`cardio cps`: the professional's card. Its output names a person, because it was asked to."""

from datetime import date
from typing import Any

from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.differences import Difference
from cardio.cards.cps.holder import CardDescription, Holder
from cardio.cards.cps.situation import PracticeSituation
from cardio.cards.cps.update import CardUpdate
from cardio.cli.commands import group, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, pairs, print_json
from cardio.cli.pin import verified
from cardio.cli.pin_view import Outcome, exit_code, outcome_as_json, outcome_as_text
from cardio.cli.secret import SecretSource, no_argument, takes_secret
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.cli.situations import show_situations, situation_as_json
from cardio.cli.which_card import Which, chooses_card
from cardio.identity.nomenclature import Code
from cardio.locale import Translator
from cardio.pin.outcomes import Verified


@group(help="cli.cps.help")
def cps() -> None:
    """Commands on the professional's card."""


@cps.command(help="cli.cps.show.help")
@no_argument
@chooses_card
@option("--situations", is_flag=True, help="cli.cps.show.situations")
@takes_secret("pin", pad=True)
@with_settings
def show(settings: Settings, which: Which, situations: bool, pin: SecretSource) -> None:
    """Show the holder and the card of the one CPS found; behind the PIN, the situations."""
    with workstation_of(settings) as workstation:
        card = which.find(workstation)
        outcome = verified(card, pin, settings) if situations else None
        opened = card.situations() if isinstance(outcome, Verified) else None
        if settings.as_json:
            print_json(_as_json(card, opened, outcome))
        else:
            _print(card, opened, outcome, settings.text)
    raise SystemExit(exit_code(outcome) if outcome else ExitCode.FINE)


def _as_json(
    card: CpsCard, opened: tuple[PracticeSituation, ...] | None, outcome: Outcome | None
) -> dict[str, Any]:
    told = _free_as_json(card)
    if opened is not None:
        told["situations"] = [situation_as_json(situation) for situation in opened]
    if outcome:
        told["pin"] = outcome_as_json(outcome)
    return told


def _free_as_json(card: CpsCard) -> dict[str, Any]:
    return {
        "reader": card.reader,
        "kind": card.match.kind.value,
        "holder": _holder(card.full_holder),
        "card": _card(card.full_card),
        "label": card.token_info.label if card.token_info else None,
        "last_update": _update(card.last_update),
        "tries_left": {
            "pin": card.pin_counters().tries_left,
            "puk": card.puk_counters().tries_left,
        },
        "differences": [
            {
                "field": found.field,
                "certificate": found.certificate,
                "records": found.record,
                "confidence": found.confidence.value,
            }
            for found in card.differences
        ],
        "problems": [
            {"part": problem.part, "code": problem.error.code, "message": str(problem.error)}
            for problem in card.problems
        ],
    }


def _update(update: CardUpdate | None) -> dict[str, str | bool | None] | None:
    if update is None:
        return None
    return {
        "started": update.started.isoformat() if update.started else None,
        "ended": update.ended.isoformat() if update.ended else None,
        "interrupted": update.is_interrupted,
    }


def _holder(holder: Holder) -> dict[str, Any]:
    return {
        "ps_idnat": str(holder.ps_idnat) if holder.ps_idnat else None,
        "rpps": str(holder.rpps) if holder.rpps else None,
        "adeli": str(holder.adeli) if holder.adeli else None,
        "civility": _code(holder.civility),
        "family_name": holder.family_name,
        "given_name": holder.given_name,
        "profession": _code(holder.profession),
        "future_profession": _code(holder.future_profession),
        "speciality": _code(holder.speciality),
    }


def _card(card: CardDescription) -> dict[str, Any]:
    return {
        "generation": card.generation,
        "interface": card.interface.value,
        "type": _code(card.type),
        "category": _code(card.category),
        "test": card.is_test,
        "issuer": card.issuer,
        "chip_serial": card.chip_serial,
        "card_number": card.card_number,
        "issued": _iso(card.issued),
        "valid_until": _iso(card.valid_until),
    }


def _code(code: Code | None) -> dict[str, str | None] | None:
    return {"code": code.code, "label": code.label} if code else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _print(
    card: CpsCard,
    opened: tuple[PracticeSituation, ...] | None,
    outcome: Outcome | None,
    text: Translator,
) -> None:
    out = console()
    if card.full_holder != Holder():
        out.print(pairs(_holder_rows(card.full_holder, text)))
        out.print()
    out.print(pairs(_card_rows(card, text)))
    if card.differences:
        out.print(f"\n! {text('cli.differences')}")
    for difference in card.differences:
        out.print(f"  {_difference(difference, text)}", markup=False)
    for problem in card.problems:
        out.print(f"! {problem.part}: {text.hint(problem.error)}", markup=False)
    if opened is not None:
        show_situations(opened, text)
    elif outcome:
        out.print(f"! {outcome_as_text(outcome, text)}", markup=False)


def _holder_rows(holder: Holder, text: Translator) -> dict[str, str | None]:
    return {
        text("cli.civility"): _label(holder.civility),
        text("cli.family_name"): holder.family_name,
        text("cli.given_name"): holder.given_name,
        text("cli.identifier"): str(holder.ps_idnat) if holder.ps_idnat else None,
        "RPPS": str(holder.rpps) if holder.rpps else None,
        "ADELI": str(holder.adeli) if holder.adeli else None,
        text("cli.profession"): _label(holder.profession),
        text("cli.future_profession"): _label(holder.future_profession),
        text("cli.speciality"): _label(holder.speciality),
    }


def _card_rows(card: CpsCard, text: Translator) -> dict[str, str | None]:
    described = card.full_card
    return {
        text("cli.card"): text(f"card.kind.{card.match.kind.value}"),
        text("cli.card_type"): _label(described.type),
        text("cli.category"): _label(described.category),
        text("cli.card_number"): described.card_number,
        text("cli.chip_serial"): described.chip_serial,
        text("cli.label"): card.token_info.label if card.token_info else None,
        text("cli.issued"): _day(described.issued, text),
        text("cli.valid_until"): _day(described.valid_until, text),
        text("cli.updated"): _updated(card.last_update, text),
        text("cli.tries"): _tries(card, text),
        text("cli.reader"): card.reader,
    }


def _tries(card: CpsCard, text: Translator) -> str | None:
    if not card.has_pin:
        return None
    unknown = text("cli.unknown")
    pin, puk = card.pin_counters().tries_left, card.puk_counters().tries_left
    return text(
        "cli.tries_value",
        pin=unknown if pin is None else pin,
        puk=unknown if puk is None else puk,
    )


def _updated(update: CardUpdate | None, text: Translator) -> str | None:
    if update is None:
        return None
    if update.is_interrupted or not update.ended:
        return text("cli.interrupted")
    return _day(update.ended.date(), text)


def _label(code: Code | None) -> str | None:
    return str(code) if code else None


def _day(day: date | None, text: Translator) -> str | None:
    return text("cli.plain", value=day) if day else None


def _difference(found: Difference, text: Translator) -> str:
    return text(
        "cli.difference",
        field=text(f"cli.field.{found.field}"),
        certificate=found.certificate,
        records=found.record,
    )
