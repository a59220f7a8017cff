"""The reading code against the emulated Vitale 2: what is read, and what it costs on the wire."""

from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path

from cardio.cards.identify import CardKind, identify
from cardio.cards.layout import Confidence
from cardio.cards.vitale.card import VitaleCard
from cardio.cards.vitale.map import decode_map
from cardio.identity.nir import key_of
from cardio.iso7816.apdu import CommandApdu
from cardio.transport.base import Disposition, TransmissionProtocol
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio_emulator.cards import vitale2
from cardio_emulator.virtual_card import VirtualCard

GET_RESPONSE, SELECT, READ_BINARY = 0xC0, 0xA4, 0xB0


class Wire:
    """A card in process, below all layers. `sent` counts what a reader would carry."""

    def __init__(self, card: VirtualCard) -> None:
        card.reset()
        self._card = card
        self.reader = "Emulated reader 00 00"
        self.atr = card.atr
        self.protocol = TransmissionProtocol.T0
        self.sent: list[bytes] = []
        self.received: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        answer = self._card.transmit(command)
        self.sent.append(command)
        self.received.append(answer)
        return answer

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        pass

    def instructions(self) -> list[int]:
        return [command[1] for command in self.sent]


def open_card(card: VirtualCard) -> tuple[Wire, Channel, VitaleCard]:
    wire = Wire(card)
    channel = Channel(stack(wire))
    return wire, channel, VitaleCard(channel, identify(channel))


def persona(directory: Path, people: int) -> Path:
    lines = ['serial = "9900000001"', 'valid_from = "20220301"', 'organism = "013499881"']
    for index in range(people):
        number = f"11219759900{index:02}"
        lines += [
            "[[beneficiary]]",
            'family_name = "FAMILLE-TEST"',
            f'given_name = "ENFANT {index:02}"',
            'birth_date = "20121915"',
            f'nir = "{number}{key_of(number)}"',
            'country = "FRA"',
        ]
    path = directory / "persona.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_shipped_family() -> None:
    _, _, card = open_card(vitale2.make())
    assert (card.match.kind, card.match.confidence) == (CardKind.VITALE2, Confidence.PUBLISHED)
    assert [
        (one.family_name, one.given_name, one.birth_date_as_written) for one in card.beneficiaries
    ] == [
        ("FAMILLE-TEST", "CARDIOLINE", "19851901"),
        ("FAMILLE-TEST", "NOÉ", "20121915"),
        ("FAMILLE-TEST", "ZOÉLIE", "20151928"),
    ]
    assert [one.nir.value if one.nir else None for one in card.beneficiaries] == [
        "285197599001295",
        "112197599003414",
        "215197599005686",
    ]
    assert all(one.nir and one.nir.is_test for one in card.beneficiaries)
    assert card.problems == ()


def test_commands_for_every_identity_from_a_cold_start() -> None:
    wire, channel, card = open_card(vitale2.make())
    assert len(card.beneficiaries) == 3
    assert card.problems == ()
    assert channel.exchanged == 5
    assert wire.instructions() == [
        *(SELECT, GET_RESPONSE),
        *(SELECT, GET_RESPONSE, READ_BINARY, READ_BINARY),
        *(SELECT, GET_RESPONSE, READ_BINARY, READ_BINARY),
    ]


def test_the_first_day_of_validity_costs_no_second_reading_of_the_lists() -> None:
    wire, channel, card = open_card(vitale2.make())
    people = next(iter(card.beneficiaries)).family_name or ""
    before = len(wire.sent)
    assert card.valid_from == date(2022, 3, 1)
    assert channel.exchanged == 5 + 7
    assert not any(people.encode() in answer for answer in wire.received[before:])


def test_a_family_of_more_than_one_block(tmp_path: Path) -> None:
    _, channel, card = open_card(vitale2.make(persona(tmp_path, 10)))
    assert [one.given_name for one in card.beneficiaries] == [f"ENFANT {i:02}" for i in range(10)]
    assert all(
        one.nir and one.nir.value[11:13] == f"{i:02}" for i, one in enumerate(card.beneficiaries)
    )
    assert card.problems == ()
    assert channel.exchanged <= 7


class NoShortIdentifiers(Wire):
    """Refuses reads by short identifier, as a card whose lists only the map tells."""

    def transmit(self, command: bytes) -> bytes:
        if command[1] == READ_BINARY and command[2] & 0x80:
            return b"\x6a\x86"
        return super().transmit(command)


def test_the_map_gives_the_same_people() -> None:
    _, _, expected = open_card(vitale2.make())
    channel = Channel(stack(NoShortIdentifiers(vitale2.make())))
    card = VitaleCard(channel, identify(channel))
    assert card.beneficiaries == expected.beneficiaries
    assert card.problems == ()
    assert card.valid_from == expected.valid_from


def test_the_map_of_the_emulated_card_is_read() -> None:
    channel = Channel(stack(Wire(vitale2.make())))
    channel.run(CommandApdu(0x00, SELECT, 0x04, 0x00, data=vitale2.VITALE))
    channel.run(CommandApdu(0x00, SELECT, 0x02, 0x00, data=b"\x20\x01", le=256))
    files = decode_map(channel.run(CommandApdu(0x00, READ_BINARY, 0x00, 0x00, le=256)))
    aids = {file.aid for file in files}
    assert aids == {vitale2.VITALE, vitale2.MF_VITALE, vitale2.ADELE}


def test_a_card_is_read_again_after_a_reset() -> None:
    virtual = vitale2.make()
    _, _, first = open_card(virtual)
    seen = first.beneficiaries
    _, _, again = open_card(virtual)
    assert again.beneficiaries == seen
