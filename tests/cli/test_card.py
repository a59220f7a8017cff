"""`cardio card layout`, and the catalogue page made of the same data."""

import pytest
from scripts.make_card_catalogue import PAGE, page
from tests.support.desk import Desk

from cardio.cards.cps.generation import GENERATIONS
from cardio.cards.identify import CardKind
from cardio.cards.layouts import LAYOUTS


def test_the_catalogue_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "run: python scripts/make_card_catalogue.py"


@pytest.mark.parametrize("kind", LAYOUTS, ids=lambda kind: kind.value)
def test_layout_gives_each_file_with_its_rule_source_and_confidence(
    desk: Desk, kind: CardKind
) -> None:
    files = LAYOUTS[kind]
    (told,) = desk.json("card", "layout", kind.value)
    assert [file["name"] for file in told["files"]] == [file.name for file in files]
    assert all(file["source"] and file["confidence"] and file["read"] for file in told["files"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_layout_of_all_kinds_as_text(desk: Desk, language: str) -> None:
    done = desk.run("card", "layout", "--lang", language)
    assert done.exit_code == 0
    for files in LAYOUTS.values():
        assert all(file.name in done.stdout for file in files)
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_layout_says_rule_and_source(desk: Desk) -> None:
    done = desk.run("card", "layout", "cps3", "--lang", "fr", env={"COLUMNS": "140"})
    assert "lecture : libre, écriture : code porteur" in done.stdout
    assert "déduit : cps.md §2.2" in done.stdout


@pytest.mark.parametrize("kind", GENERATIONS, ids=lambda kind: kind.value)
def test_every_place_a_card_is_read_at_is_in_its_layout(kind: CardKind) -> None:
    generation = GENERATIONS[kind]
    ranges = {label for label in generation.places if "_ACTIVITY_" in label and "_01_" not in label}
    places = {place.path for label, place in generation.places.items() if label not in ranges}
    places |= {generation.serial_file} | {generation.update_file or generation.serial_file}
    assert places <= {file.path for file in LAYOUTS[kind]}
    names = {file.name for file in LAYOUTS[kind]}
    assert set(generation.free_labels) <= names
