"""Keys and log-in through PKCS#11, on SoftHSM tokens with what a CPS holds.

SoftHSM counts no tries, so that every PIN here needs `Allow.UNKNOWN_COUNTER`: by design.
"""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import CertificateSigningRequestBuilder, Name
from pkcs11 import Attribute, ObjectClass
from tests.support.softhsm import PIN, PUK, SoftHsm, needs_softhsm, soft_hsm

from cardio import (
    Allow,
    CardRemoved,
    Changed,
    Pin,
    PinStateLost,
    RefusalReason,
    Refused,
    SelectionError,
    Verified,
    WrongPin,
)
from cardio.cards.identify import CardKind, Reason
from cardio.errors import (
    DecryptionFailed,
    KeyMissing,
    KeyMisuse,
    NoRoad,
    Pkcs11Failure,
    Pkcs11Missing,
    Pkcs11ModuleMissing,
    SecurityStatusNotSatisfied,
    ServiceUnavailable,
)
from cardio.iso7816.status import CONDITIONS_NOT_SATISFIED
from cardio.pin.commands import PinCounters
from cardio.workstation.open_cps import OpenedCps, Preference, open_cps
from cardio.workstation.roads import Road, RoadReason

pytestmark = needs_softhsm

CPS3, CPS4 = "CPS3v3-2900000042", "CPS4v1-2900000043"
ANYWAY = Allow.UNKNOWN_COUNTER
PKCS1, SHA256 = padding.PKCS1v15(), hashes.SHA256()
HASHES = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
TEXT = b"bonjour"


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftHsm]:
    with soft_hsm(tmp_path / "hsm", monkeypatch) as hsm:
        yield hsm


@pytest.fixture
def card(hsm: SoftHsm) -> Iterator[OpenedCps]:
    hsm.add("cps3", CPS3)
    with open_cps("pkcs11", module=hsm.module) as card:
        yield card


@pytest.fixture
def cps4(hsm: SoftHsm) -> Iterator[OpenedCps]:
    hsm.add("cps4", CPS4)
    with open_cps("pkcs11", module=hsm.module) as card:
        assert card.verify_pin(Pin.of(PIN), allow=ANYWAY) == Verified()
        yield card


def digest(algorithm: hashes.HashAlgorithm) -> bytes:
    hasher = hashes.Hash(algorithm)
    hasher.update(TEXT)
    return hasher.finalize()


def test_a_token_is_a_cps_by_its_label(card: OpenedCps) -> None:
    match = card.match
    assert (match.kind, match.generation, match.reason) == (CardKind.CPS3, "3", Reason.PKCS11)
    assert card.holder.profession
    assert card.signature_certificate
    assert card.authentication_certificate
    assert (card.serial, card.atr) == (None, b"")
    assert [problem.part for problem in card.problems] == ["EF.SN.ICC"]


def test_a_pin_whose_tries_nobody_tells_is_refused(card: OpenedCps) -> None:
    assert card.verify_pin(Pin.of(PIN)) == Refused(RefusalReason.COUNTER_UNKNOWN)
    assert card.verify_pin(Pin.of("9999"), allow=ANYWAY) == WrongPin(None)
    assert card.pin_counters() == PinCounters(is_verified=False), "COUNT_LOW is no number here"
    assert card.verify_pin(Pin.of(PIN), allow=ANYWAY) == Refused(RefusalReason.LATCHED)
    assert card.verify_pin(Pin.of(PIN), allow=ANYWAY | Allow.RETRY) == Verified()
    assert card.verify_pin(Pin.of(PIN)) == Refused(RefusalReason.ALREADY_VERIFIED)
    assert card.verify_pin(Pin.of(PIN), allow=ANYWAY) == Verified()
    assert len(card.situations()) == 2
    card.log_out()
    with pytest.raises(SecurityStatusNotSatisfied):
        card.situations()


def test_nothing_private_is_seen_before_the_pin(card: OpenedCps) -> None:
    for use in (
        card.situations,
        lambda: card.data_object("CPS_ACTIVITY_01_PS"),
        lambda: card.write_cps_data(b"x"),
        lambda: card.keys.signature.sign(TEXT, PKCS1, SHA256),
    ):
        with pytest.raises(SecurityStatusNotSatisfied):
            use()


@pytest.mark.parametrize("algorithm", HASHES, ids=lambda a: a.name)
def test_a_cps3_authenticates_with_every_hash(
    card: OpenedCps, algorithm: hashes.HashAlgorithm
) -> None:
    card.verify_pin(Pin.of(PIN), allow=ANYWAY)
    key = card.keys.authentication
    for data, how in ((TEXT, algorithm), (digest(algorithm), Prehashed(algorithm))):
        key.public_key().verify(key.sign(data, PKCS1, how), TEXT, PKCS1, algorithm)


def test_a_cps3_signs_and_deciphers(card: OpenedCps) -> None:
    card.verify_pin(Pin.of(PIN), allow=ANYWAY)
    key = card.keys.signature
    public = key.public_key()
    for data, how in ((TEXT, SHA256), (digest(SHA256), Prehashed(SHA256))):
        public.verify(key.sign(data, PKCS1, how), TEXT, PKCS1, SHA256)
    request = CertificateSigningRequestBuilder().subject_name(Name([])).sign(key, SHA256)
    assert request.is_signature_valid
    with pytest.raises(KeyMisuse, match="SHA-1"):
        key.sign(TEXT, PKCS1, hashes.SHA1())
    public.verify(key.allowing_sha1().sign(TEXT, PKCS1, hashes.SHA1()), TEXT, PKCS1, hashes.SHA1())
    key.check()
    authentication = card.keys.authentication
    authentication.check()
    assert authentication.decrypt(authentication.public_key().encrypt(TEXT, PKCS1), PKCS1) == TEXT
    with suppress(DecryptionFailed):  # or a random message: SoftHSM with OpenSSL from 3.2 on
        assert authentication.decrypt(bytes(255) + b"\x02", PKCS1) != TEXT
    with pytest.raises(KeyMisuse, match="PSS"):
        key.sign(TEXT, PSS(MGF1(SHA256), 32), SHA256)
    with pytest.raises(KeyMissing, match="contactless"):
        _ = card.keys.technical


def test_a_cps4_signs_with_pss(cps4: OpenedCps) -> None:
    how = PSS(MGF1(SHA256), PSS.DIGEST_LENGTH)
    for key in (cps4.keys.signature, cps4.keys.authentication):
        for data, algorithm in ((TEXT, SHA256), (digest(SHA256), Prehashed(SHA256))):
            key.public_key().verify(key.sign(data, how, algorithm), TEXT, how, SHA256)
        key.public_key().verify(key.sign(TEXT, PKCS1, SHA256), TEXT, PKCS1, SHA256)


def test_a_cps4_deciphers(cps4: OpenedCps) -> None:
    key = cps4.keys.authentication
    for how in (
        PKCS1,
        OAEP(MGF1(SHA256), SHA256, b"label"),
        OAEP(MGF1(hashes.SHA1()), SHA256, None),
    ):
        assert key.decrypt(key.public_key().encrypt(TEXT, how), how) == TEXT
    with pytest.raises(DecryptionFailed):
        key.decrypt(bytes(255) + b"\x02", OAEP(MGF1(SHA256), SHA256, None))


def test_the_pin_is_changed_and_unblocked(card: OpenedCps) -> None:
    assert card.change_pin(Pin.of("9999"), Pin.of("4321"), allow=ANYWAY) == WrongPin(None)
    allow = ANYWAY | Allow.RETRY
    assert card.change_pin(Pin.of(PIN), Pin.of("4321"), allow=allow) == Changed()
    assert card.situations(), "who changes the PIN has given it"
    puk, new = Pin.of(PUK), Pin.of("5555")
    assert card.unblock_pin(puk, new) == Refused(RefusalReason.COUNTER_UNKNOWN)
    assert card.unblock_pin(puk, new, allow=ANYWAY) == Changed()
    assert card.verify_pin(Pin.of("5555"), allow=ANYWAY) == Verified()


def test_a_module_that_lets_nothing_be_written_says_so(card: OpenedCps) -> None:
    card.verify_pin(Pin.of(PIN), allow=ANYWAY)
    with pytest.raises(Pkcs11Failure, match="CKR_ATTRIBUTE_READ_ONLY") as caught:
        card.write_cps_data(b"noted")
    assert caught.value.reason == "CKR_ATTRIBUTE_READ_ONLY"


def test_a_log_in_by_other_code_of_this_program_is_told(hsm: SoftHsm, card: OpenedCps) -> None:
    session = hsm.token().open(user_pin=PIN)
    refused = Refused(RefusalReason.CARD_REFUSED, CONDITIONS_NOT_SATISFIED)
    assert card.verify_pin(Pin.of(PIN), allow=ANYWAY) == refused
    session.close()


@pytest.mark.parametrize("keep", [False, True])
def test_a_session_that_died_takes_the_pin_with_it(
    hsm: SoftHsm, card: OpenedCps, keep: bool
) -> None:
    """As the Cryptolib's do after another program's reset (facts: vendor_library.md §2)."""
    pin = Pin.of(PIN)
    assert card.verify_pin(pin, allow=ANYWAY, keep_for_session=keep) == Verified()
    pkcs11.lib(str(hsm.module)).reinitialize()
    assert card.data_object("CPS_NAME_PS"), "what is free is read in a new session"
    with pytest.raises(PinStateLost):
        card.keys.signature.sign(TEXT, PKCS1, SHA256)


def test_threads_take_turns(card: OpenedCps) -> None:
    card.verify_pin(Pin.of(PIN), allow=ANYWAY)
    key = card.keys.signature
    texts = [b"text %d" % number for number in range(12)]
    with ThreadPoolExecutor(4) as threads:
        signatures = list(threads.map(lambda text: key.sign(text, PKCS1, SHA256), texts))
    for signature, text in zip(signatures, texts, strict=True):
        key.public_key().verify(signature, text, PKCS1, SHA256)


def test_a_token_that_is_gone(hsm: SoftHsm, card: OpenedCps) -> None:
    for file in (hsm.config.parent / "tokens").glob("*/*"):
        file.unlink()
    for folder in (hsm.config.parent / "tokens").iterdir():
        folder.rmdir()
    pkcs11.lib(str(hsm.module)).reinitialize()
    with pytest.raises(CardRemoved):
        card.data_object("CPS_NAME_PS")
    with pytest.raises(SelectionError, match="shows no CPS"):
        open_cps("pkcs11", module=hsm.module)


def test_a_key_is_found_beside_its_certificate(hsm: SoftHsm, card: OpenedCps) -> None:
    with hsm.token().open(rw=True, user_pin=PIN) as session:
        for key in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}):
            key[Attribute.LABEL] = "another label"
    card.verify_pin(Pin.of(PIN), allow=ANYWAY)
    card.keys.signature.check()
    card.keys.authentication.check()


def test_a_key_that_is_not_there(hsm: SoftHsm, card: OpenedCps) -> None:
    with hsm.token().open(rw=True, user_pin=PIN) as session:
        for found in tuple(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})):
            found.destroy()
    card.verify_pin(Pin.of(PIN), allow=ANYWAY)
    with pytest.raises(KeyMissing, match="CPS_PRIV_SIG"):
        card.keys.signature.sign(TEXT, PKCS1, SHA256)


def test_several_tokens_want_a_serial(hsm: SoftHsm, card: OpenedCps) -> None:
    hsm.add("cps4", CPS4)
    with pytest.raises(SelectionError, match="shows 2 CPS") as caught:
        open_cps("pkcs11", module=hsm.module)
    for label, kind in ((CPS3, CardKind.CPS3), (CPS4, CardKind.CPS4)):
        serial = hsm.token(label).serial.decode()
        assert serial not in str(caught.value)
        with open_cps("pkcs11", module=hsm.module, serial=serial) as opened:
            assert opened.match.kind is kind


def test_auto_goes_through_the_module_where_pcsc_does_not_run(hsm: SoftHsm) -> None:
    """No pcscd answers on this worker's socket: see tests/conftest.py."""
    hsm.add()
    with open_cps(module=hsm.module) as opened:
        assert (opened.road, opened.why_code) == (Road.PKCS11, RoadReason.NO_PCSC)
        assert isinstance(opened.direct_error, ServiceUnavailable)
        assert opened.why.startswith("PC/SC cannot be used here. (")
        assert opened.holder.ps_idnat
    with pytest.raises(NoRoad) as caught:
        open_cps(module=hsm.config)
    assert isinstance(caught.value.direct, ServiceUnavailable)
    assert isinstance(caught.value.pkcs11, Pkcs11ModuleMissing)
    assert "directly" in str(caught.value)


def test_auto_goes_directly_where_it_can(hsm: SoftHsm) -> None:
    roads: dict[Preference, RoadReason] = {
        "auto": RoadReason.READABLE,
        "direct": RoadReason.ASKED,
    }
    for prefer, why in roads.items():
        with open_cps(prefer, module=hsm.module, where="demo") as opened:
            assert (opened.road, opened.why_code) == (Road.DIRECT, why)
            assert opened.direct_error is None
            assert opened.verify_pin(Pin.of("1234")) == Verified()
            assert opened.keys.authentication.sign(TEXT, PKCS1, SHA256)
    with pytest.raises(ValueError, match="direct, pkcs11, auto"):
        open_cps("both")  # pyright: ignore[reportArgumentType]


def test_no_pin_in_what_is_told(card: OpenedCps) -> None:
    outcome = card.verify_pin(Pin.of("8265"), allow=ANYWAY)
    told = repr((outcome, card, vars(card), card.problems, card.pin_session))
    assert "8265" not in told


def test_without_python_pkcs11() -> None:
    code = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from cardio.errors import Pkcs11Missing\n"
        "from cardio.workstation.open_cps import open_cps\n"
        "try: open_cps('pkcs11', module=sys.executable)\n"
        "except Pkcs11Missing as error: print(error.code, error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{Pkcs11Missing.code} {Pkcs11Missing.hint}\n"
    assert "cardio-sante[pkcs11]" in done.stdout
