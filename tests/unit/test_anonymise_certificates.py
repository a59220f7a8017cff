"""Certificates issued anew in place: of other shapes than those of our cards, and cut ones."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.support.fresh_keys import stock

from cardio.anonymise.contents import Anonymiser
from cardio.anonymise.issuers import issuer_certificate

_OLD = stock(2)
_ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AC CLASSE-1")])
_SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "GIP-CPS"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Médecin"),
        x509.NameAttribute(NameOID.LOCALITY_NAME, "Paris (75)"),
        x509.NameAttribute(NameOID.SURNAME, "DURAND"),
        x509.NameAttribute(NameOID.EMAIL_ADDRESS, "durand@example.fr"),
    ]
)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def issued(
    key: Key,
    *extensions: x509.ExtensionType,
    function: hashes.SHA256 | hashes.SHA512 | None = None,
    subject: x509.Name = _SUBJECT,
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_ISSUER)
        .public_key(key.public_key())
        .serial_number(0x1234567890ABCDEF)
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2028, 1, 1, tzinfo=UTC))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    made = builder.sign(_OLD(2048, 65537), function or hashes.SHA256())
    return made.public_bytes(Encoding.DER)


def anew(*contents: bytes) -> tuple[Anonymiser, list[bytes]]:
    engine = Anonymiser(new_key=stock())
    engine.look_at(contents)
    made = [engine.rewrite(one) for one in contents]
    engine.sweep().require_clean(_named(made))
    return engine, made


def _named(contents: Iterable[bytes]) -> Iterable[tuple[str, bytes]]:
    return (("a file", one) for one in contents)


@pytest.mark.parametrize("size", [1024, 2048])
@pytest.mark.parametrize("function", [hashes.SHA256(), hashes.SHA512()])
def test_size_subject_and_signature(size: int, function: hashes.SHA256 | hashes.SHA512) -> None:
    before = issued(_OLD(size, 65537), function=function)
    engine, (after,) = anew(before)
    assert len(after) == len(before)
    certificate = x509.load_der_x509_certificate(after)
    ((name, _), key) = next(iter(engine.keys.issuers.items()))
    issuer = x509.load_der_x509_certificate(issuer_certificate(name, key))
    certificate.verify_directly_issued_by(issuer)
    told = certificate.subject.rfc4514_string()
    assert "GIP-CPS" in told
    assert "DURAND" not in told.upper()
    assert "example" not in told
    assert certificate.serial_number != 0x1234567890ABCDEF


def test_addresses_are_somebodys() -> None:
    names = x509.SubjectAlternativeName(
        [x509.RFC822Name("durand@cabinet.mssante.fr"), x509.DNSName("cabinet.example.fr")]
    )
    _, (after,) = anew(issued(_OLD(2048, 65537), names))
    assert b"durand" not in after
    assert b"cabinet" not in after


def test_one_of_an_authority_keeps_its_name_and_gets_the_key_that_signs() -> None:
    basic = x509.BasicConstraints(ca=True, path_length=0)
    own = issued(_OLD(2048, 65537), basic, subject=_ISSUER)
    _, (authority, card) = anew(own, issued(_OLD(2048, 65537)))
    made = x509.load_der_x509_certificate(authority)
    assert made.subject == _ISSUER
    x509.load_der_x509_certificate(card).verify_directly_issued_by(made)


def test_a_key_that_is_not_rsa_becomes_bytes_without_a_sense() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    before = issued(key)
    engine, (after,) = anew(before)
    assert len(after) == len(before)
    assert not engine.keys.replaced
    numbers = key.public_key().public_numbers()
    assert numbers.x.to_bytes(32, "big") not in after


@pytest.mark.parametrize("size", [20, 60, 150, 256, 400, 700])
def test_one_that_was_read_in_part(size: int) -> None:
    before = issued(_OLD(2048, 65537))[:size]
    _, (after,) = anew(before)
    assert len(after) == size
    assert b"DURAND" not in after


def test_the_same_certificate_twice_is_the_same_again() -> None:
    before = issued(_OLD(2048, 65537))
    _, (one, other, third) = anew(before, before, before + bytes(20))
    assert one == other == third[: len(one)]
