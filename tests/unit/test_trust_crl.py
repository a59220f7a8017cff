"""Lists of every kind a user may hand over: used only where they speak of the certificate."""

import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from tests.support import trust
from tests.support.trust import CRL_POINT, DAY, NOW

from cardio.cards.cps.trust.crl import CrlFiles
from cardio.cards.cps.trust.examine import examine
from cardio.cards.cps.trust.report import Doubt, Revocation, RevocationStatus
from cardio.errors import ConfigurationError
from cardio_emulator.certificates import Credential

HOUR = DAY / 24
REVOKED, OTHER = 13, 14


def make(
    issuer: Credential | None = None,
    *,
    serials: Sequence[int] = (REVOKED,),
    since: datetime = NOW - HOUR,
    until: datetime = NOW + DAY,
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    signer: Credential | None = None,
) -> x509.CertificateRevocationList:
    issuer = issuer or trust.persons()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(since)
        .next_update(until)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial)
        entry = entry.revocation_date(NOW - 10 * DAY)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        builder = builder.add_revoked_certificate(entry.add_extension(reason, False).build())
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    return builder.sign((signer or issuer).key, hashes.SHA256())


def files(folder: Path, *lists: x509.CertificateRevocationList) -> CrlFiles:
    paths = [folder / f"{index}.crl" for index in range(len(lists))]
    for path, one in zip(paths, lists, strict=True):
        path.write_bytes(one.public_bytes(Encoding.DER))
    return CrlFiles.load(*paths)


def ask(folder: Path, *lists: x509.CertificateRevocationList, serial: int = OTHER) -> Revocation:
    card, issuer = trust.card(serial=serial), trust.persons().certificate
    return files(folder, *lists).ask(card, issuer, NOW)


def test_revoked_and_good(tmp_path: Path) -> None:
    revoked = ask(tmp_path, make(), serial=REVOKED)
    assert (revoked.status, revoked.source) == (RevocationStatus.REVOKED, "0.crl")
    assert (revoked.since, revoked.reason) == (NOW - 10 * DAY, "keyCompromise")
    good = ask(tmp_path, make())
    assert (good.status, good.as_of, good.next_update) == (
        RevocationStatus.GOOD,
        NOW - HOUR,
        NOW + DAY,
    )


def part(**scope: bool) -> x509.IssuingDistributionPoint:
    settings: dict[str, bool] = dict.fromkeys(
        ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl"), False
    )
    return x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_some_reasons=None,
        only_contains_attribute_certs=False,
        **settings | scope,
    )


def of_point(url: str) -> x509.IssuingDistributionPoint:
    name = [x509.UniformResourceIdentifier(url)]
    return x509.IssuingDistributionPoint(name, None, False, False, None, False, False)


WRONG: dict[str, tuple[Doubt, Callable[[], x509.CertificateRevocationList]]] = {
    "of another authority": (Doubt.NO_LIST, lambda: make(trust.root())),
    "signed by another": (Doubt.WRONG_SIGNATURE, lambda: make(signer=trust.root())),
    "out of date": (Doubt.OUT_OF_DATE, lambda: make(since=NOW - 9 * DAY, until=NOW - DAY)),
    "of the future": (Doubt.OUT_OF_DATE, lambda: make(since=NOW + DAY, until=NOW + 9 * DAY)),
    "delta": (Doubt.UNSUPPORTED, lambda: make(more=[(x509.DeltaCRLIndicator(1), True)])),
    "indirect": (Doubt.UNSUPPORTED, lambda: make(more=[(part(indirect_crl=True), True)])),
    "of authorities": (
        Doubt.UNSUPPORTED,
        lambda: make(more=[(part(only_contains_ca_certs=True), True)]),
    ),
    "of another point": (
        Doubt.UNSUPPORTED,
        lambda: make(more=[(of_point("http://example.org/other.crl"), True)]),
    ),
    "unknown critical extension": (
        Doubt.UNSUPPORTED,
        lambda: make(
            more=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True)]
        ),
    ),
}


@pytest.mark.parametrize(("doubt", "build"), WRONG.values(), ids=WRONG)
def test_lists_that_tell_nothing(
    doubt: Doubt, build: Callable[[], x509.CertificateRevocationList], tmp_path: Path
) -> None:
    told = ask(tmp_path, build())
    assert (told.status, told.doubt) == (RevocationStatus.UNKNOWN, doubt)


def test_no_list() -> None:
    told = CrlFiles(()).ask(trust.card(), trust.persons().certificate, NOW)
    assert told.doubt is Doubt.NO_LIST


@pytest.mark.parametrize("scope", [part(only_contains_user_certs=True), of_point(CRL_POINT)])
def test_parts_that_hold_the_certificate(
    scope: x509.IssuingDistributionPoint, tmp_path: Path
) -> None:
    assert ask(tmp_path, make(more=[(scope, True)])).status is RevocationStatus.GOOD


def test_an_entry_counts_even_when_the_list_is_out_of_date(tmp_path: Path) -> None:
    old = make(since=NOW - 9 * DAY, until=NOW - DAY)
    assert ask(tmp_path, old, serial=REVOKED).status is RevocationStatus.REVOKED


def test_lists_of_one_authority_complete_each_other(tmp_path: Path) -> None:
    newer = make(serials=(), since=NOW - HOUR / 2)
    assert ask(tmp_path, make(), newer).source == "1.crl"
    assert ask(tmp_path, newer, make(), serial=REVOKED).status is RevocationStatus.REVOKED
    forged = make(serials=(OTHER,), signer=trust.root())
    assert ask(tmp_path, forged, make()).status is RevocationStatus.GOOD


def test_an_issuer_that_may_not_sign_lists(tmp_path: Path) -> None:
    issuer = trust.authority("TEST AC SANS CRL", trust.root(), usage=("key_cert_sign",))
    told = files(tmp_path, make(issuer)).ask(trust.card(issuer=issuer), issuer.certificate, NOW)
    assert told.doubt is Doubt.WRONG_SIGNATURE


@pytest.mark.parametrize("content", [None, b"", b"no list", b"-----BEGIN X509 CRL-----"])
def test_files_that_are_no_list(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "acr.crl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"acr\.crl"):
        CrlFiles.load(file)


def test_reports_with_lists(tmp_path: Path) -> None:
    store = trust.store(tmp_path / "store")
    (tmp_path / "root").mkdir()
    lists = files(tmp_path, make(), make(trust.root(), serials=()))
    report = examine(trust.decode(trust.card()), store, revocation=[lists], at=NOW)
    assert report.is_trusted
    assert [link.revocation.status.value for link in report.chain] == ["good", "good", "unchecked"]
    report = examine(trust.decode(trust.card(serial=REVOKED)), store, revocation=[lists], at=NOW)
    assert (report.is_trusted, report.flaws) == (False, ())
    assert report.revocation.status is RevocationStatus.REVOKED
    authority = trust.persons().certificate.serial_number
    lists = files(tmp_path, make(), make(trust.root(), serials=[authority]))
    report = examine(trust.decode(trust.card()), store, revocation=[lists], at=NOW)
    assert report.chain[1].revocation.status is RevocationStatus.REVOKED
    assert not report.is_trusted


def test_a_question_left_open_is_no_trust(tmp_path: Path) -> None:
    store = trust.store(tmp_path)
    report = examine(trust.decode(trust.card()), store, revocation=[CrlFiles(())], at=NOW)
    assert (report.flaws, report.is_trusted) == ((), False)


def test_sources_are_asked_in_turn(tmp_path: Path) -> None:
    store, empty = trust.store(tmp_path / "store"), CrlFiles(())
    lists = files(tmp_path, make())
    for sources in ([empty, lists], [lists, empty]):
        report = examine(trust.decode(trust.card()), store, revocation=sources, at=NOW)
        assert report.revocation.status is RevocationStatus.GOOD


def test_openssl_reads_the_same(tmp_path: Path) -> None:
    """The same list, the same two certificates: openssl verify -crl_check."""
    (tmp_path / "list.pem").write_bytes(make().public_bytes(Encoding.PEM))
    chain = [one.certificate.public_bytes(Encoding.PEM) for one in (trust.root(), trust.persons())]
    (tmp_path / "chain.pem").write_bytes(b"".join(chain))
    lists = CrlFiles.load(tmp_path / "list.pem")
    for serial, status in ((REVOKED, RevocationStatus.REVOKED), (OTHER, RevocationStatus.GOOD)):
        card = trust.card(serial=serial)
        (tmp_path / "card.pem").write_bytes(card.public_bytes(Encoding.PEM))
        command = ["openssl", "verify", "-crl_check", "-CRLfile", str(tmp_path / "list.pem")]
        command += ["-attime", str(int(NOW.timestamp())), "-CAfile", str(tmp_path / "chain.pem")]
        command.append(str(tmp_path / "card.pem"))
        done = subprocess.run(command, capture_output=True, check=False, timeout=20)
        assert (done.returncode == 0) is (status is RevocationStatus.GOOD), done.stderr
        assert lists.ask(card, trust.persons().certificate, NOW).status is status


@given(data=st.data())
def test_damaged_lists_never_break_it(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = bytearray(make().public_bytes(Encoding.DER))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    file = tmp_path_factory.mktemp("lists") / "damaged.crl"
    file.write_bytes(raw)
    try:
        lists = CrlFiles.load(file)
    except ConfigurationError:
        return
    told = lists.ask(trust.card(serial=REVOKED), trust.persons().certificate, NOW)
    assert told.status in (RevocationStatus.UNKNOWN, RevocationStatus.REVOKED)
