"""The report as the terminal shows it."""

import io

import pytest
from rich.console import Console
from tests.support.probe_facts import EMPTY, GOOD, NOT_READY, WITH_IDENTITY, facts, report

from cardio.cli.render_probe import ProgressBar, render, render_changes
from cardio.locale import translator
from cardio.probe import Step, changed
from cardio.probe.facts import WorkstationFacts


def shown(found: WorkstationFacts, language: str = "fr", width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(render(report(found), translator(language)))
    return out.getvalue()


def test_the_verdict_comes_first_and_what_to_do_last() -> None:
    lines = shown(NOT_READY).splitlines()
    assert lines[0].strip() == "Poste non prêt"
    assert lines.index("À faire".ljust(100)) > lines.index("Contrôles".ljust(100))
    assert "KAP-LINK 1 03 00" in "".join(lines[-12:])


def test_a_good_workstation_leaves_nothing_to_do() -> None:
    text = shown(GOOD, "en")
    assert text.startswith("Workstation ready")
    assert "To do" not in text
    assert text.count("✓") > 20


def test_every_status_has_its_own_sign() -> None:
    text = shown(facts(*NOT_READY.readers))
    assert all(sign in text for sign in "✓!✗–")
    assert "Aucun lecteur." in shown(facts())
    assert "Aucune carte CPS" in shown(facts(EMPTY))


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, shown(NOT_READY, width=width).splitlines())) <= width


def test_markup_in_a_readers_name_is_shown_as_it_is() -> None:
    from dataclasses import replace

    assert "[red]A[/red]" in shown(facts(replace(EMPTY, name="[red]A[/red]")))


def test_nobody_is_named_on_the_terminal() -> None:
    text = shown(WITH_IDENTITY)
    assert not [name for name in ("ZEPHYRINE", "ANATOLE", "1841900") if name in text]


def test_progress_shows_on_a_terminal_only() -> None:
    def written(terminal: bool) -> str:
        out = io.StringIO()
        console = Console(file=out, force_terminal=terminal, width=80)
        with ProgressBar(console, translator("fr")) as bar:
            bar(Step("cards", 1, 2))
        return out.getvalue()

    assert "Lecture des cartes : 1 sur 2" in written(True)
    assert not written(False).strip()


def test_what_changed_is_shown_with_what_to_do() -> None:
    def said(before: WorkstationFacts, after: WorkstationFacts) -> str:
        out = io.StringIO()
        new = report(after)
        shown = render_changes(changed(report(before), new), new, translator("fr"))
        Console(file=out, width=120).print(shown)
        return out.getvalue()

    worse = said(GOOD, NOT_READY)
    assert "Poste non prêt" in worse
    assert "✓ → !" in worse
    assert "→ Ne laissez aucun logiciel présenter le code" in worse
    assert "Rien n'a changé." in said(GOOD, GOOD)


def test_checks_stand_under_what_they_are_about() -> None:
    text = shown(GOOD)
    titles = ["Branchement et service", "Lecteurs", "Cartes", "Poste et session", "Réseau"]
    places = [text.rindex(f"\n{title}") for title in titles]
    assert places == sorted(places)
