"""All that is wrong with a typed identity, told at once."""

from datetime import date
from typing import Any

import pytest

from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.coherence import Incoherence, incoherences
from cardio.identity.environment import Environment
from cardio.identity.examination import (
    Examination,
    FindingCode,
    GivenIdentity,
    examine,
    lacking,
)
from cardio.identity.nir import Nir, Sex

TODAY = date(2026, 11, 22)
ZOE: dict[str, Any] = {
    "matricule": "2 75 12 63 220 749 74",
    "oid": "1.2.250.1.213.1.4.8",
    "birth_name": "Adrun",
    "given_names": "Zoé",
    "first_given_name": "Zoé",
    "birth_date": "31/12/1975",
    "sex": "F",
    "birth_place": "63220",
    "status": "qualifiée",
}


def examined(**change: str) -> Examination:
    return examine(GivenIdentity(**{**ZOE, **change}), TODAY)


def test_nothing_stands_against_a_right_one() -> None:
    done = examined()
    assert (done.is_valid, done.findings) == (True, ())
    assert done.names == {"birth_name": "ADRUN", "given_names": "ZOE", "first_given_name": "ZOE"}
    assert done.deduced
    assert done.deduced.years == (1975,)
    assert lacking(GivenIdentity(**ZOE)) == ()


@pytest.mark.parametrize(
    ("change", "field", "code", "detail"),
    [
        ({"matricule": "12"}, "matricule", FindingCode.MALFORMED, ""),
        ({"matricule": "275126322074975"}, "matricule", FindingCode.WRONG_KEY, ""),
        ({"oid": "1.2.3"}, "oid", FindingCode.MALFORMED, ""),
        ({"oid": "1.2.250.1.213.1.4.10"}, "oid", FindingCode.TEST_IDENTITY, ""),
        ({"oid": "1.2.250.1.213.1.4.9"}, "oid", FindingCode.OID_MISMATCH, ""),
        ({"birth_name": "A2"}, "birth_name", FindingCode.UNMAPPED_CHARACTER, "U+0032"),
        ({"birth_name": "--A"}, "birth_name", FindingCode.NAME_RULE, "first"),
        ({"birth_date": "1975"}, "birth_date", FindingCode.MALFORMED, ""),
        ({"birth_date": "19751200"}, "birth_date", FindingCode.INCOMPLETE_DATE, ""),
        ({"birth_date": "2075-12-01"}, "birth_date", FindingCode.FUTURE_DATE, ""),
        ({"sex": "X"}, "sex", FindingCode.MALFORMED, ""),
        ({"birth_place": "Paris"}, "birth_place", FindingCode.MALFORMED, ""),
        ({"first_given_name": "Eva"}, "first_given_name", FindingCode.NOT_FIRST, ""),
        ({"status": "sûre"}, "status", FindingCode.MALFORMED, ""),
        ({"status": "validée"}, "matricule", FindingCode.MATRICULE_NOT_EXPECTED, "validee"),
        ({"matricule": ""}, "matricule", FindingCode.MATRICULE_MISSING, "qualifiee"),
        ({"sex": "M"}, "sex", FindingCode.DISAGREES, "sex"),
        ({"birth_date": "1976-12-31"}, "birth_date", FindingCode.DISAGREES, "year"),
        ({"birth_date": "1975-11-30"}, "birth_date", FindingCode.DISAGREES, "month"),
        ({"birth_place": "75112"}, "birth_place", FindingCode.DISAGREES, "place"),
    ],
)
def test_each_finding(change: dict[str, str], field: str, code: FindingCode, detail: str) -> None:
    (found,) = examined(**change).findings
    assert (found.field, found.code, found.detail) == (field, code, detail)
    assert examined(**change).is_valid == (
        code in (FindingCode.DISAGREES, FindingCode.OID_MISMATCH)
    )


def test_all_of_them_at_once() -> None:
    done = examined(matricule="151196296517512", sex="?", birth_name="§", status="provisoire")
    assert {one.code for one in done.findings} == {
        FindingCode.WRONG_KEY,
        FindingCode.TEST_IDENTITY,
        FindingCode.MALFORMED,
        FindingCode.UNMAPPED_CHARACTER,
        FindingCode.MATRICULE_NOT_EXPECTED,
    }


def test_attributes() -> None:
    given = GivenIdentity(status="provisoire", attributes=("douteux", "fictif"))
    assert [one.detail for one in examine(given, TODAY).findings] == ["attributes"]
    given = GivenIdentity(status="validee", attributes=("douteux",))
    assert [one.detail for one in examine(given, TODAY).findings] == ["provisional"]
    given = GivenIdentity(status="validee", attributes=("homonyme",))
    assert examine(given, TODAY).is_valid


def test_a_test_identity_is_at_home_in_a_test() -> None:
    given = GivenIdentity(matricule="142196296516596", oid="1.2.250.1.213.1.4.10")
    assert examine(given, TODAY, Environment.TEST).findings == ()
    assert len(examine(given, TODAY).findings) == 2


def test_nothing_given() -> None:
    done = examine(GivenIdentity(), TODAY)
    assert [one.code for one in done.findings] == [FindingCode.NOTHING_GIVEN]
    assert not done.is_valid


def test_what_a_document_lacks() -> None:
    found = lacking(GivenIdentity(status="recuperee"))
    assert [one.field for one in found][-1] == "status"
    assert len(found) == 7
    assert len(lacking(GivenIdentity(), qualified=False)) == 6


def test_what_agrees_with_a_number() -> None:
    corsican = Nir("180032B02040123")
    for place in ("2B020", "20020", "2B033"):
        assert not incoherences(corsican, TODAY, birth_place=BirthPlace(place))
    lunar = BirthDate.parse("19800000")
    assert not incoherences(corsican, TODAY, sex=Sex.MALE, birth_date=lunar)
    assert incoherences(corsican, TODAY, birth_place=BirthPlace("75112")) == (Incoherence.PLACE,)
    provisional = Nir("353139992573658")
    assert not incoherences(provisional, TODAY, sex=Sex.MALE, birth_date=lunar)


def test_nothing_is_shown_by_its_repr() -> None:
    shown = repr((GivenIdentity(**ZOE), examined()))
    assert not [v for v in ("Adrun", "ADRUN", "Zo", "1975", "63220") if v in shown]
