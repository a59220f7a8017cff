"""What is known of PKCS#11 modules and tokens, as data: no module is loaded."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from cardio import Allow, Blocked, Pin, RefusalReason, Refused
from cardio.cards.cps.key_layout import CPS4_KEYS
from cardio.cards.cps.pkcs11.cryptoki import PinFlag, TokenState
from cardio.cards.cps.pkcs11.failures import failure
from cardio.cards.cps.pkcs11.identity import card_key, chip_number, match_of
from cardio.cards.cps.pkcs11.keys import TokenKey
from cardio.cards.cps.pkcs11.link import TokenLink
from cardio.cards.cps.pkcs11.modules import Manner, find_module, known_places, manner_of
from cardio.cards.cps.pkcs11.pin import TokenPin
from cardio.cards.identify import CardKind, Interface
from cardio.errors import (
    AccessRefused,
    CardioError,
    CardMute,
    CardRemoved,
    CommunicationFailed,
    HeldExclusively,
    NoCard,
    NoReader,
    PcscMissing,
    Pkcs11Failure,
    Pkcs11ModuleMissing,
    SecurityStatusNotSatisfied,
    SelectionError,
    ServiceUnavailable,
)
from cardio.keys.abilities import KeyAbilities, KeyRole, Padding
from cardio.locale.translator import translator
from cardio.pin.commands import PinCounters
from cardio.pin.guard import RetryGuard
from cardio.workstation.roads import SENTENCES, Road, RoadReason, why_not_direct

LOW, FINAL, LOCKED = (
    PinFlag.USER_PIN_COUNT_LOW,
    PinFlag.USER_PIN_FINAL_TRY,
    PinFlag.USER_PIN_LOCKED,
)
READY = PinFlag.USER_PIN_INITIALIZED | PinFlag.LOGIN_REQUIRED


@dataclass
class ToldLink(TokenLink):
    """A token that only tells these flags: any code sent to it would fail."""

    flags: PinFlag
    told_manner: Manner

    def state(self) -> TokenState:
        return TokenState("Reader", "CPS3v3-2900000042", "12345678", "IAS ECC", self.flags)

    @property
    def manner(self) -> Manner:
        return self.told_manner

    @property
    def is_logged_in(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("flags", "tries"),
    [
        (READY, 3),
        (READY | LOW, 2),
        (READY | LOW | FINAL, 1),  # the Cryptolib
        (READY | FINAL, 1),  # OpenSC
        (READY | LOCKED, 0),
        (READY | LOW | FINAL | LOCKED, 0),
    ],
)
def test_flags_are_tries_where_the_module_tells_them(flags: PinFlag, tries: int) -> None:
    pin = TokenPin(ToldLink(flags, Manner.TELLS_TRIES))
    assert pin.counters() == PinCounters(tries, 3, is_verified=False)


@pytest.mark.parametrize(
    ("flags", "tries"),
    [(READY, None), (READY | LOW, None), (READY | FINAL, 1), (READY | LOCKED, 0)],
)
def test_only_bad_news_is_believed_of_other_modules(flags: PinFlag, tries: int | None) -> None:
    pin = TokenPin(ToldLink(flags, Manner.NONE))
    assert pin.counters() == PinCounters(tries, None, is_verified=False)


@pytest.mark.parametrize(
    ("flags", "manner", "outcome"),
    [
        (READY, Manner.NONE, Refused(RefusalReason.COUNTER_UNKNOWN)),
        (READY | LOW, Manner.NONE, Refused(RefusalReason.COUNTER_UNKNOWN)),
        (READY | FINAL, Manner.NONE, Refused(RefusalReason.LAST_TRY)),
        (READY | FINAL, Manner.TELLS_TRIES, Refused(RefusalReason.LAST_TRY)),
        (READY | LOW | FINAL, Manner.TELLS_TRIES, Refused(RefusalReason.LAST_TRY)),
        (READY | LOCKED, Manner.TELLS_TRIES, Blocked()),
    ],
)
def test_no_last_try_unasked(flags: PinFlag, manner: Manner, outcome: object) -> None:
    guard = RetryGuard(TokenPin(ToldLink(flags, manner)), b"a card")
    assert guard.verify(Pin.of("1234"), Allow.RETRY) == outcome


def test_the_puk_is_told_by_its_own_flags() -> None:
    flags = READY | LOCKED
    assert TokenPin(ToldLink(flags, Manner.TELLS_TRIES)).puk_counters() == PinCounters()
    flags |= PinFlag.SO_PIN_FINAL_TRY
    assert TokenPin(ToldLink(flags, Manner.NONE)).puk_counters().tries_left == 1
    flags |= PinFlag.SO_PIN_LOCKED
    assert TokenPin(ToldLink(flags, Manner.NONE)).puk_counters().is_blocked


def test_modules_are_known_by_their_tokens_or_makers() -> None:
    cryptolib = Manner.TELLS_TRIES | Manner.UNBLOCKS | Manner.NO_BARE
    assert manner_of("", (5, 2), "IAS ECC") == manner_of("anyone", (0, 0), "ChipDoc") == cryptolib
    assert manner_of("OpenSC Project", (0, 23), "PKCS#15 emulated") == Manner.TELLS_TRIES
    assert manner_of("OpenSC Project", (0, 24), "PKCS#15 emulated") == Manner.NONE
    assert manner_of("SoftHSM", (2, 6), "SoftHSM v2") == Manner.UNBLOCKS
    assert manner_of("anyone", (9, 9), "anything") == Manner.NONE


@dataclass
class ListingLink(TokenLink):
    """A token whose module lists what the Cryptolib lists for a CPS4."""

    told_manner: Manner

    @property
    def reader(self) -> str:
        return "Lecteur 00 00"

    @property
    def manner(self) -> Manner:
        return self.told_manner

    def mechanisms(self) -> frozenset[str]:
        return frozenset({"RSA_PKCS", "RSA_PKCS_PSS", "RSA_X_509", "SHA256_RSA_PKCS_PSS"})


def no_certificate(_role: KeyRole, *, read: bool = True) -> None:
    assert read


@pytest.mark.parametrize("manner", [Manner.NONE, Manner.NO_BARE])
def test_what_a_module_lists_in_vain_is_no_ability(manner: Manner) -> None:
    def abilities(role: KeyRole) -> KeyAbilities:
        (key,) = (key for key in CPS4_KEYS if key.role is role)
        return TokenKey(ListingLink(manner), key, no_certificate, lambda read: read()).abilities

    signing, authenticating = map(abilities, (KeyRole.SIGNATURE, KeyRole.AUTHENTICATION))
    assert Padding.PSS in signing.paddings
    assert (Padding.PSS in authenticating.paddings) is (manner is Manner.NONE)
    assert (Padding.OAEP in authenticating.deciphers) is (manner is Manner.NONE)


@pytest.mark.parametrize(
    ("label", "model", "flags", "kind"),
    [
        ("CPS3v3-2900000042", "IAS ECC", READY, CardKind.CPS3),
        ("CPS3v3-2900000042 (PIN CPS)", "PKCS#15 emulated", READY, CardKind.CPS3),
        ("CPS4v1-3100000042", "ChipDoc", READY, CardKind.CPS4),
        ("(unknown)", "IAS ECC", READY, CardKind.CPS3),
        ("(unknown)", "ChipDoc", READY, CardKind.CPS4),
        ("CPS3v3-2900000042", "IAS ECC", PinFlag(0), CardKind.CPS3_CONTACTLESS),
    ],
)
def test_a_token_is_a_cps_by_label_or_model(
    label: str, model: str, flags: PinFlag, kind: CardKind
) -> None:
    match = match_of(TokenState("Reader", label, "12345678", model, flags))
    assert match
    assert match.kind is kind
    assert (match.interface is Interface.CONTACTLESS) is (kind is CardKind.CPS3_CONTACTLESS)
    assert match.serial == bytes.fromhex("5A0A8025000001123456789F")
    assert match.why_code == "pkcs11-token"


def test_another_token_is_no_cps() -> None:
    assert match_of(TokenState("Reader", "YubiKey PIV #1", "1", "YubiKey", READY)) is None


def test_the_chips_number_however_a_module_writes_it() -> None:
    """12345678 and its check digit: facts: cps.md §8."""
    for serial in ("12345678", "000001123456789F", "000001123456789f"):
        assert chip_number(serial) == "12345678"
        assert card_key(serial) == bytes.fromhex("5A0A8025000001123456789F")
    for serial in ("", "1234567", "10179052b9c70caf", "000002123456789f", "1234567x"):
        assert chip_number(serial) is None
        assert card_key(serial) == serial.encode()


def test_neither_label_nor_serial_print() -> None:
    assert "4242" not in repr(TokenState("Reader", "CPS3v3-2900004242", "42424242", "m", READY))


def test_the_module_is_looked_for_where_each_system_has_it(tmp_path: Path) -> None:
    (linux, older), (mac,), (windows,) = map(known_places, ("linux", "darwin", "win32"))
    assert linux == Path("/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so")
    assert (older.name, mac.name) == (linux.name, "libcps3_pkcs11_osx.dylib")
    assert windows.parent.name == "System32"
    assert windows.name.startswith("cps3_pkcs11_w")
    assert known_places("plan9") == ()
    module = tmp_path / "module.so"
    with pytest.raises(Pkcs11ModuleMissing, match=r"module\.so"):
        find_module(module)
    module.touch()
    assert find_module(str(module)) == module


def test_every_known_place_is_named_when_none_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = (Path("/nowhere/one.so"), Path("/nowhere/two.so"))
    monkeypatch.setattr("cardio.cards.cps.pkcs11.modules.known_places", lambda: nowhere)
    with pytest.raises(Pkcs11ModuleMissing, match=r"one\.so, /nowhere/two\.so"):
        find_module()
    monkeypatch.setattr("cardio.cards.cps.pkcs11.modules.known_places", lambda: ())
    with pytest.raises(Pkcs11ModuleMissing, match="no place is known"):
        find_module()


@pytest.mark.parametrize(
    ("exception", "text", "kind", "name"),
    [
        ("DeviceRemoved", "", CardRemoved, "CKR_DEVICE_REMOVED"),
        ("SessionHandleInvalid", "", CardRemoved, "CKR_SESSION_HANDLE_INVALID"),
        ("TokenNotPresent", "", CardRemoved, "CKR_TOKEN_NOT_PRESENT"),
        ("SlotIDInvalid", "", CardRemoved, "CKR_SLOT_ID_INVALID"),
        ("UserNotLoggedIn", "", SecurityStatusNotSatisfied, "CKR_USER_NOT_LOGGED_IN"),
        ("PinIncorrect", "", Pkcs11Failure, "CKR_PIN_INCORRECT"),
        ("PKCS11Error", "Unmapped error code 0x68", Pkcs11Failure, "FUNCTION_NOT_PERMITTED"),
        ("PKCS11Error", "Unmapped error code 0x80000001", Pkcs11Failure, "ASIP_BAD_EF_ACTUA"),
        ("PKCS11Error", "Unmapped error code 0x80000ABC", Pkcs11Failure, "0x80000ABC"),
        (
            "PKCS11Error",
            "Unmapped error code 0xfffffffffffffb45",
            SecurityStatusNotSatisfied,
            "SECURITY_STATUS_NOT_SATISFIED",
        ),
    ],
)
def test_return_values_are_errors(
    exception: str, text: str, kind: type[CardioError], name: str
) -> None:
    error = failure(exception, text)
    assert type(error) is kind
    assert name in str(error)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PcscMissing(""), RoadReason.NO_PCSC),
        (ServiceUnavailable(""), RoadReason.NO_PCSC),
        (AccessRefused(""), RoadReason.NO_PCSC),
        (NoReader(""), RoadReason.NOT_IN_PCSC),
        (NoCard(""), RoadReason.NOT_IN_PCSC),
        (SelectionError("", reason="no-card"), RoadReason.NOT_IN_PCSC),
        (HeldExclusively(""), RoadReason.HELD),
        (CardMute(""), RoadReason.NOT_READABLE),
        (SelectionError("", reason="not-supported"), RoadReason.NOT_READABLE),
    ],
)
def test_why_not_directly(error: CardioError, reason: RoadReason) -> None:
    assert why_not_direct(error) is reason


def test_why_not_directly_looks_at_the_cause() -> None:
    error = SelectionError("", reason="not-readable")
    error.__cause__ = CommunicationFailed("")
    assert why_not_direct(error, "darwin") is RoadReason.SYSTEM_HOLDS
    assert why_not_direct(error, "linux") is RoadReason.NOT_READABLE


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_has_its_sentence(language: str) -> None:
    text = translator(language)
    assert set(SENTENCES) == set(RoadReason)
    assert all(text.has(f"road.why.{reason}") for reason in RoadReason)
    assert all(text.has(f"road.{road}") for road in Road)
