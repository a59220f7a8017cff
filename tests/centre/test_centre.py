"""A whole health centre: probed, studied, and held against a table written by hand."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.centre import verdicts
from tests.centre.centre import ROSTER, SITE, write_reports
from tests.centre.verdicts import CHECKS, FIXES, MISTAKES, SERVICES, VERDICTS
from tests.support.command import cardio

from cardio.catalogue.catalogue import Catalogue
from cardio.cli.exit_codes import ExitCode
from cardio.study.conduct import Outcome, Request, conduct
from cardio.study.engine import Options
from cardio.study.evidence import Environment
from cardio.study.reports import find
from cardio.study.result import Link, PersonResult, Verdict, WorkstationResult
from cardio.study.roster.reading import read_roster
from cardio.study.series import Series
from cardio.study.site_file import read_sites


@dataclass
class Collected:
    """Everything a study told, kept."""

    workstations: dict[str, WorkstationResult] = field(default_factory=dict)
    people: dict[int, PersonResult] = field(default_factory=dict)

    def workstation(self, found: WorkstationResult) -> None:
        self.workstations[found.name] = found

    def person(self, found: PersonResult) -> None:
        self.people[found.line] = found


@dataclass
class Centre:
    folder: Path
    reports: Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    folder = tmp_path_factory.mktemp("centre") / "reports"
    return Centre(folder, write_reports(folder))


def studied(folder: Path, environment: Environment = Environment.TEST) -> tuple[Collected, Outcome]:
    catalogue = Catalogue.load().services
    sites = read_sites(SITE, catalogue)
    request = Request(
        roster=read_roster(ROSTER, defaults=sites.defaults),
        sites=sites,
        reports=find((folder,)),
        catalogue=catalogue,
        services=tuple(catalogue),
        series=Series.once(),
        options=Options(environment),
    )
    collected = Collected()
    return collected, conduct(request, [collected])


@pytest.fixture(scope="module")
def study(centre: Centre) -> tuple[Collected, Outcome]:
    return studied(centre.folder)


def given(found: PersonResult) -> dict[str, Verdict]:
    return {one.service: one.verdict for one in found.services}


def test_every_verdict_is_that_of_the_table(study: tuple[Collected, Outcome]) -> None:
    found = {line: given(person) for line, person in study[0].people.items()}
    wanted = {
        line: dict(zip(SERVICES, cells, strict=True)) for line, (_, cells) in VERDICTS.items()
    }
    assert found == wanted


@pytest.mark.parametrize("name", CHECKS)
def test_each_fault_is_seen_and_nothing_else(centre: Centre, name: str) -> None:
    verdict, wanted = CHECKS[name]
    report = centre.reports[name]
    bad = {(c["id"], c["status"], c["cause"]) for c in report["checks"]}
    assert {one for one in bad if one[1] not in ("pass", "skip")} == wanted
    assert report["verdict"]["status"] == verdict


def test_what_is_to_be_done_and_for_whom(study: tuple[Collected, Outcome]) -> None:
    lines: dict[Any, set[int]] = defaultdict(set)
    for line, person in study[0].people.items():
        for service in person.services:
            for cause in service.causes:
                lines[cause.fix].add(line)
    assert {fix: lines[fix] for fix in FIXES} == FIXES


def test_the_roster_s_mistakes(study: tuple[Collected, Outcome]) -> None:
    people = study[0].people.values()
    found = {
        (one.line, one.cause.value, one.field.value if one.field else None)
        for person in people
        for one in person.mistakes
    }
    assert found == MISTAKES


def test_cards_are_found_by_number(study: tuple[Collected, Outcome]) -> None:
    cards = {line: person.card for line, person in study[0].people.items() if person.card}
    assert set(cards) == {2, 4, 5, 7, 9}
    assert {card.link for card in cards.values()} == {Link.NUMBER}
    assert study[1].strangers == 0


def test_the_command_says_the_same(centre: Centre, tmp_path: Path) -> None:
    words = ("--roster", str(ROSTER), "--site", str(SITE), "--reports", str(centre.folder))
    done = cardio("--lang", "fr", "study", *words, "--environment", "test", "--out", str(tmp_path))
    assert done.returncode == ExitCode.CHECK_FAILED, done.stderr
    study = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    found = {
        one["line"]: tuple(service["verdict"] for service in one["services"])
        for one in study["people"]
    }
    assert found == {
        line: tuple(cell.value for cell in cells) for line, (_, cells) in VERDICTS.items()
    }
    written = "".join(
        file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()
    )
    for secret in ("-TEST<", "DENTISTE-TEST", "INFIRMIÈRE-TEST", "Gabrielle", "9978200"):
        assert secret not in done.stdout + written


def test_without_identities_only_sure_cards_are_taken(tmp_path: Path) -> None:
    """A report that names nobody: a card is somebody's where nobody else sits."""
    write_reports(tmp_path, with_identity=False)
    people = studied(tmp_path)[0].people
    cards = {line: person.card.link for line, person in people.items() if person.card}
    assert cards == {4: Link.SOLE_USER, 5: Link.SOLE_USER}
    assert given(people[4])["amelipro-aat"] is verdicts.NOT_READY
    assert given(people[2])["amelipro-aat"] is verdicts.CANNOT_TELL


def test_in_production_a_test_card_opens_nothing(centre: Centre) -> None:
    people = studied(centre.folder, Environment.PRODUCTION)[0].people
    assert given(people[2])["amelipro-aat"] is verdicts.NOT_READY
    assert given(people[9])["pro-sante-connect"] is verdicts.NOT_READY


def test_the_files_name_nobody_who_was_not_asked_for(tmp_path: Path) -> None:
    write_reports(tmp_path, with_identity=False)
    text = "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
    for secret in ("MEDECIN-TEST", "KINE-TEST", "JULES", "9978200", "8997"):
        assert secret not in text
