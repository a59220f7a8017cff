"""`cardio vitale show` and `cardio vitale rights`."""

from pathlib import Path

import pytest
from tests.support.desk import Desk

from cardio.cards.vitale import knowledge
from cardio.cli.exit_codes import ExitCode
from cardio.locale import LANGUAGES, translator
from cardio_emulator.kinds import make

READER = "Reader B 01 00"
VECTORS = Path(__file__).parents[2] / "vectors" / "rights"


@pytest.fixture
def family(desk: Desk) -> Desk:
    desk.put(READER, make("vitale2"))
    return desk


def test_one_beneficiary(family: Desk) -> None:
    everyone = family.json("vitale", "show")
    one = family.json("vitale", "show", "--beneficiary", "2")
    assert one["beneficiaries"] == everyone["beneficiaries"][1:2]
    assert one["beneficiaries"][0]["beneficiary"] == 1
    assert [person["number"] for person in everyone["beneficiaries"]] == [1, 2, 3]
    done = family.run("vitale", "show", "--beneficiary", "2", "--lang", "fr")
    assert "NOÉ" in done.stdout
    assert "CARDIOLINE" not in done.stdout


@pytest.mark.parametrize("number", ["0", "4", "-1", "x"])
def test_a_beneficiary_that_is_not_there(family: Desk, number: str) -> None:
    assert family.run("vitale", "show", "--beneficiary", number).exit_code == ExitCode.USAGE


def test_problems_of_others_are_left_out(desk: Desk) -> None:
    desk.put(READER, make("vitale2", "cle-fausse"))
    everyone = desk.json("vitale", "show")["problems"]
    assert [problem["beneficiary"] for problem in everyone] == [0, 1]
    (one,) = desk.json("vitale", "show", "--beneficiary", "1")["problems"]
    assert (one["code"], one["beneficiary"]) == ("wrong-nir-key", 0)
    assert "! la clé du NIR" in desk.run("vitale", "show", "--lang", "fr").stdout


def test_the_nature_is_told_with_its_reason(family: Desk) -> None:
    assert family.json("vitale", "show")["nature"] == {"card": "test", "reasons": ["test-number"]}
    assert "carte de test" in family.run("vitale", "show", "--lang", "fr").stdout


def test_files(family: Desk) -> None:
    files = family.json("vitale", "show", "--files")["files"]
    told = {(file["name"], file["state"], file["kind"]) for file in files}
    assert ("PROTEGE", "needs-professional-card", None) in told
    assert ("BRUT", "readable", "raw") in told
    assert ("POINTERS", "readable", "tlv") in told
    assert not any("content" in file for file in files)
    done = family.run("vitale", "show", "--files", "--lang", "fr")
    assert "demande la" in done.stdout
    assert "files" not in family.json("vitale", "show")


@pytest.mark.parametrize("language", LANGUAGES)
def test_layout_needs_no_card_and_says_all_that_is_known(desk: Desk, language: str) -> None:
    done = desk.run("vitale", "show", "--layout", "--lang", language)
    assert done.exit_code == 0
    text = translator(language)
    for key in knowledge.NOT_PUBLIC:
        assert text(f"vitale.known.{key}") in done.stdout
    assert text("vitale.layout.stand_ins") in done.stdout


def test_layout_as_json(desk: Desk) -> None:
    told = desk.json("vitale", "show", "--layout")
    assert set(told) == {
        *("answers_to_reset", "applications", "files", "tags", "stand_ins", "not_public"),
    }
    assert {row["confidence"] for row in told["stand_ins"]} == {"stand-in"}
    published = [row for name in ("files", "tags", "applications") for row in told[name]]
    assert "stand-in" not in {row["confidence"] for row in published}
    tags = {row["place"]: (row["read"], row["confidence"]) for row in told["tags"]}
    assert tags["65/93"] == ("free", "published")
    assert tags["65/90"] == ("free", "observed")
    assert all(row["source"] and row["what"] for row in published)


@pytest.mark.parametrize(("language", "said"), [("en", "too old"), ("fr", "trop ancienne")])
def test_a_vitale_1_is_too_old(desk: Desk, language: str, said: str) -> None:
    desk.put(READER, make("vitale1"))
    assert said in " ".join(desk.run("cards", "--lang", language).stdout.split())
    done = desk.run("vitale", "show", "--lang", language)
    assert done.exit_code == ExitCode.CARD_ERROR
    assert "too old" in done.stderr
    assert said in done.stderr
    probed = " ".join(desk.run("probe", "--lang", language).stdout.split())
    assert said in probed


def test_rights_of_a_card(family: Desk) -> None:
    told = family.json("vitale", "rights", "--on", "2026-11-22")
    assert told["confidence"] == "stand-in"
    assert [at["entitled"] for at in told["at"]] == [True, True, True]
    assert told["rights"]["records"][0]["fields"]["card_type"] == "T"
    assert "substitution" in family.run("vitale", "rights", "--lang", "fr").stdout


def test_rights_of_a_card_like_a_real_one(desk: Desk) -> None:
    desk.put(READER, make("vitale2", "sans-droits"))
    assert desk.json("vitale", "rights") == {"rights": None, "why": "not-public"}
    assert "not public" in desk.run("vitale", "rights").stdout


def test_rights_of_a_document(desk: Desk) -> None:
    path = str(VECTORS / "family.xml")
    told = desk.json("vitale", "rights", path, "--on", "2024-06-01")
    assert told["rights"]["source"] == "api-de-lecture"
    assert [at["entitled"] for at in told["at"]] == [True, None, None, None]
    done = desk.run("vitale", "rights", path, "--on", "2024-06-01", "--lang", "fr")
    assert "0 assuré" in done.stdout
    assert "01/01/2023 - ouverte" in done.stdout
    assert "! le document a un élément qui n'a pas été lu" in done.stdout


def test_rights_of_a_stream_on_standard_input(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "records"
    file.write_bytes(bytes.fromhex("006F050478787878"))
    told = desk.json("vitale", "rights", str(file))
    assert told["rights"]["records"] == [{"group": 111, "fields": {"text": "xxxx"}}]
    assert desk.run("vitale", "rights", "-", typed="<listeBenef/>").exit_code == 0


@pytest.mark.parametrize("raw", [b"<!DOCTYPE a><listeBenef/>", b"\x00\x6f\x05", b"<a/>", b"<" * 9])
def test_a_damaged_file_is_a_wrong_argument(desk: Desk, tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "damaged"
    file.write_bytes(raw)
    done = desk.run("vitale", "rights", str(file))
    assert done.exit_code == ExitCode.USAGE
    assert f"CARD-1600: {file}: " in done.stderr


def test_markup_and_control_codes_of_a_file_do_nothing(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "names.xml"
    file.write_text(
        "<listeBenef><T_AsnBeneficiaire><ident><nomUsuel>[red]A[/x]&#x9b;31m</nomUsuel></ident>"
        "</T_AsnBeneficiaire></listeBenef>"
    )
    done = desk.run("vitale", "rights", str(file))
    assert done.exit_code == 0
    assert "[red]A[/x]\ufffd31m" in done.stdout
