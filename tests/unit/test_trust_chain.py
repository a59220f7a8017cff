"""One certificate, one thing wrong: the report names it, and two foreign validators agree."""

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import (
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from hypothesis import given
from hypothesis import strategies as st
from tests.support import trust
from tests.support.trust import AUTHENTICATION, DAY, ISSUER_NAME, NOW, ROOT_NAME, SIGNATURE

from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.trust import pinned
from cardio.cards.cps.trust.authority import Authority, Standing
from cardio.cards.cps.trust.examine import examine
from cardio.cards.cps.trust.flaw import Flaw
from cardio.cards.cps.trust.report import RevocationStatus, TrustReport
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import CertificateError
from cardio_emulator.certificates import Credential

Made = tuple[x509.Certificate, tuple[Credential, ...]]
SOUND = trust.root(), trust.persons()
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.250.1.999"), b"\x05\x00")


def look(
    certificate: x509.Certificate,
    folder: Path,
    *given: Credential,
    at: datetime = NOW,
    wanted: CertificateUsage | None = None,
    allow_test: bool = True,
) -> TrustReport:
    store = trust.store(folder, *given, allow_test=allow_test)
    return examine(trust.decode(certificate), store, at=at, wanted=wanted)


def split(authorities: tuple[Credential, ...]) -> tuple[list[x509.Certificate], ...]:
    """Roots and others; a foreign root where there is none, which both validators ask for."""
    made = [one.certificate for one in authorities]
    roots = [one for one in made if one.issuer == one.subject]
    others = [one for one in made if one.issuer != one.subject]
    return roots or [trust.authority("AC SANS RAPPORT").certificate], others


def accepted_by_cryptography(
    certificate: x509.Certificate, authorities: tuple[Credential, ...]
) -> bool:
    """Its verifier for web servers, with all it asks of the last certificate left out."""
    roots, others = split(authorities)
    policy = PolicyBuilder().store(Store(roots)).time(NOW)
    policy = policy.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    try:
        policy.build_client_verifier().verify(certificate, others)
    except VerificationError:
        return False
    return True


def accepted_by_openssl(
    certificate: x509.Certificate, authorities: tuple[Credential, ...], folder: Path
) -> bool:
    roots, others = split(authorities)
    for name, certificates in (("leaf", [certificate]), ("roots", roots), ("others", others)):
        text = b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
        (folder / name).write_bytes(text)
    command = ["openssl", "verify", "-x509_strict", "-no-CApath", "-no-CAstore"]
    command += ["-attime", str(int(NOW.timestamp())), "-CAfile", str(folder / "roots")]
    command += ["-untrusted", str(folder / "others")] if others else []
    command.append(str(folder / "leaf"))
    done = subprocess.run(command, capture_output=True, check=False, timeout=20)
    return done.returncode == 0


def test_a_sound_chain(tmp_path: Path) -> None:
    report = look(trust.card(), tmp_path)
    assert (report.flaws, report.is_trusted, report.is_test) == ((), True, True)
    assert report.role is CertificateUsage.SIGNATURE
    assert [link.certificate for link in report.chain] == [
        trust.card(),
        trust.persons().certificate,
        trust.root().certificate,
    ]
    assert report.anchor is not None
    assert (report.anchor.name, report.anchor.standing) == (ROOT_NAME, Standing.TEST)
    assert report.revocation.status is RevocationStatus.UNCHECKED
    assert (report.not_before, report.not_after) == (NOW - 100 * DAY, NOW + 900 * DAY)
    assert "899700000017" not in repr(report)


def wrong_issuer() -> Made:
    """An authority of the same name but another key."""
    other = trust.authority(ISSUER_NAME, trust.root(), label="another key")
    return trust.card(issuer=other), SOUND


def under(issuer: Credential, *above: Credential) -> Made:
    return trust.card(issuer=issuer), (issuer, *above)


def short_path() -> Made:
    """An authority under one that may only issue cards."""
    below = trust.authority("TEST AC EN TROP", trust.persons())
    return under(below, trust.persons(), trust.root())


BAD: dict[str, tuple[Flaw, Callable[[], Made]]] = {
    "missing intermediate": (Flaw.ISSUER_MISSING, lambda: (trust.card(), (trust.root(),))),
    "missing root": (Flaw.ISSUER_MISSING, lambda: (trust.card(), (trust.persons(),))),
    "wrong issuer": (Flaw.WRONG_SIGNATURE, wrong_issuer),
    "foreign root": (
        Flaw.UNKNOWN_ANCHOR,
        lambda: under(trust.authority("AC DE PERSONNE", unit="PERSONNE")),
    ),
    "TEST root without its unit": (
        Flaw.UNKNOWN_ANCHOR,
        lambda: under(trust.authority(ROOT_NAME, unit="IGC-SANTE")),
    ),
    "the name of a pinned root": (
        Flaw.FALSE_ANCHOR,
        lambda: under(trust.authority("AC RACINE IGC-SANTE FORT", unit="IGC-SANTE")),
    ),
    "the name of a pinned issuer": (
        Flaw.FALSE_ANCHOR,
        lambda: under(trust.authority("AC IGC-SANTE FORT PERSONNES", trust.root())),
    ),
    "expired": (Flaw.EXPIRED, lambda: (trust.card(until=NOW - DAY), SOUND)),
    "not yet valid": (
        Flaw.NOT_YET_VALID,
        lambda: (trust.card(since=NOW + DAY), SOUND),
    ),
    "expired authority": (
        Flaw.EXPIRED,
        lambda: under(
            trust.authority("TEST AC FINIE", trust.root(), until=NOW - DAY), trust.root()
        ),
    ),
    "path too long": (Flaw.NOT_AN_AUTHORITY, short_path),
    "issuer is no authority": (
        Flaw.NOT_AN_AUTHORITY,
        lambda: under(
            trust.authority("TEST PAS UNE AC", trust.root(), is_authority=False), trust.root()
        ),
    ),
    "issuer may not sign certificates": (
        Flaw.NOT_AN_AUTHORITY,
        lambda: under(
            trust.authority("TEST AC CRL", trust.root(), usage=("crl_sign",)), trust.root()
        ),
    ),
    "unknown critical extension": (
        Flaw.UNSUPPORTED_EXTENSION,
        lambda: (trust.card(more=[(UNKNOWN, True)]), SOUND),
    ),
}

ONLY_OURS = {"foreign root", "TEST root without its unit", "the name of a pinned root"}
"""The others trust whatever root they are given, whatever its name."""


@pytest.mark.parametrize(("flaw", "make"), BAD.values(), ids=BAD)
def test_one_thing_wrong(flaw: Flaw, make: Callable[[], Made], tmp_path: Path) -> None:
    certificate, given = make()
    report = look(certificate, tmp_path, *given)
    assert flaw in report.flaws
    assert not report.is_trusted


@pytest.mark.parametrize("case", [None, *BAD])
def test_foreign_validators_agree(case: str | None, tmp_path: Path) -> None:
    certificate, given = BAD[case][1]() if case else (trust.card(), SOUND)
    ours = look(certificate, tmp_path / "given", *given).is_trusted
    expected = ours or case in ONLY_OURS
    assert accepted_by_cryptography(certificate, given) is expected
    assert accepted_by_openssl(certificate, given, tmp_path) is expected


def test_test_anchors_want_leave(tmp_path: Path) -> None:
    report = look(trust.card(), tmp_path, allow_test=False)
    assert (report.flaws, report.anchor) == ((Flaw.TEST_ANCHOR,), None)
    assert not report.is_trusted


def test_a_real_card_under_a_test_anchor_is_refused(tmp_path: Path) -> None:
    assert look(trust.card(category=0x00), tmp_path).flaws == (Flaw.MIXED,)


@pytest.fixture
def pinned_root(monkeypatch: pytest.MonkeyPatch) -> Credential:
    """A look-alike of the production root, its fingerprint put in place of the real one."""
    made = trust.authority("AC RACINE IGC-SANTE FORT", unit="IGC-SANTE")
    digest = made.certificate.fingerprint(hashes.SHA256())
    monkeypatch.setattr(
        "cardio.cards.cps.trust.authority.PINNED",
        {**pinned.PINNED, "AC RACINE IGC-SANTE FORT": digest},
    )
    return made


def test_a_pinned_anchor_counts_without_leave(tmp_path: Path, pinned_root: Credential) -> None:
    issuer = trust.authority("AC EMETTRICE", pinned_root, unit="IGC-SANTE", path_length=0)
    card = trust.card(issuer=issuer, category=0x00)
    report = look(card, tmp_path, issuer, pinned_root, allow_test=False)
    assert (report.flaws, report.is_trusted, report.is_test) == ((), True, False)
    test_card = trust.card(issuer=issuer, category=0x80)
    assert look(test_card, tmp_path, issuer, pinned_root).flaws == (Flaw.MIXED,)


def test_a_pinned_end_is_preferred_to_a_test_one(tmp_path: Path, pinned_root: Credential) -> None:
    """The same issuer, certified by both roots."""
    issuers = [
        trust.authority("AC DEUX FOIS", above, label="deux fois")
        for above in (trust.root(), pinned_root)
    ]
    card = trust.card(issuer=issuers[0], category=0x00)
    for order in (issuers, issuers[::-1]):
        report = look(card, tmp_path / str(order is issuers), *order, trust.root(), pinned_root)
        assert (report.flaws, report.is_test) == ((), False)


def test_a_pinned_issuer_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with a false root above it that has the root's name and key."""
    root = trust.authority("AC RACINE IGC-SANTE FORT", unit="IGC-SANTE")
    issuer = trust.authority("AC IGC-SANTE FORT PERSONNES", root, unit="IGC-SANTE")
    digest = issuer.certificate.fingerprint(hashes.SHA256())
    monkeypatch.setattr(
        "cardio.cards.cps.trust.authority.PINNED",
        {**pinned.PINNED, "AC IGC-SANTE FORT PERSONNES": digest},
    )
    card = trust.card(issuer=issuer, category=0x00)
    for authorities in ((issuer,), (issuer, root)):
        report = look(card, tmp_path, *authorities, allow_test=False)
        assert report.is_trusted
        assert report.anchor is not None
        assert report.anchor.name == "AC IGC-SANTE FORT PERSONNES"


def test_the_pinned_fingerprints_are_nine() -> None:
    assert len(set(pinned.PINNED.values())) == 9
    assert {len(fingerprint) for fingerprint in pinned.PINNED.values()} == {32}
    assert sum("RACINE" in name for name in pinned.PINNED) == 3


@pytest.mark.parametrize("wanted", [CertificateUsage.SIGNATURE, CertificateUsage.AUTHENTICATION])
def test_roles_are_by_key_usage(tmp_path: Path, wanted: CertificateUsage) -> None:
    fits = {CertificateUsage.SIGNATURE: SIGNATURE, CertificateUsage.AUTHENTICATION: AUTHENTICATION}
    for usage, role in fits.items():
        report = look(trust.card(role), tmp_path, wanted=wanted)
        assert report.role is usage
        assert report.flaws == (() if usage is wanted else (Flaw.WRONG_ROLE,))


@pytest.mark.parametrize(
    ("role", "flaws"),
    [
        (SIGNATURE, ()),
        ((SIGNATURE[0], None), ()),
        ((SIGNATURE[0], ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE), ()),
        ((SIGNATURE[0], ExtendedKeyUsageOID.CLIENT_AUTH), (Flaw.WRONG_EXTENDED_USAGE,)),
        ((AUTHENTICATION[0], ExtendedKeyUsageOID.EMAIL_PROTECTION), (Flaw.WRONG_EXTENDED_USAGE,)),
        ((("key_agreement",), None), (Flaw.WRONG_ROLE,)),
        ((("digital_signature", "key_cert_sign"), None), (Flaw.WRONG_ROLE,)),
    ],
)
def test_extended_usage(
    role: tuple[tuple[str, ...], x509.ObjectIdentifier | None],
    flaws: tuple[Flaw, ...],
    tmp_path: Path,
) -> None:
    assert look(trust.card(role), tmp_path).flaws == flaws


def test_an_authority_in_place_of_a_card(tmp_path: Path) -> None:
    assert Flaw.WRONG_ROLE in look(trust.persons().certificate, tmp_path).flaws


def test_short_keys_are_weak(tmp_path: Path) -> None:
    assert look(trust.card(size=1024), tmp_path).flaws == (Flaw.WEAK,)


def test_constraints_count_even_if_not_critical(tmp_path: Path) -> None:
    allowed = x509.NameConstraints([x509.DNSName("esante.gouv.fr")], None)
    issuer = trust.authority("TEST AC LIMITEE", trust.root(), more=[(allowed, False)])
    report = look(trust.card(issuer=issuer), tmp_path, issuer, trust.root())
    assert report.flaws == (Flaw.UNSUPPORTED_EXTENSION,)


def test_loops_end(tmp_path: Path) -> None:
    """Two authorities that certify each other, and no root."""
    first = trust.authority("TEST AC UNE", trust.authority("TEST AC DEUX"))
    second = trust.authority("TEST AC DEUX", trust.authority("TEST AC UNE"))
    report = look(trust.card(issuer=first), tmp_path, first, second)
    assert report.flaws == (Flaw.ISSUER_MISSING,)
    assert len(report.chain) == 3


def test_t61_subjects_are_followed_too(tmp_path: Path) -> None:
    """`cryptography` cannot read this subject; the chain does not need it."""
    profession = x509.NameAttribute(
        NameOID.ORGANIZATIONAL_UNIT_NAME, "Mxdecin", _ASN1Type.T61String
    )
    made = trust.card(subject=x509.Name([profession]))
    tbs = made.tbs_certificate_bytes.replace(b"Mxdecin", b"M\xe9decin")
    signature = trust.persons().key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    raw = made.public_bytes(Encoding.DER)
    raw = raw.replace(made.tbs_certificate_bytes, tbs).replace(made.signature, signature)
    with pytest.raises(ValueError, match="parsing asn1"):
        _ = x509.load_der_x509_certificate(raw).subject
    report = examine(CpsCertificate.decode(raw), trust.store(tmp_path), at=NOW)
    assert report.is_trusted


def test_garbage_is_an_error_and_damage_a_flaw(tmp_path: Path) -> None:
    with pytest.raises(CertificateError):
        CpsCertificate.decode(b"\x30\x03garbage")
    raw = bytearray(trust.card().public_bytes(Encoding.DER))
    raw[-1] ^= 1
    report = examine(CpsCertificate.decode(bytes(raw)), trust.store(tmp_path), at=NOW)
    assert report.flaws == (Flaw.WRONG_SIGNATURE,)


def test_no_authority_at_all() -> None:
    report = examine(trust.decode(trust.card()), TrustStore(), at=NOW)
    assert (report.flaws, len(report.chain)) == ((Flaw.ISSUER_MISSING,), 1)


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4))
def test_damaged_certificates_never_break_it(at: int, damage: bytes) -> None:
    raw = bytearray(trust.card().public_bytes(Encoding.DER))
    at %= len(raw)
    raw[at : at + len(damage)] = damage
    store = TrustStore(
        tuple(Authority.of(one.certificate) for one in (trust.root(), trust.persons())),
        allow_test=True,
    )
    try:
        report = examine(CpsCertificate.decode(bytes(raw)), store, at=NOW)
    except CertificateError:
        return
    assert not report.is_trusted or bytes(raw) == trust.card().public_bytes(Encoding.DER)


def test_dates_hold_to_the_second(tmp_path: Path) -> None:
    card, second = trust.card(), timedelta(seconds=1)
    for at, flaws in (
        (NOW - 100 * DAY - second, (Flaw.NOT_YET_VALID,)),
        (NOW - 100 * DAY, ()),
        (NOW + 900 * DAY, ()),
        (NOW + 900 * DAY + second, (Flaw.EXPIRED,)),
    ):
        assert look(card, tmp_path, at=at).flaws == flaws
