"""Look-alikes of the certificates of certificates_identifiers_services.md §1, made on the spot."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

import asn1crypto.x509
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from tests.support.cps3 import emulated

from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.x509 import X509
from cardio.errors import CertificateError

BEGIN, END = datetime(2025, 11, 3, tzinfo=UTC), datetime(2028, 11, 2, 23, 59, 59, tzinfo=UTC)
PRIVATE = {
    "1.2.250.1.71.1.2.2": b"\x02\x01\x00",
    "1.2.250.1.71.1.2.3": b"\x13\x158025000001/2909821700",
    "1.2.250.1.71.1.2.5": b"\x04\x01\x80",
    "1.2.250.1.71.1.2.7": b"\x02\x01\x0a",
}


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def attribute(
    oid: x509.ObjectIdentifier, text: str, kind: _ASN1Type | None = None
) -> x509.NameAttribute:
    return x509.NameAttribute(oid, text, kind)


def holder(order: Iterable[int] = (0, 1, 2)) -> x509.RelativeDistinguishedName:
    """The multi-valued RDN; DER sorts it by the encoded values, whatever the order here."""
    three = (
        attribute(NameOID.COMMON_NAME, "899700982178"),
        attribute(NameOID.SURNAME, "MÉDECIN RPPS0098217"),
        attribute(NameOID.GIVEN_NAME, "JULES"),
    )
    return x509.RelativeDistinguishedName([three[i] for i in order])


def igc_sante(*rdns: x509.RelativeDistinguishedName) -> x509.Name:
    title = x509.RelativeDistinguishedName([attribute(NameOID.TITLE, "Médecin")])
    return x509.Name([*COUNTRY, title, *(rdns or (holder(),))])


COUNTRY = x509.Name([attribute(NameOID.COUNTRY_NAME, "FR")]).rdns


def make(
    subject: x509.Name,
    *,
    signature: bool = True,
    private: dict[str, bytes] = PRIVATE,
    upn: str | None = None,
    issuer: str = "TEST AC IGC-SANTE FORT PERSONNES",
    end: datetime = END,
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([attribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(BEGIN)
        .not_valid_after(end)
    )
    no = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
        False,
    )
    usage = x509.KeyUsage(
        digital_signature=not signature,
        content_commitment=signature,
        encipher_only=False,
        decipher_only=False,
        **no,
    )
    builder = builder.add_extension(usage, critical=True)
    for oid, value in private.items():
        builder = builder.add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical=False
        )
    if upn:
        name = x509.OtherName(
            x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), bytes((0x0C, len(upn))) + upn.encode()
        )
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    return builder.sign(key(), hashes.SHA256()).public_bytes(Encoding.DER)


def cps2ter() -> bytes:
    """T61String with Latin-1 bytes; the signature no longer fits, which nobody checks here."""
    profession = attribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Mxdecin", _ASN1Type.T61String)
    surname = attribute(NameOID.SURNAME, "NAxVE", _ASN1Type.T61String)
    holder = [attribute(NameOID.COMMON_NAME, "00B6087510"), surname]
    rdns = [x509.RelativeDistinguishedName([profession]), x509.RelativeDistinguishedName(holder)]
    raw = make(x509.Name([*COUNTRY, *rdns]), signature=False)
    return raw.replace(b"Mxdecin", b"M\xe9decin").replace(b"NAxVE", b"NA\xcfVE")


def test_igc_sante_signature_certificate() -> None:
    certificate = CpsCertificate.decode(make(igc_sante()), "Certificat de Signature CPS")
    assert certificate.usage is CertificateUsage.SIGNATURE
    assert str(certificate.ps_idnat) == "899700982178"
    assert (certificate.family_name, certificate.given_name) == ("MÉDECIN RPPS0098217", "JULES")
    assert (certificate.title, str(certificate.profession)) == ("Médecin", "Médecin")
    assert (certificate.card_issuer, certificate.card_number) == ("8025000001", "2909821700")
    assert (str(certificate.card_type), certificate.is_test) == (
        "Carte de Professionnel de Santé (CPS)",
        True,
    )
    assert (certificate.not_before, certificate.not_after) == (BEGIN, END)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_holders_names_are_one_unordered_set(order: tuple[int, ...]) -> None:
    """In DER order, and as separate RDNs in any order."""
    separate = [x509.RelativeDistinguishedName([one]) for one in holder(order)]
    for subject in (igc_sante(holder(order)), igc_sante(*separate)):
        certificate = CpsCertificate.decode(make(subject))
        assert str(certificate.ps_idnat) == "899700982178"
        assert certificate.family_name == "MÉDECIN RPPS0098217"


def test_cps2ter_subjects_that_cryptography_refuses() -> None:
    raw = cps2ter()
    with pytest.raises(ValueError, match="parsing asn1"):
        _ = x509.load_der_x509_certificate(raw).subject
    certificate = CpsCertificate.decode(raw)
    assert (certificate.family_name, str(certificate.ps_idnat)) == ("NAÏVE", "00B6087510")
    assert certificate.usage is CertificateUsage.AUTHENTICATION
    assert "NAÏVE" in asn1crypto.x509.Certificate.load(raw).subject.native.values()


def test_the_technical_certificate_is_known_by_its_label() -> None:
    raw = make(igc_sante(), signature=False)
    assert CpsCertificate.decode(raw).usage is CertificateUsage.AUTHENTICATION
    technical = CpsCertificate.decode(raw, "Certificat Technique CPS")
    assert technical.usage is CertificateUsage.TECHNICAL


def test_the_principal_name_stands_in_for_the_common_name() -> None:
    anonymous = x509.RelativeDistinguishedName([attribute(NameOID.COMMON_NAME, "EMPLOYE")])
    certificate = CpsCertificate.decode(
        make(igc_sante(anonymous), upn="8.99700982178@carte-cps.fr")
    )
    assert str(certificate.ps_idnat) == "899700982178"
    assert CpsCertificate.decode(make(igc_sante(anonymous))).ps_idnat is None


def test_absent_extensions_are_none() -> None:
    certificate = CpsCertificate.decode(make(igc_sante(), private={}, issuer="AC IGC-SANTE"))
    absent = (
        certificate.card_type,
        certificate.category,
        certificate.card_number,
        certificate.profession,
        certificate.is_test,
    )
    assert absent == (None,) * 5
    assert CpsCertificate.decode(make(igc_sante(), private={})).is_test is True


@pytest.mark.parametrize(
    ("category", "test"), [(0x00, False), (0x03, False), (0x80, True), (0x83, True)]
)
def test_category(category: int, test: bool) -> None:
    private = {"1.2.250.1.71.1.2.5": bytes((4, 1, category))}
    certificate = CpsCertificate.decode(make(igc_sante(), private=private))
    assert certificate.is_test is test
    assert certificate.category is not None
    assert certificate.category.code == f"{category:02X}"


def test_specialities_and_training() -> None:
    private = {
        "1.2.250.1.71.4.2.5": b"\x30\x0c\x0c\x04SM36\x0c\x04SM26",
        "1.2.250.1.71.1.2.8": b"\x02\x01\x15",
    }
    certificate = CpsCertificate.decode(make(igc_sante(), private=private))
    assert [code.code for code in certificate.specialities] == ["SM36", "SM26"]
    assert str(certificate.future_profession) == "Pharmacien en formation"


def test_dates_from_2050_on_are_generalized_time() -> None:
    end = datetime(2061, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert CpsCertificate.decode(make(igc_sante(), end=end)).not_after == end


@pytest.mark.parametrize("persona", ["medecin", "infirmiere", "secretaire"])
def test_two_other_parsers_read_the_same(persona: str) -> None:
    _, card = emulated(persona)
    assert len(card.certificates) == 2
    for certificate in card.certificates:
        own, theirs = X509.decode(certificate.der), certificate.load()
        third = asn1crypto.x509.Certificate.load(certificate.der)
        assert own.not_before == theirs.not_valid_before_utc == third.not_valid_before
        assert own.not_after == theirs.not_valid_after_utc == third.not_valid_after
        assert set(own.extensions) == {
            extension.oid.dotted_string for extension in theirs.extensions
        }
        for name in theirs.subject:
            assert own.subject.get(name.oid.dotted_string) == name.value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30\x00",
        b"\x30\x02\x30\x00",
        bytes(100),
        b"\xff" * 100,
        make(igc_sante())[:-1],
        make(igc_sante()) + b"\x00",
        make(igc_sante()).replace(b"251103000000Z", b"251303000000Z"),
        make(igc_sante()).replace(b"251103000000Z", b"2511030000000"),
        make(igc_sante(), private={"1.2.250.1.71.1.2.2": b"\x02\x00"}),
        make(igc_sante(), private={"1.2.250.1.71.1.2.5": b"\x04\x02\x80\x00"}),
        make(igc_sante(), private={"1.2.250.1.71.1.2.3": b"\x13\x05ab"}),
    ],
)
def test_garbage(raw: bytes) -> None:
    with pytest.raises(CertificateError):
        CpsCertificate.decode(raw)


def test_an_extension_twice() -> None:
    raw = make(igc_sante())
    twice = raw.replace(bytes.fromhex("2A817A0147010202"), bytes.fromhex("2A817A0147010207"))
    assert twice != raw
    with pytest.raises(CertificateError, match="twice"):
        CpsCertificate.decode(twice)


def test_what_cryptography_refuses_to_load_is_an_error_of_ours() -> None:
    certificate = CpsCertificate.decode(make(igc_sante()))
    broken = bytes(certificate.der).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09")
    with pytest.raises(CertificateError):
        CpsCertificate.decode(broken).load()


def test_the_repr_shows_nobody() -> None:
    shown = repr(CpsCertificate.decode(make(igc_sante()))) + repr(X509.decode(make(igc_sante())))
    for private in ("JULES", "RPPS", "99700", "2909821700", "Médecin"):
        assert private not in shown
