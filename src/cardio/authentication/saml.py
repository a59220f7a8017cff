"""SAML 2.0 assertions of the shape French health services take, and their signature.

SAML 2.0 Core (OASIS, 2005): §2.3 the assertion, §8.3.3 the X509SubjectName format, §5.4 the
signature: enveloped, by reference to the ID, exclusive C14N, right after the issuer.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import uuid4

from cardio.authentication import xml_document
from cardio.authentication.clock import written
from cardio.authentication.distinguished_name import text_of
from cardio.authentication.signatory import Signatory
from cardio.authentication.signing_key import require_fit
from cardio.authentication.xml_document import XSI, Element
from cardio.authentication.xml_signature import place, sign_enveloped
from cardio.authentication.xml_verification import verify_xml
from cardio.cards.cps.x509 import X509
from cardio.identity.environment import Environment

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
X509_SUBJECT_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
SMARTCARD_PKI = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
"""Authentication context of a card with a PIN (SAML 2.0 Authentication Context §3.4.14)."""

_HL7 = "urn:hl7-org:v3"


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of HL7 v3 (type CE) as an attribute's value: `element` is Role, PurposeOfUse …"""

    element: str
    code: str
    system: str
    label: str
    system_name: str | None = None


Value: TypeAlias = str | Coded


@dataclass(frozen=True, slots=True)
class Window:
    """When an assertion counts: from `start` on, before `end` (Core §2.5.1)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """An assertion before its signature. `authentication` is the context class, if it is told."""

    name_id: str = field(repr=False)
    issued: datetime
    attributes: tuple[tuple[str, tuple[Value, ...]], ...] = field(repr=False)
    name_qualifier: str | None = None
    window: Window | None = None
    authentication: str | None = None


@dataclass(frozen=True, slots=True)
class SignedAssertion:
    """A signed assertion: `xml` goes to the service as it is. The repr shows nobody."""

    xml: bytes = field(repr=False)
    name_id: str = field(repr=False)
    issued: datetime
    window: Window | None
    environment: Environment


def sign(draft: Draft, signatory: Signatory, environment: Environment) -> SignedAssertion:
    """Issue `draft` in the name of the certificate's subject, and sign it.

    Raises what the key raises, `KeyMismatch` and `XmlRefused`; nothing is left then.
    """
    unsigned = _element(draft, text_of(X509.decode(signatory.certificate.der).subject))
    signed = sign_enveloped(unsigned, signatory.key, signatory.certificate.der)
    xml = xml_document.serialise(signed)
    require_fit(lambda: verify_xml(xml))
    return SignedAssertion(xml, draft.name_id, draft.issued, draft.window, environment)


def _element(draft: Draft, issuer: str) -> Element:
    root = xml_document.new(SAML, "Assertion")
    root.set("ID", f"_{uuid4()}")
    root.set("IssueInstant", written(draft.issued))
    root.set("Version", "2.0")
    xml_document.add(root, "Issuer", issuer, Format=X509_SUBJECT_NAME)
    root.append(place())
    subject = xml_document.add(root, "Subject")
    qualifier = {"NameQualifier": draft.name_qualifier} if draft.name_qualifier else {}
    xml_document.add(subject, "NameID", draft.name_id, **qualifier)
    _add_conditions(root, draft.window)
    _add_authentication(root, draft)
    statement = xml_document.add(root, "AttributeStatement")
    for name, values in draft.attributes:
        _add_attribute(statement, name, values)
    return root


def _add_conditions(root: Element, window: Window | None) -> None:
    if window:
        start, end = written(window.start), written(window.end)
        xml_document.add(root, "Conditions", NotBefore=start, NotOnOrAfter=end)


def _add_authentication(root: Element, draft: Draft) -> None:
    if draft.authentication:
        statement = xml_document.add(root, "AuthnStatement", AuthnInstant=written(draft.issued))
        context = xml_document.add(statement, "AuthnContext")
        xml_document.add(context, "AuthnContextClassRef", draft.authentication)


def _add_attribute(statement: Element, name: str, values: tuple[Value, ...]) -> None:
    attribute = xml_document.add(statement, "Attribute", Name=name)
    for value in values:
        if isinstance(value, str):
            xml_document.add(attribute, "AttributeValue", value)
        else:
            xml_document.add(attribute, "AttributeValue").append(_coded(value))


def _coded(value: Coded) -> Element:
    """The type CE is one of HL7's, so that namespace is the default one here."""
    element = xml_document.new(_HL7, value.element)
    element.set(f"{{{XSI}}}type", "CE")
    element.set("code", value.code)
    element.set("codeSystem", value.system)
    if value.system_name:
        element.set("codeSystemName", value.system_name)
    element.set("displayName", value.label)
    return element
