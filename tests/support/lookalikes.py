"""Cards whose answer to reset begins as a Vitale's, and which are none (facts: vitale.md §1)."""

from cardio_emulator.card_os import Card
from cardio_emulator.image import CardImage, DedicatedFile, Manners, PlainSelect

CYBERFLEX_ATR = bytes.fromhex("3B751300009C09EA9000")
PARKING_ATR = bytes.fromhex("3F6525002B09699000")
SCOT5_ATR = bytes.fromhex("3F6525002B09EB9000")


def look_alike(atr: bytes) -> Card:
    """A card with that answer to reset and an empty root; it knows no Vitale application."""
    return Card(
        CardImage(
            kind="look-alike",
            atr=atr,
            serial="LOOK-ALIKE",
            root=DedicatedFile(0x3F00, name=b"ROOT"),
            manners=Manners(PlainSelect.NAME),
        )
    )
