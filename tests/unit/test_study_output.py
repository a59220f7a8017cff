"""What a study writes: document, pages, lists; nobody named unless asked; studies compared."""

import base64
import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.studies import (
    BLOCKED,
    DOCTOR,
    MIDWIFE,
    NURSE,
    Centre,
    cps,
    document,
    row,
)

from cardio.errors import ConfigurationError
from cardio.locale import LANGUAGES, translator
from cardio.probe.report import SCHEMA_VERSION
from cardio.study import diff, folder
from cardio.study.before import Before
from cardio.study.conduct import silent
from cardio.study.diff import Course
from cardio.study.document import schema
from cardio.study.reports import NEWEST, find, read, understood
from cardio.study.result import FileProblem, Since
from cardio.study.seen_software import browsers, middleware
from cardio.study.series import FILE, Series
from cardio.study.stations import station
from cardio.study.streamed import StreamedObject

VALIDATOR = jsonschema.Draft202012Validator(
    json.loads(schema()), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
SECRETS = (DOCTOR, NURSE, "759999999", "ESSAI", "FICTIVE", "Zéphyrine", "ZEPHYRINE", "2900000017")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    made = Centre(tmp_path)
    made.site()
    made.roster(
        row(DOCTOR, name="TEST-ESAI"),
        row(NURSE, "Infirmière", name="FICTIVE", adeli="759999999", role="référente BSI"),
        row("", "Secrétaire", name="@TIERS", given="X"),
    )
    made.report("cabinet", document(cps(DOCTOR, **BLOCKED), name="1"))
    made.report("soins", document(cps(NURSE), name="2"))
    made.report("broken", "{")
    return made


def write(
    centre: Centre,
    name: str = "out",
    language: str = "en",
    **options: Any,  # noqa: ANN401 - those of `Centre.request`
) -> Path:
    out = centre.folder / name
    folder.make(out)
    series = options.pop("series", None) or Series.of(out)
    request = centre.request(series=series, **options)
    folder.write(request, out, translator(language), silent)
    return out


def texts(out: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8-sig") for path in out.rglob("*") if path.is_file()}


def lists(out: Path, name: str) -> list[list[str]]:
    text = (out / "orders" / f"{name}.csv").read_text("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_schema_version_of_reports_is_that_of_the_probe() -> None:
    assert NEWEST == SCHEMA_VERSION


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("with_identity", [False, True])
def test_the_document_fits_its_schema(
    centre: Centre, language: str, *, with_identity: bool
) -> None:
    out = write(centre, language=language, with_identity=with_identity)
    found = json.loads((out / "study.json").read_text("utf-8"))
    VALIDATOR.validate(found)
    assert [one["line"] for one in found["people"]] == [2, 3, 4]
    assert all(("identity" in one) is with_identity for one in found["people"])
    used = {n for one in found["people"] for s in one["services"] for n in s["causes"]}
    assert used <= {one["number"] for one in found["causes"]}
    assert all(one["source"] and one["confidence"] for one in found["causes"])


def test_nobody_is_named_unless_asked(centre: Centre) -> None:
    for name, text in texts(write(centre)).items():
        for secret in SECRETS:
            assert secret not in text, (name, secret)
    named = texts(write(centre, "named", with_identity=True))
    assert DOCTOR in named["unblock-pin.csv"]
    assert "TEST-ESAI" in named["study.html"]


def test_one_list_an_errand(centre: Centre) -> None:
    out = write(centre)
    assert [line[:3] for line in lists(out, "unblock-pin")] == [
        ["Site", "Line", "Profession"],
        ["centre", "2", "Médecin"],
    ]
    (workstation,) = lists(out, "probe-workstation")[1:]
    assert workstation[:2] == ["centre", "accueil"]
    assert not (out / "orders" / "install.csv").exists()
    found = json.loads((out / "study.json").read_text("utf-8"))
    for one in found["total"]["fixes"]:
        assert len(lists(out, one["fix"])) == one["lines"] + 1, one["fix"]


def test_lists_of_an_earlier_study_go_and_formulas_are_text(centre: Centre) -> None:
    out = write(centre, with_identity=True)
    assert "'@TIERS" in {cell for line in lists(out, "probe-card") for cell in line}
    centre.report("cabinet", document(cps(DOCTOR), name="1"))
    write(centre, with_identity=True)
    assert not (out / "orders" / "unblock-pin.csv").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_fetch_nothing_and_run_one_script(centre: Centre, language: str) -> None:
    out = write(centre, language=language)
    for name in ("study.html", "summary.html"):
        page = (out / name).read_text("utf-8")
        assert not re.search(r"(?:src|href|url)\s*[=(]", page)
        assert f'<html lang="{language}">' in page
    page = (out / "study.html").read_text("utf-8")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}" in page or f"'sha256-{digest}'" in page
    assert "<script" not in (out / "summary.html").read_text("utf-8")


def test_who_arrived_and_who_left(centre: Centre) -> None:
    out = write(centre)
    centre.roster(row(DOCTOR, name="MARIEE"), row(MIDWIFE, "Sage-femme", name="NOUVELLE"))
    folder.make(centre.folder / "later")
    series = Series.of(centre.folder / "later", out)
    studied = centre.study(series=series, before=Before.read(out, series))
    assert [studied.person(line).since for line in (2, 3)] == [Since.STAYED, Since.ARRIVED]
    assert [(one.line, one.profession) for one in studied.outcome.left] == [(3, "60"), (4, "staff")]
    with pytest.raises(ConfigurationError, match=FILE):
        Before.read(out, Series.once())


def test_two_studies_are_compared(centre: Centre) -> None:
    old = write(centre, "old")
    assert diff.compare(old, old).is_empty
    centre.report("cabinet", document(cps(DOCTOR), name="1", hours=1))
    centre.report("soins", document(name="2", hours=1))
    centre.roster(
        row(MIDWIFE, "Sage-femme", name="NOUVELLE"),
        row(DOCTOR),
        row(NURSE, "Infirmière", name="FICTIVE", adeli="759999999"),
    )
    new = write(centre, "new", series=Series.of(centre.folder / "old"))
    found = diff.compare(old, new / "study.json")
    assert {(one.line, one.service, one.course) for one in found.changes} == {
        (3, "amelipro-aat", Course.BETTER),
        (3, "amelipro-bsi", Course.BETTER),
        (4, "amelipro-bsi", Course.WORSE),
    }
    assert [one.line for one in found.arrived] == [2]
    assert [one.line for one in found.left] == [4]
    assert {one.workstation: one.course for one in found.workstations} == {
        "cabinet": Course.BETTER,
        "soins": Course.WORSE,
    }
    assert found.fixes["unblock-pin"] == (1, 0)
    assert found.is_worse
    other = diff.compare(old, write(centre, "other"))
    assert not other.same_series
    assert not [*other.arrived, *other.left, *other.changes]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "no JSON"),
        ("[1]", "missing"),
        ('{"schema_version": 1, "kind": "report"}', "not a study"),
        ('{"schema_version": 2, "kind": "study"}', "update it"),
        ('{"schema_version": 1, "kind": "study", "people": [{"line": 1}]}', "changed"),
    ],
)
def test_what_is_no_study_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "study.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        diff.compare(file, file)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=5), st.sampled_from([None, 0, 3]))
def test_objects_are_read_piece_by_piece(value: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    found: dict[str, Any] = {}
    for name, one in StreamedObject(io.StringIO(text), "it"):
        found.setdefault(name, []).append(one)
    expected = {
        name: one if isinstance(one, list) else [one] for name, one in value.items() if one != []
    }
    assert found == expected


@given(st.data())
def test_no_document_breaks_the_study(data: st.DataObject) -> None:
    """A report with anything in the place of one value is read or refused, never an accident."""
    report = document(cps(DOCTOR))
    at: Any = report
    while isinstance(at, dict | list) and at:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()) or not (isinstance(at[key], dict | list) and at[key]):
            at[key] = data.draw(json_values)
            break
        at = at[key]
    found = understood(report, "it")
    if not isinstance(found, FileProblem):
        station(found)


def test_programs_that_nobody_could_look_for_are_not_known() -> None:
    assert middleware({}, has_cps4=False) == {}
    assert browsers({}) is None
    report = {"software": {"products": {"not_readable": "denied"}, "browsers": []}}
    assert middleware(report, has_cps4=True) == {}
    assert browsers(report) == frozenset()


def test_reports_of_several_folders_keep_their_folder(centre: Centre) -> None:
    other = centre.folder / "other"
    other.mkdir()
    (other / "cabinet.json").write_text("{}")
    names = [name for _, name in find((centre.folder / "reports", other))]
    assert names == [
        "reports/broken.json",
        "reports/cabinet.json",
        "reports/soins.json",
        "other/cabinet.json",
    ]
    assert sum(isinstance(one, FileProblem) for one in read(find((other,)))) == 1
    with pytest.raises(ConfigurationError, match="no folder"):
        find((centre.folder / "nowhere",))
