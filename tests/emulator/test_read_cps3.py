"""How many exchanges reading a CPS3 takes on the wire, GET RESPONSE included."""

from collections import Counter

import pytest
from tests.support.cps3 import Wire, emulated

from cardio.cards.cps.layout import FILES
from cardio.iasecc.commands import select_path
from cardio.transport.channel import Channel
from cardio.transport.stack import stack

PERSONAS = ("medecin", "infirmiere", "secretaire")
IDENTIFICATION = 2

HOLDER, EVERYTHING, TRIES = 20, 50, 3
"""The most allowed; OpenSC takes 55 and the vendor's library 46 to list what is free
(facts: vendor_library.md §3)."""


def reads(wire: Wire) -> list[bytes]:
    """Every read with the file it was of."""
    selected, found = b"", []
    for command in wire.commands:
        if command[1] == 0xA4:
            selected = command[5:]
        elif command[1] == 0xB0:
            found.append(selected + command[2:4])
    return found


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_holder(persona: str) -> None:
    wire, card = emulated(persona)
    assert len(wire.commands) == IDENTIFICATION
    assert card.holder.ps_idnat is not None
    assert card.card.valid_until is not None
    certificate = -(-len(card.certificates[0].der) // 256)
    wire, card = emulated(persona)
    _ = (card.holder, card.card, card.holder, card.serial)
    assert len(wire.commands) == IDENTIFICATION + 3 + 3 + 1 + certificate
    assert IDENTIFICATION + 3 + 3 + 1 + 8 <= HOLDER


@pytest.mark.parametrize("persona", PERSONAS)
def test_everything_free(persona: str) -> None:
    wire, card = emulated(persona)
    for _ in range(2):
        assert card.serial
        assert card.token_info
        assert len(card.free_data_objects) == 5
        assert card.full_holder.civility
        assert card.full_card.issued
        assert card.differences == ()
        assert card.problems == ()
    certificates = [-(-len(certificate.der) // 256) for certificate in card.certificates]
    assert len(wire.commands) <= EVERYTHING - (2 * 8 - sum(certificates))
    assert [read for read, times in Counter(reads(wire)).items() if times > 1] == []


@pytest.mark.parametrize("persona", PERSONAS)
def test_tries(persona: str) -> None:
    wire, card = emulated(persona)
    before = len(wire.commands)
    assert card.tries_left() == 3
    assert len(wire.commands) - before == TRIES
    counters = card.puk_counters()
    assert (counters.tries_left, counters.tries_max, counters.uses_left) == (10, 10, 100)
    assert len(wire.commands) - before == 2 * TRIES
    assert not any(command[1] == 0x20 for command in wire.commands)


def test_what_the_doctors_card_says() -> None:
    _, card = emulated("medecin")
    holder, description = card.full_holder, card.full_card
    assert (str(holder.ps_idnat), str(holder.rpps)) == ("899700982178", "99700982178")
    assert (str(holder.civility), holder.family_name) == ("Monsieur", "MEDECIN RPPS0098217")
    assert str(holder.profession) == "Médecin"
    assert str(holder.speciality) == "Qualifié en Médecine Générale (SM)"
    assert (description.chip_serial, description.card_number) == ("09821700", "2909821700")
    assert (description.generation, description.is_test) == ("3", True)
    assert card.token_info is not None
    assert card.token_info.label == "CPS3v3-2909821700"


def test_keys_and_pins_are_listed() -> None:
    _, card = emulated("medecin")
    application = card.application
    assert {key.label: key.reference for key in application.private_keys.entries} == {
        "CPS_PRIV_SIG": 0x81,
        "CPS_PRIV_AUT": 0x82,
    }
    assert [pin.reference for pin in application.pins.entries] == [1, 2]
    identifiers = {entry.id for entry in application.certificates.entries}
    assert identifiers == {key.id for key in application.private_keys.entries}


def test_the_places_that_are_told_are_those_of_the_card() -> None:
    wire, card = emulated("medecin")
    channel = Channel(stack(wire))
    places = [file.path for file in FILES if file.path]
    assert len(places) == 5
    for place in places:
        channel.run(select_path(place, fcp=False))
    labels = {entry.label for entry in card.application.data_objects.entries}
    assert {file.name for file in FILES if file.name.startswith("CPS_")} <= labels
