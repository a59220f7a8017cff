"""The stand-in file of rights, decoded by a few lines written from facts: vitale.md §4.1 alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio_emulator.card_os import Card
from cardio_emulator.cards import vitale2
from cardio_emulator.cards.vitale2_persona import load
from cardio_emulator.cards.vitale_rights import Group, encode, without_accents
from cardio_emulator.image import Confidence, DedicatedFile, ElementaryFile

FIELDS = {
    101: 14,
    102: 3,
    103: 9,
    104: 18,
    105: 2,
    106: 4,
    107: 6,
    108: 2,
    109: 12,
    111: 1,
}
"""facts: vitale.md §4.2."""
PAGE = Path(__file__).parents[2] / "docs/reference/emulated-vitale2.md"


def stand_in(card: Card) -> ElementaryFile:
    folders = [child for child in card.image.root.children if isinstance(child, DedicatedFile)]
    files = [file for folder in folders for file in folder.children]
    return next(f for f in files if isinstance(f, ElementaryFile) and f.fid == 0x2006)


def records(content: bytes) -> Iterator[tuple[int, list[str]]]:
    at = 0
    while at < len(content):
        number, length, at = int.from_bytes(content[at : at + 2], "big"), content[at + 2], at + 3
        if length == 0x81:
            length, at = content[at], at + 1
        end, values = at + length, list[str]()
        while at < end:
            size = content[at]
            values.append(content[at + 1 : at + 1 + size].decode("ascii"))
            at += 1 + size
        assert at == end
        yield number, values


def of(persona: str) -> list[tuple[int, list[str]]]:
    return list(records(stand_in(vitale2.make(persona)).content))


def some(persona: str, number: int) -> list[list[str]]:
    return [values for found, values in of(persona) if found == number]


def test_the_first_record_byte_for_byte() -> None:
    """T, 900000349, end of validity, three empty fields, A, NIR and key, 01 349 9881, 10, empty."""
    expected = (
        "0065 3F 01 54 09 393030303030333439 0C 323033313132333130303030 00 00 00 01 41"
        "0D 32383531393735393930303132 02 3935 02 3031 03 333439 04 39383831 02 3130 00"
    )
    content = stand_in(vitale2.make()).content
    assert content.startswith(bytes.fromhex(expected))


def test_the_records_of_the_default_family() -> None:
    found = of("famille")
    per_person = [104, 105, 106]
    assert [number for number, _ in found] == [
        101,
        *per_person,
        109,
        *per_person,
        109,
        *per_person,
    ]
    insured, child, _ = some("famille", 104)
    assert insured[:3] == ["FAMILLE-TEST", "", "CARDIOLINE"]
    assert insured[8:14] == [
        "2851975990012",
        "95",
        "202203010000",
        "198519010000",
        "1",
        "0",
    ]
    assert child[2] == "NOE", "ASCII in the records, Latin-1 in the identities"
    assert child[8:11] == ["", "00", "000000000000"], "no certified number"
    assert some("famille", 105)[0] == ["202203010000", ""], "open"


@pytest.mark.parametrize(
    "persona",
    [
        "famille",
        "famille-nombreuse",
        "jumeaux",
        "corse",
        "naissance-etranger",
        "date-lunaire",
        "nir-provisoire",
        "cle-fausse",
        "prenoms-composes",
        "nom-naissance",
        "famille-voisine",
        "mutuelle-et-amc",
        "demonstration",
        "droits-lacunaires",
    ],
)
def test_each_record_has_its_fields_and_its_place(persona: str) -> None:
    found = of(persona)
    assert found[0][0] == 101
    assert [len(values) for _, values in found] == [FIELDS[number] for number, _ in found]
    assert sum(1 for number, _ in found if number == 104) == len(load(persona).beneficiaries)
    head = [number for number, _ in found[: [n for n, _ in found].index(104)]]
    assert head == sorted(head)
    people = "".join(f" {number}" for number, _ in found[len(head) :]).split(" 104")[1:]
    for others in people:
        numbers = [int(number) for number in others.split()]
        assert numbers == sorted(numbers)
        assert numbers.count(105) <= 3
        assert numbers.count(106) <= 7


def test_what_each_persona_is_there_for() -> None:
    assert some("famille-nombreuse", 105)[:3] == [
        ["202001010000", "202212310000"],
        ["202206010000", "202512310000"],
        ["202601010000", ""],
    ]
    assert [values[12] for values in some("jumeaux", 104)] == ["1", "1", "2"]
    assert len(some("corse", 107)) == 3
    assert len(some("corse", 108)) == 4
    assert some("naissance-etranger", 103) == [
        ["013499881", "", "", "013499881", "01", "20240117", "013490349", "02", "20250226"]
    ]
    assert some("date-lunaire", 104)[0][11] == "194100000000"
    assert some("cle-fausse", 104)[0][9] == "48"
    assert some("nom-naissance", 104)[0][:2] == ["USAGE-TEST", "NAISSANCE-TEST"]
    assert {102, 107, 109, 111} <= {number for number, _ in of("mutuelle-et-amc")}
    assert some("demonstration", 101)[0][0] == "D"
    assert some("droits-lacunaires", 104)[0][8:11] == ["", "00", "000000000000"]


def test_the_file_says_that_it_is_a_stand_in() -> None:
    file = stand_in(vitale2.make())
    assert (file.label, file.origin.confidence) == ("rights", Confidence.STAND_IN)
    assert file.content[0] == 0, "one public reader then shows it raw (facts: vitale.md §2.6)"


def test_every_key_of_a_persona_is_documented() -> None:
    text = PAGE.read_text("utf-8")
    for group in FIELDS:
        assert f"| {group} |" in text
    for key in ("card_type", "certified_on", "quality", "situation", "b2_number", "guarantees"):
        assert f"`{key}`" in text
    for table in ("rights_period", "cover_period", "mutual", "mutual_period", "complementary"):
        assert f".{table}]" in text


def test_long_records_take_two_bytes_of_length() -> None:
    assert Group(104, ("A" * 126,)).encode()[:3] == b"\x00\x68\x7f"
    assert Group(104, ("A" * 127,)).encode()[:4] == b"\x00\x68\x81\x80"
    with pytest.raises(ConfigurationError, match="a record 104 takes 256 bytes"):
        Group(104, ("A" * 127, "B" * 127)).encode()
    with pytest.raises(ConfigurationError, match="a field of a record 111 is too long"):
        Group(111, ("A" * 256,)).encode()


texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)


@given(st.lists(st.tuples(st.integers(101, 111), st.lists(texts, max_size=8))))
def test_any_records_come_back(written: list[tuple[int, list[str]]]) -> None:
    groups = [Group(number, tuple(values)) for number, values in written]
    assert list(records(encode(groups))) == written


def test_letters_lose_their_accents_and_nothing_else() -> None:
    assert without_accents("NOÉ-ÇÀ ÏÜ") == "NOE-CA IU"
    for text in ("SØREN", "STRAßE", "Æ"):
        assert without_accents(text) is None


BASE = 'serial = "9900000001"\nvalid_from = "20220301"\norganism = "013499881"\n[rights]\n{card}\n'
PERSON = """[[beneficiary]]
family_name = "FAMILLE-TEST"
given_name = "{name}"
birth_date = "19851901"
nir = "285197599001295"
country = "FRA"
{rights}
"""
QUALITY = '[beneficiary.rights]\nquality = "0"\n'
ACCIDENT = '[[rights.accident]]\norganism = "013499881"\naccident_code = "01"\nidentifier = "1"\n'


@pytest.mark.parametrize(
    ("card", "name", "rights", "said"),
    [
        ("", "ALIX", "", r"'rights' must be one \[beneficiary.rights\] table"),
        ("", "ALIX", "[beneficiary.rights]", "'quality' is missing"),
        ("", "ALIX", '[beneficiary.rights]\nquality = "7"', "'quality' must look like"),
        ("", "ALIX", QUALITY + 'sex = "F"', "'sex' is unknown"),
        ("", "ALIX", QUALITY + 'family_name = "X"', "'family_name' is unknown"),
        ("", "SØREN", QUALITY, "'rights' cannot hold the name"),
        ("", "ALIX", QUALITY + '[beneficiary.rights.mutual]\nx = "1"', "'identification' is miss"),
        ("", "ALIX", QUALITY + "[[beneficiary.rights.rights_period]]\n" * 4, "3 times at most"),
        ('card_type = "TT"', "ALIX", QUALITY, "'card_type' must look like"),
        ('serial = "1"', "ALIX", QUALITY, "'serial' is unknown"),
        (ACCIDENT, "ALIX", QUALITY, "'identifier' must look like"),
        (ACCIDENT * 3, "ALIX", QUALITY, "'accident' may be there 2 times at most"),
    ],
)
def test_wrong_rights_are_told(
    tmp_path: Path, card: str, name: str, rights: str, said: str
) -> None:
    path = tmp_path / "persona.toml"
    text = BASE.format(card=card) + PERSON.format(name=name, rights=rights)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said) as caught:
        vitale2.make(path)
    assert name not in str(caught.value)
