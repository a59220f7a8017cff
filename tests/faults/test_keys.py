"""A signature or a message deciphered, with every fault at every APDU of it.

What comes out is right, or a typed error; the PIN is presented by nobody a second time; and the
card and its key serve again afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from tests.faults.matrix_faults import A_FEW
from tests.support.around import AroundCard
from tests.support.key_cards import key_of

from cardio.cards.cps import CpsCard
from cardio.errors import (
    CardChanged,
    CardError,
    CardioError,
    CardKeyError,
    CardRemoved,
    CardReset,
    PinStateLost,
    TransportError,
)
from cardio.keys.private_key import CardPrivateKey
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import (
    Ask,
    ExchangeFault,
    Fault,
    FaultyCard,
    Moment,
    Ruled,
)
from cardio_emulator.kinds import make

READER = "Lecteur 00 00"
PKCS1, SHA256 = padding.PKCS1v15(), hashes.SHA256()
PSS = padding.PSS(padding.MGF1(SHA256), padding.PSS.DIGEST_LENGTH)
MESSAGE = b"what is signed " * 10
Work = Callable[[CardPrivateKey], bytes]


def pkcs1(key: CardPrivateKey) -> bytes:
    return _verified(key, PKCS1)


def pss(key: CardPrivateKey) -> bytes:
    return _verified(key, PSS)


def twice(key: CardPrivateKey) -> bytes:
    pkcs1(key)
    return pkcs1(key)


def deciphered(key: CardPrivateKey) -> bytes:
    return key.decrypt(key.public_key().encrypt(MESSAGE, PKCS1), PKCS1)


def _verified(key: CardPrivateKey, how: padding.AsymmetricPadding) -> bytes:
    signature = key.sign(MESSAGE, how, SHA256)
    assert isinstance(how, padding.PKCS1v15 | padding.PSS)
    key.public_key().verify(signature, MESSAGE, how, SHA256)
    return MESSAGE


FLOWS: dict[str, tuple[str, str, Work]] = {
    "CPS3 authentication": ("cps3", "authentication", twice),
    "CPS3 signature": ("cps3", "signature", twice),
    "CPS3 deciphering": ("cps3", "authentication", deciphered),
    "CPS4 authentication": ("cps4", "authentication", pss),
    "CPS4 signature": ("cps4", "signature", pss),
    "CPS4 deciphering": ("cps4-t0", "authentication", deciphered),
    "contactless": ("cps3-contactless", "technical", twice),
}


@dataclass
class Desk:
    """One card in one reader; faults begin after the PIN was given and the certificate read."""

    card: Card
    faults: list[ExchangeFault] = field(default_factory=list[ExchangeFault])
    keeps_pin: bool = False

    def __post_init__(self) -> None:
        self.seen: list[bytes] = []
        self.bench = Bench()
        self.bench.add_reader(READER, self.faulty())

    def faulty(self) -> FaultyCard:
        return FaultyCard(Seen(self.card, self.seen))

    def run(self, role: str, work: Work) -> bytes | CardioError:
        with Workstation(EmulatedResourceManager(self.bench)) as workstation:
            card = workstation.cps()
            self.open(card)
            key = key_of(card, role)
            key.public_key()
            self.seen.clear()
            held = self.bench.reader(READER).card
            assert isinstance(held, FaultyCard)
            held.show(*self.faults)
            try:
                return work(key)
            except CardioError as error:
                return error

    def open(self, card: CpsCard) -> None:
        if card.has_pin:
            outcome = card.verify_pin(Pin.of("1234"), keep_for_session=self.keeps_pin)
            assert outcome == Verified()

    @property
    def pins_sent(self) -> int:
        return sum(command[1] == 0x20 and len(command) > 5 for command in self.seen)


@dataclass
class Seen(AroundCard):
    """A card below the faults: keeps what it was really sent."""

    commands: list[bytes]

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        return self.card.transmit(command)


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return {kind: make(kind) for kind, _, _ in FLOWS.values()}


@pytest.mark.parametrize("name", ["CPS3 authentication", "CPS4 authentication", "CPS4 signature"])
def test_every_fault_at_every_apdu(name: str, cards: dict[str, Card]) -> None:
    """Two signatures in a row, and PSS; one by PKCS #1 is a flow of the matrix."""
    kind, role, work = FLOWS[name]
    sound = Desk(cards[kind])
    assert sound.run(role, work) == MESSAGE
    count = len(sound.seen)
    for fault, make_fault in A_FEW.items():
        for at in range(count):
            desk = Desk(cards[kind], [_exchange(make_fault(at))])
            told = desk.run(role, work)
            place = f"{fault} at APDU {at}: {told!r}"
            assert desk.pins_sent == 0, place
            _check(fault, told, place)
            assert all(pin.tries_left == pin.image.tries for pin in cards[kind].pins.values())
    assert Desk(cards[kind]).run(role, work) == MESSAGE, "the card is no longer usable"


def _exchange(fault: Fault) -> ExchangeFault:
    assert isinstance(fault, ExchangeFault)
    return fault


def _check(fault: str, told: bytes | CardioError, place: str) -> None:
    if fault.startswith(("removed", "cut", "mute")):
        assert isinstance(told, TransportError), place
        assert told.where.reader == READER, place
    elif isinstance(told, CardioError):
        assert isinstance(told, CardError | CardKeyError | TransportError | PinStateLost), place
    else:
        assert told == MESSAGE, place


@dataclass(frozen=True)
class ResetByAnother(Ruled):
    """Another program resets the card right after this APDU was carried out."""

    at: int
    bench: Bench

    def answer(self, ask: Ask, moment: Moment) -> bytes:
        answer = ask()
        reader = self.bench.reader(READER)
        assert reader.card
        reader.card.reset()
        reader.reset_count += 1
        return answer


@dataclass(frozen=True)
class Forgets(Ruled):
    """The card forgets that the PIN was verified; nobody is told of a reset."""

    at: int
    card: Card

    def answer(self, ask: Ask, moment: Moment) -> bytes:
        self.card._state.session.verified.clear()
        return ask()


@pytest.mark.parametrize("name", [name for name in FLOWS if name != "contactless"])
def test_a_reset_at_every_apdu(name: str, cards: dict[str, Card]) -> None:
    kind, role, work = FLOWS[name]
    desk = Desk(cards[kind])
    desk.run(role, work)
    for at in range(len(desk.seen)):
        desk = Desk(cards[kind])
        desk.faults = [ResetByAnother(at, desk.bench)]
        told = desk.run(role, work)
        is_last = told == MESSAGE
        assert is_last or isinstance(told, CardReset), told
        assert desk.pins_sent == 0


@pytest.mark.parametrize("keeps_pin", [False, True])
@pytest.mark.parametrize("name", [name for name in FLOWS if name != "contactless"])
def test_the_pin_forgotten_at_every_apdu(
    name: str, keeps_pin: bool, cards: dict[str, Card]
) -> None:
    """`PinStateLost`; or, where the caller lent the PIN, a signature after one VERIFY more."""
    kind, role, work = FLOWS[name]
    desk = Desk(cards[kind])
    desk.run(role, work)
    for at in range(len(desk.seen)):
        desk = Desk(cards[kind], [Forgets(at, cards[kind])], keeps_pin)
        told = desk.run(role, work)
        lost = isinstance(told, PinStateLost)
        assert (told == MESSAGE and desk.pins_sent <= keeps_pin) or (lost and not keeps_pin), told
        assert cards[kind].pins[1].tries_left == 3


def test_another_card_put_in_after_a_removal(cards: dict[str, Card]) -> None:
    """The old key is dead for good; the workstation tells the other card apart."""
    desk = Desk(cards["cps3"])
    reader = desk.bench.reader(READER)
    with Workstation(EmulatedResourceManager(desk.bench)) as workstation:
        card = workstation.cps()
        desk.keeps_pin = True
        desk.open(card)
        key = card.keys.authentication
        key.sign(MESSAGE, PKCS1, SHA256)
        mine = reader.remove()
        other = make("cps3", "infirmiere")
        reader.insert(other)
        with pytest.raises(CardRemoved):
            key.sign(MESSAGE, PKCS1, SHA256)
        with pytest.raises(CardChanged):
            workstation.reopen(card)
        assert other.pins[1].tries_left == 3
        reader.remove()
        reader.insert(mine)
        with pytest.raises(CardRemoved):
            key.sign(MESSAGE, PKCS1, SHA256)
        again = workstation.reopen(card)
        desk.seen.clear()
        assert again.keys.authentication.sign(MESSAGE, PKCS1, SHA256)
        assert desk.pins_sent == 1, "the PIN lent for the session, once"
        assert cards["cps3"].pins[1].tries_left == 3


def test_the_check_of_this_file_would_see_a_wrong_signature(cards: dict[str, Card]) -> None:
    def wrong(key: CardPrivateKey) -> bytes:
        signature = bytearray(key.sign(MESSAGE, PKCS1, SHA256))
        signature[100] ^= 1
        key.public_key().verify(bytes(signature), MESSAGE, PKCS1, SHA256)
        return MESSAGE

    with pytest.raises(InvalidSignature):
        Desk(cards["cps3"]).run("signature", wrong)
