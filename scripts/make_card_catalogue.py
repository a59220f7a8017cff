"""Writes docs/reference/cards.md from the layouts that cardio reads cards by.

A test fails where the page is not what this makes.
"""

from collections.abc import Iterator
from pathlib import Path

from cardio.cards.identify import CardKind
from cardio.cards.layout import CardFile
from cardio.cards.layouts import LAYOUTS
from cardio.locale import Translator, translator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cards.md"

HEAD = """\
# Catalogue of the cards

Made by `scripts/make_card_catalogue.py` from the data that cardio reads cards by; do not edit.
`cardio card layout` prints the same.

- **Path**: from the master file, or from the application named. *Told by the card*: its place is
  not public, or differs between cards; cardio finds the file through the card's own directories.
- **Read**, **write**: what the card asks for first. *Not public* means that only a card can say.
- **Confidence**: *published* by an official source or two independent ones, *observed* on a card
  or in the vendor's programs, *inferred* from what is known, *stand-in* invented where nothing is
  public. It is that of place and content together.
- **Source**: fact sheet and paragraph.
"""


def page() -> str:
    """The whole page."""
    text = translator("en")
    tables = ["\n".join(_table(kind, files, text)) for kind, files in LAYOUTS.items()]
    return "\n".join([HEAD, *tables])


def _table(kind: CardKind, files: tuple[CardFile, ...], text: Translator) -> Iterator[str]:
    yield f"## {text(f'card.kind.{kind.value}')}\n"
    yield "| file | path | content | read | write | confidence | source |"
    yield "|---|---|---|---|---|---|---|"
    for file in files:
        yield f"| {' | '.join(_cells(file, text))} |"
    yield ""


def _cells(file: CardFile, text: Translator) -> Iterator[str]:
    yield file.name
    yield str(file.path or text("card.layout.found"))
    yield file.content
    yield text(f"card.access.{file.read.value}")
    yield text(f"card.access.{file.update.value}")
    yield text(f"card.confidence.{file.confidence.value}")
    yield file.source


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
