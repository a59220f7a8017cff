"""`cardio study` as a technician types it."""

from pathlib import Path

import pytest
from tests.support.desk import Desk
from tests.support.studies import BLOCKED, DOCTOR, Centre, cps, document, row

from cardio.cli.exit_codes import ExitCode

NOT_READY = ExitCode.CHECK_FAILED
SERVICES = ("--service", "amelipro-aat", "--environment", "test")


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    made = Centre(tmp_path)
    made.site()
    made.roster(row(DOCTOR))
    made.report("cabinet", document(cps(DOCTOR), name="1"))
    for number, name in enumerate(("soins", "accueil"), start=2):
        made.report(name, document(name=str(number)))
    return made


def words(centre: Centre, *more: str) -> tuple[str, ...]:
    place = centre.folder
    given = ("--roster", place / "roster.csv", "--site", place / "site.toml")
    return ("study", *map(str, given), "--reports", str(place / "reports"), *SERVICES, *more)


def test_everybody_is_ready_for_what_is_theirs(desk: Desk, centre: Centre) -> None:
    site = (centre.folder / "site.toml").read_text("utf-8")
    centre.site(site.replace('["amelipro-aat", "amelipro-bsi"]', '["amelipro-aat"]'))
    done = desk.run(*words(centre))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Sick leave notice (AAT)" in done.stdout


def test_french_summary_folder_and_exit_code(desk: Desk, centre: Centre) -> None:
    centre.report("cabinet", document(cps(DOCTOR, **BLOCKED), name="1"))
    out = centre.folder / "etude"
    out.mkdir(mode=0o755)
    done = desk.run("--lang", "fr", *words(centre, "--out", str(out)))
    assert done.exit_code == NOT_READY
    assert "Débloquer des codes porteurs" in done.stdout
    assert DOCTOR not in done.stdout
    assert {path.name for path in out.iterdir()} == {
        "study.json",
        "study.html",
        "summary.html",
        "study.key",
        "orders",
    }
    files = [path for path in out.rglob("*") if path.is_file()]
    assert not [path for path in files if path.stat().st_mode & 0o077]
    assert "Synthèse pour la direction" in (out / "summary.html").read_text("utf-8")
    told = desk.json(*words(centre, "--out", str(out)), code=NOT_READY)
    assert told["total"]["people"] == 1


def test_the_document_on_standard_output(desk: Desk, centre: Centre) -> None:
    told = desk.json(*words(centre), code=None)
    assert told["kind"] == "study"
    assert [one["name"] for one in told["workstations"]] == ["cabinet", "soins", "accueil"]


def test_a_newer_report_is_refused_with_advice_and_the_rest_studied(
    desk: Desk, centre: Centre
) -> None:
    centre.report("cabinet", {**document(cps(DOCTOR)), "schema_version": 9})
    done = desk.run(*words(centre))
    assert done.exit_code == NOT_READY
    assert "cabinet.json: report of version 9, which is newer: update cardio here" in done.stdout
    assert "Reports read: 2; files with a remark: 1" in done.stdout


def test_diff_and_previous(desk: Desk, centre: Centre) -> None:
    old, new = centre.folder / "old", centre.folder / "new"
    desk.run(*words(centre, "--out", str(old)))
    assert desk.run("study", "diff", str(old), str(old)).stdout == "Nothing changed.\n"
    centre.report("cabinet", document(cps(DOCTOR, **BLOCKED), name="1"))
    done = desk.run(*words(centre, "--out", str(new), "--previous", str(old)))
    assert "Arrived since the study before: 0." in done.stdout
    done = desk.run("study", "diff", str(old), str(new))
    assert done.exit_code == NOT_READY
    assert "line 2, amelipro-aat: ready → not ready" in done.stdout
    assert "Unblock PINs: 0 → 1" in done.stdout
    assert desk.json("study", "diff", str(old), str(new), code=NOT_READY)["changes"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("--roster",), "--roster"),
        (("--service", "aati"), "no service 'aati'"),
        (("--reports", "nowhere"), "no folder with reports"),
        (("--map", "x"), "COLUMN=FIELD"),
    ],
)
def test_usage_errors(desk: Desk, centre: Centre, change: tuple[str, ...], told: str) -> None:
    given = ("study",) if change == ("--roster",) else words(centre, *change)
    done = desk.run(*given)
    assert done.exit_code == ExitCode.USAGE
    assert told in done.stderr


def test_every_mistake_of_a_roster_is_reported(desk: Desk, centre: Centre) -> None:
    wrong = f"{DOCTOR[:-1]}{(int(DOCTOR[-1]) + 1) % 10}"
    centre.roster(row(DOCTOR), row(wrong, name="AUTRE"), row(DOCTOR))
    told = desk.json(*words(centre), code=NOT_READY)
    found = {one["line"]: {m["cause"] for m in one["mistakes"]} for one in told["people"]}
    assert "wrong-key" in found[3]
    assert "same-person" in found[4]
