"""The card itself is not as it should be: counters, certificates, an update that never ended.

These faults change the card before it is put in; its answers are then true to its state. What
they need is an emulated card: its PINs, or the image it plays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol, runtime_checkable

from cardio.errors import ConfigurationError
from cardio_emulator.card_os import Card
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.cards import cps_records, pkcs15
from cardio_emulator.faults import image_changes
from cardio_emulator.faults.answers import flipped
from cardio_emulator.faults.seam import check_range
from cardio_emulator.holder import CardUpdate
from cardio_emulator.image import (
    FREE_READING,
    NO_ACCESS,
    Access,
    CardImage,
    Confidence,
    ElementaryFile,
    Origin,
)
from cardio_emulator.image_cards import play
from cardio_emulator.virtual_card import VirtualCard

_MAX_TRIES = 15
"""The most that 63Cx can tell (ISO/IEC 7816-4:2020 §5.6)."""
_UPDATED_KIND, _UPDATE_FILE = "cps3", 0xD010
"""The kind of card that has EF_ACTUA, and its identifier in the root (facts: cps.md §2.2)."""
_ORIGIN = Origin(Confidence.INFERRED, "cps.md §2.2; what it holds during an update is not public")
_STARTED, _ENDED_BEFORE = datetime(2025, 3, 10, 9, 30, 0), datetime(2024, 3, 11, 9, 32, 0)  # noqa: DTZ001
_EXPIRED = (datetime(2015, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))
"""Three years, as a card is valid for, all of them within its issuer's."""
_INNER_TAG, _ANY_BITS = 4, 0x1F


class Code(Enum):
    """Which of a card's two codes; the value is the word of bench files."""

    PIN = "pin"
    PUK = "puk"


class UpdatePhase(Enum):
    """How far the last update of a card got, as EF_ACTUA shows it: INFERRED but for EMPTY.

    What a card shows during an update is not public; a file without a date and an empty one are
    what the vendor's library refuses (facts: vendor_library.md §2 "EF_ACTUA").
    """

    NO_END = "no-end"
    OLD_END = "old-end"
    EMPTY = "empty"


class Damage(Enum):
    """Where a certificate is damaged: it can't be parsed, or its signature is wrong."""

    STRUCTURE = "structure"
    SIGNATURE = "signature"


@runtime_checkable
class HasPins(Protocol):
    """A card whose counters can be set."""

    @property
    def pins(self) -> Mapping[int, PinState]: ...


@dataclass(frozen=True, slots=True)
class TriesLeft:
    """The counter of a code is already at `tries`; 0 is blocked. The card stays like that."""

    tries: int = 1
    code: Code = Code.PIN

    def __post_init__(self) -> None:
        check_range("tries", self.tries, 0, _MAX_TRIES)

    def fits(self, card: VirtualCard) -> bool:
        state = _pin(card, self.code)
        return state is not None and self.tries <= state.image.tries

    def prepare(self, card: VirtualCard) -> VirtualCard:
        state = _pin(card, self.code)
        if state is None:
            raise ConfigurationError(f"this card has no {self.code.name} whose counter can be set")
        if self.tries > state.image.tries:
            raise ConfigurationError(f"tries: 0 to {state.image.tries}, not {self.tries}")
        state.tries_left = self.tries
        return card


@dataclass(frozen=True, slots=True)
class BlockedPin:
    """A code is blocked; the card stays like that."""

    code: Code = Code.PIN

    def fits(self, card: VirtualCard) -> bool:
        return TriesLeft(0, self.code).fits(card)

    def prepare(self, card: VirtualCard) -> VirtualCard:
        return TriesLeft(0, self.code).prepare(card)


@dataclass(frozen=True, slots=True)
class ExpiredCertificate:
    """The card's certificates were valid from 2015 to 2017: issued anew by the test authority."""

    def fits(self, card: VirtualCard) -> bool:
        return _has(card, image_changes.can_reissue)

    def prepare(self, card: VirtualCard) -> VirtualCard:
        if not self.fits(card):
            raise ConfigurationError("this card has no certificate of the emulator to issue anew")
        return _changed(card, lambda image: image_changes.reissued(image, *_EXPIRED))


@dataclass(frozen=True, slots=True)
class CorruptedCertificate:
    """The files of the card's certificates are damaged."""

    damage: Damage = Damage.STRUCTURE

    def fits(self, card: VirtualCard) -> bool:
        return _has(card, lambda image: bool(image_changes.own_certificates(image)))

    def prepare(self, card: VirtualCard) -> VirtualCard:
        if not self.fits(card):
            raise ConfigurationError("this card has no certificate to damage")
        return _changed(card, self._damage)

    def _damage(self, image: CardImage) -> CardImage:
        damaged = {der: self._damaged(der) for der in image_changes.own_certificates(image)}
        return replace(image, root=image_changes.with_contents(image.root, damaged))

    def _damaged(self, der: bytes) -> bytes:
        """The tag of what is signed, or the last byte of the signature."""
        position = _INNER_TAG if self.damage is Damage.STRUCTURE else len(der) - 1
        return flipped(der, position, _ANY_BITS)


@dataclass(frozen=True, slots=True)
class UpdateUnderWay:
    """EF_ACTUA says that an update of the card began and did not end."""

    phase: UpdatePhase = UpdatePhase.NO_END

    def fits(self, card: VirtualCard) -> bool:
        return _has(card, lambda image: image.kind == _UPDATED_KIND)

    def prepare(self, card: VirtualCard) -> VirtualCard:
        if not self.fits(card):
            raise ConfigurationError("only a CPS3 has EF_ACTUA")
        return _changed(card, self._begun)

    def _begun(self, image: CardImage) -> CardImage:
        access = Access(FREE_READING, NO_ACCESS)
        file = ElementaryFile(
            _UPDATE_FILE, self._content(), access, label="EF_ACTUA", origin=_ORIGIN
        )
        return replace(image, root=image_changes.with_file(image.root, file))

    def _content(self) -> bytes:
        match self.phase:
            case UpdatePhase.NO_END:
                return cps_records.update(CardUpdate(_STARTED))
            case UpdatePhase.OLD_END:
                return cps_records.update(CardUpdate(_STARTED, _ENDED_BEFORE))
            case UpdatePhase.EMPTY:
                return cps_records.update(CardUpdate())


def _pin(card: VirtualCard, code: Code) -> PinState | None:
    reference = pkcs15.PIN_REFERENCE if code is Code.PIN else pkcs15.PUK_REFERENCE
    return card.pins.get(reference) if isinstance(card, HasPins) else None


def _has(card: VirtualCard, what: Callable[[CardImage], bool]) -> bool:
    return isinstance(card, Card) and what(card.image)


def _changed(card: VirtualCard, change: Callable[[CardImage], CardImage]) -> Card:
    """A card with another image and the same counters."""
    if not isinstance(card, Card):
        raise ConfigurationError("only an emulated card has an image to change")
    changed = play(change(card.image))
    for reference, state in card.pins.items():
        other = changed.pins[reference]
        other.value, other.tries_left = state.value, state.tries_left
        other.usage_left = state.usage_left
    return changed
