"""Faults of the card's own state, told by what a program reads from it."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from cardio.errors import ConfigurationError
from cardio.pin.pin import Pin
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.certificates import hierarchy
from cardio_emulator.faults import (
    BlockedPin,
    Code,
    CorruptedCertificate,
    Damage,
    ExpiredCertificate,
    Fault,
    FaultyCard,
    StateFault,
    TriesLeft,
    UpdatePhase,
    UpdateUnderWay,
    WrongStatus,
)
from cardio_emulator.kinds import KINDS, make

READER = "Reader"
WITH_PIN = ("cps3", "cps4", "cps2ter")
WITH_CERTIFICATES = ("cps3", "cps3-contactless", "cps4")


def desk(card: Card, *faults: Fault) -> Workstation:
    bench = Bench([READER])
    bench.insert(READER, FaultyCard(card, *faults))
    return Workstation(EmulatedResourceManager(bench))


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_a_counter_already_at_one(kind: str) -> None:
    card = make(kind)
    with desk(card, TriesLeft()) as workstation:
        cps = workstation.cps()
        assert cps.tries_left() == 1
        cps.verify_pin(Pin.of("9999"))
    assert card.pins[1].tries_left == 1, "the last try is not spent unasked"


@pytest.mark.parametrize("kind", WITH_PIN)
def test_blocked_codes(kind: str) -> None:
    card = make(kind)
    FaultyCard(card, BlockedPin(), TriesLeft(4, Code.PUK))
    assert card.pins[1].is_blocked
    assert card.pins[2].tries_left == 4
    FaultyCard(card, BlockedPin(Code.PUK))
    assert card.pins[2].is_blocked


@pytest.mark.parametrize("kind", WITH_CERTIFICATES)
def test_expired_certificates_differ_in_their_dates_alone(kind: str) -> None:
    card = make(kind)
    before = card.image
    after = ExpiredCertificate().prepare(card)
    assert isinstance(after, Card)
    assert after.image.keys == before.keys
    for role in before.certificates.keys() - {"ca", "root"}:
        old, new = (
            x509.load_der_x509_certificate(image.certificates[role])
            for image in (before, after.image)
        )
        assert new.not_valid_after_utc < datetime.now(UTC) < old.not_valid_after_utc
        assert (new.subject, new.public_key()) == (old.subject, old.public_key())
        assert [e.value for e in new.extensions] == [e.value for e in old.extensions]
        new.verify_directly_issued_by(hierarchy().persons.certificate)


def test_an_expired_certificate_is_read_and_the_rest_is_as_before() -> None:
    sound, expired = make("cps3"), make("cps3")
    with desk(sound) as one, desk(expired, ExpiredCertificate()) as other:
        right, wrong = one.cps(), other.cps()
        assert wrong.holder == right.holder
        assert len(wrong.certificates) == len(right.certificates) == 2
        ends = [certificate.load().not_valid_after_utc for certificate in wrong.certificates]
    assert max(ends) < datetime.now(UTC)


@pytest.mark.parametrize("kind", WITH_CERTIFICATES)
@pytest.mark.parametrize("damage", Damage)
def test_corrupted_certificates(kind: str, damage: Damage) -> None:
    card = make(kind)
    after = CorruptedCertificate(damage).prepare(card)
    assert isinstance(after, Card)
    own = {v for r, v in card.image.certificates.items() if r not in ("ca", "root")}
    held, damaged = (_contents(c.image.root) for c in (card, after))
    assert own <= held
    assert not own & damaged
    for der in damaged - held:
        if damage is Damage.STRUCTURE:
            with pytest.raises(ValueError, match="pars"):
                x509.load_der_x509_certificate(der)
        else:
            certificate = x509.load_der_x509_certificate(der)
            with pytest.raises(InvalidSignature):
                certificate.verify_directly_issued_by(hierarchy().persons.certificate)


def _contents(folder: object) -> set[bytes]:
    found: set[bytes] = set()
    for child in getattr(folder, "children", ()):
        content = getattr(child, "content", None)
        found |= _contents(child) if content is None else {content}
    return found


@pytest.mark.parametrize("phase", UpdatePhase)
def test_an_update_that_did_not_end(phase: UpdatePhase) -> None:
    with desk(make("cps3"), UpdateUnderWay(phase)) as workstation:
        update = workstation.cps().last_update
        assert update is not None
        assert update.is_interrupted
        assert (update.started is None) is (phase is UpdatePhase.EMPTY)


def test_states_add_up_and_keep_the_counters() -> None:
    card = make("cps3")
    faulty = FaultyCard(card, TriesLeft(2), ExpiredCertificate(), UpdateUnderWay(), WrongStatus(99))
    inner = faulty.card
    assert isinstance(inner, Card)
    assert inner.pins[1].tries_left == 2
    with desk(card, TriesLeft(1)) as workstation:
        assert workstation.cps().last_update is None


def test_a_state_reaches_through_other_faults() -> None:
    card = make("cps3")
    outer = FaultyCard(FaultyCard(card, WrongStatus(0)), TriesLeft(2))
    assert card.pins[1].tries_left == 2
    assert outer.transmit(bytes.fromhex("00A4000C023F00")) == b"\x6f\x00"


STATES = (TriesLeft(), BlockedPin(), ExpiredCertificate(), CorruptedCertificate(), UpdateUnderWay())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", STATES, ids=lambda fault: type(fault).__name__)
def test_what_does_not_fit_is_refused(kind: str, fault: StateFault) -> None:
    card = make(kind)
    if fault.fits(card):
        assert fault.prepare(card).serial == card.serial
    else:
        with pytest.raises(ConfigurationError):
            fault.prepare(card)


def test_more_tries_than_the_card_has() -> None:
    with pytest.raises(ConfigurationError, match="tries: 0 to 3, not 4"):
        TriesLeft(4).prepare(make("cps3"))
    with pytest.raises(ConfigurationError, match="tries: 0 to 15"):
        TriesLeft(16)
