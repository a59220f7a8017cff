"""The situations of practice, shown; which one to work under is the user's choice."""

from typing import Any

from cardio.cards.cps.situation import PracticeSituation
from cardio.cli.output import console, pairs
from cardio.identity.nomenclature import Code
from cardio.locale import Translator


def situation_as_json(situation: PracticeSituation) -> dict[str, Any]:
    """One situation; null where the card does not tell."""
    structure = situation.structure
    return {
        "number": situation.number,
        "mode": _code(situation.mode),
        "status": _code(situation.status),
        "sector": _code(situation.sector),
        "structure": str(structure) if structure else None,
        "structure_type": _code(structure.type) if structure else None,
        "structure_name": situation.structure_name,
        "pharmacist_table": _code(situation.pharmacist_table),
        "adeli_speciality": _code(situation.adeli_speciality),
        "billing_id": situation.billing_id,
    }


def show_situations(situations: tuple[PracticeSituation, ...], text: Translator) -> None:
    """Every situation under its number."""
    out = console()
    if not situations:
        out.print(f"\n{text('cli.situation.none')}")
    for situation in situations:
        out.print(f"\n{text('cli.situation.title', number=situation.number)}", style="bold")
        out.print(pairs(_rows(situation, text)))


def _rows(situation: PracticeSituation, text: Translator) -> dict[str, str | None]:
    structure = situation.structure
    return {
        text("cli.situation.mode"): _label(situation.mode),
        text("cli.situation.sector"): _label(situation.sector),
        text("cli.situation.structure"): situation.structure_name,
        text("cli.situation.structure_id"): (
            f"{structure} ({structure.type.label or structure.type_code})" if structure else None
        ),
        text("cli.situation.pharmacist_table"): _label(situation.pharmacist_table),
        text("cli.situation.adeli_speciality"): _label(situation.adeli_speciality),
    }


def _label(code: Code | None) -> str | None:
    return str(code) if code else None


def _code(code: Code | None) -> dict[str, str | None] | None:
    return {"code": code.code, "label": code.label} if code else None
