"""A look-alike of the IGC-Santé TEST hierarchy, made on the spot, and the certificates of a CPS.

Shapes: facts: certificates_identifiers_services.md §1. `TEST` is in the OU and the CN of every
issuer as in the real test hierarchy, and a second OU says that it comes from this emulator. The
authentication certificate is inferred: only the signature one has been published.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from cardio.iso7816.tlv import Tlv
from cardio_emulator.holder import CardType, Persona

EMULATOR_MARK = "EMULATEUR CARDIO"

_SITE = "http://igc-sante.esante.gouv.fr"
_CA_FROM = datetime(2013, 6, 25, tzinfo=UTC)
_CA_UNTIL = datetime(2033, 6, 25, tzinfo=UTC)
_TEST_POLICY = ObjectIdentifier("1.2.250.1.213.1.7.2.1.1.1.1")
_ANY_POLICY = ObjectIdentifier("2.5.29.32.0")
_UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_CARD_TYPE, _CARD_ID, _CATEGORY, _PROFESSION, _FUTURE_PROFESSION, _SPECIALITY = (
    ObjectIdentifier(f"1.2.250.1.71.{end}")
    for end in ("1.2.2", "1.2.3", "1.2.5", "1.2.7", "1.2.8", "4.2.5")
)
_ISSUER_NUMBER = "8025000001"
_SERVICE_CARD = "Carte de service santé ou social"
_INTEGER, _OCTETS, _UTF8, _PRINTABLE, _SEQUENCE = 0x02, 0x04, 0x0C, 0x13, 0x30


@dataclass(frozen=True, slots=True)
class Credential:
    """A private key and the certificate of its public key."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A root and the authority below it that issues cards."""

    root: Credential
    persons: Credential


@cache
def new_key(label: str) -> rsa.RSAPrivateKey:  # noqa: ARG001
    """An RSA-2048 key, the same for the same label as long as the process lives."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def hierarchy() -> Hierarchy:
    """The look-alike hierarchy of this process."""
    root_name = _issuer_name("TEST AC RACINE IGC-SANTE FORT")
    root_key, persons_key = new_key("root"), new_key("persons")
    root = _ca(root_name, root_name, root_key, root_key, _ANY_POLICY, path_length=None)
    persons_name = _issuer_name("TEST AC IGC-SANTE FORT PERSONNES")
    persons = _ca(persons_name, root_name, persons_key, root_key, _TEST_POLICY, path_length=0)
    return Hierarchy(Credential(root_key, root), Credential(persons_key, persons))


def signature_credential(persona: Persona) -> Credential:
    """Non-repudiation only, for e-mail protection, no alternative name."""
    key = new_key(f"signature {persona.card_number}")
    builder = _card_certificate(persona, key, _subject(persona))
    builder = builder.add_extension(_key_usage(content_commitment=True), critical=True)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    return Credential(key, _signed(builder.add_extension(usage, critical=False)))


def authentication_credential(persona: Persona) -> Credential:
    """Client authentication and smart card logon, with the holder's logon name."""
    key = new_key(f"authentication {persona.card_number}")
    builder = _card_certificate(persona, key, _subject(persona))
    builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
    usage = x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON]
    )
    kind, identifier = persona.ps_idnat[:1], persona.ps_idnat[1:]
    logon = Tlv.of(_UTF8, f"{kind}.{identifier}@carte-cps.fr".encode()).encode()
    names = x509.SubjectAlternativeName([x509.OtherName(_UPN, logon)])
    builder = builder.add_extension(usage, critical=False).add_extension(names, critical=False)
    return Credential(key, _signed(builder))


def technical_credential(persona: Persona) -> Credential:
    """Of the contactless part; it names the card and nobody. A STAND-IN, none was published."""
    key = new_key(f"technical {persona.card_number}")
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "FR")
    name = x509.NameAttribute(NameOID.COMMON_NAME, _card_identifier(persona))
    builder = _card_certificate(persona, key, x509.Name([country, name]))
    builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
    return Credential(key, _signed(builder))


def with_issuers(**credentials: Credential) -> dict[str, bytes]:
    """The DER certificates of a card by role, and those of its issuers, `ca` and `root`."""
    issuers = {"ca": hierarchy().persons, "root": hierarchy().root}
    return {role: credential.der for role, credential in {**credentials, **issuers}.items()}


def _issuer_name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ASIP-SANTE"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "0002 187512751"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "IGC-SANTE TEST"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, EMULATOR_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _ca(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer_key: rsa.RSAPrivateKey,
    policy: ObjectIdentifier,
    *,
    path_length: int | None,
) -> x509.Certificate:
    return (
        _builder(subject, issuer, key, issuer_key)
        .not_valid_before(_CA_FROM)
        .not_valid_after(_CA_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(_policies(policy), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _card_certificate(
    persona: Persona, key: rsa.RSAPrivateKey, subject: x509.Name
) -> x509.CertificateBuilder:
    issuer = hierarchy().persons
    builder = (
        _builder(subject, issuer.certificate.subject, key, issuer.key)
        .not_valid_before(datetime.combine(persona.issued, time(), UTC))
        .not_valid_after(_end_of(persona.expires))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
        .add_extension(_policies(_TEST_POLICY), critical=False)
        .add_extension(_crl_points(), critical=False)
        .add_extension(_authority_access(), critical=False)
    )
    for oid, value in _private_values(persona).items():
        builder = builder.add_extension(
            x509.UnrecognizedExtension(oid, value.encode()), critical=False
        )
    return builder


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, issuer_key: rsa.RSAPrivateKey
) -> x509.CertificateBuilder:
    subject_key = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(subject_key, critical=False)
        .add_extension(authority_key, critical=False)
    )


def _signed(builder: x509.CertificateBuilder) -> x509.Certificate:
    return builder.sign(hierarchy().persons.key, hashes.SHA256())


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)


def _subject(persona: Persona) -> x509.Name:
    """C and title, or C, O and OU for staff; then one RDN of given name, number and surname.

    A card that names nobody has a title, a pseudonym and the number instead.
    """
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "FR")
    number = x509.NameAttribute(NameOID.COMMON_NAME, persona.ps_idnat)
    if persona.pseudonym:
        title = x509.NameAttribute(NameOID.TITLE, _SERVICE_CARD)
        pseudonym = x509.NameAttribute(NameOID.PSEUDONYM, persona.pseudonym)
        return x509.Name([country, *_function(persona), title, pseudonym, number])
    holder = x509.RelativeDistinguishedName(
        [
            x509.NameAttribute(NameOID.GIVEN_NAME, persona.given_name),
            number,
            x509.NameAttribute(NameOID.SURNAME, persona.family_name),
        ]
    )
    single = [country, *_function(persona)]
    return x509.Name([*(x509.RelativeDistinguishedName([one]) for one in single), holder])


def _function(persona: Persona) -> list[x509.NameAttribute[str]]:
    if persona.profession_label:
        return [x509.NameAttribute(NameOID.TITLE, persona.profession_label)]
    employer = persona.activities[0]
    return [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, employer.structure_name),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, employer.structure),
    ]


def _private_values(persona: Persona) -> dict[ObjectIdentifier, Tlv]:
    """The extensions of §1.4; the speciality on an IGC-Santé certificate is inferred."""
    values = {
        _CARD_TYPE: Tlv.of(_INTEGER, bytes((persona.card_type,))),
        _CARD_ID: Tlv.of(_PRINTABLE, _card_identifier(persona).encode()),
        _CATEGORY: Tlv.of(_OCTETS, bytes((persona.category,))),
    }
    if persona.profession is not None:
        values[_PROFESSION] = Tlv.of(_INTEGER, bytes((persona.profession,)))
    if persona.card_type is CardType.CPF and persona.future_profession is not None:
        values[_FUTURE_PROFESSION] = Tlv.of(_INTEGER, bytes((persona.future_profession,)))
    if persona.speciality:
        code = Tlv.of(_UTF8, persona.speciality.encode())
        values[_SPECIALITY] = Tlv.of(_SEQUENCE, code)
    return values


def _card_identifier(persona: Persona) -> str:
    return f"{_ISSUER_NUMBER}/{persona.card_number}"


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _policies(policy: ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(policy, [f"{_SITE}/PC%20TEST"])])


def _crl_points() -> x509.CRLDistributionPoints:
    where = x509.UniformResourceIdentifier(f"{_SITE}/CRL/ACI-FO-PP-TEST.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)])


def _authority_access() -> x509.AuthorityInformationAccess:
    ocsp = x509.UniformResourceIdentifier("http://ocsp.esante.gouv.fr")
    issuer = x509.UniformResourceIdentifier(f"{_SITE}/AC%20TEST/ACI-FO-PP-TEST.cer")
    return x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(AuthorityInformationAccessOID.OCSP, ocsp),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, issuer),
        ]
    )
