"""`cardio readers`, `cards`, `cps show` and `vitale show`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
from tests.support.desk import Desk
from tests.support.personas import PERSONAS

from cardio.cli.exit_codes import ExitCode
from cardio_emulator.faults import FaultyCard, GarbageAtr, Mute
from cardio_emulator.kinds import make

TYPES = {"interne": "01", "secretaire": "02", "service": "02", "agent": "03"}
CPS_READER, VITALE_READER = "Reader A 00 00", "Reader B 01 00"


@pytest.fixture
def full(desk: Desk) -> Desk:
    desk.put(CPS_READER, make("cps3"))
    desk.put(VITALE_READER, make("vitale2"))
    return desk


def test_readers_lists_each_with_its_card(full: Desk) -> None:
    full.put("Reader C 02 00")
    done = full.run("readers")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line[:14] for line in lines[1:]] == [CPS_READER, VITALE_READER, "Reader C 02 00"]
    assert "card present" in lines[1]
    assert "empty" in lines[3]


def test_readers_as_json(full: Desk) -> None:
    first, second = full.json("readers")
    assert first == {
        "name": CPS_READER,
        "card": "present",
        "atr": "3BAC00402A001225006480000310009000",
        "in_use": False,
        "exclusive": False,
    }
    assert second["atr"] == "3B751300004409EA9000"


@pytest.mark.parametrize(("language", "said"), [("fr", "Aucun lecteur."), ("en", "No reader.")])
@pytest.mark.parametrize("command", ["readers", "cards"])
def test_no_reader(desk: Desk, command: str, language: str, said: str) -> None:
    done = desk.run(command, "--lang", language)
    assert (done.stdout.strip(), done.exit_code) == (said, ExitCode.NO_READER)
    assert desk.json(command, code=ExitCode.NO_READER) == []


def test_cards_tells_the_kinds_and_nobody(full: Desk) -> None:
    done = full.run("cards", "--lang", "fr")
    assert done.exit_code == 0
    assert "CPS3" in done.stdout
    assert "Vitale 2" in done.stdout
    assert "MEDECIN" not in done.stdout
    found = full.json("cards")
    assert [card["kind"] for card in found] == ["cps3", "vitale2"]
    assert {"reader", "presence", "atr", "confidence", "why", "error"} <= set(found[0])


def test_cards_without_a_card(desk: Desk) -> None:
    desk.put(CPS_READER)
    assert desk.run("cards").exit_code == ExitCode.NO_CARD


def test_cards_with_only_a_card_that_cannot_be_told(desk: Desk) -> None:
    desk.put(CPS_READER, FaultyCard(make("cps3"), GarbageAtr()))
    done = desk.run("cards", "--json")
    assert done.exit_code == ExitCode.CARD_ERROR


def test_a_card_that_fails_does_not_hide_the_other(desk: Desk) -> None:
    desk.put(CPS_READER, FaultyCard(make("cps3"), Mute(at=0, seconds=0.01)))
    desk.put(VITALE_READER, make("vitale2"))
    first, second = desk.json("cards")
    assert (first["kind"], second["kind"]) == (None, "vitale2")
    assert first["error"]["code"].startswith("CARD-12")


def test_cps_show_names_the_holder(full: Desk) -> None:
    done = full.run("cps", "show", "--lang", "fr")
    assert done.exit_code == 0
    assert "MEDECIN RPPS0098217" in done.stdout
    assert "code porteur 3, code de déblocage 10" in done.stdout
    shown = full.json("cps", "show")
    assert shown["holder"]["ps_idnat"] == "899700982178"
    assert shown["card"]["test"] is True
    assert shown["tries_left"] == {"pin": 3, "puk": 10}
    assert (shown["differences"], shown["problems"]) == ([], [])


def test_vitale_show_names_the_beneficiaries(full: Desk) -> None:
    shown = full.json("vitale", "show")
    assert shown["reader"] == VITALE_READER
    assert len(shown["beneficiaries"]) > 1
    assert all(person["test"] for person in shown["beneficiaries"])
    done = full.run("vitale", "show", "--lang", "fr")
    assert all(person["family_name"] in done.stdout for person in shown["beneficiaries"])


@pytest.mark.parametrize("card", ["cps", "vitale"])
def test_a_card_may_be_missing_or_not_be_the_only_one(desk: Desk, card: str) -> None:
    assert desk.run(card, "show").exit_code == ExitCode.NO_READER
    desk.put(CPS_READER)
    assert desk.run(card, "show").exit_code == ExitCode.NO_CARD
    kind = "cps3" if card == "cps" else "vitale2"
    desk.put(VITALE_READER, make(kind))
    desk.put("Other 02 00", make(kind))
    done = desk.run(card, "show")
    assert done.exit_code == ExitCode.NO_CARD
    assert "CARD-1400" in done.stderr
    assert desk.run(card, "show", "--reader", "other").exit_code == 0


def test_the_reader_named_must_exist(full: Desk) -> None:
    assert full.run("cps", "show", "--reader", "xyz").exit_code == ExitCode.NO_READER
    assert full.run("cps", "show", "--reader", "x").exit_code == ExitCode.USAGE
    assert full.run("cps", "show", "--reader", "Reader").exit_code == ExitCode.NO_CARD
    assert full.run("cps", "show", "--reader", VITALE_READER).exit_code == ExitCode.NO_CARD


def test_an_error_as_json_says_what_where_and_what_to_do(desk: Desk) -> None:
    desk.put(CPS_READER)
    error = desk.json("cps", "show", "--lang", "fr", code=ExitCode.NO_CARD)["error"]
    assert error["code"] == "CARD-1400"
    assert error["title"] == "aucun lecteur ne contient de carte"
    assert error["message"] == "no reader holds a card"
    assert "Insérez une seule carte" in error["hint"]
    keys = {"code", "title", "message", "hint", "retryable", "reader", "apdu_index"}
    assert set(error) == keys
    in_english = desk.json("cps", "show", code=ExitCode.NO_CARD)["error"]
    assert in_english["title"] == in_english["message"] == error["message"]


def test_verbose_explains_each_exchange_on_standard_error(full: Desk) -> None:
    quiet, told = full.run("cps", "show"), full.run("cps", "show", "-v")
    assert told.stdout == quiet.stdout
    assert quiet.stderr == ""
    lines = told.stderr.splitlines()
    assert len(lines) > 10
    assert all(line.startswith(("Reader A", "Reader B")) for line in lines)
    assert "MEDECIN" not in told.stderr


@contextmanager
def held(desk: Desk, seconds: float) -> Iterator[None]:
    """Another program keeps the card for itself for a while."""
    session = desk.bench.reader(CPS_READER).connect(exclusive=True)
    timer = threading.Timer(seconds, session.close)
    timer.start()
    yield
    timer.cancel()
    timer.join()


@pytest.mark.parametrize("words", [("cps", "show"), ("pin", "status")], ids=" ".join)
def test_a_held_card_is_waited_for_and_the_wait_is_told(full: Desk, words: tuple[str, ...]) -> None:
    with held(full, 0.3):
        done = full.run(*words, "--lang", "fr")
    assert done.exit_code == 0, done.output
    assert "un autre programme garde pour lui la carte de Reader A 00 00" in done.stderr


def test_a_card_held_too_long_says_how_it_is_held(full: Desk) -> None:
    with held(full, 60):
        done = full.run("pin", "status", "--wait", "0.1")
        assert done.exit_code == ExitCode.CARD_ERROR
        assert "CARD-1217" in done.stderr
        assert full.run("pin", "status", "--serial", "1", "--wait", "0").exit_code != 0


def test_the_last_update_is_shown(desk: Desk, tmp_path: Path) -> None:
    plain = (files("cardio_emulator") / "personas" / "medecin.toml").read_text(encoding="utf-8")
    for name, end in (("done", 'end = "2026-03-01T10:15:09"'), ("torn", "")):
        persona = tmp_path / f"{name}.toml"
        updated = f'[[card.updated]]\nstart = "2026-03-01T10:15:00"\n{end}\n'
        persona.write_text(f"{plain}\n{updated}", encoding="utf-8")
        desk.put(name, make("cps3", persona))
    told = desk.json("cps", "show", "--reader", "done")["last_update"]
    assert told == {
        "started": "2026-03-01T10:15:00",
        "ended": "2026-03-01T10:15:09",
        "interrupted": False,
    }
    assert "2026-03-01" in desk.run("cps", "show", "--reader", "done").stdout
    assert desk.json("cps", "show", "--reader", "torn")["last_update"]["interrupted"] is True
    assert "interrompue" in desk.run("cps", "show", "--reader", "torn", "--lang", "fr").stdout


@pytest.mark.parametrize("kind", ["cps3", "cps4", "cps2ter"])
@pytest.mark.parametrize("persona", PERSONAS)
def test_every_holder_is_shown(desk: Desk, persona: str, kind: str) -> None:
    desk.put(CPS_READER, make(kind, persona))
    shown = desk.json("cps", "show")
    assert shown["kind"] == kind
    assert shown["card"]["type"]["code"] == TYPES.get(persona, "00")
    done = desk.run("cps", "show", "--lang", "fr")
    assert done.exit_code == 0
    name = shown["holder"]["family_name"]
    assert (name is None) == (persona == "service")
    assert (name or CPS_READER) in done.stdout
