"""Card keys in the hands of others: `cryptography`, signxml, openssl, and OpenSC beside them."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.key_cards import HOLDER_KINDS, KEYS, key_of, ready
from tests.support.opensc import needs_sdo

import cardio
from cardio.keys.private_key import CardPrivateKey
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.trace import Recorder
from cardio.transport.pcsc import PcscResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.cards import cps3
from cardio_emulator.vpcd import attach

PKCS1, SHA256 = padding.PKCS1v15(), hashes.SHA256()
PSS = padding.PSS(padding.MGF1(SHA256), padding.PSS.DIGEST_LENGTH)
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST")])
ROLES = ("authentication", "signature")

with_every_key = pytest.mark.parametrize(("kind", "role"), KEYS)


def paddings(key: CardPrivateKey) -> list[padding.PKCS1v15 | padding.PSS]:
    return [PKCS1, PSS] if len(key.abilities.paddings) == 2 else [PKCS1]


@with_every_key
def test_certificate_requests(kind: str, role: str) -> None:
    key = key_of(ready(kind)[1], role)
    for how in paddings(key):
        builder = x509.CertificateSigningRequestBuilder(NAME)
        request = builder.sign(key, SHA256, rsa_padding=how)
        assert request.is_signature_valid


@with_every_key
def test_certificates(kind: str, role: str) -> None:
    key = key_of(ready(kind)[1], role)
    subject = rsa.generate_private_key(65537, 2048).public_key()
    for how in paddings(key):
        builder = x509.CertificateBuilder(NAME, NAME, subject, 7)
        builder = builder.not_valid_before(key.certificate.not_valid_before_utc)
        builder = builder.not_valid_after(key.certificate.not_valid_after_utc)
        made = builder.sign(key, SHA256, rsa_padding=how)
        key.public_key().verify(made.signature, made.tbs_certificate_bytes, how, SHA256)


@with_every_key
def test_pkcs7(kind: str, role: str, tmp_path: Path) -> None:
    """Signed with the card, verified by openssl with the certificates of its issuers."""
    key = key_of(ready(kind)[1], role)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"a text to sign")
    builder = builder.add_signer(key.certificate, key, SHA256)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    (tmp_path / "signed").write_bytes(builder.sign(serialization.Encoding.DER, options))
    (tmp_path / "text").write_bytes(b"a text to sign")
    (tmp_path / "certificate").write_bytes(pem(key))
    command = (
        "openssl cms -verify -binary -inform DER -in signed -content text -out out"
        " -certfile certificate -noverify"
    )
    run(command, tmp_path)
    assert (tmp_path / "out").read_bytes() == b"a text to sign"


@pytest.mark.parametrize("kind", HOLDER_KINDS)
@pytest.mark.parametrize("role", ROLES)
def test_signxml(kind: str, role: str) -> None:
    etree, signxml = pytest.importorskip("lxml.etree"), pytest.importorskip("signxml")
    key = key_of(ready(kind)[1], role)
    signer: Any = signxml.XMLSigner(method=signxml.methods.enveloped)
    signed = signer.sign(etree.fromstring("<a><b/></a>"), key=key, cert=[pem(key).decode()])
    certificate = pem(key).decode()
    verified = signxml.XMLVerifier().verify(signed, x509_cert=certificate)
    assert verified.signed_xml is not None


@with_every_key
def test_openssl_verifies(kind: str, role: str, tmp_path: Path) -> None:
    key = key_of(ready(kind)[1], role)
    (tmp_path / "key.pem").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    (tmp_path / "text").write_bytes(b"text " * 100)
    (tmp_path / "pkcs1").write_bytes(key.sign(b"text " * 100, PKCS1, SHA256))
    verify = "openssl dgst -sha256 -verify key.pem"
    assert "Verified OK" in run(f"{verify} -signature pkcs1 text", tmp_path)
    if len(paddings(key)) == 2:
        (tmp_path / "pss").write_bytes(key.sign(b"text " * 100, PSS, SHA256))
        options = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32"
        assert "Verified OK" in run(f"{verify} {options} -signature pss text", tmp_path)


def pem(key: CardPrivateKey) -> bytes:
    return key.certificate.public_bytes(serialization.Encoding.PEM)


def run(command: str, folder: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command.split(), cwd=folder, env=env, capture_output=True, check=False, timeout=60
    )
    output = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def some_keys() -> list[CardPrivateKey]:
    return [key_of(ready(kind)[1], role) for kind, role in KEYS if kind != "cps4-t0"]


@settings(max_examples=25)
@given(message=st.binary(max_size=1000))
def test_any_message_verifies(some_keys: list[CardPrivateKey], message: bytes) -> None:
    for key in some_keys:
        for how in paddings(key):
            key.public_key().verify(key.sign(message, how, SHA256), message, how, SHA256)


def test_the_key_is_a_private_key_to_type_checkers() -> None:
    key: PrivateKeyTypes = ready("cps3")[1].keys.signature
    assert isinstance(key, rsa.RSAPrivateKey)


@pytest.fixture
def service(start_pcscd: Callable[..., PrivatePcscd]) -> Iterator[PrivatePcscd]:
    service = start_pcscd(["CPS"])
    name = service.reader_names[0]
    with attach(cps3.make(), "127.0.0.1", service.ports[name]) as insertion:
        assert insertion.seen.wait(5)
        yield service


@pytest.mark.pcscd
@pytest.mark.opensc
@needs_sdo
def test_opensc_and_we_sign_in_turns_with_one_card(service: PrivatePcscd, tmp_path: Path) -> None:
    """Over real pcscd. OpenSC selects and chooses other things in between, without a reset."""
    recorder = Recorder()
    with Workstation(PcscResourceManager(), recorder=recorder) as workstation:
        card = workstation.cps()
        assert card.verify_pin(cardio.Pin.of("1234")) == cardio.Verified()
        key = card.keys.authentication
        public = key.public_key()
        before = len(recorder.trace.exchanges)
        ours = key.sign(b"text", PKCS1, SHA256)
        assert len(recorder.trace.exchanges) - before == 4
        for _ in range(2):
            theirs = opensc_signature(service, tmp_path)
            assert theirs == ours
            public.verify(theirs, b"text", PKCS1, SHA256)
            assert key.sign(b"text", PKCS1, SHA256) == ours
            card.keys.signature.check()
        assert card.tries_left() == 3


def opensc_signature(service: PrivatePcscd, folder: Path) -> bytes:
    prefix = bytes.fromhex("3031300D060960864801650304020105000420")
    digest = hashes.Hash(SHA256)
    digest.update(b"text")
    (folder / "info").write_bytes(prefix + digest.finalize())
    command = (
        "pkcs11-tool --login --pin 1234 --sign -m RSA-PKCS"
        " --id E828BD080F8025000001FF001002 -i info -o signature"
    )
    run(command, folder, {**service.env, "HOME": str(folder), "LC_ALL": "C.UTF-8"})
    return (folder / "signature").read_bytes()
