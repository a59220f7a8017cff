"""`cardio cards`: the kind of card in each reader, without anybody's identity."""

from typing import Any

from cardio.cli.commands import command
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, print_json, table
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.transport.base import CardPresence
from cardio.workstation.scan import Slot


@command(help="cli.cards.help")
@with_settings
def cards(settings: Settings) -> None:
    """Exits with 4 without a reader, 5 without a card, 7 when no card could be told."""
    with workstation_of(settings) as workstation:
        slots = workstation.scan()
    if settings.as_json:
        print_json([_as_json(slot) for slot in slots])
    else:
        _print(slots, settings)
    raise SystemExit(_exit_code(slots))


def _exit_code(slots: tuple[Slot, ...]) -> ExitCode:
    if not slots:
        return ExitCode.NO_READER
    full = [slot for slot in slots if slot.status.presence is not CardPresence.ABSENT]
    if not full:
        return ExitCode.NO_CARD
    return ExitCode.FINE if any(slot.match for slot in full) else ExitCode.CARD_ERROR


def _as_json(slot: Slot) -> dict[str, Any]:
    match, error = slot.match, slot.error
    return {
        "reader": slot.status.name,
        "presence": slot.status.presence.value,
        "atr": slot.status.atr.hex().upper(),
        "kind": match.kind.value if match else None,
        "generation": match.generation if match else None,
        "interface": match.interface.value if match else None,
        "confidence": match.confidence.value if match else None,
        "why": match.why if match else None,
        "error": {"code": error.code, "message": error.message} if error else None,
    }


def _print(slots: tuple[Slot, ...], settings: Settings) -> None:
    text = settings.text
    if not slots:
        console().print(text("cli.readers.none"))
        return
    rows = table(text("cli.reader"), text("cli.card"), text("cli.why"))
    for slot in slots:
        rows.add_row(slot.status.name, *_told(slot, settings))
    console().print(rows)


def _told(slot: Slot, settings: Settings) -> tuple[str, str]:
    if slot.match:
        match, text = slot.match, settings.text
        return text(f"card.kind.{match.kind.value}"), text(f"card.why.{match.why_code}")
    if slot.error:
        return slot.error.code, settings.text.hint(slot.error)
    return settings.text(f"cli.presence.{slot.status.presence.value}"), ""
