"""A CPS through OpenSC's PKCS#11 module, on an emulated card in a real pcscd: the other road.

What OpenSC can do with a CPS3, and what not: facts: iasecc_opensc.md §0, §4.1.
"""

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.conftest import StartPcscd
from tests.e2e.test_pcsc import another_program, end
from tests.e2e.test_two_readers import wait_for
from tests.support.opensc import MODULE as OPENSC
from tests.support.opensc import needs_sdo

from cardio import (
    Allow,
    Blocked,
    CardChanged,
    CardRemoved,
    Changed,
    Pin,
    PinEntryMode,
    PinStateLost,
    RefusalReason,
    Refused,
    SelectionError,
    SharingViolation,
    Verified,
    Workstation,
    WrongPin,
)
from cardio.errors import (
    DecryptionFailed,
    KeyMisuse,
    NoRoad,
    Pkcs11Failure,
    SecurityStatusNotSatisfied,
    UnsupportedCard,
)
from cardio.pin.commands import PinCounters
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.base import Disposition
from cardio.workstation.open_cps import OpenedCps, open_cps
from cardio.workstation.roads import Road, RoadReason
from cardio_emulator.card_os import Card
from cardio_emulator.faults import TornOut
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import Insertion, attach

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.opensc,
    pytest.mark.skipif(not OPENSC.exists(), reason="OpenSC's PKCS#11 module is not installed"),
]

PKCS1, SHA256 = padding.PKCS1v15(), hashes.SHA256()
READERS = ("CPS", "Autre")
VERIFY = 0x20


class Recording:
    """A card that keeps the commands it got."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.atr, self.serial = card.atr, card.serial
        self.commands: list[bytes] = []
        self.torn_at: int | None = None

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        if command[1] == self.torn_at:
            raise TornOut
        return self.card.transmit(command)

    @property
    def pins_sent(self) -> list[bytes]:
        """The PINs presented; an empty VERIFY asks for the counter and presents none."""
        return [c[5:] for c in self.commands if c[1] == VERIFY and len(c) > 5]


class Desk:
    """A private pcscd with two readers, and cards in them."""

    def __init__(self, service: PrivatePcscd) -> None:
        self.service = service
        self.stack = ExitStack()
        self._insertions: dict[str, AbstractContextManager[Insertion]] = {}

    def put(self, kind: str = "cps3", persona: str = "medecin", at: int = 0) -> Recording:
        """Insert a fresh card, and wait until PC/SC shows it."""
        recording = Recording(make(kind, persona))
        self.insert(recording, at)
        return recording

    def insert(self, recording: Recording, at: int = 0) -> None:
        reader = self.service.reader_names[at]
        insertion = attach(recording, "127.0.0.1", self.service.ports[reader], wait=5)
        insertion.__enter__()
        self._insertions[reader] = insertion
        self._wait()

    def take_out(self, at: int = 0) -> None:
        self._insertions.pop(self.service.reader_names[at]).__exit__(None, None, None)
        self._wait()

    def open(self, **choice: str) -> OpenedCps:
        opened = open_cps("pkcs11", module=OPENSC, **choice)
        self.stack.callback(opened.close)
        return opened

    def _wait(self) -> None:
        with Workstation.open() as workstation:
            wait_for(workstation, set(self._insertions))

    def close(self) -> None:
        """Take the cards out first: C_Finalize, called by python-pkcs11 with Python's lock held,
        would wait for cards that need that lock to answer.
        """
        self.stack.close()
        for insertion in self._insertions.values():
            insertion.__exit__(None, None, None)
        pkcs11.lib(str(OPENSC)).finalize()


@pytest.fixture
def desk(start_pcscd: StartPcscd) -> Iterator[Desk]:
    desk = Desk(start_pcscd(READERS))
    yield desk
    desk.close()


@pytest.fixture
def inserted(desk: Desk) -> Recording:
    return desk.put()


@pytest.fixture
def card(desk: Desk, inserted: Recording) -> OpenedCps:
    return desk.open()


@needs_sdo
def test_both_roads_tell_the_same(card: OpenedCps, inserted: Recording) -> None:
    assert (card.road, card.why_code, card.reader) == (Road.PKCS11, RoadReason.ASKED, "CPS 00 00")
    with open_cps("direct") as direct:
        assert direct.road is Road.DIRECT
        assert [c.der for c in card.certificates] == [c.der for c in direct.certificates]
        assert card.full_holder == direct.full_holder
        assert card.holder.ps_idnat is not None
        assert card.full_card == direct.full_card
        assert (card.serial, card.match.serial) == (direct.serial, direct.match.serial)
        assert card.token_info
        assert direct.token_info
        assert card.token_info.label == direct.token_info.label
        assert card.differences == direct.differences == ()
        free = dict(direct.free_data_objects)
        free.pop("CPS_DATA")  # OpenSC does not list it
        assert card.free_data_objects == free
        assert card.log_in(PinEntryMode.PROMPT, lambda: Pin.of("1234")) == Verified()
        assert direct.verify_pin(Pin.of("1234")) == Verified()
        assert card.situations() == direct.situations()
        assert len(card.situations()) == 2
    assert [problem.part for problem in card.problems] == ["CPS_DATA"]
    assert (card.atr, card.last_update) == (b"", None)
    with pytest.raises(UnsupportedCard):
        card.application.private_keys  # noqa: B018


@needs_sdo
def test_a_signature_verifies_with_openssl(card: OpenedCps, tmp_path: Path) -> None:
    assert card.verify_pin(Pin.of("1234")) == Verified()
    key = card.keys.authentication
    files = {name: tmp_path / name for name in ("key", "signature", "text")}
    files["key"].write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    files["text"].write_bytes(b"bonjour")
    for algorithm in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        files["signature"].write_bytes(key.sign(b"bonjour", PKCS1, algorithm))
        name = f"-{algorithm.name}"
        check = ("openssl", "dgst", name, "-verify", "key", "-signature", "signature", "text")
        done = subprocess.run(check, cwd=tmp_path, capture_output=True, check=False)
        assert done.stdout == b"Verified OK\n"
    key.check()
    digest = hashes.Hash(SHA256)
    digest.update(b"bonjour")
    assert key.sign(digest.finalize(), PKCS1, Prehashed(SHA256)) == key.sign(
        b"bonjour", PKCS1, SHA256
    )
    assert key.decrypt(key.public_key().encrypt(b"secret", PKCS1), PKCS1) == b"secret"
    with pytest.raises(DecryptionFailed):
        key.decrypt(bytes(255) + b"\x02", PKCS1)


@needs_sdo
def test_what_opensc_cannot_is_said_with_the_road_to_take(card: OpenedCps) -> None:
    assert card.verify_pin(Pin.of("1234")) == Verified()
    with pytest.raises(KeyMisuse, match="signature key: open the card directly"):
        card.keys.signature.sign(b"bonjour", PKCS1, SHA256)
    with pytest.raises(KeyMisuse, match="signature key: open the card directly"):
        card.keys.signature.sign(bytes(32), PKCS1, Prehashed(SHA256))
    pss = padding.PSS(padding.MGF1(SHA256), padding.PSS.DIGEST_LENGTH)
    with pytest.raises(KeyMisuse, match="PSS"):
        card.keys.authentication.sign(b"bonjour", pss, SHA256)
    with pytest.raises(UnsupportedCard, match="unblock"):
        card.unblock_pin(Pin.of("12345678"), Pin.of("4321"), allow=Allow.UNKNOWN_COUNTER)


@needs_sdo
def test_nothing_private_before_the_pin_is_no_missing_key(card: OpenedCps) -> None:
    with pytest.raises(SecurityStatusNotSatisfied):
        card.keys.authentication.sign(b"bonjour", PKCS1, SHA256)
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()
    with pytest.raises(SecurityStatusNotSatisfied):
        card.data_object("CPS_ACTIVITY_01_PS")
    deferred = card.log_in(PinEntryMode.DEFER, lambda: Pin.of("1234"))
    assert deferred == Refused(RefusalReason.DEFERRED)
    assert card.keys.authentication.sign(b"bonjour", PKCS1, SHA256)
    assert card.data_object("CPS_ACTIVITY_16_PS") is None


@needs_sdo
def test_a_wrong_pin_costs_one_try_and_is_known_on_both_roads(
    card: OpenedCps, inserted: Recording
) -> None:
    assert card.pin_counters() == PinCounters(3, 3, is_verified=False)
    assert card.verify_pin(Pin.of("9999")) == WrongPin(2)
    assert inserted.pins_sent == [b"9999"]
    assert card.pin_counters() == PinCounters(2, 3, is_verified=False)
    assert card.verify_pin(Pin.of("1234")) == Refused(RefusalReason.LATCHED)
    with open_cps("direct") as direct:
        assert direct.verify_pin(Pin.of("9999")) == Refused(RefusalReason.KNOWN_WRONG)
    assert card.verify_pin(Pin.of("1234"), allow=Allow.RETRY) == Verified()
    assert card.tries_left() == 3
    assert inserted.pins_sent == [b"9999", b"1234"]


def test_a_pin_that_opensc_does_not_send_costs_no_try(card: OpenedCps, inserted: Recording) -> None:
    """A typed error then (decision 23); else one try for one PIN."""
    try:
        assert card.verify_pin(Pin.of("9999"), allow=Allow.UNKNOWN_COUNTER) == WrongPin(2)
    except Pkcs11Failure:
        assert not inserted.pins_sent
    assert inserted.card.pins[1].tries_left == 3 - len(inserted.pins_sent)


def test_lost_tries_are_told_or_unknown(desk: Desk, inserted: Recording) -> None:
    inserted.card.pins[1].tries_left = 2
    assert desk.open().tries_left() in (2, None)


@needs_sdo
def test_the_last_try_is_refused(card: OpenedCps, inserted: Recording) -> None:
    inserted.card.pins[1].tries_left = 1
    assert card.verify_pin(Pin.of("9999")) == Refused(RefusalReason.LAST_TRY)
    assert not inserted.pins_sent
    assert card.verify_pin(Pin.of("9999"), allow=Allow.LAST_TRY) == Blocked()
    assert inserted.pins_sent == [b"9999"]
    assert card.verify_pin(Pin.of("1234"), allow=Allow.RETRY) == Blocked()
    assert inserted.pins_sent == [b"9999"]
    assert card.tries_left() == 0


@needs_sdo
def test_the_pin_is_changed(card: OpenedCps, inserted: Recording) -> None:
    assert card.change_pin(Pin.of("9999"), Pin.of("4321")) == WrongPin(2)
    assert inserted.pins_sent == [b"9999"]
    assert card.change_pin(Pin.of("1234"), Pin.of("4321"), allow=Allow.RETRY) == Changed()
    assert inserted.card.pins[1].tries_left == 3
    assert card.verify_pin(Pin.of("4321")) == Verified()


@needs_sdo
def test_a_removed_card_is_told_and_so_is_another_one(desk: Desk, card: OpenedCps) -> None:
    assert card.verify_pin(Pin.of("1234"), keep_for_session=True) == Verified()
    desk.take_out()
    for use in (
        lambda: card.keys.authentication.sign(b"bonjour", PKCS1, SHA256),
        lambda: card.data_object("CPS_NAME_PS"),
        card.pin_counters,
    ):
        with pytest.raises(CardRemoved, match="CPS 00 00"):
            use()
    other = desk.put(persona="infirmiere")
    for use in (lambda: card.data_object("CPS_NAME_PS"), card.pin_counters):
        with pytest.raises(CardChanged):
            use()
    assert not other.pins_sent


@needs_sdo
@pytest.mark.parametrize("instruction", [0x22, 0x88], ids=["MSE", "INTERNAL AUTHENTICATE"])
def test_a_card_torn_out_while_it_signs(
    inserted: Recording, card: OpenedCps, instruction: int
) -> None:
    assert card.verify_pin(Pin.of("1234")) == Verified()
    inserted.torn_at = instruction
    with pytest.raises(CardRemoved):
        card.keys.authentication.sign(b"bonjour", PKCS1, SHA256)
    assert inserted.pins_sent == [b"1234"]


def test_a_card_torn_out_while_it_takes_a_pin(inserted: Recording, card: OpenedCps) -> None:
    inserted.torn_at = VERIFY
    with pytest.raises(CardRemoved):
        card.verify_pin(Pin.of("1234"), allow=Allow.UNKNOWN_COUNTER)
    assert not inserted.pins_sent


@needs_sdo
def test_the_same_card_comes_back(desk: Desk, inserted: Recording, card: OpenedCps) -> None:
    assert card.verify_pin(Pin.of("1234"), keep_for_session=True) == Verified()
    desk.take_out()
    inserted.card.reset()
    desk.insert(inserted)
    inserted.commands.clear()
    assert card.keys.authentication.sign(b"bonjour", PKCS1, SHA256), "by the kept PIN"
    assert inserted.pins_sent == [b"1234"]


@needs_sdo
def test_after_a_reset_opensc_itself_gives_the_pin_again(
    desk: Desk, inserted: Recording, card: OpenedCps
) -> None:
    """Its PIN cache does, not cardio, which therefore never learns of the reset."""
    assert card.verify_pin(Pin.of("1234")) == Verified()
    with Workstation.open() as workstation:
        workstation.manager.connect(desk.service.reader_names[0]).close(Disposition.RESET)
    inserted.commands.clear()
    assert card.keys.authentication.sign(b"bonjour", PKCS1, SHA256)
    assert inserted.pins_sent == [b"1234"]


@needs_sdo
@pytest.mark.parametrize("keep", [False, True])
def test_without_opensc_s_pin_cache_a_reset_loses_the_pin(
    desk: Desk, inserted: Recording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keep: bool
) -> None:
    config = tmp_path / "opensc.conf"
    config.write_text("app default { framework pkcs15 { use_pin_caching = false; } }")
    monkeypatch.setenv("OPENSC_CONF", str(config))
    card = desk.open()
    assert card.verify_pin(Pin.of("1234"), keep_for_session=keep) == Verified()
    with Workstation.open() as workstation:
        workstation.manager.connect(desk.service.reader_names[0]).close(Disposition.RESET)
    inserted.commands.clear()
    if keep:
        assert card.keys.authentication.sign(b"bonjour", PKCS1, SHA256)
    else:
        with pytest.raises(PinStateLost, match="CPS 00 00"):
            card.keys.authentication.sign(b"bonjour", PKCS1, SHA256)
    assert inserted.pins_sent == [b"1234"] * keep


def test_two_cards_are_told_apart_by_serial_only(desk: Desk) -> None:
    first, second = desk.put(at=0), desk.put(persona="infirmiere", at=1)
    with pytest.raises(SelectionError, match="shows 2 CPS") as caught:
        desk.open()
    assert caught.value.reason == "several"
    with pytest.raises(SelectionError, match="several CPS cards"):
        open_cps(module=OPENSC)
    for at, recording in enumerate((first, second)):
        serial = recording.serial
        assert serial not in str(caught.value)
        reader = desk.service.reader_names[at]
        assert desk.open(serial=serial).reader == reader
        assert desk.open(reader=reader).reader == reader
        with open_cps(serial=serial, module=OPENSC) as opened:
            assert (opened.reader, opened.road) == (reader, Road.DIRECT)
            assert opened.why_code is RoadReason.READABLE
    with pytest.raises(SelectionError, match="none of 2"):
        desk.open(serial="00000000")
    with pytest.raises(SelectionError, match="none of 2"):
        open_cps("direct", serial="00000000")


def test_a_card_that_another_program_keeps_leaves_no_road(desk: Desk) -> None:
    desk.put()
    with another_program("CPS 00 00", "exclusive") as other:
        with pytest.raises(NoRoad) as caught:
            open_cps(module=OPENSC)
        end(other)
    assert isinstance(caught.value.direct.__cause__, SharingViolation)
    assert isinstance(caught.value.pkcs11, SelectionError)
