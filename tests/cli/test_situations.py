"""`cardio cps show --situations`: behind the PIN, and never without asking."""

import pytest
from tests.support.desk import Desk

from cardio.cli.exit_codes import ExitCode
from cardio_emulator.kinds import make

READER = "Reader A 00 00"
CODES = {"CODE": "1234", "BAD": "9999"}
SHOW = ("cps", "show", "--situations", "--pin-env")


@pytest.fixture
def desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name, code in CODES.items():
        monkeypatch.setenv(name, code)
    return desk


def test_both_situations_are_shown_in_full(desk: Desk) -> None:
    desk.put(READER, make("cps3", "deux-situations"))
    told = desk.json(*SHOW, "CODE")
    assert told["pin"] == {"outcome": "verified"}
    assert [one["number"] for one in told["situations"]] == [1, 2]
    assert all(one["sector"]["label"] and one["mode"]["label"] for one in told["situations"])
    assert all(one["structure"] and one["structure_name"] for one in told["situations"])
    assert len({one["structure"] for one in told["situations"]}) == 2
    done = desk.run(*SHOW, "CODE", "--lang", "fr")
    assert done.exit_code == 0
    assert done.stdout.startswith("Code porteur : 3 essais restants.")
    for one in told["situations"]:
        assert f"Situation d'exercice {one['number']}" in done.stdout
        assert one["structure_name"] in done.stdout


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_of_each_generation(desk: Desk, kind: str) -> None:
    desk.put(READER, make(kind))
    assert [one["number"] for one in desk.json(*SHOW, "CODE")["situations"]] == [1, 2]


def test_without_being_asked_for_they_are_not_read(desk: Desk) -> None:
    desk.put(READER, make("cps3"))
    told = desk.json("cps", "show")
    assert "situations" not in told
    assert "pin" not in told


def test_a_wrong_pin_shows_the_free_part_only(desk: Desk) -> None:
    desk.put(READER, make("cps3"))
    done = desk.run(*SHOW, "BAD")
    assert done.exit_code == ExitCode.PIN
    assert "MEDECIN" in done.stdout
    assert done.stdout.rstrip().endswith("! Wrong PIN. PIN: 2 tries left.")
    told = desk.json(*SHOW, "BAD", code=ExitCode.PIN)
    assert told["pin"] == {"outcome": "refused", "reason": "known-wrong"}
    assert "situations" not in told


def test_a_contactless_card_has_no_pin_to_ask(desk: Desk) -> None:
    desk.put(READER, make("cps3-contactless"))
    told = desk.json(*SHOW, "NOT_SET", code=ExitCode.PIN)
    assert told["pin"]["reason"] == "no-pin"
