"""The text of an INS datamatrix, and its pictures."""

from dataclasses import replace

import pytest
from tests.support.identifiers import matricule, rows, strict

from cardio.errors import (
    ConfigurationError,
    IdentifierError,
    IdentityRuleError,
    LeakedTestIdentity,
)
from cardio.identity import datamatrix_image
from cardio.identity.datamatrix import GS, HEADER, InsDatamatrix
from cardio.identity.environment import Environment
from cardio.identity.ins import InsIdentity
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.status import IdentityState, IdentityStatus
from cardio.identity.traits import StrictTraits

ZOE = InsDatamatrix(
    Matricule.parse("275126322074974", InsOid.NIR),
    StrictTraits.typed(
        birth_name="ADRUN",
        given_names="ZOE",
        sex="F",
        birth_date="1975-12-31",
        birth_place="63220",
    ),
)
TEXT = (
    f"{HEADER}S1275126322074974S21.2.250.1.213.1.4.8{GS}S3ZOE{GS}S4ADRUN{GS}S5FS631-12-1975S763220"
)
PUBLISHED = [row for row in rows("insi.tsv") if row["matricule"]]


def test_the_header_has_26_characters() -> None:
    assert (len(HEADER), HEADER[:4]) == (26, "IS01")


def test_a_text_by_hand() -> None:
    assert ZOE.encode() == TEXT
    assert InsDatamatrix.decode(TEXT) == ZOE


@pytest.mark.parametrize("row", rows("datamatrix.tsv"), ids=lambda row: row["origin"])
def test_texts_of_others(row: dict[str, str]) -> None:
    text = row["text"].replace("<GS>", GS)
    if row["verdict"] == "error":
        with pytest.raises(IdentifierError):
            InsDatamatrix.decode(text)
        return
    found = InsDatamatrix.decode(text)
    assert found.matricule.number.has_valid_key == (row["verdict"] == "right")
    assert InsDatamatrix.decode(found.encode()) == found


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["birth_name"])
def test_published_identities(row: dict[str, str]) -> None:
    found = InsDatamatrix(matricule(row), replace(strict(row), first_given_name=None))
    assert InsDatamatrix.decode(found.encode()) == found


def test_a_full_field_has_no_separator() -> None:
    """S2 is full with 20 characters, S3 and S4 with 100; the others have one size."""
    name = "A" * 100
    full = replace(
        ZOE,
        matricule=replace(ZOE.matricule, oid=InsOid.TEST),
        traits=replace(ZOE.traits, birth_name=name, given_names=name),
    )
    assert GS not in full.encode()
    assert InsDatamatrix.decode(full.encode()) == full
    shorter = replace(full, traits=replace(full.traits, birth_name="A" * 99))
    assert shorter.encode().count(GS) == 1


def test_a_name_of_more_than_100_is_refused() -> None:
    with pytest.raises(IdentifierError):
        replace(ZOE, traits=replace(ZOE.traits, birth_name="A" * 101)).encode()


def test_the_birth_place_is_optional() -> None:
    without = replace(ZOE, traits=replace(ZOE.traits, birth_place=None))
    assert without.encode().endswith("S631-12-1975")
    assert InsDatamatrix.decode(without.encode()) == without


def test_every_cut_is_noticed() -> None:
    whole = len(TEXT) - len("S763220")
    for end in range(len(TEXT)):
        if end != whole:
            with pytest.raises(IdentifierError):
                InsDatamatrix.decode(TEXT[:end])


def test_of_a_patient() -> None:
    qualified = IdentityState(IdentityStatus.QUALIFIED)
    assert InsDatamatrix.of(InsIdentity(ZOE.traits, qualified, ZOE.matricule)) == ZOE
    retrieved = IdentityState(IdentityStatus.RETRIEVED)
    with pytest.raises(IdentityRuleError):
        InsDatamatrix.of(InsIdentity(ZOE.traits, retrieved, ZOE.matricule))
    demo = replace(ZOE.matricule, oid=InsOid.DEMO)
    patient = InsIdentity(ZOE.traits, qualified, demo)
    assert InsDatamatrix.of(patient, Environment.TEST).matricule.oid is InsOid.DEMO
    with pytest.raises(LeakedTestIdentity):
        InsDatamatrix.of(patient)


def test_nothing_is_shown_by_its_repr() -> None:
    assert not [value for value in ("ADRUN", "ZOE", "1975", "2751263") if value in repr(ZOE)]


@pytest.mark.parametrize("picture", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_no_picture(picture: bytes) -> None:
    with pytest.raises(IdentifierError):
        datamatrix_image.read(picture)


def test_a_picture_without_a_symbol() -> None:
    from PIL import Image
    from tests.support.pictures import as_png

    with pytest.raises(IdentifierError):
        datamatrix_image.read(as_png(Image.new("L", (50, 50), 255)))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zxingcpp", None)
    with pytest.raises(ConfigurationError, match=r"cardio-sante\[datamatrix\]"):
        datamatrix_image.png(TEXT)
