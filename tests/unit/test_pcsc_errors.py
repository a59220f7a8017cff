"""The table of PC/SC codes against pyscard's constants, signed and unsigned."""

import pytest

from cardio import errors
from cardio.transport import pcsc_errors
from cardio.transport.pcsc_errors import is_muddled, pcsc_error

scard = pytest.importorskip("smartcard.scard")

EXPECTED = {
    "SCARD_E_NO_SERVICE": errors.ServiceUnavailable,
    "SCARD_E_SERVICE_STOPPED": errors.ServiceUnavailable,
    "SCARD_E_INVALID_HANDLE": errors.ServiceUnavailable,
    "SCARD_F_COMM_ERROR": errors.ServiceUnavailable,
    "SCARD_E_NO_READERS_AVAILABLE": errors.NoReader,
    "SCARD_E_UNKNOWN_READER": errors.ReaderUnavailable,
    "SCARD_E_READER_UNAVAILABLE": errors.ReaderUnavailable,
    "SCARD_E_NO_SMARTCARD": errors.NoCard,
    "SCARD_W_REMOVED_CARD": errors.CardRemoved,
    "SCARD_W_RESET_CARD": errors.CardReset,
    "SCARD_W_UNRESPONSIVE_CARD": errors.CardMute,
    "SCARD_W_UNPOWERED_CARD": errors.CardMute,
    "SCARD_E_SHARING_VIOLATION": errors.SharingViolation,
    "SCARD_E_PROTO_MISMATCH": errors.ProtocolMismatch,
    "SCARD_E_NO_ACCESS": errors.AccessRefused,
    "SCARD_W_SECURITY_VIOLATION": errors.AccessRefused,
    "SCARD_E_NOT_TRANSACTED": errors.CommunicationFailed,
    "SCARD_E_TIMEOUT": errors.TransmitTimeout,
    "SCARD_F_INTERNAL_ERROR": errors.PcscFailure,
    "SCARD_E_NO_MEMORY": errors.PcscFailure,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_code_has_its_error(name: str) -> None:
    code = getattr(scard, name)
    for variant in (code & 0xFFFFFFFF, (code & 0xFFFFFFFF) - (1 << 32)):
        error = pcsc_error(variant, "Reader 00 00")
        assert type(error) is EXPECTED[name]
        assert error.where.reader == "Reader 00 00"
        assert f"{code & 0xFFFFFFFF:#010x}" in str(error)


def test_every_code_of_pyscard_gives_a_transport_error() -> None:
    names = [name for name in dir(scard) if name.startswith(("SCARD_E_", "SCARD_F_", "SCARD_W_"))]
    assert len(names) > 50
    for name in names:
        assert isinstance(pcsc_error(getattr(scard, name)), errors.TransportError)


def test_an_unknown_code_is_kept() -> None:
    error = pcsc_error(0x80100099 - (1 << 32))
    assert isinstance(error, errors.PcscFailure)
    assert error.pcsc_code == 0x80100099


@pytest.mark.parametrize("is_pcsc_lite", [True, False])
def test_what_is_worth_another_look(monkeypatch: pytest.MonkeyPatch, is_pcsc_lite: bool) -> None:
    """No code that a service gives, but for a reader that went."""
    monkeypatch.setattr(pcsc_errors, "IS_PCSC_LITE", is_pcsc_lite)
    unsupported = {0x8010001F, 0x80100022}
    codes = {pcsc_errors.unsigned(getattr(scard, name)) for name in EXPECTED} - unsupported
    assert {code for code in codes if is_muddled(code)} == {pcsc_errors.UNKNOWN_READER}
    assert not is_muddled(0)
    for code in (6, 109, 0x20303020, 0xC3A92030 - (1 << 32)):
        assert is_muddled(code) == is_pcsc_lite
