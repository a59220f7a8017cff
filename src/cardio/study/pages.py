"""A study as HTML: a page of tables to sort, and one page for the director.

Nothing is fetched. The one script sorts tables; without it all is still there to read.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from cardio._version import __version__
from cardio.catalogue.model import Service
from cardio.errors import ConfigurationError
from cardio.locale import Translator
from cardio.study import told
from cardio.study.conduct import Outcome
from cardio.study.fixes import Fix, Scope
from cardio.study.kinds import STATES
from cardio.study.page_words import PageWords
from cardio.study.result import Verdict
from cardio.study.roster.mistakes import Severity
from cardio.study.shown import MOST, Shown
from cardio.study.site import Site
from cardio.study.tally import Tally

if TYPE_CHECKING:
    from jinja2 import Environment

_FRENCH_SPACE = re.compile(r" (?=[:;?!»])|(?<=«) ")
_DRAWN = (Verdict.READY, Verdict.CANNOT_TELL, Verdict.NOT_READY)
_MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar, in percent of the longest one."""

    tone: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a plot."""

    label: str
    parts: tuple[Part, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ErrandRow:
    """A fix with what it counts, its most frequent reasons first."""

    fix: Fix
    title: str
    advice: str
    lines: int
    unit: str
    services: str
    states: tuple[str, ...]
    why: tuple[str, ...]


class Pages:
    """Both pages of one study. Raises `ConfigurationError` where jinja2 is not installed."""

    def __init__(self, catalogue: Mapping[str, Service], text: Translator) -> None:
        self._text = text
        self._names = {one.id: one.name[text.language] for one in catalogue.values()}
        self._environment = _environment(text.language)

    def study(self, outcome: Outcome, shown: Shown) -> str:
        """Everything, but no more than `MOST` rows of a table."""
        script = _script()
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return self._render(
            "study.html.j2",
            outcome,
            script=script,
            digest=digest,
            shown=shown,
            most=MOST,
        )

    def summary(self, outcome: Outcome) -> str:
        """One page."""
        return self._render("summary.html.j2", outcome)

    def _render(self, template: str, outcome: Outcome, **more: object) -> str:
        return self._environment.get_template(template).render(
            text=self._text,
            version=__version__,
            outcome=outcome,
            total=outcome.total,
            names=self._names,
            services=[(one, counts) for one, counts in outcome.total.readiness()],
            by_service=self._by_service(outcome.total),
            errands=self._errands(outcome),
            by_errand=self._by_errand(outcome),
            sites=_sites(outcome),
            verdicts=list(Verdict),
            Severity=Severity,
            say=PageWords(outcome, self._text),
            **more,
        )

    def _by_service(self, total: Tally) -> list[Bar]:
        return _bars(
            (self._names.get(service, service), [(one.value, counts[one]) for one in _DRAWN])
            for service, counts in total.readiness()
        )

    def _by_errand(self, outcome: Outcome) -> list[Bar]:
        return _bars(
            (
                told.title(fix, self._text),
                [("errand", found.lines)],
            )
            for fix, found in _by_size(outcome)
        )

    def _errands(self, outcome: Outcome) -> list[ErrandRow]:
        return [self._errand(fix, outcome) for fix, _ in _by_size(outcome)]

    def _errand(self, fix: Fix, outcome: Outcome) -> ErrandRow:
        found, text = outcome.total.fixes[fix], self._text
        reasons: Counter[str] = Counter()
        for number, count in found.causes.items():
            reasons[told.because(outcome.causes[number], text)] += count
        states = (
            text(
                "study.state-count",
                state=text(f"study.state.{state}"),
                people=found.people[state],
            )
            for state in STATES
            if found.people[state]
        )
        scope = Scope.SITE if found.is_by_site(fix) else fix.scope
        return ErrandRow(
            fix,
            told.title(fix, text),
            told.advice(fix, text),
            found.lines,
            text(f"study.unit.{scope}", count=found.lines),
            ", ".join(sorted(found.services)),
            tuple(states),
            tuple(reason for reason, _ in reasons.most_common(5)),
        )


def _by_size(outcome: Outcome) -> list[tuple[Fix, Any]]:
    """Errands that block people first, the largest of them first."""
    return sorted(
        outcome.total.fixes.items(),
        key=lambda item: (-item[1].people[STATES[0]], -item[1].lines),
    )


def _sites(outcome: Outcome) -> list[tuple[Site, Tally]]:
    """Those with most people who are not ready first."""
    return sorted(
        outcome.by_site.values(),
        key=lambda one: -(one[1].worst[Verdict.NOT_READY] + one[1].worst[Verdict.CANNOT_TELL]),
    )


def _bars(rows: Iterable[tuple[str, list[tuple[str, int]]]]) -> list[Bar]:
    kept = [(label, parts, sum(count for _, count in parts)) for label, parts in rows]
    kept = kept[:_MOST_BARS]
    longest = max((total for _, _, total in kept), default=0) or 1
    return [Bar(label, tuple(_parts(parts, longest)), total) for label, parts, total in kept]


def _parts(parts: list[tuple[str, int]], longest: int) -> Iterable[Part]:
    start = 0.0
    for tone, count in parts:
        width = 100 * count / longest
        if count:
            yield Part(tone, count, round(start, 2), round(width, 2))
        start += width


def _script() -> str:
    return (files("cardio.study") / "templates" / "sort.js").read_text(encoding="utf-8")


def _templates() -> dict[str, str]:
    """Those of the study, and the style of the probe's report."""
    folders = ("study", "probe")
    found = (file for one in folders for file in (files("cardio") / one / "templates").iterdir())
    return {one.name: one.read_text(encoding="utf-8") for one in found if one.name.endswith(".j2")}


def _environment(language: str) -> "Environment":
    try:
        from jinja2 import DictLoader, Environment, StrictUndefined
    except ImportError:
        raise ConfigurationError(
            "the HTML pages of a study need jinja2: pip install 'cardio-sante[study]'"
        ) from None
    return Environment(
        loader=DictLoader(_templates()),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_keep_together if language == "fr" else None,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _keep_together(value: object) -> object:
    """French signs stay on the line of their word: the space between does not break."""
    return _FRENCH_SPACE.sub("\N{NO-BREAK SPACE}", value) if type(value) is str else value
