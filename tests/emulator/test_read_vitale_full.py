"""The reading code against every emulated Vitale: written apart, they must agree."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.emulator.test_read_vitale2 import GET_RESPONSE, Wire

from cardio.cards.identify import CardKind, identify
from cardio.cards.layout import Confidence
from cardio.cards.vitale.beneficiary import ProblemCode
from cardio.cards.vitale.card import VitaleCard
from cardio.cards.vitale.inventory import FileKind, FileState
from cardio.cards.vitale.nature import CardNature, nature_of
from cardio.cards.vitale.rights.checks import RightsProblemCode, problems_of
from cardio.cards.vitale.rights.grammar import decode_records, encode_records
from cardio.cards.vitale.rights.model import Rights
from cardio.cards.vitale.rights.reading_api import as_reading_api, decode_xml, encode_xml
from cardio.cards.vitale.routes import Route
from cardio.errors import UnsupportedCard
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio_emulator.cards import vitale_cv
from cardio_emulator.kinds import make

VITALES = (
    *("famille", "famille-voisine", "famille-nombreuse", "jumeaux", "corse", "cle-fausse"),
    *("naissance-etranger", "date-lunaire", "nir-provisoire", "prenoms-composes"),
    *("nom-naissance", "droits-lacunaires", "mutuelle-et-amc", "demonstration", "sans-droits"),
)
CODE = RightsProblemCode
EXPECTED = {
    "famille-nombreuse": {CODE.OVERLAPPING_PERIODS},
    "mutuelle-et-amc": {CODE.BOTH_COMPLEMENTARIES},
    "cle-fausse": {CODE.WRONG_NIR_KEY},
}


def open_card(persona: str, route: Route = Route.SHORT_ID) -> tuple[Wire, Channel, VitaleCard]:
    wire = Wire(make("vitale2", persona))
    channel = Channel(stack(wire))
    return wire, channel, VitaleCard(channel, identify(channel), route=route)


def rights_of(persona: str) -> Rights:
    found = open_card(persona)[2].rights
    assert found.rights is not None
    return found.rights


def test_all_vitale_personas_are_here() -> None:
    shipped = (files("cardio_emulator") / "personas").iterdir()
    texts = {Path(file.name).stem: file.read_text(encoding="utf-8") for file in shipped}
    assert {name for name, text in texts.items() if "[[beneficiary]]" in text} == set(VITALES)
    assert len(VITALES) == 15


@pytest.mark.parametrize("persona", VITALES)
def test_both_routes_give_the_same_people_within_six_commands(persona: str) -> None:
    """Identification included; one more for every further block of 256 bytes."""
    _, by_id, card = open_card(persona)
    people = card.beneficiaries
    wire, by_map, other = open_card(persona, Route.MAP)
    assert other.beneficiaries == people
    assert people
    assert other.problems == card.problems
    wrong = {ProblemCode.WRONG_NIR_KEY} if persona == "cle-fausse" else set[ProblemCode]()
    assert {problem.code for problem in card.problems} == wrong
    further = 2 if persona == "famille-nombreuse" else 0
    assert by_id.exchanged <= 5 + further
    assert by_map.exchanged <= 6 + further
    assert wire.instructions().count(GET_RESPONSE) <= 4


def test_two_commands_to_say_vitale_2_readable() -> None:
    wire, channel, card = open_card("famille")
    assert card.match.kind is CardKind.VITALE2
    assert card.is_readable
    assert channel.exchanged == 2
    assert card.beneficiaries[0].nir is not None
    assert len(wire.sent) == len(wire.received)


@pytest.mark.parametrize("persona", VITALES)
def test_every_file(persona: str) -> None:
    files = {file.name: file for file in open_card(persona)[2].files}
    rights = {"STANDIN"} if persona != "sans-droits" else set[str]()
    known = {"POINTERS", "BENEF", "PROTEGE", "BRUT", "IDENT", "VALIDITE", "DIR", "PAN", "CERTIF"}
    assert set(files) == known | rights
    closed = [name for name, f in files.items() if f.state is FileState.NEEDS_PROFESSIONAL_CARD]
    assert closed == ["PROTEGE"]
    assert files["PROTEGE"].status == 0x6982
    assert (files["BRUT"].kind, files["BRUT"].size) == (FileKind.RAW, 256)
    assert {f.state for f in files.values()} == {
        FileState.READABLE,
        FileState.NEEDS_PROFESSIONAL_CARD,
    }


@pytest.mark.parametrize("persona", [name for name in VITALES if name != "sans-droits"])
def test_rights(persona: str) -> None:
    _, channel, card = open_card(persona)
    before = channel.exchanged
    found = card.rights
    assert found.confidence is Confidence.STAND_IN
    assert found.rights is not None
    assert channel.exchanged - before <= 6 + len(encode_records(found.rights)) // 256
    assert {problem.code for problem in problems_of(found.rights)} == EXPECTED.get(persona, set())
    names = [person.beneficiary.given_name for person in found.rights.persons]
    assert len(names) == len(card.beneficiaries)
    assert decode_records(encode_records(found.rights)) == found.rights
    told = as_reading_api(found.rights)
    assert decode_xml(encode_xml(told)) == told


def test_a_card_without_our_file_tells_no_rights() -> None:
    found = open_card("sans-droits")[2].rights
    assert (found.rights, found.confidence) == (None, None)


def test_rights_on_a_day() -> None:
    eldest = rights_of("famille-nombreuse").persons[2]
    assert eldest.rights_at(date(2023, 9, 30)).entitled is True
    assert eldest.rights_at(date(2023, 10, 1)).entitled is False
    both = rights_of("mutuelle-et-amc").rights_at(date(2026, 11, 22))
    assert [at.is_contradictory for at in both].count(True) >= 1


def test_two_accidents() -> None:
    accidents = rights_of("naissance-etranger").work_accidents
    assert accidents is not None
    assert len(accidents.accidents) == 2


def test_lunar_dates_are_kept() -> None:
    _, _, card = open_card("date-lunaire")
    assert [one.birth_date_as_written for one in card.beneficiaries] == ["19410000", "19381900"]
    assert [one.birth_date for one in card.beneficiaries] == [None, None]
    dates = [one.beneficiary.birth_date for one in rights_of("date-lunaire").persons]
    assert [one.written if one else None for one in dates] == ["194100000000", "193819000000"]


@pytest.mark.parametrize(
    ("persona", "nature"),
    [("famille", CardNature.TEST), ("demonstration", CardNature.DEMONSTRATION)],
)
def test_nature_with_rights(persona: str, nature: CardNature) -> None:
    _, _, card = open_card(persona)
    assert nature_of(card.beneficiaries, card.rights.rights).card is nature
    assert card.nature.card is CardNature.TEST
    assert card.nature.is_test


def test_the_published_key_opens_the_certificate() -> None:
    (found,) = open_card("famille")[2].certificates
    assert found.authority_key_bits == 1024
    key = rsa.RSAPublicNumbers(vitale_cv.EXPONENT, vitale_cv.MODULUS).public_key()
    opened = found.opened_with(key)
    assert (opened.is_genuine, opened.hash_name, len(opened.recovered)) == (True, "sha1", 106)
    assert opened.message == opened.recovered + (found.remainder or b"")


def test_a_vitale_1_is_sent_nothing_and_told_to_be_too_old() -> None:
    wire = Wire(make("vitale1"))
    channel = Channel(stack(wire))
    match = identify(channel)
    assert match.kind is CardKind.VITALE1
    with pytest.raises(UnsupportedCard, match="too old to read here"):
        VitaleCard(channel, match)
    assert wire.sent == []
