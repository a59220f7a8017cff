"""How `cardio consult watch` shows what happens: one line each, of text or of JSON."""

import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import click

from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cli.failure import as_text
from cardio.cli.settings import Settings
from cardio.errors import CardioError
from cardio.workstation.consultation import Consultation
from cardio.workstation.consultation_events import (
    CardFound,
    CardUnreadable,
    ConsultationEvent,
    EndReason,
    VitaleWasThere,
)
from cardio.workstation.consultation_pairing import Prompt


class View:
    """Tells on standard output, at once; names are said only `with_identity`."""

    def __init__(self, settings: Settings, *, with_identity: bool) -> None:
        self._as_json, self._text = settings.as_json, settings.text
        self._with_identity = with_identity

    def prompt(self, prompt: Prompt) -> None:
        """What to put in where."""
        told = {
            "missing": [role.value for role in prompt.missing],
            "free": list(prompt.free),
            "instead_of": prompt.instead_of,
            "error": prompt.error.code,
            "message": prompt.error.message,
        }
        self._tell("prompt", told, self._prompt_text(prompt))

    def started(self, consultation: Consultation) -> None:
        """The two cards; the people only if they were asked for."""
        cps, vitale = consultation.cps, consultation.vitale
        told: dict[str, Any] = {
            "cps": {"reader": cps.reader, "kind": cps.match.kind.value},
            "vitale": {
                "reader": vitale.reader,
                "present": consultation.is_vitale_present,
                "read_at": vitale.read_at.isoformat(timespec="seconds"),
                "nature": vitale.nature.value,
                "beneficiaries": len(vitale.beneficiaries),
            },
        }
        lines = [self._start_text(consultation)]
        if not consultation.is_vitale_present:
            lines.append(self._text("consult.in_turn"))
        if self._with_identity:
            told["identity"] = _identity(consultation)
            lines += [f"  {name}" for name in self._names(consultation)]
        self._tell("started", told, "\n".join(lines))

    def event(self, event: ConsultationEvent) -> None:
        """One thing that happened."""
        word = _word(event)
        told = {field.name: _plain(getattr(event, field.name)) for field in fields(event)}
        self._tell(word, told, self._text(f"consult.event.{word}", **self._values(event, told)))

    def hint(self, error: CardioError) -> None:
        """What to do about something that went wrong."""
        self._tell("error", {"code": error.code}, self._text.hint(error))

    def ended(self, why: EndReason) -> None:
        """The last line."""
        self._tell("ended", {"why": why.value}, self._text(f"consult.ended.{why.value}"))

    def _tell(self, word: str, told: dict[str, Any], text: str) -> None:
        if self._as_json:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            text = json.dumps({"event": word, "at": at, **told}, ensure_ascii=False)
        click.echo(text)

    def _prompt_text(self, prompt: Prompt) -> str:
        lines = [self._asked(prompt) if prompt.missing else as_text(prompt.error, self._text)]
        if isinstance(unread := prompt.error.__cause__, CardioError):
            lines.append(as_text(unread, self._text))
        return "\n".join(lines)

    def _asked(self, prompt: Prompt) -> str:
        text = self._text
        one = prompt.missing[0].value if len(prompt.missing) == 1 else "both"
        if prompt.instead_of:
            return text(f"consult.prompt.{one}_instead", reader=prompt.instead_of)
        readers = prompt.free or (text("consult.prompt.no_reader"),)
        return text(f"consult.prompt.{one}", readers=readers)

    def _start_text(self, consultation: Consultation) -> str:
        cps, vitale = consultation.cps, consultation.vitale
        return self._text(
            "consult.started",
            cps=self._text(f"card.kind.{cps.match.kind.value}"),
            cps_reader=cps.reader,
            vitale_reader=vitale.reader,
            count=len(vitale.beneficiaries),
        )

    def _names(self, consultation: Consultation) -> list[str]:
        text, holder = self._text, consultation.cps.holder
        name = _name(holder.family_name, holder.given_name) or text("consult.no_name")
        people = enumerate(consultation.vitale.beneficiaries, start=1)
        return [
            text("consult.holder", name=name),
            *(self._person(number, person) for number, person in people),
        ]

    def _person(self, number: int, person: Beneficiary) -> str:
        text = self._text
        return text(
            "consult.person",
            number=number,
            name=_name(person.family_name, person.given_name) or text("consult.no_name"),
            birth=person.birth_date or person.birth_date_as_written or text("consult.no_date"),
        )

    def _values(self, event: ConsultationEvent, told: dict[str, Any]) -> dict[str, Any]:
        if isinstance(event, CardFound):
            return {**told, "kind": self._text(f"card.kind.{event.kind.value}")}
        if isinstance(event, CardUnreadable):
            hint = self._text.hint(event.error)
            return {"reader": event.reader, "code": event.error.code, "hint": hint}
        return told


def _identity(consultation: Consultation) -> dict[str, Any]:
    holder = consultation.cps.holder
    return {
        "professional": {
            "ps_idnat": str(holder.ps_idnat) if holder.ps_idnat else None,
            "family_name": holder.family_name,
            "given_name": holder.given_name,
        },
        "beneficiaries": [
            {
                "family_name": person.family_name,
                "given_name": person.given_name,
                "birth_date": person.birth_date_as_written,
            }
            for person in consultation.vitale.beneficiaries
        ],
    }


def _word(event: ConsultationEvent) -> str:
    """`CardInserted` as `card-inserted`."""
    if isinstance(event, VitaleWasThere) and event.left_in:
        return "vitale-left-in"
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(event).__name__).lower()


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, CardioError):
        return value.code
    return value.value if isinstance(value, Enum) else value


def _name(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
