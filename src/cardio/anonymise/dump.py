"""A card's files with identities invented, and fresh keys where the true ones cannot be had."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cardio.anonymise.card_files import CardDump
from cardio.anonymise.contents import Anonymiser
from cardio.anonymise.issuers import issuer_certificate
from cardio.cards.cps.serial import ISSUER as CPS_ISSUER
from cardio.cards.cps.x509 import DIGITAL_SIGNATURE, NON_REPUDIATION, X509
from cardio.cards.identify import Interface
from cardio.errors import MalformedData
from cardio.iasecc import der

_SERIAL = 0x5A
"""Tag of EF.SN.ICC, and of the number of a Vitale."""
SIGNATURE, AUTHENTICATION, TECHNICAL = "signature", "authentication", "technical"


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A test key for what its certificate says; `role` is one of those above."""

    role: str
    key: RSAPrivateKey
    certificate: bytes


@dataclass(frozen=True, slots=True)
class RewrittenCard:
    """The files of a card as they go into its image. `issuers` are of the certificates, DER."""

    dump: CardDump
    keys: tuple[FreshKey, ...]
    issuers: tuple[bytes, ...]
    masked: int


def rewrite(dump: CardDump, anonymiser: Anonymiser) -> RewrittenCard:
    """Every file together. Raises `ConfigurationError` where an identity would be left."""
    anonymiser.look_at(one.content for one in dump.files if one.content is not None)
    made = tuple(
        None if one.content is None else anonymiser.rewrite(one.content) for one in dump.files
    )
    anonymiser.sweep().require_clean(
        (f"file {one.path}", content or b"") for one, content in zip(dump.files, made, strict=True)
    )
    rewritten = dump.with_contents(made)
    return RewrittenCard(
        rewritten,
        tuple(_keys(rewritten, anonymiser)),
        tuple(issuer_certificate(name, key) for (name, _), key in anonymiser.keys.issuers.items()),
        anonymiser.report.masked,
    )


def serial_of(dump: CardDump) -> str:
    """The digits of the card's serial number, of the chip's own part; empty where it tells none."""
    for one in dump.files:
        if one.content and one.content[0] == _SERIAL:
            digits = one.content[2 : 2 + one.content[1]].hex().rstrip("f")
            return digits[10:18] if digits.startswith(CPS_ISSUER) else digits
    return ""


def _keys(dump: CardDump, anonymiser: Anonymiser) -> list[FreshKey]:
    """The keys whose certificates are among the files, one for each role."""
    by_modulus = {one.key.public_key().public_numbers().n: one for one in anonymiser.keys.replaced}
    found: dict[str, FreshKey] = {}
    contactless = dump.match.interface is Interface.CONTACTLESS
    for one in dump.files:
        content = _certificate(one.content or b"")
        role = _role(content, contactless=contactless)
        if role is None:
            continue
        for modulus, fresh in by_modulus.items():
            if modulus.to_bytes(fresh.size, "big") in content:
                found.setdefault(role, FreshKey(role, fresh.key, content))
    return list(found.values())


def _certificate(content: bytes) -> bytes:
    """The object at the beginning of the file, without filling."""
    try:
        return content[: der.header(content)[2]]
    except MalformedData:
        return b""


def _role(content: bytes, *, contactless: bool) -> str | None:
    try:
        usage = X509.decode(content).key_usage
    except MalformedData:
        return None
    if contactless:
        return TECHNICAL
    if usage & NON_REPUDIATION:
        return SIGNATURE
    return AUTHENTICATION if usage & DIGITAL_SIGNATURE else None
