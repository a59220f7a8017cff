"""CMS and JWS against OpenSSL, both ways: it verifies ours, we verify its own."""

import shutil
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tests.support.signing import certificate, files, key, run

from cardio.authentication.cms import sign_cms
from cardio.authentication.cms_verification import verify_cms
from cardio.authentication.jws import sign_jws
from cardio.errors import CardioError, ContentChanged, SignatureDamaged, UnsupportedSignature

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

CONTENT = b"line\nline\r\n\x00\xff"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "content").write_bytes(CONTENT)
    files(tmp_path)
    return tmp_path


def openssl_verifies(folder: Path, content: str = "content") -> bool:
    words = f"cms -verify -binary -inform DER -in {folder}/ours -content {folder}/{content}"
    trusted = f"-CAfile {folder}/authorities.pem -purpose any -out /dev/null"
    return run("openssl", *words.split(), *trusted.split()).returncode == 0


def openssl_signs(folder: Path, options: str) -> bytes:
    words = f"cms -sign -binary -in {folder}/content -out {folder}/theirs -outform DER"
    who = f"-signer {folder}/certificate.pem -inkey {folder}/key.pem"
    done = run("openssl", *words.split(), *who.split(), *options.split())
    assert done.returncode == 0, done.stderr
    return (folder / "theirs").read_bytes()


def test_openssl_verifies_ours(folder: Path) -> None:
    (folder / "ours").write_bytes(sign_cms(CONTENT, key(), certificate()))
    (folder / "other").write_bytes(CONTENT + b"x")
    assert openssl_verifies(folder)
    assert not openssl_verifies(folder, "other")


@pytest.mark.parametrize(
    ("options", "algorithm"),
    [
        ("-md sha256", "RSA SHA-256"),
        ("-md sha512", "RSA SHA-512"),
        ("-md sha384 -keyid", "RSA SHA-384"),
        ("-md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32", "RSA-PSS SHA-256"),
        ("-md sha512 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20", "RSA-PSS SHA-512"),
        ("-md sha256 -nosmimecap -cades", "RSA SHA-256"),
    ],
)
def test_we_verify_those_of_openssl(folder: Path, options: str, algorithm: str) -> None:
    theirs = openssl_signs(folder, options)
    assert verify_cms(theirs, CONTENT).algorithm == algorithm
    with pytest.raises(ContentChanged):
        verify_cms(theirs, CONTENT + b"x")


def test_pem_is_read_too(folder: Path) -> None:
    words = f"cms -sign -binary -in {folder}/content -out {folder}/theirs -outform PEM"
    who = f"-signer {folder}/certificate.pem -inkey {folder}/key.pem"
    assert run("openssl", *words.split(), *who.split()).returncode == 0
    raw = (folder / "theirs").read_bytes()
    assert verify_cms(raw, CONTENT).signed_at
    with pytest.raises(SignatureDamaged):
        verify_cms(raw.replace(b"\nM", b"\n?", 1), CONTENT)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("-md sha1", UnsupportedSignature),
        ("-md sha256 -noattr", UnsupportedSignature),
        ("-md sha256 -nodetach", UnsupportedSignature),
        ("-md sha256 -nocerts", SignatureDamaged),
        ("-md sha256 -signer {0}/second.pem -inkey {0}/key.pem", UnsupportedSignature),
        ("-md sha1 -keyopt rsa_padding_mode:pss", UnsupportedSignature),
        ("-md sha256 -stream", SignatureDamaged),
    ],
)
def test_what_is_not_vouched_for(folder: Path, options: str, error: type[CardioError]) -> None:
    (folder / "second.pem").write_bytes(certificate(-50).public_bytes(Encoding.PEM))
    theirs = openssl_signs(folder, options.format(folder))
    with pytest.raises(error):
        verify_cms(theirs, CONTENT)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_openssl_verifies_the_signature_of_a_jws(folder: Path, algorithm: str) -> None:
    token = sign_jws(CONTENT, key(), certificate(), algorithm=algorithm)
    message, _, signature = token.rpartition(".")
    (folder / "message").write_text(message, encoding="ascii")
    (folder / "signature").write_bytes(urlsafe_b64decode(signature + "=="))
    pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32" if algorithm[0] == "P" else ""
    public = run("openssl", "x509", "-in", folder / "certificate.pem", "-noout", "-pubkey").stdout
    (folder / "public.pem").write_text(public, encoding="ascii")
    words = f"dgst -sha256 -verify {folder}/public.pem -signature {folder}/signature {pss}"
    assert run("openssl", *words.split(), folder / "message").returncode == 0
