"""Every kind of CPS through the one class that reads them: what they tell, at what price."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from tests.support.cps3 import open_card
from tests.support.cps_cards import KINDS, opened
from tests.support.personas import PERSONAS, dated

from cardio.cards.cps import CertificateUsage, CpsCard
from cardio.cards.identify import CardKind, Interface
from cardio.cards.layout import Confidence
from cardio.errors import (
    AuthenticationBlocked,
    FcpError,
    FileNotFound,
    RecordError,
    SecurityStatusNotSatisfied,
    UnexpectedStatus,
    UnsupportedCard,
)
from cardio.iso7816.path import Path
from cardio.pin.guard import Allow
from cardio.pin.outcomes import RefusalReason, Refused, Verified
from cardio.pin.pin import Pin
from cardio_emulator import holder as emulated
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3

CONTACT = [kind for kind in KINDS if kind != "cps3-contactless"]
CERTIFIED = [kind for kind in CONTACT if kind != "cps2ter"]
CHEAPEST = {"cps3": (3, 4, 3), "cps4": (1, 2, 2), "cps4-t0": (1, 2, 3), "cps2ter": (1, 2, 4)}
"""Exchanges for: the tries left; login with the counter read first; one protected object."""

PROTECTED = dict.fromkeys(CERTIFIED, "CPS_ACTIVITY_01_PS") | {"cps2ter": "CPS2TER_ACTIVITY_01_PS"}
FORWARD = bytes.fromhex("EE31800100")


def verify(card: CpsCard) -> None:
    assert card.verify_pin(Pin.of("1234"), allow=Allow.UNKNOWN_COUNTER) == Verified()


@pytest.mark.parametrize(
    ("kind", "commands", "confidence"),
    [
        ("cps3", 2, Confidence.PUBLISHED),
        ("cps3-contactless", 2, Confidence.PUBLISHED),
        ("cps4", 3, Confidence.PUBLISHED),
        ("cps4-t0", 4, Confidence.PUBLISHED),  # 3 commands and a GET RESPONSE
        ("cps2ter", 1, Confidence.INFERRED),
    ],
)
def test_identification(kind: str, commands: int, confidence: Confidence) -> None:
    wire, card = opened(kind)
    assert len(wire.commands) == commands
    assert card.match.kind.value == kind.removesuffix("-t0")
    assert card.match.confidence is confidence


def test_identification_of_a_cps4_uses_channel_1() -> None:
    wire, _ = opened("cps4")
    assert wire.since(0) == [
        "01A4040C088025000001FF0100",
        "01A4080002D00300",
        "01B000000C",
    ]


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("kind", CONTACT)
def test_the_same_holder_on_every_generation(kind: str, persona: str) -> None:
    _, card = opened(kind, persona)
    _, reference = opened("cps3", persona)
    told = [
        (c.full_holder.ps_idnat, c.full_holder.given_name, c.full_holder.family_name)
        for c in (card, reference)
    ]
    assert told[0] == told[1]
    assert card.full_card.card_number == reference.full_card.card_number
    assert card.full_card.chip_serial == reference.full_card.chip_serial
    assert card.full_card.type == reference.full_card.type
    assert (card.differences, card.problems) == ((), ())


@pytest.mark.parametrize("kind", CONTACT)
def test_tries_login_and_a_protected_object(kind: str) -> None:
    wire, card = opened(kind)
    at = [len(wire.commands)]
    tries = card.tries_left()
    assert tries == (None if kind == "cps2ter" else 3)
    at.append(len(wire.commands))
    verify(card)
    at.append(len(wire.commands))
    content = card.data_object(PROTECTED[kind])
    at.append(len(wire.commands))
    assert content is not None
    assert content.startswith(FORWARD)
    spent = tuple(after - before for before, after in pairwise(at))
    assert spent == CHEAPEST[kind]
    assert spent[0] <= 3
    assert spent[1] <= 4
    assert spent[1] + spent[2] <= 8


@pytest.mark.parametrize("kind", CONTACT)
def test_what_is_behind_the_pin(kind: str) -> None:
    _, card = opened(kind)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()
    with pytest.raises(SecurityStatusNotSatisfied):
        card.data_object("CPS_SIT_FACT")
    verify(card)
    situations = card.situations()
    assert [one.number for one in situations] == [1, 2]
    assert [str(one.mode) for one in situations] == [
        "Libéral, exploitant ou commerçant",
        "Salarié",
    ]
    assert [str(one.structure) for one in situations] == ["499700982178008", "10B0309829"]
    assert [str(one.sector) for one in situations] == [
        "Cabinet individuel",
        "Etablissement public de santé",
    ]
    assert [(one.status, one.billing_id) for one in situations] == [(None, None)] * 2
    assert len(card.data_object("CPS_SIT_FACT") or b"") == 507
    assert (card.data_object("CPS2TER_ACTIVITY_01_PS") or b"").startswith(FORWARD)
    assert card.data_object("CPS2TER_ACTIVITY_16_PS") is None
    assert card.problems == ()
    assert "CABINET" not in repr(situations)


def test_nothing_behind_the_pin_is_read_twice() -> None:
    wire, card = opened("cps3")
    verify(card)
    situations = card.situations()
    at = len(wire.commands)
    assert card.situations() == situations
    assert len(wire.commands) == at


def test_the_contactless_side_tells_nobody() -> None:
    wire, card = opened("cps3-contactless")
    (certificate,) = card.certificates
    assert certificate.usage is CertificateUsage.TECHNICAL
    assert certificate.label == "Certificat Technique CPS"
    assert card.signature_certificate is None
    assert card.authentication_certificate is None
    assert (card.full_holder.ps_idnat, card.full_holder.is_nominative) == (None, None)
    assert card.card.interface is Interface.CONTACTLESS
    assert (card.card.type, card.card.valid_until) == (None, None)
    assert card.card.chip_serial == "09821700"
    assert (card.free_data_objects, card.situations()) == ({}, ())
    assert [key.label for key in card.application.private_keys.entries] == ["CPS_PRIV_TECH_AUT"]
    at = len(wire.commands)
    no_pin = Refused(RefusalReason.NO_PIN)
    assert not card.has_pin
    assert card.verify_pin(Pin.of("1234")) == no_pin
    assert card.change_pin(Pin.of("1234"), Pin.of("4321")) == no_pin
    assert card.unblock_pin(Pin.of("12345678"), Pin.of("4321")) == no_pin
    assert card.verify_pin_on_pad(pytest.fail) == no_pin
    assert card.change_pin_on_pad(pytest.fail) == no_pin
    assert (card.tries_left(), card.puk_counters().tries_left) == (None, None)
    card.log_out()
    assert len(wire.commands) == at
    assert card.problems == ()


@pytest.mark.parametrize("label", ["CPS_DATA", "CPS_ACTIVITY_01_PS", "CPS_SIT_FACT"])
def test_the_contactless_side_has_none_of_the_holders_objects(label: str) -> None:
    _, card = opened("cps3-contactless")
    assert card.data_object(label) is None
    with pytest.raises(UnsupportedCard):
        card.write_cps_data(b"x")


def test_what_the_keys_of_each_generation_can_do() -> None:
    told = {
        kind: {
            role.value: sorted(padding.value for padding in able.paddings)
            for role, able in card.key_abilities.items()
        }
        for kind, card in each()
    }
    pkcs1, both = ["PKCS#1 v1.5"], ["PKCS#1 v1.5", "PSS"]
    assert told == {
        "cps3": {"signature": pkcs1, "authentication": pkcs1},
        "cps3-contactless": {"technical": pkcs1},
        "cps4": {"signature": both, "authentication": both},
        "cps4-t0": {"signature": both, "authentication": both},
        "cps2ter": {},
    }


def each() -> list[tuple[str, CpsCard]]:
    return [(kind, opened(kind)[1]) for kind in KINDS]


@pytest.mark.parametrize("kind", CERTIFIED)
def test_cps_data_is_written_by_its_own_operation(kind: str) -> None:
    wire, card = opened(kind)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.write_cps_data(b"hello")
    size = len(card.free_data_objects["CPS_DATA"])
    verify(card)
    card.write_cps_data(b"hello")
    assert card.free_data_objects["CPS_DATA"] == b"hello".ljust(size, b"\x00")
    assert card.data_object("CPS_DATA") == b"hello".ljust(size, b"\x00")
    at = len(wire.commands)
    with pytest.raises(FcpError):
        card.write_cps_data(bytes(size + 1))
    assert not any(command[1] == 0xD6 for command in wire.commands[at:])


def test_a_cps2ter_has_neither_directories_nor_certificates() -> None:
    wire, card = opened("cps2ter")
    assert (card.certificates, card.token_info, card.last_update) == ((), None, None)
    assert {command[0] for command in wire.commands} == {0xA0}
    assert card.match.serial is None
    assert str(card.serial) == "09821700"
    assert card.card.generation == "2ter"
    with pytest.raises(UnsupportedCard):
        card.write_cps_data(b"x")


def test_a_cps4_lists_its_cps2ter_objects() -> None:
    _, card = opened("cps4")
    free = card.free_data_objects
    assert set(free) >= {"CPS_DATA", "CPS2TER_ATR", "CPS2TER_ICC", "CPS2TER_DIRAMO"}
    assert card.token_info is not None
    assert card.token_info.label == "CPS4v1-2909821700"


@pytest.mark.parametrize("lost", ["6985", "6E00", "6A86", "6881"])
def test_a_cps4_whose_application_was_lost_is_selected_again_once(lost: str) -> None:
    wire, card = opened("cps4")
    at = len(wire.commands)
    wire.answers = [bytes.fromhex(lost)]
    assert card.tries_left() == 3
    assert wire.since(at) == ["01200001", "01A4040C088025000001FF0100", "01200001"]
    at = len(wire.commands)
    wire.answers = [bytes.fromhex(lost)]
    assert card.data_object("CPS_DATA") is not None
    assert wire.since(at)[1] == "01A4040C088025000001FF0100"
    wire, card = opened("cps4")
    wire.answers = [bytes.fromhex(lost), None, bytes.fromhex(lost)]
    at = len(wire.commands)
    assert card.application.directories.problems
    assert len(wire.since(at)) == 3


def test_a_reset_cps4_is_read_on() -> None:
    wire, card = opened("cps4")
    assert card.holder.ps_idnat is not None
    wire.card.reset()
    assert len(card.free_data_objects) > 5
    assert card.problems == ()


@pytest.mark.parametrize("kind", CONTACT)
def test_a_label_nobody_knows(kind: str) -> None:
    _, card = opened(kind)
    assert card.data_object("CPS_NOTHING") is None


def test_files_that_are_refused_through_the_air() -> None:
    _, card = opened("cps3-contactless")
    _, contact = opened("cps3")
    (path,) = (e.path for e in contact.application.data_objects.entries if e.label == "CPS_DATA")
    with pytest.raises((SecurityStatusNotSatisfied, FileNotFound)):
        card.application.read(path)


def test_no_kind_is_left_out() -> None:
    kinds = {card.match.kind for _, card in each()}
    assert kinds == {k for k in CardKind if k.value.startswith("cps")}


@pytest.mark.parametrize(
    ("persona", "type_code", "structure", "is_nominative"),
    [
        ("medecin", "00", None, True),
        ("interne", "01", None, True),
        ("secretaire", "02", "10B0309829", True),
        ("service", "02", "10B0309829", False),
        ("agent", "03", "300009827700015", True),
    ],
)
def test_types_of_card(
    persona: str, type_code: str, structure: str | None, is_nominative: bool
) -> None:
    _, card = opened("cps3", persona)
    holder = card.full_holder
    assert card.full_card.type is not None
    assert card.full_card.type.code == type_code
    assert (str(holder.structure) if holder.structure else None) == structure
    assert holder.is_nominative is is_nominative
    assert (holder.rpps is not None) == (persona == "medecin")
    assert (holder.profession is not None) == (persona == "medecin")
    assert (holder.future_profession is not None) == (persona == "interne")
    assert holder.pseudonym == ("EMPLOYE002" if persona == "service" else None)
    assert (holder.civility is None) == (persona == "service")


STARTED, ENDED = datetime(2026, 1, 2, 3, 4, 5), datetime(2026, 1, 2, 3, 9, 7)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("update", "is_interrupted"),
    [
        (emulated.CardUpdate(STARTED, ENDED), False),
        (emulated.CardUpdate(STARTED), True),
        (emulated.CardUpdate(ENDED, STARTED), True),
        (emulated.CardUpdate(), True),
    ],
)
def test_the_last_update(update: emulated.CardUpdate, is_interrupted: bool) -> None:
    holder = replace(dated("medecin"), update=update)
    _, card = open_card(Card(cps3.image(holder), IAS_ECC))
    assert card.last_update is not None
    assert (card.last_update.started, card.last_update.ended) == (update.start, update.end)
    assert card.last_update.is_interrupted is is_interrupted
    told = [(problem.part, type(problem.error)) for problem in card.problems]
    assert told == ([("EF_ACTUA", RecordError)] if is_interrupted else [])
    assert card.full_holder.ps_idnat is not None


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("9404", FileNotFound),
        ("9802", SecurityStatusNotSatisfied),
        ("9804", SecurityStatusNotSatisfied),
        ("9808", AuthenticationBlocked),
        ("9840", AuthenticationBlocked),
        ("9408", UnexpectedStatus),
    ],
)
def test_the_words_of_a_cps2ter_are_the_same_errors(
    status: str, error: type[UnexpectedStatus]
) -> None:
    wire, card = opened("cps2ter")
    wire.answers = [bytes.fromhex(status)]
    with pytest.raises(error) as caught:
        card.application.read(Path.parse("3F00/4010"))
    assert type(caught.value) is error
    assert caught.value.status == int(status, 16)
