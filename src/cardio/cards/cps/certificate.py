"""The X.509 certificates of a CPS (facts: certificates_identifiers_services.md §1.2 to §1.4)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Self

from cardio.cards.cps import x509
from cardio.cards.cps.layout import TECHNICAL_CERTIFICATE
from cardio.cards.cps.values import category, is_test
from cardio.cards.cps.x509 import X509
from cardio.errors import CertificateError, IdentifierError, MalformedData
from cardio.iasecc import der
from cardio.identity.nomenclature import Code, Table
from cardio.identity.ps_idnat import PsIdNat
from cardio.iso7816 import tlv

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_CARD_TYPE, _CARD_ID, _CARD_CATEGORY = (f"1.2.250.1.71.1.2.{n}" for n in (2, 3, 5))
_PROFESSION, _FUTURE_PROFESSION = (f"1.2.250.1.71.1.2.{n}" for n in (7, 8))
_SPECIALITIES = "1.2.250.1.71.4.2.5"
"""Private extensions (facts: certificates_identifiers_services.md §1.4)."""

_TEST_AUTHORITY = "TEST "
"""How the names of test authorities start (facts: cps.md §6)."""


class CertificateUsage(Enum):
    """What the certificate's key is for.

    TECHNICAL is the contactless one, free of PIN, which says nothing of the holder.
    """

    SIGNATURE = "signature"
    AUTHENTICATION = "authentication"
    TECHNICAL = "technical"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CpsCertificate:
    """One certificate and what it says of holder and card; fields it lacks are None.

    `der` is the certificate itself. The dates are in UTC. The repr shows nobody.
    """

    der: bytes = field(repr=False)
    label: str
    usage: CertificateUsage
    not_before: datetime
    not_after: datetime
    ps_idnat: PsIdNat | None = field(repr=False)
    family_name: str | None = field(repr=False)
    given_name: str | None = field(repr=False)
    title: str | None = field(repr=False)
    pseudonym: str | None = field(repr=False)
    profession: Code | None = field(repr=False)
    future_profession: Code | None = field(repr=False)
    specialities: tuple[Code, ...] = field(repr=False)
    card_type: Code | None
    category: Code | None
    card_issuer: str | None
    card_number: str | None = field(repr=False)
    is_test: bool | None

    @classmethod
    def decode(cls, raw: bytes, label: str = "") -> Self:
        """Parse a certificate; `label` is that of its directory entry.

        Raises `CertificateError`. Chain, signature and dates are not checked.
        """
        try:
            return cls._of(raw, X509.decode(raw), label)
        except CertificateError:
            raise
        except MalformedData as error:
            message = "a field of the certificate is damaged"
            raise CertificateError(message, offset=error.offset) from error

    @classmethod
    def _of(cls, raw: bytes, parsed: X509, label: str) -> Self:
        issuer, number = _card_id(parsed)
        return cls(
            der=raw,
            label=label,
            usage=_usage(parsed, label),
            not_before=parsed.not_before,
            not_after=parsed.not_after,
            ps_idnat=_ps_idnat(parsed),
            family_name=parsed.subject.get(x509.SURNAME),
            given_name=parsed.subject.get(x509.GIVEN_NAME),
            title=parsed.subject.get(x509.TITLE),
            pseudonym=parsed.subject.get(x509.PSEUDONYM),
            profession=_number(parsed, _PROFESSION, Table.PROFESSION),
            future_profession=_number(parsed, _FUTURE_PROFESSION, Table.FUTURE_PROFESSION),
            specialities=_specialities(parsed),
            card_type=_number(parsed, _CARD_TYPE, Table.CARD_TYPE),
            category=_category(parsed),
            card_issuer=issuer,
            card_number=number,
            is_test=_is_test(parsed),
        )

    def load(self) -> "Certificate":
        """The certificate as `cryptography` has it, with its public key.

        Raises `CertificateError`: `cryptography` may refuse what this class reads.
        """
        from cryptography.x509 import InvalidVersion, load_der_x509_certificate

        try:
            return load_der_x509_certificate(self.der)
        except (ValueError, InvalidVersion) as error:
            raise CertificateError("cryptography cannot load the certificate") from error


def _usage(parsed: X509, label: str) -> CertificateUsage:
    """By key usage (§1.3); the technical one is known by its label only."""
    if label == TECHNICAL_CERTIFICATE:
        return CertificateUsage.TECHNICAL
    if parsed.key_usage & x509.NON_REPUDIATION:
        return CertificateUsage.SIGNATURE
    if parsed.key_usage & x509.DIGITAL_SIGNATURE:
        return CertificateUsage.AUTHENTICATION
    return CertificateUsage.OTHER


def _ps_idnat(parsed: X509) -> PsIdNat | None:
    """The common name, else the principal name; None where neither is a PS_IdNat."""
    try:
        return PsIdNat.parse(parsed.subject.get(x509.COMMON_NAME) or "")
    except IdentifierError:
        name = parsed.user_principal_name
    try:
        return PsIdNat.parse_upn(name or "")
    except IdentifierError:
        return None


def _value(parsed: X509, oid: str) -> tlv.Tlv | None:
    raw = parsed.extensions.get(oid)
    return None if raw is None else tlv.parse(raw)


def _number(parsed: X509, oid: str, table: Table) -> Code | None:
    node = _value(parsed, oid)
    return table.number(der.integer(node.value)) if node else None


def _category(parsed: X509) -> Code | None:
    node = _value(parsed, _CARD_CATEGORY)
    return category(node.value) if node else None


def _is_test(parsed: X509) -> bool | None:
    """By the category, else by the issuer's name, else unknown."""
    if found := _category(parsed):
        return is_test(found)
    authority = parsed.issuer.get(x509.COMMON_NAME) or ""
    return True if authority.startswith(_TEST_AUTHORITY) else None


def _card_id(parsed: X509) -> tuple[str | None, str | None]:
    """Issuer and number of the card, written `8025000001/2909821700`."""
    node = _value(parsed, _CARD_ID)
    issuer, slash, number = der.string(node).partition("/") if node else ("", "", "")
    return (issuer, number) if slash else (None, None)


def _specialities(parsed: X509) -> tuple[Code, ...]:
    node = _value(parsed, _SPECIALITIES)
    return (
        tuple(Table.SPECIALITY.code(der.string(child)) for child in node.children) if node else ()
    )
