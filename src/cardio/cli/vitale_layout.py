"""`cardio vitale show --layout`: what is published of the card, and what is a stand-in."""

from typing import Any

from cardio.cards.vitale import knowledge
from cardio.cards.vitale.knowledge import Known
from cardio.cli.output import console, table
from cardio.locale import Translator

_SECTIONS: dict[str, tuple[Known, ...]] = {
    "answers_to_reset": knowledge.ANSWERS_TO_RESET,
    "applications": knowledge.APPLICATIONS,
    "files": knowledge.PLACES,
    "tags": knowledge.TAGS,
    "stand_ins": knowledge.STAND_INS,
}


def layout_as_json(text: Translator) -> dict[str, Any]:
    """Each section as a list; `key` is stable, `what` in the language asked for."""
    sections: dict[str, Any] = {
        name: [_fact(fact, text) for fact in facts] for name, facts in _SECTIONS.items()
    }
    sections["not_public"] = [
        {"key": key, "what": text(f"vitale.known.{key}")} for key in knowledge.NOT_PUBLIC
    ]
    return sections


def _fact(fact: Known, text: Translator) -> dict[str, str | None]:
    return {
        "place": fact.place or None,
        "key": fact.key,
        "what": text(f"vitale.known.{fact.key}"),
        "read": fact.access.value,
        "confidence": fact.confidence.value,
        "source": fact.source,
    }


def print_layout(text: Translator) -> None:
    """A table of each section, then what is not public."""
    out = console()
    for name, facts in _SECTIONS.items():
        rows = table(*(text(f"vitale.layout.{c}") for c in ("place", "what", "confidence")))
        for fact in facts:
            rows.add_row(
                fact.place or text("vitale.layout.found"),
                text(f"vitale.known.{fact.key}"),
                _sure(fact, text),
            )
        out.print(text(f"vitale.layout.{name}"), style="bold")
        out.print(rows)
        out.print()
    out.print(text("vitale.layout.not_public"), style="bold")
    for key in knowledge.NOT_PUBLIC:
        out.print(f"- {text(f'vitale.known.{key}')}")


def _sure(fact: Known, text: Translator) -> str:
    access = text(f"card.access.{fact.access.value}")
    confidence = text(f"card.confidence.{fact.confidence.value}")
    return f"{access}, {confidence}, {fact.source}"
