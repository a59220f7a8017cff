import builtins
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.support.probe_facts import (
    CPS_READER,
    GOOD,
    HOLDER,
    NOT_READY,
    PATIENT,
    WITH_IDENTITY,
    facts,
    report,
)

from cardio.errors import ConfigurationError
from cardio.locale import LANGUAGES, translator
from cardio.probe import to_html
from cardio.probe.facts import WorkstationFacts

VOID = {"meta", "br", "rect", "path", "circle"}


class Structure(HTMLParser):
    """Notes elements, and fails on one that is closed without being open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def count(self, tag: str) -> int:
        return sum(seen == tag for seen, _ in self.seen)


def page(found: WorkstationFacts, language: str = "fr") -> str:
    return to_html(report(found), translator(language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("found", [GOOD, NOT_READY, WITH_IDENTITY, facts()])
def test_a_page_is_whole_and_stands_alone(found: WorkstationFacts, language: str) -> None:
    text = page(found, language)
    structure = Structure(text)
    assert structure.open == []
    assert ("html", {"lang": language}) in structure.seen
    assert structure.count("script") == structure.count("link") == structure.count("img") == 0
    assert not re.search(r"(?i)https?:|url\(|@import|\bon[a-z]+=|javascript:", text)
    assert "default-src 'none'" in text


def test_every_reader_is_drawn_and_named() -> None:
    structure = Structure(page(NOT_READY))
    drawn = [attributes for tag, attributes in structure.seen if tag == "svg"]
    labels = [attributes["aria-label"] or "" for attributes in drawn]
    assert [label.partition(" – ")[0] for label in labels] == [r.name for r in NOT_READY.readers]
    classes = [str(a["class"]) for tag, a in structure.seen if a.get("class")]
    assert {"card cps", "card vitale", "card other", "ghost"} <= set(classes)
    assert {"led fail", "led warn"} <= set(classes)


def test_the_verdict_and_what_to_do_are_said() -> None:
    text = page(NOT_READY)
    assert "Poste non prêt" in text
    assert text.index("La carte ne répond pas.") < text.index("Il ne reste qu&#39;un essai.")
    assert "Rien à faire." in page(GOOD)
    assert "Workstation ready" in page(GOOD, "en")
    assert "Aucun lecteur." in page(facts())


def test_names_from_outside_are_escaped() -> None:
    hostile = "<script>alert('x')</script> & \"co\""
    text = page(facts(replace(CPS_READER, name=hostile)))
    assert "<script" not in text
    assert Structure(text).open == []
    assert "&lt;script&gt;" in text


def test_french_signs_do_not_start_a_line() -> None:
    text = page(NOT_READY)
    shown = re.sub(r"(?s)<style>.*</style>|<[^>]*>", "", text)
    assert not re.search(r"\S [:;?!»]|« ", shown)
    assert "Jours restants\N{NO-BREAK SPACE}: 40" in shown


def test_identity_only_on_request_and_with_a_warning() -> None:
    private = [HOLDER.family_name, HOLDER.ps_idnat, PATIENT.given_name, PATIENT.nir]
    with_identity, without = page(WITH_IDENTITY), page(GOOD)
    for value in private:
        assert value
        assert value in with_identity
        assert value not in without
    assert "données personnelles" in with_identity
    assert "ne contient ni nom" in without
    assert "ne contient ni nom" not in with_identity


def test_without_jinja2_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_jinja2(name: str, *rest: object) -> object:
        if name.startswith("jinja2"):
            raise ImportError(name)
        return real(name, *rest)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(builtins, "__import__", without_jinja2)
    with pytest.raises(ConfigurationError, match=r"cardio-sante\[report\]"):
        page(GOOD)
