"""Time and memory of `cardio study` as reports and roster grow, and what a columnar engine gains.

The region is invented: a tenth as many reports as lines, 5 % of the lines wrong, three services.
Each size runs in a process of its own, so that its peak of memory is its own; the smaller size is
a tenth of the larger. The step that joins and counts is then done by Polars and by DuckDB too,
where they are installed, from the same verdicts in a CSV file.
Run: `python benchmarks/study.py [--lines N] [--json FILE]`.
"""

import argparse
import csv
import importlib.util
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from stdnum import luhn

RATIO_LIMIT = 13.0
"""Ten times the data may take this many times as long: linear, with room for a busy machine."""

MEMORY_LIMIT = 600
"""MiB at 100 000 lines and 10 000 reports."""

_SERVICES = ("amelipro-aat", "amelipro-bsi", "insi")
_PROFESSIONS = ("Médecin", "Infirmière", "Sage-femme", "Secrétaire", "Masseur-kinésithérapeute")
_REPORT = Path(__file__).parents[1] / "vectors" / "reports" / "with-identity.fr.json"
_COLUMNS = ("key", "site", "service", "verdict")
_PEOPLE_A_SITE = 20
_WRONG = 20
"""Every so manieth line has a mistake."""


def main() -> int:
    """Measure, print, and fail where it is not linear or takes too much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(study(options.one)))
        return 0
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for lines in (options.lines // 10, options.lines):
            place = Path(folder) / str(lines)
            region(place, lines)
            figures[f"{lines} lines"] = run(place)
        small, large = figures.values()
        figures["ratio"] = large["seconds"] / small["seconds"]
        figures["joining"] = joining(place)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(figures["ratio"] > RATIO_LIMIT or large["peak_mib"] > MEMORY_LIMIT)


def region(place: Path, lines: int) -> None:
    """A roster, and a report for each tenth line: with the number of that line's card."""
    chosen, numbers = random.Random(7), []
    (place / "reports").mkdir(parents=True)
    with (place / "roster.csv").open("w", encoding="cp1252") as file:
        file.write("Civilité;Nom;Prénom;RPPS;ADELI;FINESS;Caisse;Profession;Rôle\n")
        for line in range(lines):
            number = f"997{line:07d}"
            rpps = number + luhn.calc_check_digit(number)
            numbers.append(rpps)
            if line % _WRONG == 0:
                rpps = rpps[:-1] + str((int(rpps[-1]) + 1) % 10)
            finess = f"75{line // _PEOPLE_A_SITE:06d}"
            finess += luhn.calc_check_digit(finess)
            profession = chosen.choice(_PROFESSIONS)
            file.write(f"MME;TEST{line};Élodie;{rpps};;{finess};751;{profession};\n")
    report = json.loads(_REPORT.read_text(encoding="utf-8"))
    for place_in_list in range(0, lines, 10):
        report["workstation"]["id"] = f"{place_in_list:032x}"
        report["identity"]["cps"][0]["ps_idnat"] = "8" + numbers[place_in_list + 1]
        for check in report["checks"]:
            if check["id"] == "cps.pin":
                check["evidence"]["left"] = chosen.choice((0, 1, 3))
        name = place / "reports" / f"{place_in_list:07d}.json"
        name.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")


def run(place: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--one", str(place)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def study(place: Path) -> dict[str, float]:
    """One study, written to a folder, in this process."""
    from cardio.catalogue.catalogue import Catalogue
    from cardio.locale import translator
    from cardio.study import folder
    from cardio.study.conduct import Request, silent
    from cardio.study.engine import Options
    from cardio.study.reports import find
    from cardio.study.roster.reading import read_roster
    from cardio.study.series import Series

    began, wall = process_time(), perf_counter()
    out = place / "out"
    folder.make(out)
    request = Request(
        roster=read_roster(place / "roster.csv"),
        sites=None,
        reports=find((place / "reports",)),
        catalogue=Catalogue.load().services,
        services=_SERVICES,
        series=Series.of(out),
        options=Options(),
    )
    outcome = folder.write(request, out, translator("fr"), silent)
    return {
        "seconds": process_time() - began,
        "wall": perf_counter() - wall,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "people": outcome.total.people,
        "reports": outcome.reports,
        "kinds_of_cause": len(outcome.causes),
        "document_mib": (out / "study.json").stat().st_size / (1 << 20),
    }


def joining(place: Path) -> dict[str, float]:
    """Seconds to count verdicts by site and service and to join two studies, three ways."""
    document, table = place / "out" / "study.json", place / "verdicts.csv"
    times = {"reading the document": 0.0}
    began = perf_counter()
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((_COLUMNS, *verdicts(document)))
    times["reading the document"] = perf_counter() - began
    ways: dict[str, Callable[[Path], int]] = {"plain Python": plain}
    ways |= {"Polars": with_polars} if importlib.util.find_spec("polars") else {}
    ways |= {"DuckDB": with_duckdb} if importlib.util.find_spec("duckdb") else {}
    answers: set[int] = set()
    for name, way in ways.items():
        began = perf_counter()
        answers.add(way(table))
        times[name] = perf_counter() - began
    if len(answers) > 1:
        raise SystemExit(f"the ways differ: {answers}")
    return times


def verdicts(document: Path) -> Iterator[tuple[str, str, str, str]]:
    """Key, site, service and verdict of everybody, element by element."""
    from cardio.study.before import members

    for name, value in members(document):
        if name == "people" and value["keys"]:
            for one in value["services"]:
                yield value["keys"][0], value["site"], one["service"], one["verdict"]


def plain(table: Path) -> int:
    with table.open(encoding="utf-8", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file)][1:]
    counts = Counter((site, service, verdict) for _, site, service, verdict in rows)
    old = {(key, service): verdict for key, _, service, verdict in rows}
    same = sum(old[key, service] == verdict for key, _, service, verdict in rows)
    return len(counts) + same


def with_polars(table: Path) -> int:
    import polars  # pyright: ignore[reportMissingImports]

    rows = polars.read_csv(table, infer_schema=False)
    counts = rows.group_by("site", "service", "verdict").len()
    joined = rows.join(rows.unique(["key", "service"], keep="last"), on=["key", "service"])
    return len(counts) + joined.filter(polars.col("verdict") == polars.col("verdict_right")).height


def with_duckdb(table: Path) -> int:
    import duckdb  # pyright: ignore[reportMissingImports]

    with duckdb.connect() as base:
        base.execute(
            "create table rows as select * from read_csv(?, all_varchar = true)", [str(table)]
        )
        counts = base.sql("select count(*) from (select distinct site, service, verdict from rows)")
        same = base.sql(
            "select count(*) from rows a join (select key, service, last(verdict) verdict"
            " from rows group by all) b using (key, service) where a.verdict = b.verdict"
        )
        return int(counts.fetchall()[0][0]) + int(same.fetchall()[0][0])


def show(figures: dict[str, Any]) -> None:
    for name, found in figures.items():
        if isinstance(found, dict):
            told = ", ".join(f"{key} {value:,.2f}" for key, value in found.items())
            print(f"{name:<16} {told}")
        else:
            print(f"{name:<16} {found:.2f}")


if __name__ == "__main__":
    sys.exit(main())
