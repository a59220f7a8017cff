"""The serial number of a card, for the user to name the card by: of its chip, nobody's identity."""

from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.generation import GENERATIONS
from cardio.cards.identify import CardKind, Match
from cardio.cards.vitale.commands import select_application, select_file
from cardio.cards.vitale.files import read_first
from cardio.cards.vitale.layout import MF_VITALE
from cardio.errors import CardError, MalformedData
from cardio.iasecc.commands import read_binary
from cardio.iso7816.apdu import SHORT_MAX_LE
from cardio.transport.channel import Channel
from cardio.workstation.scan import Looked, OpenSlot
from cardio.workstation.workstation import Workstation

_VITALE_NUMBER = 0x2F02
"""A file that cardpeek reads as the card's number; its layout is not public (facts: vitale.md
§2.4, §8), so it is compared as a whole."""


def card_serial(channel: Channel, match: Match) -> str | None:
    """The 8 digits of a CPS's chip; of a Vitale 2 its number file in hexadecimal; else None.

    Takes at most 4 commands, none of which changes the card. Raises `TransportError`s only.
    """
    if match.kind in GENERATIONS:
        serial = CpsCard(channel, match).serial
        return serial.number if serial else None
    if match.kind is CardKind.VITALE2:
        return _vitale_number(channel)
    return None


def shown() -> tuple[str, ...]:
    """A line for each real reader: its name, and kind and serial number of the card in it."""
    lines: dict[str, str] = {}

    def look(slot: OpenSlot) -> Looked:
        serial = card_serial(Channel(slot.connection), slot.match)
        lines[slot.status.name] = f"{slot.match.kind.value}  {serial or 'no serial number'}"
        return slot

    with Workstation.open() as workstation:
        slots = workstation.scan(then=look)
    return tuple(
        f"{slot.status.name}: {lines.get(slot.status.name) or slot.error or 'no card'}"
        for slot in slots
    )


def _vitale_number(channel: Channel) -> str | None:
    try:
        channel.run(select_application(MF_VITALE))
        channel.run(select_file(_VITALE_NUMBER))
        return read_first(channel, read_binary(0, SHORT_MAX_LE)).hex().upper() or None
    except (CardError, MalformedData):
        return None
