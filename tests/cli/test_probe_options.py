"""`cardio probe` with a recorded system, with files to save, and what its options forbid."""

import json
import stat
from pathlib import Path

import pytest
from tests.support.desk import Desk
from tests.unit.test_probe_report import check_schema

SYSTEMS = Path(__file__).parents[2] / "vectors/systems"
SNAPSHOTS = [
    SYSTEMS / f"{name}.json"
    for name in ("linux/ready", "linux/pss-reader", "linux/denied", "windows/broken", "macos/ready")
]


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_recorded_system_beside_emulated_cards(desk: Desk, snapshot: Path) -> None:
    words = ("--workstation", "demo", "probe", "--system", str(snapshot))
    document = desk.json(*words, code=None)
    check_schema(document)
    assert document["system"]["platform"] == snapshot.parent.name
    assert document["software"]["platform"] == snapshot.parent.name
    causes = {one["cause"] for one in document["checks"]}
    assert not causes & {"broken", "hung"}
    french = desk.run("--lang", "fr", *words)
    assert "Poste" in french.stdout


def test_a_reader_in_pss_mode_is_told(desk: Desk) -> None:
    snapshot = SYSTEMS / "linux/pss-reader.json"
    told = desk.run("--lang", "fr", "--workstation", "demo", "probe", "--system", str(snapshot))
    assert "Un lecteur en mode PSS" in told.stdout
    assert told.exit_code == 0


def test_what_was_denied_is_unknown_and_never_a_no(desk: Desk) -> None:
    snapshot = SYSTEMS / "linux/denied.json"
    document = desk.json("--workstation", "demo", "probe", "--system", str(snapshot), code=None)
    untold = [one for one in document["checks"] if one["cause"] == "not-readable"]
    assert untold
    assert {one["status"] for one in untold} == {"unknown"}
    assert document["verdict"]["status"] != "unknown"


def test_files_are_saved_and_named(desk: Desk, tmp_path: Path) -> None:
    told = desk.run("--workstation", "demo", "probe", "--save", str(tmp_path))
    (document,) = tmp_path.glob("cardio-*.json")
    (page,) = tmp_path.glob("cardio-*.html")
    assert document.name in told.stdout.replace("\n", "")
    assert page.stem == document.stem
    check_schema(json.loads(document.read_text(encoding="utf-8")))
    assert stat.S_IMODE(document.stat().st_mode) == 0o600


def test_a_file_that_is_no_snapshot(desk: Desk, tmp_path: Path) -> None:
    wrong = tmp_path / "x.json"
    wrong.write_text("[]")
    assert desk.run("--workstation", "demo", "probe", "--system", str(wrong)).exit_code == 2
