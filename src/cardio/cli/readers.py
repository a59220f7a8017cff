"""`cardio readers`: the readers and whether a card is in them; no card is opened."""

from cardio.cli.commands import command
from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import console, print_json, table
from cardio.cli.settings import Settings, with_settings
from cardio.transport.base import ReaderStatus
from cardio.workstation import managers


@command(help="cli.readers.help")
@with_settings
def readers(settings: Settings) -> None:
    """List the readers; exits with 4 when there is none."""
    manager = managers.open_manager(settings.workstation)
    try:
        found = manager.readers()
    finally:
        manager.close()
    if settings.as_json:
        print_json([_as_json(reader) for reader in found])
    else:
        _print(found, settings)
    if not found:
        raise SystemExit(ExitCode.NO_READER)


def _as_json(reader: ReaderStatus) -> dict[str, str | bool]:
    return {
        "name": reader.name,
        "card": reader.presence.value,
        "atr": reader.atr.hex().upper(),
        "in_use": reader.in_use,
        "exclusive": reader.exclusive,
    }


def _print(found: tuple[ReaderStatus, ...], settings: Settings) -> None:
    text = settings.text
    if not found:
        console().print(text("cli.readers.none"))
        return
    rows = table(text("cli.reader"), text("cli.card"), "ATR")
    for reader in found:
        presence = text(f"cli.presence.{reader.presence.value}")
        rows.add_row(reader.name, presence, reader.atr.hex(" ").upper())
    console().print(rows)
