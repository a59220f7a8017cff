"""Certificates as data objects: names, dates and extensions (RFC 5280 §4).

A walk of our own, because the parsers at hand are stricter than the cards: `cryptography`
refuses the T61String subjects of CPS2ter certificates, and the holder's three name attributes
come as one unordered set (facts: certificates_identifiers_services.md §1.2). Nothing is verified
here.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from cardio.errors import CertificateError, MalformedData
from cardio.iasecc import der
from cardio.iso7816 import tlv
from cardio.iso7816.tlv import Tlv

COMMON_NAME, SURNAME, GIVEN_NAME, TITLE = "2.5.4.3", "2.5.4.4", "2.5.4.42", "2.5.4.12"
PSEUDONYM = "2.5.4.65"
KEY_USAGE, SUBJECT_ALT_NAME = "2.5.29.15", "2.5.29.17"
DIGITAL_SIGNATURE, NON_REPUDIATION = 1 << 0, 1 << 1
"""Bits of the key usage (§4.2.1.3)."""

_USER_PRINCIPAL_NAME = "1.3.6.1.4.1.311.20.2.3"
_OTHER_NAME, _EXPLICIT_0, _EXTENSIONS = 0xA0, 0xA0, 0xA3
_TIMES = {der.UTC_TIME: 13, der.GENERALIZED_TIME: 15}
"""Characters of the two forms of time, `Z` included (§4.1.2.5)."""
_PIVOT = 50
"""Two-digit years from here on are of the twentieth century (§4.1.2.5.1)."""


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name: its sets of attributes as written; the repr shows nothing of it."""

    rdns: tuple[tuple[tuple[str, Tlv], ...], ...] = field(repr=False)

    @property
    def attributes(self) -> tuple[tuple[str, Tlv], ...]:
        """All of them, whatever set they are in."""
        return tuple(attribute for rdn in self.rdns for attribute in rdn)

    def get(self, oid: str) -> str | None:
        """The first attribute of this type, wherever it is. Raises `TlvError`."""
        return next((der.string(node) for found, node in self.attributes if found == oid), None)


@dataclass(frozen=True, slots=True)
class X509:
    """What a certificate says. `extensions` are by OID; the dates are in UTC."""

    issuer: Name
    subject: Name
    not_before: datetime
    not_after: datetime
    extensions: dict[str, bytes] = field(repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse a DER certificate. Raises `CertificateError`."""
        try:
            return cls._of(tlv.parse(raw))
        except CertificateError:
            raise
        except MalformedData as error:
            message = "the certificate is not sound DER"
            raise CertificateError(message, offset=error.offset) from error

    @classmethod
    def _of(cls, certificate: Tlv) -> Self:
        body = certificate.find(der.SEQUENCE)
        parts = [node for node in body.children if node.tag == der.SEQUENCE] if body else []
        if body is None or len(parts) < 5:
            raise CertificateError("the certificate lacks parts")
        _, issuer, validity, subject, _ = parts[:5]
        if len(validity.children) != 2:
            raise CertificateError("the certificate has no dates")
        return cls(
            issuer=_name(issuer),
            subject=_name(subject),
            not_before=_time(validity.children[0]),
            not_after=_time(validity.children[1]),
            extensions=_extensions(body.find(_EXTENSIONS, der.SEQUENCE)),
        )

    @property
    def key_usage(self) -> int:
        """Bits of the key usage, `DIGITAL_SIGNATURE` …; 0 when it has none. Raises `TlvError`."""
        raw = self.extensions.get(KEY_USAGE)
        return der.bits(tlv.parse(raw).value) if raw else 0

    @property
    def user_principal_name(self) -> str | None:
        """The principal name among the alternative names of the subject. Raises `TlvError`."""
        raw = self.extensions.get(SUBJECT_ALT_NAME)
        for name in tlv.parse(raw).children if raw else ():
            kind, value = name.get(der.OID), name.find(_EXPLICIT_0)
            is_principal = kind is not None and der.oid(kind) == _USER_PRINCIPAL_NAME
            if name.tag == _OTHER_NAME and is_principal and value and value.children:
                return der.string(value.children[0])
        return None


def _name(node: Tlv) -> Name:
    return Name(tuple(tuple(map(_attribute, rdn.children)) for rdn in node.children))


def _attribute(node: Tlv) -> tuple[str, Tlv]:
    if len(node.children) != 2 or node.children[0].tag != der.OID:
        raise CertificateError("a name in the certificate is damaged")
    return der.oid(node.children[0].value), node.children[1]


def _time(node: Tlv) -> datetime:
    size = _TIMES.get(node.tag)
    digits, zone = node.value[:-1], node.value[-1:]
    if size != len(node.value) or zone != b"Z" or not digits.isdigit():
        raise CertificateError("a date in the certificate is damaged")
    text = digits.decode("ascii")
    if node.tag == der.UTC_TIME:
        text = ("19" if int(text[:2]) >= _PIVOT else "20") + text
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise CertificateError("a date in the certificate does not exist") from None


def _extensions(node: Tlv | None) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for extension in node.children if node else ():
        kind, value = extension.get(der.OID), extension.get(der.OCTET_STRING)
        if kind is None or value is None:
            raise CertificateError("an extension of the certificate is damaged")
        if found.setdefault(der.oid(kind), value) is not value:
            raise CertificateError("the certificate has an extension twice")
    return found
