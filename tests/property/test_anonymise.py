"""Whoever a card is made for: nothing that tells them from others is left in a recording."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.support.fresh_keys import stock

from cardio.anonymise.contents import Anonymiser
from cardio.anonymise.recording import anonymise
from cardio.anonymise.words import folded
from cardio.errors import ConfigurationError
from cardio.identity.nir import Nir, key_of
from cardio.trace import Recorder, Trace
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator import certificates
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3, vitale2
from cardio_emulator.cards.vitale2_persona import Beneficiary, VitalePersona
from cardio_emulator.holder import Activity, CardType, Persona
from cardio_emulator.image_rebuild import model
from cardio_emulator.image_tree import entries
from cardio_emulator.virtual_card import VirtualCard

_KEYS, _OLD_KEYS = stock(), stock(1)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
names = st.text(_LETTERS + "ÉÈÀÇ", min_size=5, max_size=12)
plain = st.text(_LETTERS, min_size=5, max_size=12)


def digits(size: int) -> st.SearchStrategy[str]:
    """Of more than one digit: a number such as 00000000 tells of nobody."""
    numbers = st.text("0123456789", min_size=size, max_size=size)
    return numbers.filter(lambda number: size == 1 or len(set(number)) > 1)


_SOUND = [
    one.content for kind in ("cps3", "vitale2") for one in entries(model(kind).root) if one.content
]
"""Every file of a sound card: records, directories, certificates."""

nirs = st.builds(
    lambda first, year, month, place, order: (
        (n := first + year + month + place + order) + key_of(n)
    ),
    st.sampled_from("12378"),
    digits(2),
    st.sampled_from(["01", "07", "12", "19", "20", "35"]),
    st.sampled_from(["75056", "2A004", "2B033", "97101", "99350", "01001"]),
    digits(3),
)
people = st.builds(
    Beneficiary,
    family_name=st.builds("{} {}".format, names, names),
    given_name=names,
    birth_date=st.dates(date(1920, 1, 1), date(2025, 12, 31)).map(lambda day: f"{day:%Y%m%d}"),
    nir=nirs.map(Nir),
    country=st.just("FRA"),
)
vitales = st.builds(
    VitalePersona,
    serial=digits(10),
    valid_from=st.just("20220301"),
    organism=st.just("013499881"),
    beneficiaries=st.lists(people, min_size=1, max_size=3).map(tuple),
)
holders = st.builds(
    Persona,
    name=st.just("anybody"),
    card_type=st.just(CardType.CPS),
    category=st.just(0x00),
    card_number=digits(10),
    chip_serial=digits(8),
    issued=st.just(date(2025, 11, 3)),
    expires=st.just(date(2028, 11, 2)),
    ps_idnat=st.one_of(digits(11).map("8{}".format), digits(9).map("0{}".format)),
    civility=st.just(31),
    family_name=st.builds("{} {}".format, plain, plain),
    given_name=plain,
    language=st.just("fr"),
    profession=st.just(10),
    profession_label=st.just("Médecin"),
    activities=st.tuples(
        st.builds(
            Activity,
            number=st.just(1),
            mode=st.just(0),
            structure_name=st.builds("CABINET {}".format, plain),
            structure=st.one_of(digits(9).map("1{}".format), digits(14).map("3{}".format)),
            sector=st.just("SA07"),
        )
    ),
)


def recorded(card: VirtualCard) -> Trace:
    bench = Bench()
    bench.add_reader("Reader 00 00", card)
    recorder = Recorder()
    with Workstation(EmulatedResourceManager(bench), recorder=recorder) as workstation:
        if card.atr[0] == 0x3B and card.atr[1] == 0x75:
            vitale = workstation.vitale()
            _ = vitale.beneficiaries, vitale.files
        else:
            cps = workstation.cps()
            _ = cps.holder, cps.certificates, cps.differences
    return recorder.trace


def left(trace: Trace, *identities: str) -> list[str]:
    """Those that are in an answer, as text of either coding or as digits."""
    answers = b"".join(one.answer.blanked()[:-2] for one in trace.exchanges)
    spelled = answers.hex()
    return [
        one
        for one in identities
        if one.encode("latin-1") in answers
        or one.encode() in answers
        or (one.isdecimal() and len(one) > 7 and one in spelled)
    ]


def made(trace: Trace, words: Iterable[str]) -> Trace:
    """Without identities. A name that is also a word of the card's public part is no name here."""
    anonymiser = Anonymiser(new_key=_KEYS)
    try:
        after, _ = anonymise(trace, anonymiser)
    except ConfigurationError:
        assume(False)
        raise
    assume(anonymiser.public.isdisjoint(map(folded, words)))
    return after


@settings(max_examples=25)
@given(vitales)
def test_nothing_of_a_patient_is_left(persona: VitalePersona) -> None:
    before = recorded(Card(vitale2.image(persona)))
    assert left(before, persona.serial)
    names = [
        word for one in persona.beneficiaries for word in (*one.family_name.split(), one.given_name)
    ]
    after = made(before, names)
    for person in persona.beneficiaries:
        number = person.nir.number
        assert not left(after, *names, person.birth_date, number, number[5:], persona.serial)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(holders)
def test_nothing_of_a_professional_is_left(monkeypatch: pytest.MonkeyPatch, who: Persona) -> None:
    monkeypatch.setattr(certificates, "new_key", lambda _: _OLD_KEYS(2048, 65537))
    before = recorded(Card(cps3.image(who), IAS_ECC))
    words = (*who.family_name.split(), who.given_name)
    numbers = (who.ps_idnat, who.ps_idnat[1:], who.card_number, who.chip_serial)
    assert left(before, *words) == [*words]
    assert not left(made(before, words), *words, *numbers, who.activities[0].structure_name)


def _rewritten(raw: bytes) -> bytes:
    engine = Anonymiser(new_key=_KEYS)
    engine.look_at([raw])
    return engine.rewrite(raw)


@given(
    st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: b"\x00\x65" + tail))
)
def test_any_file_keeps_its_size(raw: bytes) -> None:
    assert len(_rewritten(raw)) == len(raw)


@given(st.data())
def test_a_damaged_file_keeps_its_size(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(_SOUND))
    at = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=4))
    raw = whole[:at] + junk + whole[at + data.draw(st.integers(0, 4)) :]
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    assert len(_rewritten(raw)) == len(raw)
