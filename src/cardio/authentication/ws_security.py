"""SOAP 1.2 envelopes whose header shows assertions (WS-Security 1.0, WS-Addressing 1.0)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from cardio.authentication import xml_document
from cardio.authentication.xml_document import Element, namespace_of

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSA = "http://www.w3.org/2005/08/addressing"


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """What to POST, with `content_type` as its Content-Type. The repr shows nothing of it."""

    action: str
    message_id: str
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """RFC 3902, with the action as SOAP 1.2 has it (part 2, §6.5.3)."""
        return f'application/soap+xml; charset=utf-8; action="{self.action}"'


@dataclass(frozen=True, slots=True)
class SecurityHeader:
    """Shows assertions in each request of zeep: `Client(wsdl, wsse=SecurityHeader((…,)))`."""

    assertions: tuple[bytes, ...] = field(repr=False)

    def apply(self, envelope: Element, headers: dict[str, str]) -> tuple[Element, dict[str, str]]:
        """What zeep calls before it sends. Raises `XmlRefused` for an assertion that is none."""
        header = envelope.find(f"{{{namespace_of(envelope)}}}Header")
        if header is None:
            header = xml_document.new(namespace_of(envelope), "Header", envelope.prefix)
            envelope.insert(0, header)
        header.append(_security(self.assertions))
        return envelope, headers

    def verify(self, envelope: Element) -> Element:
        """What zeep calls on an answer: the services' answers are not signed."""
        return envelope


def soap_request(
    action: str, assertions: Sequence[bytes], headers: Iterable[Element], body: Element
) -> SoapRequest:
    """An envelope with the assertions, unchanged, in one Security header.

    Raises `XmlRefused` for an assertion that is no clean XML.
    """
    message_id = f"uuid:{uuid4()}"
    envelope = xml_document.new(SOAP, "Envelope", "soap")
    header = xml_document.add(envelope, "Header")
    header.append(_addressing("Action", action))
    header.append(_addressing("MessageID", message_id))
    header.append(_security(assertions))
    header.extend(list(headers))
    xml_document.add(envelope, "Body").append(body)
    return SoapRequest(action, message_id, xml_document.serialise(envelope))


def _security(assertions: Iterable[bytes]) -> Element:
    security = xml_document.new(WSSE, "Security", "wsse")
    security.extend([xml_document.parse(assertion) for assertion in assertions])
    return security


def _addressing(name: str, text: str) -> Element:
    element = xml_document.new(WSA, name, "wsa")
    element.text = text
    return element
