"""Detached CMS signatures: what is made, what is refused, and what is told apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from tests.support import trust
from tests.support.signing import DAY, NOW, authorities, certificate, key

from cardio.authentication.cms import sign_cms
from cardio.authentication.cms_verification import verify_cms
from cardio.authentication.judgement import judge
from cardio.authentication.signed import SignatureFormat, WhenSigned
from cardio.authentication.verification import format_of, verify_signature
from cardio.cards.cps.trust.flaw import Flaw
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import (
    CertificateExpired,
    CertificateMissing,
    ContentChanged,
    KeyMismatch,
    SignatureDamaged,
    SignerExpired,
    SignerNotTrusted,
    UnknownSignatureFormat,
    UnsupportedSignature,
)

CONTENT = b"Ordonnance\r\n\x00\xff" * 30


@pytest.fixture(scope="module")
def signature() -> bytes:
    return sign_cms(CONTENT, key(), certificate())


def test_whose_it_is(signature: bytes) -> None:
    signed = verify_cms(signature, CONTENT)
    assert (signed.format, signed.algorithm) == (SignatureFormat.CMS, "RSA SHA-256")
    assert signed.certificate.der == certificate().public_bytes(Encoding.DER)
    assert signed.signed_at is not None
    assert abs(signed.signed_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert signed.when_signed is WhenSigned.VALID
    assert signed.others == ()


@pytest.mark.parametrize("content", [b"", b"x", bytes(100_000), memoryview(b"view")])
def test_content_of_any_size(content: bytes | memoryview) -> None:
    assert verify_cms(sign_cms(content, key(), certificate()), content).signed_at


def test_another_content_is_told_from_a_damaged_signature(signature: bytes) -> None:
    with pytest.raises(ContentChanged):
        verify_cms(signature, CONTENT + b" ")
    with pytest.raises(SignatureDamaged):
        verify_cms(signature[:-1] + bytes((signature[-1] ^ 1,)), CONTENT)
    with pytest.raises(SignatureDamaged):
        verify_cms(signature[:-20], CONTENT)


def test_the_claimed_time_cannot_be_changed(signature: bytes) -> None:
    year = f"{datetime.now(UTC):%y}".encode()
    at = signature.index(b"\x17\x0d" + year, signature.index(bytes.fromhex("2A864886F70D010905")))
    changed = signature[: at + 2] + b"20" + signature[at + 4 :]
    with pytest.raises(SignatureDamaged):
        verify_cms(changed, CONTENT)


def test_further_certificates_come_along() -> None:
    issuer, root = authorities()
    signed = verify_cms(sign_cms(CONTENT, key(), certificate(), chain=[issuer, root]), CONTENT)
    assert {len(one) for one in signed.others} == {
        len(one.public_bytes(Encoding.DER)) for one in (issuer, root)
    }


@pytest.mark.parametrize(("since", "until"), [(-900, -1), (1, 900)])
def test_no_signature_under_a_certificate_that_is_not_valid(since: int, until: int) -> None:
    with pytest.raises(CertificateExpired):
        sign_cms(CONTENT, key(), certificate(since, until))


def test_a_key_needs_its_own_certificate() -> None:
    with pytest.raises(CertificateMissing):
        sign_cms(CONTENT, key())
    with pytest.raises(KeyMismatch):
        sign_cms(CONTENT, trust.key("another"), certificate())


def test_a_key_that_is_no_rsa_key_is_not_vouched_for(signature: bytes) -> None:
    other = trust.issue(
        certificate().subject,
        trust.persons(),
        [(trust.key_usage("content_commitment"), True)],
        own_key=ec.generate_private_key(ec.SECP256R1()),  # type: ignore[arg-type]
        since=NOW - DAY,
        until=NOW + DAY,
    )
    from cryptography.hazmat.primitives.serialization.pkcs7 import (
        PKCS7Options,
        PKCS7SignatureBuilder,
    )

    made = (
        PKCS7SignatureBuilder(CONTENT)
        .add_signer(other.certificate, other.key, SHA256())
        .sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.DetachedSignature])
    )
    with pytest.raises(UnsupportedSignature):
        verify_cms(made, CONTENT)


class TestFormats:
    def test_told_by_the_first_bytes(self, signature: bytes) -> None:
        assert format_of(signature) is SignatureFormat.CMS
        assert format_of(b"-----BEGIN PKCS7-----\nMII") is SignatureFormat.CMS
        assert format_of(b"\xef\xbb\xbf \n<a/>") is SignatureFormat.XML
        assert format_of(b"eyJh.eyJh.x") is SignatureFormat.JWS
        for other in (b"", b"%PDF-1.7", b"a.b.c", b"-----BEGIN CERTIFICATE-----"):
            assert format_of(other) is None

    def test_one_call_for_all(self, signature: bytes) -> None:
        assert verify_signature(signature, CONTENT).format is SignatureFormat.CMS
        for wrong, content in ((signature, None), (b"%PDF", None), (b"<a/>", CONTENT)):
            with pytest.raises(UnknownSignatureFormat):
                verify_signature(wrong, content)


class TestJudgement:
    @pytest.fixture
    def store(self, tmp_path: Path) -> TrustStore:
        return trust.store(tmp_path, trust.root(), trust.persons())

    def test_a_known_chain(self, signature: bytes, store: TrustStore) -> None:
        report = judge(verify_cms(signature, CONTENT), store)
        assert report.is_trusted
        assert report.trust.is_test
        report.require_trusted()

    def test_nobody_known(self, signature: bytes) -> None:
        report = judge(verify_cms(signature, CONTENT), TrustStore())
        assert report.trust.flaws == (Flaw.ISSUER_MISSING,)
        with pytest.raises(SignerNotTrusted, match="issuer-missing") as caught:
            report.require_trusted()
        assert caught.value.flaws == (Flaw.ISSUER_MISSING,)

    def test_an_intermediate_that_came_along_helps(self, tmp_path: Path) -> None:
        known = trust.store(tmp_path, trust.root())
        issuer, _ = authorities()
        alone = verify_cms(sign_cms(CONTENT, key(), certificate()), CONTENT)
        helped = verify_cms(sign_cms(CONTENT, key(), certificate(), chain=[issuer]), CONTENT)
        assert not judge(alone, known).is_trusted
        assert judge(helped, known).is_trusted

    def test_a_root_that_came_along_is_no_anchor(self) -> None:
        made = sign_cms(CONTENT, key(), certificate(), chain=authorities())
        known = TrustStore(allow_test=True)
        assert not judge(verify_cms(made, CONTENT), known).is_trusted

    def test_expired_since(self, signature: bytes, store: TrustStore) -> None:
        signed = verify_cms(signature, CONTENT)
        later = judge(signed, store, at=NOW + 901 * DAY)
        assert later.is_expired
        with pytest.raises(SignerExpired, match="it was valid when it claims to be"):
            later.require_trusted()
        assert judge(signed, store, at=NOW).is_trusted

    @pytest.mark.parametrize(
        ("days", "when"), [(901, WhenSigned.EXPIRED), (-101, WhenSigned.NOT_YET_VALID)]
    )
    def test_expired_when_it_claims_to_be_made(
        self, signature: bytes, store: TrustStore, days: int, when: WhenSigned
    ) -> None:
        claimed = replace(verify_cms(signature, CONTENT), signed_at=NOW + days * DAY)
        assert claimed.when_signed is when
        report = judge(claimed, store, at=NOW + 902 * DAY)
        with pytest.raises(SignerExpired) as caught:
            report.require_trusted()
        assert "was valid" not in str(caught.value)


def test_no_identity_in_a_repr(signature: bytes) -> None:
    assert "899700000017" not in repr(verify_cms(signature, CONTENT))
