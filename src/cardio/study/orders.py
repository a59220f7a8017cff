"""Order lists as CSV files, one an errand, in the form that spreadsheets of French systems open."""

import csv
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cardio.errors import ConfigurationError
from cardio.locale import Translator
from cardio.study import told
from cardio.study.answers import State
from cardio.study.conduct import Outcome
from cardio.study.fixes import Fix, Scope
from cardio.study.kinds import STATES
from cardio.study.result import Errand, PersonResult, WorkstationResult
from cardio.study.site import Site

_NAMES = ("civility", "family_name", "given_name", "rpps", "adeli")
_COLUMNS = {
    Scope.PERSON: ("site", "line", "profession", "workstation", "state", "services", "why"),
    Scope.WORKSTATION: ("site", "workstation", "report", "services", "why", "advice"),
    Scope.SITE: ("site", "finess", "state", "services", "why"),
}
_MOST_SAID = 10_000
"""Different errands whose words are remembered."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Starts of cells that a spreadsheet would compute."""


class Orders:
    """A sink of `conduct`, and a context manager that closes the files.

    A list is only there if something is on it. With identities, lists of people name them.
    """

    def __init__(self, folder: Path, text: Translator, *, with_identity: bool) -> None:
        self._folder, self._text, self._with_identity = folder, text, with_identity
        self._stack = ExitStack()
        self._lists: dict[Fix, Any] = {}
        self._said: dict[tuple[State, tuple[int, ...]], tuple[str, str, str]] = {}

    def __enter__(self) -> Self:
        """Lists of an earlier study in the folder go: they would be taken for this one's."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for fix in Fix:
                self._file(fix).unlink(missing_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{self._folder}: {error.strerror}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def workstation(self, found: WorkstationResult) -> None:
        for errand in found.errands:
            checks = [one for one in found.checks if one.fix is errand.fix]
            _, services, reasons = self._words(errand)
            why = "; ".join(filter(None, (reasons, *(one.finding for one in checks))))
            advice = "; ".join(dict.fromkeys(one.advice for one in checks if one.advice))
            cells = (found.site, found.name, found.report, services, why)
            self._row(errand.fix, (*cells, advice or told.advice(errand.fix, self._text)))

    def person(self, found: PersonResult) -> None:
        for errand in found.kind.errands:
            if errand.fix.scope is Scope.PERSON:
                self._person(errand, found)

    def sites(self, outcome: Outcome) -> None:
        """What is done once for a site; call it after `conduct`."""
        for site, tally in outcome.by_site.values():
            for fix, found in tally.fixes.items():
                if found.is_by_site(fix):
                    causes = tuple(outcome.causes[number] for number in sorted(found.causes))
                    worst = min(found.people, key=STATES.index, default=State.UNKNOWN)
                    self._site(Errand(fix, causes, worst), site)

    def _site(self, errand: Errand, site: Site) -> None:
        """Of workstations that nobody described, what people there want."""
        state, services, why = self._words(errand)
        if errand.fix.scope is Scope.WORKSTATION:
            advice = told.advice(errand.fix, self._text)
            self._row(errand.fix, (site.id, "?", None, services, why, advice))
            return
        finess = str(site.finess) if site.finess else None
        self._row(errand.fix, (site.id, finess, state, services, why))

    def _person(self, errand: Errand, found: PersonResult) -> None:
        state, services, why = self._words(errand)
        if errand.fix is Fix.CORRECT_ROSTER:
            why = "; ".join(filter(None, (why, *told.mistakes(found, self._text))))
        names = [getattr(found.identity, name) for name in _NAMES] if self._with_identity else []
        profession = told.profession(found.profession, self._text)
        row = (profession, ", ".join(found.workstations), state, services, why)
        self._row(errand.fix, (found.site, found.line, *names, *row))

    def _words(self, errand: Errand) -> tuple[str, str, str]:
        """State, services and reasons; said once for all people of a kind."""
        key = (errand.state, tuple(cause.number for cause in errand.causes))
        if key not in self._said:
            if len(self._said) >= _MOST_SAID:
                self._said.clear()
            why = "; ".join(told.reasons(errand.causes, self._text))
            state = self._text(f"study.state.{errand.state}")
            self._said[key] = state, ", ".join(errand.services), why
        return self._said[key]

    def _row(self, fix: Fix, cells: Iterable[object]) -> None:
        if fix not in self._lists:
            self._lists[fix] = self._open(fix)
        self._lists[fix].writerow([_safe(cell) for cell in cells])

    def _open(self, fix: Fix) -> Any:  # noqa: ANN401 (the writer of csv has no public name)
        self._file(fix).touch(mode=0o600)
        opened = self._file(fix).open("w", encoding="utf-8-sig", newline="")
        writer = csv.writer(self._stack.enter_context(opened), delimiter=";")
        columns = list(_COLUMNS[fix.scope])
        if fix.scope is Scope.PERSON and self._with_identity:
            columns[2:2] = _NAMES
        writer.writerow([self._text(f"study.column.{column}") for column in columns])
        return writer

    def _file(self, fix: Fix) -> Path:
        return self._folder / f"{fix.value}.csv"


def _safe(cell: object) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
