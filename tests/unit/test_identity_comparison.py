"""Two identities side by side: each cause seen in the field."""

from typing import Any

import pytest
from tests.support.identifiers import matricule, rows, strict

from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.comparison import (
    Cause,
    Difference,
    Severity,
    Side,
    Trait,
    Traits,
    compare,
    worst,
)
from cardio.identity.ins import InsIdentity
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nir import Nir, Sex
from cardio.identity.traits import ComplementaryTraits

SAME, CLOSE, OTHER = Severity.EQUIVALENT, Severity.CLOSE, Severity.DIFFERENT
LEFT = Side.LEFT


def only(left: Traits, right: Traits) -> Difference | None:
    """The one difference, if there is one; the other way round says the same."""
    found = compare(left, right)
    assert compare(right, left) == tuple(one.mirrored() for one in found)
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("card", "ins", "causes", "severity", "less"),
    [
        ("PIERRE-ALAIN", "PIERRE-ALAIN MURIEL FLORIANT", [Cause.FEWER_GIVEN_NAMES], SAME, LEFT),
        (
            "Pierre Alain",
            "PIERRE-ALAIN MURIEL",
            [Cause.CASE, Cause.SEPARATORS, Cause.FEWER_GIVEN_NAMES],
            SAME,
            LEFT,
        ),
        ("PIERRE ALAIN", "PIERRE-ALAIN", [Cause.SEPARATORS], SAME, None),
        ("PIERRE", "PIERRE-ALAIN MURIEL", [Cause.PART_OF_COMPOSED], CLOSE, LEFT),
        ("ALAIN", "PIERRE-ALAIN", [Cause.PART_OF_COMPOSED], CLOSE, LEFT),
        ("MURIEL", "PIERRE-ALAIN MURIEL", [Cause.OTHER_GIVEN_NAME], CLOSE, LEFT),
        ("ANNE MARIE", "ANNE SOPHIE", [Cause.OTHER_GIVEN_NAME], CLOSE, None),
        ("MARIE ANNE", "ANNE MARIE", [Cause.ORDER], CLOSE, None),
        ("CHRISTOPHER-ALE", "CHRISTOPHER-ALEXANDRE", [Cause.TRUNCATED], CLOSE, LEFT),
        ("Zoé", "ZOE", [Cause.CASE, Cause.ACCENTS], SAME, None),
        ("ÉLODIE", "ELODIE", [Cause.ACCENTS], SAME, None),
        ("e\u0301lodie", "ÉLODIE", [Cause.CASE], SAME, None),
        ("STEPHANE", "STEPHANIE", [Cause.TYPING], CLOSE, None),
        ("MATHIEU", "MATTHIEU", [Cause.TYPING], CLOSE, None),
        ("JEAN", "JEANNE", [Cause.OTHER], OTHER, None),
        ("OLA", "CATARINA BELLA", [Cause.OTHER], OTHER, None),
        ("LUC", "LUK", [Cause.OTHER], OTHER, None),
    ],
)
def test_given_names(
    card: str, ins: str, causes: list[Cause], severity: Severity, less: Side | None
) -> None:
    found = only(Traits(given_names=card), Traits(given_names=ins))
    assert found == Difference(
        Trait.GIVEN_NAMES, tuple(causes), severity, left=card, right=ins, less=less
    )


@pytest.mark.parametrize(
    ("left", "right", "causes", "severity"),
    [
        ({"used_name": "MARTIN"}, {"birth_name": "DUPONT"}, [Cause.USED_NAME], CLOSE),
        (
            {"birth_name": "MARTIN"},
            {"birth_name": "DUPONT", "used_name": "Martin"},
            [Cause.USED_NAME],
            CLOSE,
        ),
        (
            {"birth_name": "MARTIN", "used_name": "DUPONT"},
            {"birth_name": "DUPONT", "used_name": "MARTIN"},
            [Cause.USED_NAME],
            CLOSE,
        ),
        (
            {"family_name": "MARTIN"},
            {"birth_name": "DUPONT", "used_name": "MARTIN"},
            [Cause.USED_NAME],
            CLOSE,
        ),
        ({"family_name": "D AEION"}, {"birth_name": "D'AEION"}, [Cause.SEPARATORS], SAME),
        ({"family_name": "LEGALL"}, {"birth_name": "LE GALL"}, [Cause.SEPARATORS], CLOSE),
        ({"birth_name": "Lœwe"}, {"birth_name": "LOEWE"}, [Cause.CASE, Cause.ACCENTS], SAME),
        ({"birth_name": "DUPONT"}, {"birth_name": "DUPONT--MARTIN"}, [Cause.DOUBLE_NAME], CLOSE),
        ({"birth_name": "MARTIN DUPONT"}, {"birth_name": "DUPONT MARTIN"}, [Cause.ORDER], CLOSE),
        ({"birth_name": "HERMAN"}, {"birth_name": "HERMANN"}, [Cause.TYPING], CLOSE),
        (
            {"birth_name": "DE LA TOUR DU PIN-"},
            {"birth_name": "DE LA TOUR DU PIN-MONTAUBAN"},
            [Cause.DOUBLE_NAME],
            CLOSE,
        ),
        (
            {"birth_name": "DE LA TOUR DU PIN-M"},
            {"birth_name": "DE LA TOUR DU PIN-MONTAUBAN"},
            [Cause.TRUNCATED],
            CLOSE,
        ),
        ({"birth_name": "MARTIN"}, {"birth_name": "MARTINEZ"}, [Cause.OTHER], OTHER),
        ({"family_name": "MARTIN"}, {"birth_name": "DUPONT"}, [Cause.OTHER], OTHER),
    ],
)
def test_family_names(
    left: dict[str, Any], right: dict[str, Any], causes: list[Cause], severity: Severity
) -> None:
    found = only(Traits(**left), Traits(**right))
    assert found
    assert (found.trait, list(found.causes), found.severity) == (Trait.NAME, causes, severity)


@pytest.mark.parametrize(
    ("left", "right", "causes", "severity", "less"),
    [
        ("750102", "1975-01-02", [Cause.CENTURY_MISSING], CLOSE, LEFT),
        ("19420000", "1942-12-31", [Cause.INCOMPLETE], SAME, LEFT),
        ("19420500", "1942-05-01", [Cause.INCOMPLETE], SAME, LEFT),
        ("19420000", "1942-01-01", [Cause.INCOMPLETE], CLOSE, LEFT),
        ("194219010000", "1942-03-01", [Cause.INCOMPLETE], CLOSE, LEFT),
        ("420000", "1942-12-31", [Cause.CENTURY_MISSING, Cause.INCOMPLETE], CLOSE, LEFT),
        ("19420010", "1942-12-31", [Cause.OTHER], OTHER, None),
        ("1975-01-02", "1975-02-01", [Cause.DAY_AND_MONTH], CLOSE, None),
        ("1975-01-02", "1976-01-02", [Cause.TYPING], CLOSE, None),
        ("1975-01-02", "1957-01-02", [Cause.TYPING], CLOSE, None),
        ("1975-01-02", "1985-03-02", [Cause.OTHER], OTHER, None),
        ("750102", "1976-01-02", [Cause.OTHER], OTHER, None),
    ],
)
def test_dates(
    left: str, right: str, causes: list[Cause], severity: Severity, less: Side | None
) -> None:
    card, ins = BirthDate.parse(left), BirthDate.parse(right)
    found = only(Traits(birth_date=card), Traits(birth_date=ins))
    assert found
    assert (list(found.causes), found.severity, found.less) == (causes, severity, less)


@pytest.mark.parametrize(
    ("left", "right", "cause", "severity"),
    [
        ("20020", "2A020", Cause.CORSICA, SAME),
        ("75056", "75112", Cause.ARRONDISSEMENT, SAME),
        ("99352", "92123", Cause.INDEPENDENCE, CLOSE),
        ("99350", "95123", Cause.INDEPENDENCE, CLOSE),
        ("63220", "63113", Cause.COMMUNE, CLOSE),
        ("97411", "97412", Cause.COMMUNE, CLOSE),
        ("97411", "97112", Cause.OTHER, OTHER),
        ("99126", "99127", Cause.OTHER, OTHER),
        ("63220", "75112", Cause.OTHER, OTHER),
    ],
)
def test_places(left: str, right: str, cause: Cause, severity: Severity) -> None:
    found = only(Traits(birth_place=BirthPlace(left)), Traits(birth_place=BirthPlace(right)))
    assert found
    assert (found.causes, found.severity) == ((cause,), severity)


def test_numbers() -> None:
    now, before = Nir("109076322083489"), Nir("209076322083439")
    ins = Traits(nir=now, former=(before,))
    found = only(Traits(nir=before), ins)
    assert found
    assert (found.causes, found.severity, found.less) == ((Cause.SUPERSEDED,), CLOSE, LEFT)
    unlisted = only(Traits(nir=before), Traits(nir=now))
    assert unlisted
    assert unlisted.causes == (Cause.TYPING,)
    wrong = only(Traits(nir=Nir("109076322083488")), ins)
    assert wrong
    assert (wrong.causes, wrong.less) == ((Cause.KEY,), LEFT)
    waiting = only(Traits(nir=Nir("353139992573658")), ins)
    assert waiting
    assert (waiting.causes, waiting.less) == ((Cause.PROVISIONAL,), LEFT)
    other = only(Traits(nir=Nir("275126322074974")), ins)
    assert other
    assert (other.causes, other.severity) == ((Cause.OTHER,), OTHER)


@pytest.mark.parametrize(
    ("left", "right", "cause", "severity"),
    [
        (InsOid.TEST, InsOid.NIR, Cause.TEST, OTHER),
        (InsOid.NIA, InsOid.NIR, Cause.PROVISIONAL, CLOSE),
        (InsOid.TEST, InsOid.DEMO, Cause.OTHER, CLOSE),
    ],
)
def test_oids(left: InsOid, right: InsOid, cause: Cause, severity: Severity) -> None:
    found = only(Traits(oid=left), Traits(oid=right))
    assert found
    assert (found.trait, found.causes, found.severity) == (Trait.OID, (cause,), severity)


def test_sexes() -> None:
    found = only(Traits(sex=Sex.MALE), Traits(sex=Sex.FEMALE))
    assert found
    assert (found.severity, found.left, found.right) == (OTHER, "M", "F")


def test_what_one_side_lacks_is_not_compared() -> None:
    full = Traits("A", "B", "C", "D", "E", BirthDate(1975, 1, 1), Sex.MALE, BirthPlace("63220"))
    assert compare(full, Traits()) == compare(Traits(), full) == ()


def test_a_card_against_the_answer_of_the_insi() -> None:
    """A Vitale with the used name, one given name, a lunar date and the old number."""
    row = next(row for row in rows("insi.tsv") if row["birth_name"] == "ECETINSI")
    old = Matricule.parse(row["former"].split()[0], row["oid"])
    ins = Traits.of_strict(strict(row), matricule(row), (old,))
    card = Traits(
        family_name="ECETINSY",
        given_names="PIERRE",
        birth_date=BirthDate.parse("200907000000"),
        nir=old.number,
    )
    found = compare(card, ins)
    assert {one.trait: one.causes for one in found} == {
        Trait.NAME: (Cause.TYPING,),
        Trait.GIVEN_NAMES: (Cause.PART_OF_COMPOSED,),
        Trait.BIRTH_DATE: (Cause.INCOMPLETE,),
        Trait.MATRICULE: (Cause.SUPERSEDED,),
    }
    assert worst(found) is CLOSE
    assert worst(()) is None
    shown = repr((card, ins, found))
    assert not [v for v in ("ECETINS", "PIERRE", "2009", "09076") if v in shown]


def test_a_record_brings_its_used_names() -> None:
    row = next(row for row in rows("insi.tsv") if row["birth_name"] == "NESSI")
    record = InsIdentity(strict(row), complementary=ComplementaryTraits("DUPOND", "MIKE"))
    traits = Traits.of_identity(record)
    card = Traits(family_name="DUPOND", given_names="MIKE")
    assert [one.causes for one in compare(card, traits)] == [(Cause.USED_NAME,)] * 2
