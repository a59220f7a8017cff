"""Emulated CPS cards with their PIN given, for the tests of their keys."""

from dataclasses import replace
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support.cps_cards import CountedWire, opened
from tests.support.personas import dated

from cardio.cards.cps import CpsCard
from cardio.keys.private_key import CardPrivateKey
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio_emulator.card_os import Card
from cardio_emulator.cards import cps3
from cardio_emulator.image import CardImage

HOLDER_KINDS = ("cps3", "cps4", "cps4-t0")
KEYS = (
    *((kind, role) for kind in HOLDER_KINDS for role in ("authentication", "signature")),
    ("cps3-contactless", "technical"),
)
"""Every key of every emulated kind of card."""


def ready(kind: str, persona: str = "medecin") -> tuple[CountedWire, CpsCard]:
    """A card just found, its PIN verified where it has one."""
    wire, card = opened(kind, persona)
    if card.has_pin:
        assert card.verify_pin(Pin.of("1234")) == Verified()
    return wire, card


def key_of(card: CpsCard, role: str) -> CardPrivateKey:
    key = getattr(card.keys, role)
    assert isinstance(key, CardPrivateKey)
    return key


@cache
def another_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def image(persona: str = "medecin") -> CardImage:
    """A CPS3's, to change."""
    return cps3.image(dated(persona))


def with_another_key(reference: int) -> CardImage:
    """A CPS3 of which one certificate is of another key."""
    original = image()
    keys = tuple(
        replace(key, key=another_key()) if key.reference == reference else key
        for key in original.keys
    )
    return replace(original, keys=keys)


def tries(card: Card) -> int:
    return card.pins[1].tries_left
