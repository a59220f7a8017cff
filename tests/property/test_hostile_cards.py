"""Mutated card images and answers: only typed errors, in bounded time and memory, no try spent.

20 000 of each kind of card; 300 000 with CARDIO_NIGHTLY set. A case is fixed by the kind and its
number, which a failure tells: `replay("cps3", 1234)` runs it again.
"""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from time import process_time

import pytest
from tests.support.around import AroundCard
from tests.support.cps3 import Wire

from cardio.cards.cps.card import CpsCard
from cardio.cards.identify import Match, identify
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import CardioError
from cardio.pin.guard import Allow
from cardio.pin.pin import Pin
from cardio.transport.base import TransmissionProtocol
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio_emulator.card_os import Card
from cardio_emulator.faults import TornOut
from cardio_emulator.image import CardImage, DedicatedFile, Delivery, ElementaryFile
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

NIGHTLY = "CARDIO_NIGHTLY" in os.environ
CASES = 300_000 if NIGHTLY else 20_000
PARTS = 4
KINDS = ("cps3", "cps3-contactless", "cps4", "cps2ter", "vitale2")

MOST_EXCHANGES = 1_000
"""Of one reading. An honest one takes fewer than 60; an endless one has no bound."""
MOST_SECONDS = 2.0
"""Of processor time for one reading; an honest one takes a few milliseconds."""
MOST_GROWTH = 64 * 1024
"""KiB of memory that a part of the cases may add."""

SHORTEST = 2
"""Bytes of an answer: less is a card taken out (facts: pcsc_vpcd.md §2)."""

STATUS_WORDS = bytes.fromhex(
    "6100 61FF 6C00 6CFF 9F00 9FFF 9000 6282 6283 6300 63C0 63C2 6700 6881 6982 6983 6985 6986"
    "6A80 6A82 6A86 6A88 6B00 6D00 6E00 6F00 9402 9404 9408 9802 9804 9808 9840 9100 0000 FFFF"
)
Reading = Callable[[Channel, Match], object]
Files = tuple[tuple[str, tuple[int, ...]], ...]
"""Each by the part of the image it is in, and its path there."""
Damage = Callable[[Random, bytes], bytes]


def _cps(read: Callable[[CpsCard], object]) -> Reading:
    return lambda channel, match: read(CpsCard(channel, match))


def _verify_and_read(card: CpsCard) -> object:
    outcome = card.verify_pin(Pin.of("1234"), allow=Allow.UNKNOWN_COUNTER)
    return outcome, card.situations()


_CPS_READINGS: tuple[Reading, ...] = (
    lambda channel, _: identify(channel),
    _cps(lambda card: (card.serial, card.token_info, card.problems)),
    _cps(lambda card: (card.holder, card.card, card.problems)),
    _cps(lambda card: (card.id_card, card.holder_name, card.holder_info, card.problems)),
    _cps(lambda card: (card.free_data_objects, card.problems)),
    _cps(CpsCard.tries_left),
    _cps(CpsCard.puk_counters),
    _cps(_verify_and_read),
)
_VITALE_READINGS: tuple[Reading, ...] = (
    lambda channel, _: identify(channel),
    lambda channel, match: VitaleCard(channel, match).beneficiaries,
    lambda channel, match: VitaleCard(channel, match).valid_from,
)


def flipped(random: Random, raw: bytes) -> bytes:
    """One to four bytes changed."""
    changed = bytearray(raw)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def cut(random: Random, raw: bytes) -> bytes:
    return raw[: random.randint(0, len(raw))]


def lengthened(random: Random, raw: bytes) -> bytes:
    at = random.randint(0, len(raw))
    return raw[:at] + random.randbytes(random.randint(1, 40)) + raw[at:]


def random_bytes(random: Random, raw: bytes) -> bytes:
    return random.randbytes(random.choice((0, 1, 2, 3, len(raw), 258)))


def other_status(random: Random, raw: bytes) -> bytes:
    """The same data, or none, under another status word."""
    at = 2 * random.randrange(len(STATUS_WORDS) // 2)
    return raw[:-2] * random.randrange(2) + STATUS_WORDS[at : at + 2]


OF_FILES: tuple[Damage, ...] = (flipped, flipped, flipped, cut, lengthened, random_bytes)
OF_ANSWERS: tuple[Damage, ...] = (*OF_FILES, other_status, other_status)


@dataclass
class Damaged(AroundCard):
    """A card whose answers are damaged: one, all from one on, or every few."""

    random: Random
    at: int
    again: float
    count: int = -1

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        assert self.count < MOST_EXCHANGES, "an endless reading"
        answer = self.card.transmit(command)
        if self.count < self.at or (self.count > self.at and self.random.random() >= self.again):
            return answer
        answer = self.random.choice(OF_ANSWERS)(self.random, answer)
        if len(answer) < SHORTEST:
            raise TornOut(answer, announced=SHORTEST)
        return answer


@dataclass(frozen=True)
class Subject:
    """A sound card of one kind: its readings and how many exchanges each takes; its files."""

    card: Card
    match: Match
    readings: tuple[tuple[Reading, int], ...]
    files: Files


@cache
def subject(kind: str) -> Subject:
    card = make(kind)
    delivery = card.image.manners.delivery
    match = identify(connected(card, delivery)[1])
    readings: list[tuple[Reading, int]] = []
    for reading in _VITALE_READINGS if kind == "vitale2" else _CPS_READINGS:
        wire, channel = connected(card, delivery)
        with suppress(CardioError):
            reading(channel, match)
        readings.append((reading, max(1, len(wire.commands))))
    roots = {"root": card.image.root, "cps2ter": card.image.cps2ter}
    files = [(part, path) for part, root in roots.items() if root for path in _files(root)]
    return Subject(card, match, tuple(readings), tuple(files))


def connected(card: VirtualCard, delivery: Delivery) -> tuple[Wire, Channel]:
    wire = Wire(card)
    if delivery is Delivery.AT_ONCE:
        wire.protocol = TransmissionProtocol.T1
    return wire, Channel(stack(wire))


def _files(directory: DedicatedFile, above: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    for child in directory.children:
        path = (*above, child.fid)
        if isinstance(child, DedicatedFile):
            yield from _files(child, path)
        else:
            yield path


def with_content(
    directory: DedicatedFile, path: tuple[int, ...], damage: Callable[[bytes], bytes]
) -> DedicatedFile:
    """The same files but for the one at `path`."""
    children = tuple(
        child
        if child.fid != path[0]
        else replace(child, content=damage(child.content))
        if isinstance(child, ElementaryFile)
        else with_content(child, path[1:], damage)
        for child in directory.children
    )
    return replace(directory, children=children)


def damaged_image(image: CardImage, files: Files, random: Random) -> CardImage:
    (part, path), damage = random.choice(files), random.choice(OF_FILES)
    root = with_content(getattr(image, part), path, lambda raw: damage(random, raw))
    return replace(image, **{part: root})


def replay(kind: str, number: int) -> None:
    """One case: a damaged image, or a sound one whose answers are damaged on their way.

    Each reading costs about as much as any other: short ones come more often.
    """
    sound, random = subject(kind), Random(f"{kind}/{number}")
    weights = [1 / usual for _, usual in sound.readings]
    ((reading, usual),) = random.choices(sound.readings, weights)
    card, at = sound.card, random.randrange(usual)
    if random.random() < 0.5:
        image = damaged_image(card.image, sound.files, random)
        card, at = Card(image, card._instructions), MOST_EXCHANGES
    damaged = Damaged(card, random, at, again=random.choice((0.0, 0.0, 0.3, 1.0)))
    _, channel = connected(damaged, card.image.manners.delivery)
    began = process_time()
    with suppress(CardioError):
        reading(channel, sound.match)
    assert process_time() - began < MOST_SECONDS, "too slow"
    assert all(pin.tries_left == pin.image.tries for pin in card.pins.values()), "a try was spent"


@pytest.mark.timeout(3600 if NIGHTLY else 120)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_card_gives_only_typed_errors(kind: str, part: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(part, CASES, PARTS):
        try:
            replay(kind, number)
        except BaseException as error:
            error.add_note(f'replay("{kind}", {number})')
            raise
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MOST_GROWTH, f"{grown} KiB more memory"
