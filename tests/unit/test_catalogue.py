"""The catalogue: what is shipped, what is refused and where, what own files change."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.catalogue.catalogue import Catalogue, read_file
from cardio.catalogue.model import RuleDate
from cardio.catalogue.reading import read_service
from cardio.catalogue.subject import Demand, Subject
from cardio.catalogue.values import Confidence
from cardio.errors import ConfigurationError
from cardio.lines import key_lines, line_of
from cardio.locale import LANGUAGES

TODAY = date(2026, 11, 22)

WANTED = {
    "amelipro-aat": {"liberal", "health-centre"},
    "amelipro-dmt": {"liberal", "health-centre"},
    "amelipro-bsi": {"liberal", "health-centre"},
    "pse": {"liberal"},
    "insi": {"cpx", "psc", "certificate"},
    "dmp": {"direct", "indirect", "web"},
    "scor": {"prescribed"},
    "fse": {"secured"},
    "mssante": {"mailiz"},
    "pro-sante-connect": {"card", "e-cps"},
    "e-cps-activation": {"card"},
    "dui": {"login"},
    "rpps-plus": {"manager"},
}
"""Services and ways that a feasibility study has to know."""

GOOD = """\
id = "essai"
status = "current"
name = { fr = "Essai", en = "Trial" }

[[convention]]
id = "une"
name = { fr = "une voie", en = "one way" }
channels = ["web_other"]

[[convention.rule]]
subject = "credential"
any_of = ["CPS"]
source = "nobody"
date = "2020-02"
confidence = "S"

[[convention.rule]]
subject = "readers"
at_least = 2
source = "nobody"
confidence = "I"
"""


def rules() -> list[tuple[str, object]]:
    return [
        (f"{service.id}/{convention.id}/{rule.line}", rule)
        for service in Catalogue.load().services.values()
        for convention in service.conventions
        for rule in convention.rules
    ]


def test_every_service_of_a_study_is_there() -> None:
    services = Catalogue.load().services
    for service, ways in WANTED.items():
        assert ways <= {convention.id for convention in services[service].conventions}


def test_every_rule_names_its_source_and_confidence() -> None:
    for service in Catalogue.load().services.values():
        for convention in service.conventions:
            for rule in convention.rules:
                assert ".md §" in rule.source
                assert (rule.confidence is Confidence.UNKNOWN) == (rule.demand is Demand.UNKNOWN)
                assert not rule.why or set(rule.why) == set(LANGUAGES)
                assert rule.demand is not Demand.UNKNOWN or all(rule.why.values())


def test_every_convention_says_which_credential_and_who() -> None:
    for service in Catalogue.load().services.values():
        for convention in service.conventions:
            for subject in (Subject.CREDENTIAL, Subject.PROFESSION):
                assert len(convention.about(subject)) == 1, (service.id, convention.id, subject)


def test_health_centres_follow_the_page_of_2020() -> None:
    """services.md §1 X2, X3 and §2.3: the CPS only, and a list of identifiers by profession."""
    aat = Catalogue.load().services["amelipro-aat"].conventions[-1]
    (credential,) = aat.about(Subject.CREDENTIAL)
    assert (aat.id, credential.values) == ("health-centre", ("CPS",))
    bsi = Catalogue.load().services["amelipro-bsi"].conventions[-1]
    (identifiers,) = bsi.about(Subject.IDENTIFIER)
    assert "ADELI" in identifiers.values
    assert "RPPS" not in identifiers.values
    (limit,) = bsi.about(Subject.REFERENTS)
    assert (limit.limit, str(limit.date), limit.date and limit.date.is_old(TODAY)) == (
        1,
        "2020-02",
        True,
    )


@pytest.mark.parametrize(
    ("told", "day", "is_old"),
    [
        (RuleDate(2023), date(2026, 12, 31), False),
        (RuleDate(2023), date(2027, 1, 1), True),
        (RuleDate(2023, 11), date(2026, 11, 30), False),
        (RuleDate(2023, 11), date(2026, 12, 1), True),
        (RuleDate(2023, 11, 22), date(2026, 11, 22), False),
        (RuleDate(2023, 11, 22), date(2026, 11, 23), True),
    ],
)
def test_a_rule_is_old_after_three_years(told: RuleDate, day: date, is_old: bool) -> None:
    assert told.is_old(day) is is_old


@pytest.mark.parametrize(
    ("found", "instead", "line", "why"),
    [
        ('["CPS"]', '["CSP"]', 12, "'any_of' has 'CSP'; allowed: CDA, CDE, CPA, CPE, CPF"),
        ('"credential"', '"credentials"', 11, "'subject' is 'credentials'; allowed: "),
        (
            "at_least = 2",
            "any_of = ['2']",
            18,
            "'subject' is 'readers', which takes one of: at_least",
        ),
        ("at_least = 2", "at_least = -2", 19, "'at_least' must be a whole number, 0 or more"),
        ('"2020-02"', '"02/2020"', 14, "'date' must be a year, a month or a day"),
        ('"2020-02"', '"2020-13"', 14, "'date' must be a year, a month or a day"),
        ('confidence = "I"', 'confidence = "U"', 21, "'confidence' is U for what is unknown"),
        ('confidence = "I"', "", 17, "'confidence' is missing"),
        ('source = "nobody"\ndate', "date", 10, "'source' is missing"),
        ('date = "2020-02"', 'datum = "2020-02"', 14, "'datum' is unknown; allowed here: "),
        ('["web_other"]', '"web_other"', 8, "'channels' must be a list of different texts"),
        ('["web_other"]', '["telex"]', 8, "'channels' is 'telex'; allowed: fse, mail, tlsi"),
        (', en = "one way" }', "}", 7, "'en' is missing"),
        ('"current"', '"open"', 2, "'status' is 'open'; allowed: current"),
        ('id = "essai"', 'id = "Essai 1"', 1, "'id' must be small letters, digits and hyphens"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_reason(
    found: str, instead: str, line: int, why: str
) -> None:
    assert found in GOOD
    with pytest.raises(ConfigurationError) as caught:
        read_service(GOOD.replace(found, instead, 1), "mine.toml")
    assert str(caught.value).startswith(f"mine.toml, line {line}: {why}")


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigurationError, match=r"mine\.toml: .*line 2"):
        read_service('id = "essai"\nstatus = current\n', "mine.toml")


def test_own_files_replace_and_add(tmp_path: Path) -> None:
    shipped = Catalogue.load().services
    (tmp_path / "a.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace("essai", "pse"), encoding="utf-8")
    services = Catalogue.load(tmp_path).services
    assert services.keys() - shipped.keys() == {"essai"}
    assert services["pse"].name["en"] == "Trial"
    assert services["insi"] == shipped["insi"]
    assert list(services) == sorted(services)


def test_an_empty_folder_and_a_lost_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no \*\.toml file"):
        Catalogue.load(tmp_path)
    with pytest.raises(ConfigurationError, match="No such file"):
        read_file(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes("nom = « été »".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8 at byte 6"):
        read_file(tmp_path / "latin.toml")


def test_a_service_not_known_is_told_with_those_known() -> None:
    with pytest.raises(ConfigurationError, match="no service 'aat' in the catalogue; known: adri"):
        Catalogue.load().choose(["aat"])


@given(st.text(max_size=200) | st.text("[]=\"'#\n abc.-{}\\", max_size=200))
def test_a_text_that_is_no_service_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^any\.toml"):
        read_service(text, "any.toml")


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.lists(st.sampled_from(["a", "b", "c"]), unique=True)),
        min_size=1,
        max_size=8,
    )
)
def test_every_key_is_found_on_its_line(tables: list[tuple[int, list[str]]]) -> None:
    """Two levels of arrays of tables, blank lines and comments between."""
    lines, expected = ["[[t]]"], {}
    outer, inner = 0, -1
    for blank, keys in tables:
        lines += ["# [[t]] a = 1"] * blank
        if blank == 3:
            lines.append("[[t]]")
            outer, inner = outer + 1, -1
        lines.append("[[t.u]]")
        inner += 1
        for key in keys:
            lines.append(f"{key} = {{ fr = '[[t]]', en = 'x' }}")
            expected["t", outer, "u", inner, key] = len(lines)
    found = key_lines("\n".join(lines))
    for place, line in expected.items():
        assert line_of(place, found) == line_of((*place, "fr"), found) == line
