"""Results in words, for order lists, pages and terminals."""

from collections.abc import Iterable, Iterator

from cardio.catalogue.subject import STAFF
from cardio.identity.nomenclature import Table
from cardio.locale import Translator
from cardio.study import wording
from cardio.study.fixes import Fix
from cardio.study.result import Cause, PersonResult
from cardio.study.roster import wording as roster_wording
from cardio.study.roster.mistakes import Severity


def profession(code: str | None, text: Translator) -> str:
    """A code of table G15, or `STAFF`, with its label."""
    if code is None:
        return text("study.unknown")
    return text("study.staff") if code == STAFF else Table.PROFESSION.labels.get(code, code)


def because(cause: Cause, text: Translator) -> str:
    """What was wanted and what was found: `PIN: at least 1 — the PIN is blocked`."""
    answer = cause.answer
    return f"{wording.wanted(answer.condition, text)} — {wording.found(answer, text)}"


def reasons(causes: Iterable[Cause], text: Translator) -> tuple[str, ...]:
    """Each reason once, in their order."""
    return tuple(dict.fromkeys(because(cause, text) for cause in causes))


def mistakes(person: PersonResult, text: Translator) -> Iterator[str]:
    """The errors of a roster's line, without its number."""
    for one in person.mistakes:
        if one.severity is Severity.ERROR:
            about = f"{roster_wording.field(one.field, text)}: " if one.field else ""
            yield about + roster_wording.found(one, text)


def title(fix: Fix, text: Translator) -> str:
    """The name of an errand."""
    return text(f"study.fix.{fix}.title")


def advice(fix: Fix, text: Translator) -> str:
    """How it is done."""
    return text(f"study.fix.{fix}.advice")
