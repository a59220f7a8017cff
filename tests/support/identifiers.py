"""The vectors of identifiers, read."""

import csv
from pathlib import Path

from cardio.identity.matricule import Matricule
from cardio.identity.traits import StrictTraits

VECTORS = Path(__file__).parents[2] / "vectors" / "identifiers"


def rows(name: str) -> list[dict[str, str]]:
    lines = (VECTORS / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def strict(row: dict[str, str]) -> StrictTraits:
    return StrictTraits.typed(
        birth_name=row["birth_name"],
        given_names=row["given_names"],
        first_given_name=row["first_given_name"],
        sex=row["sex"],
        birth_date=row["birth_date"],
        birth_place=row["birth_place"] or None,
    )


def matricule(row: dict[str, str]) -> Matricule:
    return Matricule.parse(row["matricule"], row["oid"], check_key=False)
