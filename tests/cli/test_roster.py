"""`cardio roster`, as a technician types it."""

from pathlib import Path

from tests.support.desk import Desk
from tests.support.rosters import CENTRE, HEADER, SIMPLE, expected, person, write_csv

from cardio.cli.exit_codes import ExitCode


def test_columns_forms_and_mistakes_are_shown_and_nobody_is_named(desk: Desk) -> None:
    done = desk.run("--lang", "fr", "roster", str(CENTRE))
    assert done.exit_code == ExitCode.CHECK_FAILED
    assert "ligne 9, numéro RPPS : la clé de contrôle est fausse [erreur] → Corriger" in done.stdout
    assert "ligne 7, rôle : deuxième référent BSI du centre, après la ligne 6" in done.stdout
    assert "services.md §1 X3 [1], 2020-02, sourcé" in done.stdout
    assert "règle de 2020-02 : vérifier qu'elle tient encore" in done.stdout
    assert "13 personnes ; erreurs :" in done.stdout
    for secret in ("HÔPITAL", "Zoé", "99790000", "0B1000011", "Plombier"):
        assert secret not in done.stdout
    shown = desk.run("roster", str(CENTRE), "--with-identity").stdout
    assert "HÔPITAL-TEST" in shown


def test_as_json(desk: Desk) -> None:
    told = desk.json("roster", str(CENTRE), code=ExitCode.CHECK_FAILED)
    assert (told["people"], told["blank"], told["preview"]["header_line"]) == (13, 1, 3)
    found = [*told["preview"]["mistakes"], *told["mistakes"]]
    assert {
        (one["line"], one["cause"], one["field"], one["other_line"]) for one in found
    } == expected()
    missing = next(one for one in found if one["cause"] == "missing")
    assert missing["rule"] == {
        "id": "doctor-entry",
        "source": "services.md §1 X3 [1]",
        "date": "2020-02",
        "old": True,
        "confidence": "S",
    }


def test_a_list_without_errors_is_fine_and_remarks_are_told_if_asked(
    desk: Desk, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "x.csv", [HEADER, person(rpps="899790000014")])
    done = desk.run("roster", str(path))
    assert done.exit_code == 0
    assert "type digit" not in done.stdout
    assert "errors: 0, to be checked: 0, remarks: 1." in done.stdout
    assert "type digit" in desk.run("roster", str(path), "--all").stdout


def test_a_column_is_what_the_user_says(desk: Desk) -> None:
    done = desk.run("roster", str(SIMPLE), "--map", "Profession=-", "--map", "6=role")
    assert done.exit_code == ExitCode.CHECK_FAILED
    assert "role (as told)" in done.stdout
    wrong = desk.run("roster", str(SIMPLE), "--map", "Profession=job")
    assert "no field 'job'; fields: civility" in wrong.output
