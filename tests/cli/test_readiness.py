"""`cardio readiness` and `cardio catalogue`, as a technician types them."""

from pathlib import Path

import pytest
from tests.support.desk import Desk

from cardio.cli.exit_codes import ExitCode
from cardio_emulator.kinds import make

READER, OTHER = "Reader A 00 00", "Reader B 00 00"
NOT_READY = ExitCode.CHECK_FAILED
IN_TEST = ("--environment", "test")

OWN = """\
id = "essai"
status = "current"
name = { fr = "Essai maison", en = "Home-made trial" }

[[convention]]
id = "une"
name = { fr = "une voie", en = "one way" }
channels = ["web_other"]

[[convention.rule]]
subject = "credential"
any_of = ["CPS"]
source = "the head nurse"
date = "2020"
confidence = "s1"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "essai.toml"
    file.write_text(OWN, encoding="utf-8")
    return file


def test_ready_and_nobody_is_named(desk: Desk, own: Path) -> None:
    desk.put(READER, make("cps3"))
    done = desk.run("readiness", "essai", "--catalogue", str(own), *IN_TEST)
    assert done.exit_code == 0
    assert "✓ ready  Home-made trial" in done.stdout
    told = desk.json("readiness", "essai", "--catalogue", str(own), *IN_TEST)
    (card,) = told["cards"]
    (service,) = card["services"]
    assert (card["reader"], service["readiness"], service["best"]) == (READER, "ready", "une")
    for secret in ("MEDECIN", "997", "2900"):
        assert secret not in done.stdout + str(told)


def test_a_test_card_is_refused_in_production(desk: Desk, own: Path) -> None:
    desk.put(READER, make("cps3"))
    done = desk.run("--lang", "fr", "readiness", "essai", "--catalogue", str(own))
    assert done.exit_code == NOT_READY
    assert "✗ pas prêt  Essai maison" in done.stdout
    assert "carte de test, refusée en production" in done.stdout


def test_an_old_rule_is_shown_with_its_date(desk: Desk, own: Path) -> None:
    desk.put(READER, make("cps3"))
    done = desk.run("readiness", "essai", "--catalogue", str(own), *IN_TEST)
    assert "rule of 2020: check that it still holds" in done.stdout
    assert "the head nurse, 2020, one secondary source" in done.stdout


def test_the_profession_of_the_card_decides(desk: Desk) -> None:
    desk.put(READER, make("cps3", "infirmiere"))
    told = desk.json("readiness", "amelipro-bsi", "amelipro-dsg", *IN_TEST, code=NOT_READY)
    bsi, dsg = told["cards"][0]["services"]
    assert bsi["best"] == "liberal"
    assert dsg["readiness"] == "not-ready"
    found = {one["cause"] for way in dsg["conventions"] for one in way["conditions"]}
    assert "profession-not-listed" in found


def test_of_two_cards_each_is_judged(desk: Desk, own: Path) -> None:
    desk.put(READER, make("cps3", "secretaire"))
    desk.put(OTHER, make("cps4", "infirmiere"))
    told = desk.json("readiness", "essai", "--catalogue", str(own), *IN_TEST)
    assert {card["reader"]: card["services"][0]["readiness"] for card in told["cards"]} == {
        READER: "not-ready",
        OTHER: "ready",
    }


def test_without_card_or_reader_the_answer_says_what_to_do(desk: Desk, own: Path) -> None:
    for reader in (None, READER):
        if reader:
            desk.put(reader)
        done = desk.run("readiness", "essai", "--catalogue", str(own))
        assert done.exit_code == NOT_READY
        assert "Insert the card, chip first." in done.stdout


def test_a_health_centre_says_its_sector(desk: Desk) -> None:
    desk.put(READER, make("cps3"))
    words = ("readiness", "amelipro-aat", "--sector", "SA05", *IN_TEST)
    told = desk.json(*words, code=NOT_READY)
    ways = told["cards"][0]["services"][0]["conventions"]
    (way,) = [one for one in ways if one["id"] == "health-centre"]
    assert ("sector", "met") in {(one["subject"], one["state"]) for one in way["conditions"]}


def test_every_service_is_asked_by_default(desk: Desk) -> None:
    desk.put(READER, make("cps3"))
    told = desk.json("readiness", *IN_TEST, code=NOT_READY)
    assert len(told["cards"][0]["services"]) >= 15


def test_a_service_not_known_is_a_usage_error(desk: Desk) -> None:
    done = desk.run("readiness", "aati")
    assert done.exit_code == ExitCode.USAGE
    assert "no service 'aati' in the catalogue" in done.stderr


def test_the_catalogue_is_listed_shown_and_checked(desk: Desk, own: Path) -> None:
    assert {"pse", "insi"} <= {one["id"] for one in desk.json("catalogue", "list")}
    shown = desk.json("catalogue", "show", "pse")
    rules = [rule for way in shown["conventions"] for rule in way["rules"]]
    assert all(rule["source"] and rule["confidence"] for rule in rules)
    done = desk.run("catalogue", "show", "pse", "--lang", "fr")
    assert "règle de 2019-02 : vérifier qu'elle tient encore" in done.stdout
    done = desk.run("catalogue", "check", str(own))
    assert (done.exit_code, done.stdout) == (0, f"{own}: service essai, rules: 1\n")


def test_a_catalogue_with_a_mistake_is_refused_with_its_line(desk: Desk, own: Path) -> None:
    own.write_text(OWN.replace('"CPS"', '"CPX"'), encoding="utf-8")
    for words in (("catalogue", "check", str(own)), ("readiness", "--catalogue", str(own))):
        done = desk.run(*words)
        assert done.exit_code == ExitCode.USAGE
        assert f"{own}, line 12: 'any_of' has 'CPX'; allowed: CDA" in done.stderr
