"""Distinguished names as text, held against OpenSSL's own."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from tests.support import trust
from tests.support.assertions import signature_of
from tests.support.trust import DAY, NOW

from cardio.authentication.distinguished_name import text_of
from cardio.cards.cps.x509 import X509

OIDS = (NameOID.COMMON_NAME, NameOID.SURNAME, NameOID.GIVEN_NAME, NameOID.TITLE,
        NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.LOCALITY_NAME,
        NameOID.STATE_OR_PROVINCE_NAME, NameOID.STREET_ADDRESS)  # fmt: skip


def certificate(rdns: list[list[tuple[x509.ObjectIdentifier, str]]]) -> bytes:
    names = [
        x509.RelativeDistinguishedName([x509.NameAttribute(*one) for one in rdn]) for rdn in rdns
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(trust.authority_name("TEST"))
        .public_key(trust.key("names").public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + DAY)
        .sign(trust.key("names"), hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


def by_openssl(der: bytes, folder: Path) -> str:
    """`-nameopt RFC2253` also escapes what is not ASCII, unless told not to."""
    (folder / "c.der").write_bytes(der)
    options = ["-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8,-esc_ctrl"]
    command = ["openssl", "x509", "-inform", "DER", "-in", str(folder / "c.der"), *options]
    done = subprocess.run(command, capture_output=True, check=True, timeout=20)
    return done.stdout.decode().removeprefix("subject=").removesuffix("\n")


def sets(text: str) -> list[set[str]]:
    """The order within a set is free (RFC 4514 §2.2): OpenSSL turns it round as well."""
    return [set(rdn.split("+")) for rdn in text.split(",")]


def test_the_name_of_a_doctor() -> None:
    subject = X509.decode(signature_of().certificate.der).subject
    assert text_of(subject) == (
        "GN=JULES+CN=899700982178+SN=MEDECIN RPPS0098217,title=Médecin,C=FR"
    )


@pytest.mark.parametrize("persona", ["medecin", "infirmiere", "secretaire", "interne"])
def test_as_openssl_writes_it(persona: str, tmp_path: Path) -> None:
    der = signature_of(persona).certificate.der
    assert sets(text_of(X509.decode(der).subject)) == sets(by_openssl(der, tmp_path))


def test_a_pseudonym_has_no_keyword() -> None:
    der = certificate([[(NameOID.COUNTRY_NAME, "FR")], [(NameOID.PSEUDONYM, "EMPLOYE001")]])
    assert text_of(X509.decode(der).subject) == "2.5.4.65=#0c0a454d504c4f5945303031,C=FR"


def test_special_characters(tmp_path: Path) -> None:
    rdns = [[(oid, text)] for oid, text in zip(OIDS, (
        "#x", " a ", 'b"c', "d,e", "f+g", "h;i", "j<k>l", "m\\n", "é€𝔘"), strict=True)]  # fmt: skip
    der = certificate(rdns)
    assert text_of(X509.decode(der).subject) == by_openssl(der, tmp_path).replace(
        "street", "STREET"
    )


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1,
                        max_size=12), min_size=1, max_size=3))  # fmt: skip
def test_every_value_can_be_read_back(values: list[str]) -> None:
    rdns = [[(NameOID.COMMON_NAME, value)] for value in values]
    text = text_of(X509.decode(certificate(rdns)).subject)
    read = x509.Name.from_rfc4514_string(text)
    assert [one.value for one in read] == values


def test_latin_1_in_a_t61_string_is_text() -> None:
    der = certificate([[(NameOID.TITLE, "Medecin")]])
    t61 = der.replace(b"\x0c\x07Medecin", b"\x14\x07M\xe9decin")
    assert text_of(X509.decode(t61).subject) == "title=Médecin"


def test_a_control_character_is_written_in_hexadecimal() -> None:
    der = certificate([[(NameOID.COMMON_NAME, "a\nb")]])
    assert text_of(X509.decode(der).subject) == "CN=#0c03610a62"
