"""The shipped Vitale personas: all invented, all marked, each with what it is there for."""

import hashlib
from pathlib import Path

import pytest
from tests.support.lookalikes import CYBERFLEX_ATR, PARKING_ATR, look_alike

from cardio.iso7816.tlv import parse
from cardio_emulator import persona_files
from cardio_emulator.cards import vitale2, vitale_cv
from cardio_emulator.cards.vitale2_persona import VitalePersona, load
from cardio_emulator.cards.vitale_atrs import VITALE1_ATRS, VITALE2_ATRS
from cardio_emulator.image import DedicatedFile, ElementaryFile

FOLDER = Path(persona_files.__file__).with_name("personas")
NAMES = sorted(
    path.stem for path in FOLDER.glob("*.toml") if "[[beneficiary]]" in path.read_text("utf-8")
)
FAMILIES = {name: load(name) for name in NAMES}


def people(name: str) -> list[tuple[str, str, str]]:
    return [
        (one.family_name, one.given_name, one.birth_date) for one in FAMILIES[name].beneficiaries
    ]


@pytest.mark.parametrize("name", NAMES)
def test_everybody_is_marked_as_a_test(name: str) -> None:
    family = FAMILIES[name]
    assert family.serial.startswith("99")
    assert family.organism[2:5] in ("349", "999")
    for person in family.beneficiaries:
        assert person.nir.is_test
        assert person.nir.has_valid_key is (name != "cle-fausse")
        assert "-TEST" in person.family_name


def test_no_two_cards_or_people_share_a_number() -> None:
    serials = [family.serial for family in FAMILIES.values()]
    numbers = [one.nir.number for family in FAMILIES.values() for one in family.beneficiaries]
    assert len(set(serials)) == len(serials)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_opens_with_the_authoritys_key(name: str) -> None:
    """ISO/IEC 9796-2 §8: header 6A, the message's beginning, its hash, trailer BC."""
    folders = vitale2.make(name).image.root.children
    adele = next(one for one in folders if one.fid == 0x0200)
    assert isinstance(adele, DedicatedFile)
    (file,) = adele.children
    assert isinstance(file, ElementaryFile)
    assert len(file.content) <= 256
    parts = parse(file.content)
    signature, remainder = parts.get(0x5F37) or b"", parts.get(0x5F38) or b""
    opened = pow(int.from_bytes(signature, "big"), vitale_cv.EXPONENT, vitale_cv.MODULUS)
    block = opened.to_bytes(128, "big")
    assert (block[0], block[-1]) == (0x6A, 0xBC)
    message = block[1:-21] + remainder
    assert block[-21:-1] == hashlib.sha1(message, usedforsecurity=False).digest()
    assert message.startswith(b"CARDIO TEST STAND-IN" + FAMILIES[name].serial.encode())


def test_what_each_is_there_for() -> None:
    def numbers(name: str) -> list[str]:
        return [one.nir.number for one in FAMILIES[name].beneficiaries]

    assert len(people("famille-nombreuse")) == 10
    _, one, other = people("jumeaux")
    assert one[2] == other[2]
    assert [number[5:7] for number in numbers("corse")] == ["2B", "2A", "20"]
    assert numbers("naissance-etranger")[0][5:10] == "99139"
    assert {number[0] for number in numbers("nir-provisoire")} == {"7", "8", "3"}
    assert people("date-lunaire")[0][2].endswith("0000")
    assert {"-", " "} <= set("".join(given for _, given, _ in people("prenoms-composes")))
    assert set(people("famille")) & set(people("famille-voisine")), "one homonym"
    assert not set(numbers("famille")) & set(numbers("famille-voisine"))


def test_answers_to_reset_differ() -> None:
    atrs = {family.atr for family in FAMILIES.values()}
    assert len(atrs) >= 4
    assert atrs <= set(VITALE2_ATRS)


def test_defaults_of_a_persona_made_in_code() -> None:
    person = FAMILIES["famille"].beneficiaries[0]
    family = VitalePersona("9900000001", "20220301", "013499881", (person,))
    assert vitale2.image(family).atr == VITALE2_ATRS[0]
    assert family.rights == ()


@pytest.mark.parametrize("atr", [CYBERFLEX_ATR, PARKING_ATR])
def test_look_alikes_are_no_vitale(atr: bytes) -> None:
    card = look_alike(atr)
    assert card.atr not in (*VITALE1_ATRS, *VITALE2_ATRS)
    assert card.atr[:4] in (VITALE1_ATRS[0][:4], VITALE2_ATRS[0][:4])
    answer = card.transmit(bytes.fromhex("00A404000BD250000002564954414C45"))
    assert answer == b"\x6a\x82"
