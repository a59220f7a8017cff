"""What is told of a handshake that failed: the card's error, in the thread it belongs to."""

import gc
import socket
import ssl
from threading import Barrier, Thread

import pytest

from cardio.authentication.tls_alerts import refusal
from cardio.authentication.tls_guard import TlsGuard
from cardio.errors import (
    CardioError,
    CardRemoved,
    HeldInTransaction,
    PinStateLost,
    TlsCertificateRefused,
    TlsNotPossible,
    TlsWrongAuthority,
)


def fail_in_openssl(guard: TlsGuard, failure: BaseException) -> None:
    """What a signer's failure looks like from outside."""
    with guard.told():
        try:
            with guard.failing():
                raise failure
        except BaseException:  # noqa: BLE001 - as OpenSSL's callbacks do
            raise ssl.SSLError(1, "[SSL] EVP lib") from None


@pytest.mark.parametrize(
    ("failure", "ends"),
    [
        (CardRemoved("gone"), True),
        (PinStateLost("reset"), True),
        (HeldInTransaction("busy"), False),
        (TlsWrongAuthority("of another"), False),
        (KeyboardInterrupt(), False),
        (ValueError("in the caller's prompt"), False),
    ],
)
def test_the_real_failure_is_raised(failure: BaseException, ends: bool) -> None:
    ended: list[CardioError] = []
    guard = TlsGuard(ended.append)
    for _ in range(2):
        with pytest.raises(type(failure)) as told:
            fail_in_openssl(guard, failure)
        assert told.value is failure
    assert (guard.ended_by is failure, ended == [failure]) == (ends, ends)


def test_a_failure_belongs_to_its_thread() -> None:
    guard, together = TlsGuard(), Barrier(4)
    told: dict[int, BaseException] = {}

    def shake(number: int) -> None:
        try:
            with guard.told():
                try:
                    with guard.failing():
                        raise TlsWrongAuthority(f"{number}")
                except TlsWrongAuthority:
                    together.wait(5)
                    raise ssl.SSLError(1, "EVP lib") from None
        except CardioError as error:
            told[number] = error

    threads = [Thread(target=shake, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert {number: str(error) for number, error in told.items()} == {n: f"{n}" for n in range(4)}


def test_an_old_failure_is_not_told_again() -> None:
    guard = TlsGuard()
    with pytest.raises(ValueError, match="swallowed"), guard.failing():
        raise ValueError("swallowed by OpenSSL")
    with pytest.raises(ssl.SSLError, match="of the network"), guard.told():
        raise ssl.SSLError(1, "of the network")


@pytest.mark.parametrize(
    "error",
    [ssl.SSLWantReadError(), ssl.SSLWantWriteError(), TimeoutError(), ConnectionResetError()],
)
def test_what_is_not_the_cards_passes_through(error: OSError) -> None:
    guard = TlsGuard()
    with pytest.raises(type(error)) as told, guard.told():
        raise error
    assert told.value is error
    assert guard.ended_by is None


def test_it_ends_once_and_for_one_reason() -> None:
    told: list[CardioError] = []
    guard = TlsGuard(told.append)
    first = CardRemoved("first")
    guard.end(first)
    guard.end(PinStateLost("second"))
    assert (guard.ended_by, told) == (first, [first])
    with pytest.raises(CardRemoved):
        guard.check()
    with pytest.raises(CardRemoved), guard.told():
        pass
    with pytest.raises(CardRemoved) as raised, guard.told():
        raise BrokenPipeError
    assert isinstance(raised.value.__cause__, BrokenPipeError)


def test_open_connections_are_shut_and_forgotten_ones_are_not_kept() -> None:
    guard = TlsGuard()
    ours, theirs = socket.socketpair()
    forgotten, other = socket.socketpair()
    guard.add(ours)
    guard.add(forgotten)
    forgotten.close()
    del forgotten
    gc.collect()
    guard.end(CardRemoved("gone"))
    theirs.settimeout(5)
    assert theirs.recv(1) == b""
    for one in (ours, theirs, other):
        one.close()
    with socket.socket() as late, pytest.raises(CardRemoved):
        guard.add(late)


def ssl_error(reason: str | None) -> ssl.SSLError:
    error = ssl.SSLError(1, "told by the server")
    error.reason = reason  # type: ignore[assignment]
    return error


@pytest.mark.parametrize(
    ("reason", "alert"),
    [
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", "certificate_revoked"),
        ("TLSV1_ALERT_UNKNOWN_CA", "unknown_ca"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate_required"),
        ("TLSV1_ALERT_ACCESS_DENIED", "access_denied"),
    ],
)
def test_alerts_about_the_certificate(reason: str, alert: str) -> None:
    told = refusal(ssl_error(reason))
    assert isinstance(told, TlsCertificateRefused)
    assert told.alert == alert


@pytest.mark.parametrize("reason", ["TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"])
def test_no_common_version(reason: str) -> None:
    assert isinstance(refusal(ssl_error(reason)), TlsNotPossible)


@pytest.mark.parametrize(
    "reason", [None, "", "UNKNOWN_CA", "SSLV3_ALERT_HANDSHAKE_FAILURE", "WRONG_VERSION_NUMBER"]
)
def test_what_is_no_such_alert(reason: str | None) -> None:
    assert refusal(ssl_error(reason)) is None
    assert refusal(OSError(reason)) is None
