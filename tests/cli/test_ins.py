"""`cardio ins`: check, datamatrix, read."""

import json
from pathlib import Path

import pytest
from tests.support.desk import Desk

from cardio.cli.exit_codes import ExitCode
from cardio.identity.datamatrix import GS, InsDatamatrix
from cardio.identity.datamatrix_image import png, read
from cardio.identity.examination import FindingCode
from cardio.locale import translator

ZOE = {
    "matricule": "275126322074974",
    "oid": "1.2.250.1.213.1.4.8",
    "birth_name": "Adrun",
    "given_names": "Zoé",
    "sex": "F",
    "birth_date": "31/12/1975",
    "birth_place": "63220",
    "status": "qualifiée",
}
TYPED = json.dumps(ZOE)


def typed(**change: object) -> str:
    return json.dumps({**ZOE, **change})


def test_check_a_right_identity(desk: Desk) -> None:
    told = desk.json("ins", "check", "-", typed=TYPED)
    assert (told["valid"], told["findings"]) == (True, [])
    assert told["names"] == {"birth_name": "ADRUN", "given_names": "ZOE"}
    assert told["deduced"] == {
        "kind": "registered",
        "test": False,
        "sex": "F",
        "years": [1975],
        "month": 12,
        "place": "63220",
        "place_readings": ["mainland"],
        "untold": ["day"],
    }


def test_check_by_options_over_a_file(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "zoe.json"
    place.write_text(TYPED, encoding="utf-8")
    wrong_key = ("--matricule", "275126322074973")
    told = desk.json("ins", "check", str(place), *wrong_key, code=1)
    assert told["findings"] == [
        {
            "code": "wrong-key",
            "error": True,
            "field": "matricule",
            "offset": 13,
            "detail": None,
        }
    ]
    assert told["deduced"]["years"] == [1975]


def test_check_options_alone(desk: Desk) -> None:
    words = ("--status", "provisoire", "--attribute", "douteux", "--attribute", "homonyme")
    assert desk.json("ins", "check", *words)["valid"]
    told = desk.json("ins", "check", *words, "--attribute", "fictif", code=1)
    assert [one["detail"] for one in told["findings"]] == ["attributes"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_check_as_text(desk: Desk, language: str) -> None:
    done = desk.run("ins", "check", "-", "--lang", language, typed=typed(birth_name="§", sex="M"))
    assert done.exit_code == 1
    text = translator(language)
    assert text("ins.not_valid") in done.stdout
    assert "U+00A7" in done.stdout
    disagrees = text("ins.finding.disagrees", detail=text("ins.detail.sex"))
    assert disagrees in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_finding_and_word_has_its_sentence(language: str) -> None:
    from cardio.identity.birth_place import PlaceReading
    from cardio.identity.characters import NameRule
    from cardio.identity.coherence import Incoherence
    from cardio.identity.deduction import Untold
    from cardio.identity.nir import NumberKind, Sex
    from cardio.identity.status import StateRule

    text = translator(language)
    words = {
        "finding": FindingCode,
        "reading": PlaceReading,
        "untold": Untold,
        "kind": NumberKind,
        "sex": Sex,
        "detail": StateRule,
    }
    for section, values in words.items():
        assert all(text.has(f"ins.{section}.{one.value}") for one in values), section
    details = (*NameRule, *Incoherence)
    unsaid = [one for one in details if not text.has(f"ins.detail.{one.value}")]
    assert unsaid == [NameRule.CHARACTER]


def test_a_test_identity_needs_to_be_allowed(desk: Desk) -> None:
    test = typed(matricule="279035121518989", oid="1.2.250.1.213.1.4.10", birth_date="1979-03-28")
    test = test.replace("63220", "51215")
    told = desk.json("ins", "check", "-", typed=test, code=1)
    assert [one["code"] for one in told["findings"]] == ["test-identity"]
    assert desk.json("ins", "check", "-", "--test", typed=test)["valid"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"nom": "X"}',
        '{"sex": 1}',
        '{"attributes": "douteux"}',
        '{"attributes": [1]}',
        '{"sex": ["M"]}',
        '{"birth_name": "\\ud800"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_identity(desk: Desk, text: str) -> None:
    done = desk.run("ins", "check", "-", typed=text)
    assert done.exit_code == 2
    assert "CARD-1600" in done.stderr


def test_no_text_at_all(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "zoe.json"
    place.write_bytes(b'{"sex": "\xff"}')
    assert desk.run("ins", "check", str(place)).exit_code == 2


def test_what_is_typed_cannot_play_with_the_terminal(desk: Desk) -> None:
    bad = typed(birth_name="[bold]\x1b[2J", oid="\x1b[31m")
    shown = desk.run("ins", "check", "-", typed=bad).stdout
    assert "\x1b" not in shown
    assert "[bold]" not in shown


def test_a_file_that_is_not_there(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("ins", "check", str(tmp_path / "none")).exit_code == 2


@pytest.mark.parametrize("name", ["ins.png", "ins.PNG", "ins.svg"])
def test_datamatrix_is_written(desk: Desk, tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    told = desk.json("ins", "datamatrix", "-", "--out", str(place), typed=TYPED)
    assert told == {"out": str(place)}
    if name.lower().endswith(".png"):
        found = InsDatamatrix.decode(read(place.read_bytes()))
        assert (found.traits.birth_name, found.traits.given_names) == ("ADRUN", "ZOE")
        assert str(found.matricule) == ZOE["matricule"]
    else:
        assert place.read_text(encoding="utf-8").count("<svg") == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": None}, "not-qualified"),
        ({"status": "recuperee"}, "not-qualified"),
        ({"oid": None}, "missing"),
        ({"birth_date": "19751200"}, "incomplete-date"),
        ({"matricule": "275126322074973"}, "wrong-key"),
        ({"oid": "1.2.250.1.213.1.4.11"}, "test-identity"),
        ({"birth_name": "A2"}, "unmapped-character"),
        ({"birth_name": "A" * 101}, None),
    ],
)
def test_a_document_gets_no_doubtful_datamatrix(
    desk: Desk, tmp_path: Path, change: dict[str, str | None], code: str | None
) -> None:
    place = tmp_path / "ins.png"
    told = desk.json(
        "ins", "datamatrix", "-", "--out", str(place), typed=typed(**change), code=1 if code else 7
    )
    assert code is None or code in [one["code"] for one in told["findings"]]
    assert not place.exists()


def test_unqualified_when_said(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "ins.png"
    words = ("ins", "datamatrix", "-", "--out", str(place), "--unqualified")
    done = desk.run(*words, typed=typed(status="recuperee"))
    assert (done.exit_code, place.exists()) == (0, True)
    assert str(place) in done.stdout.replace("\n", "")


def test_another_kind_of_picture(desk: Desk, tmp_path: Path) -> None:
    words = ("ins", "datamatrix", "-", "--out", str(tmp_path / "ins.pdf"))
    assert desk.run(*words, typed=TYPED).exit_code == 2


def test_a_place_that_cannot_be_written(desk: Desk, tmp_path: Path) -> None:
    words = ("ins", "datamatrix", "-", "--out", str(tmp_path / "none" / "ins.png"))
    assert desk.run(*words, typed=TYPED).exit_code == 2


def test_read_a_picture_and_what_a_scanner_types(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "ins.png"
    desk.run("ins", "datamatrix", "-", "--out", str(place), typed=TYPED)
    by_picture = desk.json("ins", "read", str(place))
    text = read(place.read_bytes())
    assert desk.json("ins", "read", "-", typed=text + "\r\n") == by_picture
    assert desk.json("ins", "read", "-", typed=text.replace(GS, "<GS>")) == by_picture
    assert (by_picture["birth_name"], by_picture["valid"]) == ("ADRUN", True)
    shown = desk.run("ins", "read", str(place), "--lang", "fr").stdout
    assert "ADRUN" in shown
    assert "Rien ne s'oppose" in shown


def test_read_tells_a_wrong_key(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "ins.png"
    desk.run("ins", "datamatrix", "-", "--out", str(place), typed=TYPED)
    text = read(place.read_bytes()).replace("074974", "074973")
    place.write_bytes(png(text))
    told = desk.json("ins", "read", str(place), code=1)
    assert [one["code"] for one in told["findings"]] == ["wrong-key"]
    assert told["matricule"] == "275126322074973"


@pytest.mark.parametrize("text", ["", "IS", "IS01", "hello", "DC04FR00"])
def test_read_nothing(desk: Desk, text: str) -> None:
    done = desk.run("ins", "read", "-", typed=text)
    assert done.exit_code == ExitCode.USAGE
    assert "CARD-1600: -: not " in done.stderr


@pytest.mark.parametrize("command", ["check", "datamatrix", "read"])
def test_help_in_both_languages(desk: Desk, command: str) -> None:
    french = desk.run("--lang", "fr", "ins", command, "--help").stdout
    english = desk.run("--lang", "en", "ins", command, "--help").stdout
    assert french != english
    assert "ins." not in english.replace("cardio ins", "").replace("INSi", "")


def test_loading_the_command_loads_no_picture_library() -> None:
    import subprocess
    import sys

    program = "import sys, cardio.cli.ins; print({'PIL', 'zxingcpp', 'rich'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
