"""The card that plays an image, whatever its kind."""

from collections.abc import Mapping
from pathlib import Path

from cardio_emulator.card_os import CHIPDOC, FILE_READING, IAS_ECC, Card, Handler
from cardio_emulator.cards.vitale1 import Vitale1
from cardio_emulator.image import CardImage
from cardio_emulator.image_file import load

_INSTRUCTIONS: Mapping[str, Mapping[int, Handler]] = {
    "cps3": IAS_ECC,
    "cps3-contactless": IAS_ECC,
    "cps4": CHIPDOC,
    "cps4-t0": CHIPDOC,
    "cps2ter": {},
    "vitale2": FILE_READING,
}


def play(image: CardImage) -> Card:
    """A fresh card with the instructions of its kind."""
    if image.kind == "vitale1":
        return Vitale1(image)
    return Card(image, _INSTRUCTIONS[image.kind])


def card_from(path: Path) -> Card:
    """A fresh card of an image file. Raises `ConfigurationError`."""
    return play(load(path))
