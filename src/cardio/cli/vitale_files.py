"""`cardio vitale show --files`: each file of the card, and what it gives."""

from collections.abc import Iterable
from typing import Any

from cardio.cards.vitale.inventory import FileEntry, FileState
from cardio.cards.vitale.layout import MF_VITALE, VITALE
from cardio.cli.card_text import shown
from cardio.cli.output import console, table
from cardio.iso7816.status import StatusWord
from cardio.locale import Translator

_APPLICATIONS = {VITALE: "VITALE", MF_VITALE: "MF_VITALE"}


def files_as_json(files: Iterable[FileEntry]) -> list[dict[str, Any]]:
    """One object a file; its content is left out."""
    return [
        {
            "name": file.name,
            "application": file.application.hex().upper(),
            "fid": f"{file.fid:04X}",
            "in_map": file.in_map,
            "state": file.state.value,
            "status": f"{file.status:04X}",
            "kind": file.kind.value if file.kind else None,
            "size": file.size,
        }
        for file in files
    ]


def print_files(files: Iterable[FileEntry], text: Translator) -> None:
    """One line a file."""
    columns = ("name", "application", "fid", "state", "kind", "size")
    rows = table(*(text(f"vitale.file.{column}") for column in columns))
    for file in files:
        rows.add_row(
            shown(file.name),
            _APPLICATIONS.get(file.application, file.application.hex().upper()),
            f"{file.fid:04X}",
            _state(file, text),
            text(f"vitale.file.{file.kind.value}") if file.kind else "",
            "" if file.size is None else str(file.size),
        )
    out = console()
    out.print()
    out.print(rows)


def _state(file: FileEntry, text: Translator) -> str:
    if file.state is FileState.REFUSED:
        return text("vitale.file.refused", status=StatusWord(file.status))
    return text(f"vitale.file.{file.state.value}")
