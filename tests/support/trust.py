"""Certificates under the emulator's TEST hierarchy, one thing wrong with each at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.trust.store import TrustStore
from cardio_emulator import certificates

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
CRL_POINT = "http://igc-sante.esante.gouv.fr/CRL/ACI-FO-PP-TEST.crl"
CATEGORY = ObjectIdentifier("1.2.250.1.71.1.2.5")
ROOT_NAME, ISSUER_NAME = "TEST AC RACINE IGC-SANTE FORT", "TEST AC IGC-SANTE FORT PERSONNES"

BITS = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


@cache
def key(_label: str, size: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def key_usage(*bits: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{bit: bit in bits for bit in BITS})


def authority_name(common_name: str, unit: str = "IGC-SANTE TEST") -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "FR"),
        (NameOID.ORGANIZATION_NAME, "ASIP-SANTE"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(*part) for part in parts])


def issue(
    subject: x509.Name,
    issuer: certificates.Credential | None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    *,
    own_key: rsa.RSAPrivateKey,
    since: datetime = NOW - 100 * DAY,
    until: datetime = NOW + 900 * DAY,
    serial: int = 4711,
    algorithm: hashes.HashAlgorithm | None = None,
) -> certificates.Credential:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own_key.public_key())
        .serial_number(serial)
        .not_valid_before(since)
        .not_valid_after(until)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    signer = issuer.key if issuer else own_key
    algorithm = algorithm or hashes.SHA256()
    return certificates.Credential(own_key, builder.sign(signer, algorithm))  # type: ignore[arg-type]


def authority(
    common_name: str,
    issuer: certificates.Credential | None = None,
    *,
    label: str | None = None,
    path_length: int | None = None,
    usage: tuple[str, ...] = ("key_cert_sign", "crl_sign"),
    is_authority: bool = True,
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    since: datetime = NOW - 1000 * DAY,
    until: datetime = NOW + 2000 * DAY,
    unit: str = "IGC-SANTE TEST",
    algorithm: hashes.HashAlgorithm | None = None,
) -> certificates.Credential:
    own_key = key(label or common_name)
    subject_key = x509.SubjectKeyIdentifier.from_public_key(own_key.public_key())
    basic = x509.BasicConstraints(is_authority, path_length if is_authority else None)
    above = issuer.key if issuer else own_key
    above_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (basic, True),
        (key_usage(*usage), True),
        (subject_key, False),
        (above_key, False),
        *more,
    ]
    return issue(
        authority_name(common_name, unit),
        issuer,
        extensions,
        own_key=own_key,
        since=since,
        until=until,
        algorithm=algorithm,
    )


@cache
def root() -> certificates.Credential:
    return authority(ROOT_NAME)


@cache
def persons() -> certificates.Credential:
    return authority(ISSUER_NAME, root(), path_length=0)


SIGNATURE = ("content_commitment",), ExtendedKeyUsageOID.EMAIL_PROTECTION
AUTHENTICATION = ("digital_signature",), ExtendedKeyUsageOID.CLIENT_AUTH


def card(
    role: tuple[tuple[str, ...], ObjectIdentifier | None] = SIGNATURE,
    issuer: certificates.Credential | None = None,
    *,
    size: int = 2048,
    category: int = 0x80,
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    since: datetime = NOW - 100 * DAY,
    until: datetime = NOW + 900 * DAY,
    serial: int = 4711,
    subject: x509.Name | None = None,
) -> x509.Certificate:
    bits, extended = role
    issuer = issuer or persons()
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    where = x509.DistributionPoint([x509.UniformResourceIdentifier(CRL_POINT)], None, None, None)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (authority_key, False),
        (key_usage(*bits), True),
        (x509.CRLDistributionPoints([where]), False),
        (x509.UnrecognizedExtension(CATEGORY, bytes((4, 1, category))), False),
        *more,
    ]
    if extended:
        extensions.append((x509.ExtendedKeyUsage([extended]), False))
    subject = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "899700000017")])
    made = issue(
        subject,
        issuer,
        extensions,
        own_key=key(f"card {size}", size),
        since=since,
        until=until,
        serial=serial,
    )
    return made.certificate


def decode(certificate: x509.Certificate) -> CpsCertificate:
    return CpsCertificate.decode(certificate.public_bytes(Encoding.DER))


def write(folder: Path, *certificates: x509.Certificate) -> Path:
    """The certificates as PEM files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, certificate in enumerate(certificates):
        (folder / f"{index}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return folder


def store(folder: Path, *given: certificates.Credential, allow_test: bool = True) -> TrustStore:
    """A store of these authorities, by default the root and the issuer of persons."""
    chosen = given or (root(), persons())
    written = write(folder, *(one.certificate for one in chosen))
    return TrustStore.load(written, allow_test=allow_test)
